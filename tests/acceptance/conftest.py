"""A running gateway with the demo data, once on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.running import Running, running


@pytest.fixture
def gateway(database_url: str, tmp_path: Path) -> Iterator[Running]:
    """Gateway with relay, and the twin; fresh demo data."""
    with running(database_url, tmp_path) as one:
        yield one

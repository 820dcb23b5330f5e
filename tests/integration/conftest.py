"""Fixtures of the tests that need a database."""

from __future__ import annotations

import pytest

from gateway.persistence.unit_of_work import Database
from tests.factories import Retailer


@pytest.fixture
def retailer(database: Database) -> Retailer:
    """Two stores with items of every kind, stock, UINs, and the user ``pos`` who may do everything."""
    return Retailer(database)

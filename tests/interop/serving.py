"""One running gateway per kind of database for all tests of a module: starting the processes costs more than the tests.

Tests that share it look only at what they made themselves, so their order does not matter.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.item import Item, ItemKind
from gateway.persistence.engine import make_engine
from gateway.persistence.unit_of_work import Database
from gateway.usecases.assortment import Items
from tests import postgres
from tests.acceptance.running import Running, running
from tests.conftest import BACKENDS

MANY_ITEMS = [f"MANY-{number:04}" for number in range(1, 1001)]
"""Items beside those of the demo, sold by weight; no store has a position of them yet (ADJ-16)."""


def backends(group: str) -> list[Any]:
    """Return the parameters of a module-scoped ``backend``; the tests of one *group* and kind share a test process."""
    return [pytest.param(name, marks=pytest.mark.xdist_group(f"{group}-{name}")) for name in BACKENDS]


@contextmanager
def serving(backend: str, database_template: Any, folder: Path) -> Iterator[Running]:
    """Start a gateway with the demo data and `MANY_ITEMS`; at the end its books must balance (STK-03)."""
    with _database_url(backend, database_template, folder) as url:
        _add_many_items(url)
        with running(url, folder) as gateway:
            yield gateway
            verified = gateway.command("verify")
            assert verified.returncode == 0, verified.stdout + verified.stderr


@contextmanager
def _database_url(backend: str, database_template: Any, folder: Path) -> Iterator[str]:
    if backend == "sqlite":
        copy = folder / "gateway.db"
        shutil.copy(database_template.sqlite_file, copy)
        yield f"sqlite:///{copy}"
        return
    url = postgres.new_database(database_template.postgres_server, database_template.postgres_url.database)
    try:
        yield postgres.url_text(url)
    finally:
        postgres.drop_database(url)


def _add_many_items(url: str) -> None:
    engine = make_engine(url)
    items = [Item(item_id, f"Loose goods {item_id}", "KG", ItemKind.PLAIN, None) for item_id in MANY_ITEMS]
    Items(Database(engine)).import_rows(list(enumerate(items, 2)))
    engine.dispose()

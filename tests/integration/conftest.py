"""Fixtures of the tests that need a database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.persistence.engine import make_engine
from gateway.persistence.unit_of_work import Database
from tests import postgres
from tests.factories import Retailer


class _LoadedDatabases:
    """One database of each kind with a retailer in it, made when first asked for and copied from then on."""

    def __init__(self, folder: Path, template: Any) -> None:
        self._folder, self._template = folder, template
        self._postgres: Any = None

    def sqlite(self, copy: Path) -> str:
        """Copy the SQLite one to *copy*."""
        loaded = self._folder / "loaded.db"
        if not loaded.exists():
            shutil.copy(self._template.sqlite_file, loaded)
            _load(f"sqlite:///{loaded}")
        shutil.copy(loaded, copy)
        return f"sqlite:///{copy}"

    def postgresql(self) -> Any:
        """Copy the PostgreSQL one; return the URL of the copy."""
        server = self._template.postgres_server
        if self._postgres is None:
            self._postgres = postgres.new_database(server, self._template.postgres_url.database)
            _load(postgres.url_text(self._postgres))
        return postgres.new_database(server, self._postgres.database)

    def close(self) -> None:
        """Drop what was made."""
        if self._postgres is not None:
            postgres.drop_database(self._postgres)


def _load(url: str) -> None:
    engine = make_engine(url)
    Retailer(Database(engine))
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


@pytest.fixture(scope="session")
def loaded_databases(database_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[_LoadedDatabases]:
    """Databases with a retailer in them; loaded once a session."""
    loaded = _LoadedDatabases(tmp_path_factory.mktemp("loaded"), database_template)
    yield loaded
    loaded.close()


@pytest.fixture
def new_retailer(loaded_databases: _LoadedDatabases, tmp_path: Path) -> Iterator[Callable[[str], Retailer]]:
    """Makes a retailer on a database of its own, of the kind asked for."""
    opened: list[tuple[Database, Any]] = []

    def make(backend: str) -> Retailer:
        if backend == "sqlite":
            url, made = loaded_databases.sqlite(tmp_path / f"retailer{len(opened)}.db"), None
        else:
            made = loaded_databases.postgresql()
            url = postgres.url_text(made)
        database = Database(make_engine(url, pool_size=16))
        opened.append((database, made))
        return Retailer(database, loaded=True)

    yield make
    for database, made in opened:
        database.engine.dispose()
        if made is not None:
            postgres.drop_database(made)


@pytest.fixture
def retailer(new_retailer: Callable[[str], Retailer], backend: str) -> Retailer:
    """Two stores with items of every kind, stock, UINs, and the user ``pos`` who may do everything."""
    return new_retailer(backend)

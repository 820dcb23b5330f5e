"""One transaction: everything that a use case reads and writes, or nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Dialect, Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.sql import Executable

from gateway.domain.errors import BusyTryAgain
from gateway.persistence.statement import Row, Statement

T = TypeVar("T")

_log = structlog.get_logger(__name__)

MAX_TRIES = 5
"""How often a call is tried that lost against others; each try starts from what the others committed."""

_RETRY_SQLSTATES = frozenset({"40001", "40P01", "55P03", "23505"})
"""PostgreSQL: serialization failure, deadlock, lock not available, and a row that somebody else created first."""


class LostRace(Exception):
    """What was read is no longer so; `Database.write` starts the work again from what the others committed."""


class UnitOfWork:
    """An open transaction. Repositories are functions that take it as their first argument.

    Hot statements go straight to the driver; SQLAlchemy's connection around it is made when one needs it.
    Leaving the block of `Database.transaction` rolls back unless `commit` was called.
    """

    def __init__(self, engine: Engine, pooled: PoolProxiedConnection) -> None:
        self._engine, self._pooled = engine, pooled
        self.dialect: Dialect = engine.dialect
        self.is_committing = self._is_committed = False
        self.changes_reference_data = False
        driver: Any = pooled.driver_connection
        self._driver, self._cursor = driver, driver.cursor()

    @cached_property
    def connection(self) -> Connection:
        """SQLAlchemy's view of the same transaction."""
        return Connection(self._engine, self._pooled)

    def run(self, statement: Statement, **values: Any) -> list[Row]:
        """Run a compiled *statement* and return its rows, if it returns any."""
        compiled = statement.on(self.dialect)
        cursor = self._cursor
        try:
            cursor.execute(compiled.sql, compiled.parameters(values))
            return compiled.read(cursor.fetchall()) if cursor.description is not None else []
        except self.dialect.loaded_dbapi.Error as error:
            raise self._dressed(error, compiled.sql) from error

    def changed(self, statement: Statement, **values: Any) -> int:
        """Run a compiled *statement* that returns no rows; return how many rows it changed."""
        self.run(statement, **values)
        return int(self._cursor.rowcount)

    def execute(self, statement: Executable, parameters: Any = None) -> Any:
        """Run a Core *statement* off the hot path and return SQLAlchemy's result."""
        return self.connection.execute(statement, parameters)

    def begin(self, *, read_only: bool) -> None:
        """Open the transaction; `Database.transaction` does it.

        A writer on SQLite takes the write lock at once, so that what it reads cannot change before it writes; a reader
        sees one consistent picture on both databases (STK-06).
        """
        if self.dialect.name == "sqlite":
            self._send("BEGIN" if read_only else "BEGIN IMMEDIATE")
        elif read_only:
            self._send("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def commit(self) -> None:
        """Make everything permanent."""
        self.is_committing = True
        try:
            self._driver.commit()
            self._is_committed = True
        except self.dialect.loaded_dbapi.Error as error:
            raise self._dressed(error, "COMMIT") from error

    def close(self) -> None:
        """Undo what was not committed and give the connection back."""
        self._cursor.close()
        if not self._is_committed and self._pooled.is_valid:
            try:
                self._driver.rollback()
            except self.dialect.loaded_dbapi.Error as error:
                # Never hides why the transaction failed; such a connection is of no use to the next one.
                self._pooled.invalidate(error)
        if "connection" in self.__dict__:
            self.connection.close()
        self._pooled.close()

    def _send(self, sql: str) -> None:
        try:
            self._cursor.execute(sql)
        except self.dialect.loaded_dbapi.Error as error:
            raise self._dressed(error, sql) from error

    def _dressed(self, error: Any, sql: str) -> DBAPIError:
        """Return the driver's *error* in SQLAlchemy's clothes, so that one handler serves both ways to run SQL."""
        is_gone = self.dialect.is_disconnect(error, self._driver, self._cursor)
        if is_gone:
            # Its neighbours in the pool are as dead: the next transaction must start with a new connection.
            self._pooled.invalidate(error)
            self._engine.dispose()
        dressed = DBAPIError.instance(
            sql,
            None,
            error,
            self.dialect.loaded_dbapi.Error,
            connection_invalidated=is_gone,
            dialect=self.dialect,
        )
        assert isinstance(dressed, DBAPIError)
        return dressed


class Database:
    """Opens transactions on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        # SQLite has one writer. Queueing this process's writers here is fair and wakes the next one at once;
        # its own busy handler sleeps and can starve a writer among many threads.
        self._writer = threading.Lock() if self.is_sqlite else None

    @contextmanager
    def transaction(self, *, read_only: bool = False) -> Iterator[UnitOfWork]:
        """Open a transaction; it is rolled back on leaving unless it was committed.

        Raises:
            BusyTryAgain: SQLite's write lock was not to be had in time.
        """
        writer = None if read_only else self._writer
        if writer is not None:
            writer.acquire()
        try:
            uow = UnitOfWork(self.engine, self.engine.raw_connection())
            try:
                uow.begin(read_only=read_only)
                yield uow
            except OperationalError as error:
                if self.is_sqlite and "locked" in str(error.orig):
                    raise BusyTryAgain("the database is busy with other writers; repeat the call") from error
                raise
            finally:
                uow.close()
        finally:
            if writer is not None:
                writer.release()

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run *work* in a transaction and commit; run it again when others got in between (STK-06).

        Raises:
            BusyTryAgain: it lost `MAX_TRIES` times in a row; nothing was changed.
        """
        lost: Exception | None = None
        for _ in range(MAX_TRIES):
            uow = None
            try:
                with self.transaction() as uow:
                    result = work(uow)
                    uow.commit()
                    return result
            except LostRace as race:
                lost = race
            except DBAPIError as error:
                # A connection that broke during the commit leaves open whether it happened; only the caller can tell.
                was_cut = error.connection_invalidated and not (uow is not None and uow.is_committing)
                if not was_cut and getattr(error.orig, "sqlstate", None) not in _RETRY_SQLSTATES:
                    raise
                lost = error
                _log.info("transaction repeated", sqlstate=getattr(error.orig, "sqlstate", None), was_cut=was_cut)
        if isinstance(lost, IntegrityError):
            raise lost  # five times the same row in the way is no race but a row that is in the way
        raise BusyTryAgain("other callers changed the same stock at the same time; repeat the call") from lost

    def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run *work* in a read-only transaction, which sees one consistent picture."""
        for is_last in (False, True):
            try:
                with self.transaction(read_only=True) as uow:
                    return work(uow)
            except DBAPIError as error:
                # A restarted server costs one more look, on a new connection, and nobody an error.
                if is_last or not error.connection_invalidated:
                    raise
        raise AssertionError("the second try returns or raises")

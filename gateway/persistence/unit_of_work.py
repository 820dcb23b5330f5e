"""One transaction: everything that a use case reads and writes, or nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.sql import Executable

from gateway.domain.errors import BusyTryAgain
from gateway.persistence.statement import Row, Statement

T = TypeVar("T")

MAX_TRIES = 5
"""How often a call is tried that lost against others; each try starts from what the others committed."""

_RETRY_SQLSTATES = frozenset({"40001", "40P01", "55P03", "23505"})
"""PostgreSQL: serialization failure, deadlock, lock not available, and a row that somebody else created first."""


class UnitOfWork:
    """An open transaction. Repositories are functions that take it as their first argument.

    Leaving the block of `Database.transaction` rolls back unless `commit` was called.
    """

    def __init__(self, connection: Connection, read_only: bool) -> None:
        self.connection = connection
        self.dialect: Dialect = connection.dialect
        self.read_only = read_only
        driver = connection.connection.driver_connection
        assert driver is not None
        self._cursor: Any = driver.cursor()

    def run(self, statement: Statement, **values: Any) -> list[Row]:
        """Run a compiled *statement* and return its rows, if it returns any."""
        compiled = statement.on(self.dialect)
        cursor = self._cursor
        try:
            cursor.execute(compiled.sql, compiled.parameters(values))
            return compiled.read(cursor.fetchall()) if cursor.description is not None else []
        except self.dialect.loaded_dbapi.Error as error:
            # The driver's own error in SQLAlchemy's clothes, so that one handler serves both ways to run SQL.
            raise DBAPIError.instance(
                compiled.sql, None, error, self.dialect.loaded_dbapi.Error, dialect=self.dialect
            ) from error

    def changed(self, statement: Statement, **values: Any) -> int:
        """Run a compiled *statement* that returns no rows; return how many rows it changed."""
        self.run(statement, **values)
        return int(self._cursor.rowcount)

    def execute(self, statement: Executable, parameters: Any = None) -> Any:
        """Run a Core *statement* off the hot path and return SQLAlchemy's result."""
        return self.connection.execute(statement, parameters)

    def commit(self) -> None:
        """Make everything permanent."""
        self.connection.commit()


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
            connection = self.engine.connect()
            try:
                if read_only:
                    connection = connection.execution_options(read_only=True)
                connection.begin()
                if read_only and not self.is_sqlite:
                    # Several queries, one picture; on SQLite every read transaction is that.
                    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield UnitOfWork(connection, read_only)
            except OperationalError as error:
                if self.is_sqlite and "locked" in str(error.orig):
                    raise BusyTryAgain("the database is busy with other writers; repeat the call") from error
                raise
            finally:
                connection.close()
        finally:
            if writer is not None:
                writer.release()

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run *work* in a transaction and commit; run it again when others got in between (STK-06).

        Raises:
            BusyTryAgain: it lost `MAX_TRIES` times in a row; nothing was changed.
        """
        lost: DBAPIError | None = None
        for _ in range(MAX_TRIES):
            try:
                with self.transaction() as uow:
                    result = work(uow)
                    uow.commit()
                    return result
            except (OperationalError, IntegrityError, DBAPIError) as error:
                if not _is_lost_race(error):
                    raise
                lost = error
        if isinstance(lost, IntegrityError):
            raise lost  # five times the same row in the way is no race but a row that is in the way
        raise BusyTryAgain("other callers changed the same stock at the same time; repeat the call") from lost

    def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run *work* in a read-only transaction, which sees one consistent picture."""
        with self.transaction(read_only=True) as uow:
            return work(uow)


def _is_lost_race(error: DBAPIError) -> bool:
    sqlstate = getattr(error.orig, "sqlstate", None)
    return sqlstate in _RETRY_SQLSTATES

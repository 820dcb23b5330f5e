"""How the databases are set up: what was answered is kept, and a restarted server costs nobody an error."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from gateway.domain.errors import BusyTryAgain, WrongSetting
from gateway.persistence import engine as engine_module
from gateway.persistence.engine import make_engine
from gateway.persistence.unit_of_work import Database, UnitOfWork

COUNT_UP = text("UPDATE number_sequence SET next_number = next_number + 1")
NUMBER = text("SELECT next_number FROM number_sequence")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30000)]
)
def test_sqlite_keeps_what_it_answered_and_its_keys(database: Database, pragma: str, value: object) -> None:
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("setting", "value"), [("lock_timeout", "30s"), ("idle_in_transaction_session_timeout", "2min")]
)
def test_postgresql_lets_nobody_wait_for_ever(database: Database, setting: str, value: str) -> None:
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"SHOW {setting}").scalar() == value


@pytest.mark.parametrize("url", ["mysql://x/y", "not a url", "oracle://z"])
def test_another_kind_of_database_is_refused_by_name(url: str) -> None:
    with pytest.raises(WrongSetting, match="GATEWAY_DATABASE_URL"):
        make_engine(url)


def test_a_transaction_without_commit_leaves_nothing(database: Database) -> None:  # STK-06
    before = database.read(lambda uow: uow.execute(NUMBER).scalar())
    with database.transaction() as uow:
        uow.execute(COUNT_UP)
    with pytest.raises(ZeroDivisionError), database.transaction() as uow:
        uow.execute(COUNT_UP)
        raise ZeroDivisionError
    assert database.read(lambda uow: uow.execute(NUMBER).scalar()) == before


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match="read-only"):
        database.read(lambda uow: uow.execute(COUNT_UP))


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_restarted_server_costs_nobody_an_error(database: Database, database_url: str) -> None:
    """Every connection that the pool holds is cut, as a restart does; the next calls find new ones."""

    def cut() -> None:
        other = create_engine(database_url, isolation_level="AUTOCOMMIT")
        with other.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        other.dispose()

    before = int(database.read(lambda uow: uow.execute(NUMBER).scalar()))
    cut()
    assert database.read(lambda uow: uow.execute(NUMBER).scalar()) == before
    cut()
    database.write(lambda uow: uow.execute(COUNT_UP))
    assert database.read(lambda uow: uow.execute(NUMBER).scalar()) == before + 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_writer_that_waits_too_long_for_another_process_is_told_to_repeat(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # STK-06
    monkeypatch.setattr(engine_module, "SQLITE_BUSY_SECONDS", 0.1)
    # Another engine on the same file stands for another process: it knows nothing of the queue of this one.
    other = Database(make_engine(str(database.engine.url)))
    holding, done = threading.Event(), threading.Event()

    def hold(uow: UnitOfWork) -> None:
        uow.execute(COUNT_UP)
        holding.set()
        done.wait(20)

    holder = threading.Thread(target=database.write, args=(hold,))
    holder.start()
    try:
        assert holding.wait(20)
        with pytest.raises(BusyTryAgain):
            other.write(lambda uow: uow.execute(COUNT_UP))
    finally:
        done.set()
        holder.join()
        other.engine.dispose()

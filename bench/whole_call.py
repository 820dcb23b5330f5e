"""How much a whole ``saveAndConfirmInventoryAdjustment`` costs over doing the same by hand, as ratios of CPU time.

    python -m bench.whole_call

Ours: the WSGI call with its password, through SOAP layer, rules, ledger and outbox to the commit. Floor: lxml parses,
the schema validates, plain loops walk (`bench.soap_layer.Floor`), then the same SQL texts with parameters put together
by hand go to the driver, with the commit; a prepared answer goes back. The floor checks no rule and no permission.
Both write into one database by turns; of many repetitions the least CPU time of this process counts, because other load
only ever adds. What PostgreSQL spends in its own processes is the same for both and not counted.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import insert

from bench.soap_layer import Floor, Ratio, cpu_ms, request
from gateway.bootstrap import Gateway
from gateway.config import Settings
from gateway.domain.permission import Function
from gateway.domain.reference import Store
from gateway.persistence import adjustments, outbox_statements, reference_data, stock, tables, users
from gateway.persistence.statement import Statement
from gateway.persistence.unit_of_work import UnitOfWork
from tests import postgres

TARGETS = {1: 2.0, 10: 1.8, 100: 1.5, 1000: 1.3}
"""Lines of the request, and the ratio that the whole call has to stay below."""

STORE = 1311
ITEMS = [f"1000{number:05d}" for number in range(1, 1001)]


class Result(NamedTuple):
    """One kind of database, one size of request."""

    backend: str
    ratio: Ratio


class HandWritten:
    """The same work without a layer: one request of the benchmark's own shape, straight to the driver."""

    def __init__(self, gateway: Gateway, connection: Any) -> None:
        self._floor, self._connection, self._cursor = Floor(), connection, connection.cursor()
        dialect = gateway.database.engine.dialect
        self._is_sqlite = dialect.name == "sqlite"

        def sql(statement: Statement) -> str:
            return statement.on(dialect).sql

        self._version = sql(reference_data.SELECT_VERSION)
        self._lock = sql(stock.LOCK_POSITIONS)
        self._header = sql(adjustments.INSERT_HEADER)
        self._lines = sql(adjustments.INSERT_LINES)
        self._movements = sql(stock.INSERT_MOVEMENTS)
        self._positions = sql(stock.UPDATE_POSITIONS)
        self._outbox = sql(outbox_statements.ADD)
        self._names = {
            text: [name for name, _ in statement.on(dialect)._parameters] if self._is_sqlite else None
            for text, statement in (
                (self._lock, stock.LOCK_POSITIONS),
                (self._header, adjustments.INSERT_HEADER),
                (self._lines, adjustments.INSERT_LINES),
                (self._movements, stock.INSERT_MOVEMENTS),
                (self._positions, stock.UPDATE_POSITIONS),
                (self._outbox, outbox_statements.ADD),
            )
        }

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """Answer one request."""
        self._write(self._floor.walk(self._floor.parsed(environ)))
        start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(self._floor.answer)))])
        return [self._floor.answer]

    def _run(self, sql: str, values: dict[str, Any]) -> None:
        names = self._names[sql]
        self._cursor.execute(sql, values if names is None else [values[name] for name in names])

    def _write(self, change: Any) -> None:
        cursor, run = self._cursor, self._run
        now = datetime.now(UTC)
        moment = now.isoformat() if self._is_sqlite else now
        if self._is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(self._version)
        cursor.fetchall()
        item_ids: Any = [line.item_id for line in change.lines]
        run(self._lock, {"store_id": STORE, "item_ids": json.dumps(item_ids) if self._is_sqlite else item_ids})
        there = {row[0]: row for row in cursor.fetchall()}
        run(
            self._header,
            {
                "store_id": STORE,
                "reference_id": None,
                "inv_adjust_template_id": None,
                "status": "COMPLETED",
                "comments": change.comments,
                "publish": None,
                "create_date": moment,
                "create_user": "pos",
                "approve_date": moment,
                "approve_user": "pos",
            },
        )
        ((adjustment_id,),) = cursor.fetchall()
        rows = [[adjustment_id, line.item_id, line.reason_id, str(line.quantity), "1"] for line in change.lines]
        run(self._lines, {"rows": json.dumps(rows)})
        ids = {item_id: line_id for line_id, item_id in cursor.fetchall()}
        movements, positions, messages = [], [], []
        text_now = now.isoformat()
        for line in change.lines:
            item_id, quantity = line.item_id, str(line.quantity)
            movements.append(
                [STORE, item_id, quantity, "available", None, "outside", None, line.reason_id, ids[item_id]]
            )
            _, _, _, available, unavailable, reserved, sequence = there[item_id]
            after = Decimal(available) - line.quantity
            positions.append([STORE, item_id, str(after), str(unavailable), str(reserved), sequence + 1])
            payload = (
                f'<InvAdjustDesc xmlns="http://www.oracle.com/retail/integration/base/bo/InvAdjustDesc/v1"><dc_dest_id>'
                f"{STORE}</dc_dest_id><InvAdjustDtl><item_id>{item_id}</item_id><adjustment_reason_code>{line.reason_id}"
                f"</adjustment_reason_code><unit_qty>{quantity}</unit_qty><from_disposition>ATS</from_disposition>"
                "<transaction_code>0</transaction_code><user_id>pos</user_id><create_date>"
                f"{text_now}</create_date></InvAdjustDtl></InvAdjustDesc>"
            )
            key = str(uuid.uuid4())
            messages.append(
                [
                    key,
                    "merchandising",
                    "InvAdjust",
                    "InvAdjustCre",
                    f"{STORE}/{item_id}",
                    sequence + 1,
                    payload,
                    ids[item_id],
                ]
            )
        header = {"origin": "adjustment_line", "moved_at": moment, "moved_by": "pos"}
        run(self._movements, {"rows": json.dumps(movements), **header})
        run(self._outbox, {"rows": json.dumps(messages), "origin": "adjustment_line", "now": moment})
        run(self._positions, {"rows": json.dumps(positions)})
        self._connection.commit()


def _load(uow: UnitOfWork) -> None:
    reference_data.put_store(uow, Store(STORE, "Bench", "UTC", "EUR"))
    uow.execute(
        insert(tables.item),
        [{"item_id": item_id, "description": item_id, "uom": "KG", "kind": "plain"} for item_id in ITEMS],
    )
    stock.range_items(uow, STORE, ITEMS)
    reference_data.put_role(uow, "pos", Function, None)


def _prepared(url: str) -> Gateway:
    gateway = Gateway(Settings(database_url=url, log_level="ERROR"))
    gateway.initialise.run()
    gateway.database.write(_load)
    password = gateway.access.hash("secret")
    gateway.database.write(
        lambda uow: users.put_user(
            uow, "pos", roles=["pos"], store_ids=None, now=datetime.now(UTC), password_hash=password
        )
    )
    return gateway


@contextmanager
def _sqlite() -> Iterator[tuple[Gateway, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.db"
        gateway = _prepared(f"sqlite:///{file}")
        connection = sqlite3.connect(file, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        yield gateway, connection
        connection.close()
        gateway.close()


@contextmanager
def _postgresql() -> Iterator[tuple[Gateway, Any]]:
    import psycopg

    with postgres.server() as server_url:
        url = postgres.new_database(server_url)
        gateway = _prepared(postgres.url_text(url))
        with psycopg.connect(postgres.url_text(url.set(drivername="postgresql"))) as connection:
            yield gateway, connection
        gateway.close()
        postgres.drop_database(url)


BACKENDS = {"sqlite": _sqlite, "postgresql": _postgresql}


def measure(sizes: tuple[int, ...] = tuple(TARGETS), seconds: float = 4.0) -> Iterator[Result]:
    """Yield the ratio for each kind of database and size of request.

    Args:
        seconds: how long to repeat for each of them.
    """
    for backend, opened in BACKENDS.items():
        with opened() as (gateway, connection):
            ours, floor = gateway.wsgi_application(), HandWritten(gateway, connection)
            for lines in sizes:
                body, calls = request(lines), max(1, 20 // lines)
                best: dict[Any, float] = {floor: float("inf"), ours: float("inf")}
                end = monotonic() + seconds
                while monotonic() < end:
                    for application in best:
                        best[application] = min(best[application], cpu_ms(application, body, calls))
                yield Result(backend, Ratio(lines, best[floor], best[ours], TARGETS.get(lines, float("inf"))))


def main() -> None:
    """Print the ratios."""
    for backend, one in measure():
        one.show(backend)


if __name__ == "__main__":
    main()

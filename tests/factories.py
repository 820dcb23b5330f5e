"""One way to make a small retailer: stores, items of every kind, stock, UINs and users."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import insert

from gateway.domain.adjustment import AdjustmentChange, LineChange
from gateway.domain.default_reasons import TROUBLE, default_reasons
from gateway.domain.disposition import Account, Disposition
from gateway.domain.ledger import Movement, Origin, Position
from gateway.domain.permission import Function, Identity
from gateway.domain.reason import Reason, SubBucket
from gateway.domain.reference import Store
from gateway.domain.uin import Uin, UinState
from gateway.persistence import reference_data, stock, tables, uins, users
from gateway.persistence.reference_data import ReferenceCache
from gateway.persistence.unit_of_work import Database, UnitOfWork
from gateway.usecases.adjustments import Adjustments
from gateway.usecases.lookups import Lookups
from gateway.usecases.templates import Templates
from gateway.usecases.verify import Verify

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STORE, OTHER_STORE = 1311, 1312
BATTERY, FLOUR, TELEVISION, WATCH = "100000147", "100000201", "100000155", "100000171"
REPAIR = SubBucket(2, "Repair")
BETWEEN_SUB_BUCKETS = Reason(
    200, 1200, "Trouble to repair", Disposition.BETWEEN_SUB_BUCKETS, TROUBLE.type_id, REPAIR.type_id
)
EVERYTHING = tuple(Function)


class Clock:
    """Noon, and a second later at each look."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


class Retailer:
    """Two stores with four items each: batteries (EA), flour (KG), televisions (serial) and watches (AGSN).

    Store 1311 has 100 of the plain ones available, 10 batteries in sub-bucket Trouble and 5 reserved; 3 televisions and
    3 watches with UINs ``TV-1311-1`` … and ``WA-1311-1`` …; store 1312 has 2 of the serialised ones and 40 plain.
    """

    def __init__(self, database: Database) -> None:
        self.database, self.references, self.clock = database, ReferenceCache(), Clock()
        self.adjustments = Adjustments(database, self.references, self.clock)
        self.templates = Templates(database, self.references, self.clock)
        self.lookups = Lookups(database, self.references, self.clock)
        self.verify = Verify(database)
        database.write(_load)
        self.pos = self.user("pos")

    def user(
        self,
        name: str,
        functions: Iterable[Function] = EVERYTHING,
        store_ids: list[int] | None = None,
        reason_ids: list[int] | None = None,
    ) -> Identity:
        """Make a user with a role of its own; None means every store, every reason."""

        def work(uow: UnitOfWork) -> None:
            reference_data.put_role(uow, name, functions, reason_ids)
            users.put_user(uow, name, roles=[name], store_ids=store_ids, now=NOON)

        self.database.write(work)
        return Identity(name, 1)

    def write(self, work: Callable[[UnitOfWork], object]) -> None:
        """Run *work* in a transaction."""
        self.database.write(work)

    def position(self, item_id: str, store_id: int = STORE) -> Position:
        """Return the stock of an item at a store."""
        item = self.database.write(lambda uow: stock.locked_items(uow, store_id, [item_id]))[item_id]
        return Position(item.available, item.unavailable, item.reserved)

    def sub_bucket(self, item_id: str, type_id: int, store_id: int = STORE) -> Decimal:
        """Return the stock of an item in one sub-bucket."""
        found = self.database.read(lambda uow: stock.sub_bucket_stock(uow, store_id, [item_id]))
        return found.get((item_id, type_id), Decimal(0))

    def uin(self, item_id: str, number: str) -> Uin | None:
        """Return where a unit is."""
        return self.database.read(lambda uow: uins.known_uins(uow, [item_id], [number])).get((item_id, number))

    def rows(self, table_name: str) -> list[dict[str, object]]:
        """Return all rows of a table, by id where it has one."""
        table = tables.metadata.tables[table_name]
        query = table.select().order_by(*table.primary_key.columns)
        return self.database.read(lambda uow: [dict(row._mapping) for row in uow.execute(query)])


def line(
    item_id: str = BATTERY,
    reason_id: int = 83,
    quantity: str | int = 2,
    *,
    line_id: int | None = None,
    case_size: str | int = 1,
    added: Iterable[str] = (),
    removed: Iterable[str] = (),
    **more: object,
) -> LineChange:
    """Make one line of a request."""
    return LineChange(
        line_id, item_id, reason_id, Decimal(quantity), Decimal(case_size), tuple(added), tuple(removed), **more
    )  # type: ignore[arg-type]


def change(*lines: LineChange, **header: object) -> AdjustmentChange:
    """Make a request for store 1311 unless *header* says otherwise."""
    values: dict[str, object] = {"adjustment_id": None, "store_id": STORE, "lines": lines, **header}
    return AdjustmentChange(**values)  # type: ignore[arg-type]


def _load(uow: UnitOfWork) -> None:
    for sub_bucket in (TROUBLE, REPAIR):
        reference_data.put_sub_bucket(uow, sub_bucket)
    for reason in (*default_reasons(), BETWEEN_SUB_BUCKETS):
        reference_data.put_reason(uow, reason)
    for store_id in (STORE, OTHER_STORE):
        reference_data.put_store(uow, Store(store_id, f"Store {store_id}", "Europe/Paris", "EUR"))
    items = ((BATTERY, "EA", "plain"), (FLOUR, "KG", "plain"), (TELEVISION, "EA", "serial"), (WATCH, "EA", "agsn"))
    uow.execute(
        insert(tables.item),
        [{"item_id": item_id, "description": item_id, "uom": uom, "kind": kind} for item_id, uom, kind in items],
    )
    for store_id, plain, serialised in ((STORE, 100, 3), (OTHER_STORE, 40, 2)):
        for item_id, _, kind in items:
            _open(uow, store_id, item_id, Account.AVAILABLE, plain if kind == "plain" else serialised)
        for item_id, prefix in ((TELEVISION, "TV"), (WATCH, "WA")):
            numbers = [f"{prefix}-{store_id}-{number}" for number in range(1, serialised + 1)]
            uins.put_uins(uow, [Uin(item_id, one, store_id, UinState.IN_STOCK, None) for one in numbers], NOON)
    _open(uow, STORE, BATTERY, Account.UNAVAILABLE, 10, TROUBLE.type_id)
    _open(uow, STORE, BATTERY, Account.RESERVED, 5)


def _open(
    uow: UnitOfWork, store_id: int, item_id: str, account: Account, quantity: int, sub_bucket: int | None = None
) -> None:
    amount = Decimal(quantity)
    stock.range_items(uow, store_id, [item_id])
    item = stock.locked_items(uow, store_id, [item_id])[item_id]
    amounts = {
        Account.AVAILABLE: item.available,
        Account.UNAVAILABLE: item.unavailable,
        Account.RESERVED: item.reserved,
    }
    amounts[account] += amount
    movement = Movement(store_id, item_id, amount, Account.OUTSIDE, None, account, sub_bucket, 93)
    stock.add_movements(uow, [(0, movement)], Origin.OPENING, NOON, "opening")
    stock.put_positions(uow, [(store_id, item_id, Position(*amounts.values()), item.publish_sequence)])
    if sub_bucket is not None:
        stock.put_sub_buckets(uow, [(store_id, item_id, sub_bucket, amount)])

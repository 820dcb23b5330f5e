"""One way to make a small retailer: stores, items of every kind, stock, UINs and users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert

from gateway.domain.adjustment import AdjustmentChange, LineChange
from gateway.domain.default_reasons import TROUBLE, default_reasons
from gateway.domain.disposition import Account, Disposition
from gateway.domain.errors import AccessDenied, Problem, RulesBroken
from gateway.domain.ledger import Movement, Origin, Position
from gateway.domain.permission import Function, Identity
from gateway.domain.reason import Reason, SubBucket
from gateway.domain.reference import Store
from gateway.domain.uin import Uin, UinState
from gateway.formats import inv_adjust_desc
from gateway.formats.inv_adjust_desc import InvAdjustDtl
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
REASON_OF = {
    Disposition.DECREASE_SOH: 83,
    Disposition.INCREASE_SOH: 93,
    Disposition.TO_UNAVAILABLE: 91,
    Disposition.FROM_UNAVAILABLE: 96,
    Disposition.RESERVE: 180,
    Disposition.UNRESERVE: 181,
    Disposition.DISPOSE_UNAVAILABLE: 89,
    Disposition.BETWEEN_SUB_BUCKETS: BETWEEN_SUB_BUCKETS.reason_id,
}
"""A reason of each disposition; those of customer orders are for the system only (RSN-07)."""

KEPT_BY_CALLS = (
    "inv_adjust",
    "inv_adjust_line_item",
    "inv_adjust_line_item_att",
    "inv_adjust_line_item_uin",
    "outbox_message",
    "stock_movement",
    "store_item_stock",
    "store_item_stock_nonsell",
    "uin",
)
"""Tables that a call about adjustments may change; what is refused must leave all of them as they were."""


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

    Args:
        loaded: the database is a copy of one that holds all that.
    """

    def __init__(self, database: Database, loaded: bool = False) -> None:
        self.database, self.references, self.clock = database, ReferenceCache(), Clock()
        self.adjustments = Adjustments(database, self.references, self.clock)
        self.templates = Templates(database, self.references, self.clock)
        self.lookups = Lookups(database, self.references, self.clock)
        self.verify = Verify(database)
        self.pos = Identity("pos", 1)
        if not loaded:
            database.write(_load)
            self.user("pos")

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

    def set_parameter(self, name: str, value: str) -> None:
        """Write a system parameter."""
        self.database.write(lambda uow: reference_data.put_parameter(uow, name, value))

    def put_reason(self, reason: Reason) -> None:
        """Add a reason, or write one anew."""
        self.database.write(lambda uow: reference_data.put_reason(uow, reason))

    def add_items(
        self, item_ids: Iterable[str], uom: str = "EA", kind: str = "plain", ranged: bool = True, available: int = 0
    ) -> None:
        """Add items; *ranged* ones have a position at both stores, with *available* at the first."""
        ids = sorted(item_ids)
        values = [{"item_id": one, "description": one, "uom": uom, "kind": kind} for one in ids]

        def work(uow: UnitOfWork) -> None:
            uow.execute(insert(tables.item), values)
            for store_id in (STORE, OTHER_STORE) if ranged else ():
                stock.range_items(uow, store_id, ids)
            for item_id in ids if available else ():
                _open(uow, STORE, item_id, Account.AVAILABLE, available)

        self.database.write(work)

    def stock_up(self, item_id: str, account: Account, quantity: int, sub_bucket: int | None = None) -> None:
        """Lay down opening stock at store 1311."""
        self.database.write(lambda uow: _open(uow, STORE, item_id, account, quantity, sub_bucket))

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

    def states(self, item_id: str) -> dict[str, tuple[int, str, int | None]]:
        """Return store, state and sub-bucket of every unit of an item, by UIN."""
        return {
            str(row["uin"]): (row["store_id"], row["state"], row["nonsellable_type_id"])  # type: ignore[misc]
            for row in self.rows("uin")
            if row["item_id"] == item_id
        }

    def snapshot(self) -> dict[str, list[dict[str, object]]]:
        """Return everything that a call about adjustments may change."""
        return {name: self.rows(name) for name in KEPT_BY_CALLS}

    def messages(self) -> list[InvAdjustDtl]:
        """Return what merchandising is going to hear, in the order it was queued."""
        return [inv_adjust_desc.parse(str(row["payload"]).encode()) for row in self.rows("outbox_message")]

    def denials(self) -> list[tuple[object, object, object]]:
        """Return user, action and missing permissions of every denied call."""
        return [(row["user_name"], row["action"], row["permissions"]) for row in self.rows("access_denial")]

    def differences(self) -> tuple[str, ...]:
        """Return what does not add up, as text."""
        return tuple(str(one) for one in self.verify.run().differences)


def problems_of(call: Callable[..., object], *arguments: object) -> tuple[Problem, ...]:
    """Return what a refused call says is wrong."""
    with pytest.raises(RulesBroken) as caught:
        call(*arguments)
    return caught.value.problems


def rules_of(call: Callable[..., object], *arguments: object) -> list[str]:
    """Return the ids of the rules that a refused call breaks, sorted."""
    return sorted(problem.rule for problem in problems_of(call, *arguments))


def denied(call: Callable[..., object], *arguments: object) -> tuple[str, ...]:
    """Return the permissions that a denied call lacks."""
    with pytest.raises(AccessDenied) as caught:
        call(*arguments)
    return caught.value.permissions


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
        line_id,
        item_id,
        reason_id,
        Decimal(quantity),
        Decimal(case_size),
        tuple(added),
        tuple(removed),
        **more,  # type: ignore[arg-type]
    )


def change(*lines: LineChange, **header: object) -> AdjustmentChange:
    """Make a request for store 1311 unless *header* says otherwise."""
    values: dict[str, object] = {"adjustment_id": None, "store_id": STORE, "lines": lines, **header}
    return AdjustmentChange(**values)  # type: ignore[arg-type]


def numbered(prefix: str, count: int, first: int = 1) -> Sequence[str]:
    """Make *count* UINs or item ids that start with *prefix*."""
    return [f"{prefix}{number:04d}" for number in range(first, first + count)]


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
        before = stock.sub_bucket_stock(uow, store_id, [item_id]).get((item_id, sub_bucket), Decimal(0))
        stock.put_sub_buckets(uow, [(store_id, item_id, sub_bucket, before + amount)])

"""Positions, sub-buckets and movements: ``store_item_stock``, ``store_item_stock_nonsell``, ``stock_movement``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Executable, Integer, String, bindparam, insert, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.domain.item import ItemAtStore
from gateway.domain.ledger import Movement, Origin, Position, StockRow
from gateway.domain.quantity import ZERO
from gateway.persistence.columns import Amount, UtcTime
from gateway.persistence.statement import Columns, Statement, many_rows, one_of, rows_parameter
from gateway.persistence.tables import item, stock_movement, store_item_stock, store_item_stock_nonsell
from gateway.persistence.unit_of_work import UnitOfWork


def _lock_positions(dialect_name: str) -> Executable:
    stock = store_item_stock
    return (
        select(
            item.c.item_id,
            item.c.uom,
            item.c.kind,
            stock.c.quantity_available,
            stock.c.quantity_unavailable,
            stock.c.quantity_reserved,
            stock.c.publish_sequence,
        )
        .join_from(stock, item, stock.c.item_id == item.c.item_id)
        .where(stock.c.store_id == bindparam("store_id"), one_of(stock.c.item_id, "item_ids", dialect_name))
        # One fixed order for everybody, so that callers wait for each other but never in a circle (STK-06).
        .order_by(stock.c.item_id)
        .with_for_update(of=stock)
    )


def _lock_items(dialect_name: str) -> Executable:
    return (
        select(item.c.item_id)
        .where(one_of(item.c.item_id, "item_ids", dialect_name))
        .order_by(item.c.item_id)
        # Weak enough that lines and positions which only refer to the item need not wait.
        .with_for_update(key_share=True)
    )


def _select_items(dialect_name: str) -> Executable:
    return select(item.c.item_id, item.c.uom, item.c.kind).where(one_of(item.c.item_id, "item_ids", dialect_name))


def _select_sub_buckets(dialect_name: str) -> Executable:
    nonsell = store_item_stock_nonsell
    return select(nonsell.c.item_id, nonsell.c.nonsellable_type_id, nonsell.c.quantity).where(
        nonsell.c.store_id == bindparam("store_id"), one_of(nonsell.c.item_id, "item_ids", dialect_name)
    )


def _range_items(dialect_name: str) -> Executable:
    columns = ["store_id", "item_id", "quantity_available", "quantity_unavailable", "quantity_reserved"]
    kinds: Columns = {"store_id": BigInteger(), "item_id": String(), "a": Amount(), "u": Amount(), "r": Amount()}
    source = many_rows(dialect_name, **kinds)
    if dialect_name == "sqlite":
        # Without a WHERE, SQLite takes ON CONFLICT for the condition of a join.
        always = literal_column("1") == literal_column("1")
        return sqlite.insert(store_item_stock).from_select(columns, source.where(always)).on_conflict_do_nothing()
    return postgresql.insert(store_item_stock).from_select(columns, source).on_conflict_do_nothing()


_MOVEMENT_COLUMNS: Columns = {
    "store_id": BigInteger(),
    "item_id": String(),
    "quantity": Amount(),
    "from_account": String(),
    "from_nonsellable_type_id": BigInteger(),
    "to_account": String(),
    "to_nonsellable_type_id": BigInteger(),
    "reason_id": BigInteger(),
    "origin_id": BigInteger(),
}


def _insert_movements(dialect_name: str) -> Executable:
    source = many_rows(dialect_name, **_MOVEMENT_COLUMNS).add_columns(
        bindparam("origin", type_=String()),
        bindparam("moved_at", type_=UtcTime()),
        bindparam("moved_by", type_=String()),
    )
    return insert(stock_movement).from_select([*_MOVEMENT_COLUMNS, "origin", "moved_at", "moved_by"], source)


def _update_positions(dialect_name: str) -> Executable:
    new = many_rows(
        dialect_name,
        store_id=BigInteger(),
        item_id=String(),
        available=Amount(),
        unavailable=Amount(),
        reserved=Amount(),
        published=Integer(),
    ).subquery("new")
    stock = store_item_stock
    return (
        update(stock)
        .where(stock.c.store_id == new.c.store_id, stock.c.item_id == new.c.item_id)
        .values(
            quantity_available=new.c.available,
            quantity_unavailable=new.c.unavailable,
            quantity_reserved=new.c.reserved,
            publish_sequence=new.c.published,
        )
    )


def _put_sub_buckets(dialect_name: str) -> Executable:
    columns: Columns = {
        "store_id": BigInteger(),
        "item_id": String(),
        "nonsellable_type_id": BigInteger(),
        "quantity": Amount(),
    }
    source = many_rows(dialect_name, **columns)
    keys = ["store_id", "item_id", "nonsellable_type_id"]
    if dialect_name == "sqlite":
        lite = sqlite.insert(store_item_stock_nonsell).from_select(
            list(columns), source.where(literal_column("1") == literal_column("1"))
        )
        return lite.on_conflict_do_update(index_elements=keys, set_={"quantity": lite.excluded.quantity})
    post = postgresql.insert(store_item_stock_nonsell).from_select(list(columns), source)
    return post.on_conflict_do_update(index_elements=keys, set_={"quantity": post.excluded.quantity})


LOCK_POSITIONS = Statement(_lock_positions)
LOCK_ITEMS = Statement(_lock_items)
SELECT_ITEMS = Statement(_select_items)
SELECT_SUB_BUCKETS = Statement(_select_sub_buckets)
RANGE_ITEMS = Statement(_range_items)
INSERT_MOVEMENTS = Statement(_insert_movements)
UPDATE_POSITIONS = Statement(_update_positions)
PUT_SUB_BUCKETS = Statement(_put_sub_buckets)


def locked_items(uow: UnitOfWork, store_id: int, item_ids: Sequence[str]) -> dict[str, ItemAtStore]:
    """Return the known ones of *item_ids* with their positions at *store_id*, locked until the transaction ends.

    On SQLite a writing transaction holds the one write lock already. An item without a position comes back as not
    ranged (ADJ-16).
    """
    found = {
        item_id: ItemAtStore(item_id, uom, kind, True, available, unavailable, reserved, sequence)
        for item_id, uom, kind, available, unavailable, reserved, sequence in uow.run(
            LOCK_POSITIONS, store_id=store_id, item_ids=item_ids
        )
    }
    if len(found) < len(item_ids):
        others = [item_id for item_id in item_ids if item_id not in found]
        for item_id, uom, kind in uow.run(SELECT_ITEMS, item_ids=others):
            found[item_id] = ItemAtStore(item_id, uom, kind, False, ZERO, ZERO, ZERO, 0)
    return found


def lock_items(uow: UnitOfWork, item_ids: Sequence[str]) -> None:
    """Let only one transaction at a time bring units of these items in, whatever the store (UIN-05).

    A unit that comes from outside is at no store yet, so no position stands for it. Positions are locked before.
    """
    uow.run(LOCK_ITEMS, item_ids=item_ids)


def item_kinds(uow: UnitOfWork, item_ids: Sequence[str]) -> dict[str, str]:
    """Return the kinds of the known ones of *item_ids*, without locking anything."""
    return {item_id: kind for item_id, _, kind in uow.run(SELECT_ITEMS, item_ids=item_ids)}


def sub_bucket_stock(uow: UnitOfWork, store_id: int, item_ids: Sequence[str]) -> dict[tuple[str, int], Decimal]:
    """Return the stock of *item_ids* at *store_id* by item and sub-bucket."""
    rows = uow.run(SELECT_SUB_BUCKETS, store_id=store_id, item_ids=item_ids)
    return {(item_id, type_id): quantity for item_id, type_id, quantity in rows}


def range_items(uow: UnitOfWork, store_id: int, item_ids: Iterable[str]) -> None:
    """Give *item_ids* a position of zero at *store_id* unless they have one (ADJ-16)."""
    rows = rows_parameter((store_id, item_id, ZERO, ZERO, ZERO) for item_id in sorted(item_ids))
    uow.run(RANGE_ITEMS, rows=rows)


def add_movements(
    uow: UnitOfWork,
    movements: Iterable[tuple[int, Movement]],
    origin: Origin,
    moved_at: datetime,
    moved_by: str,
) -> None:
    """Append *movements*, each with the id of the thing of kind *origin* that it goes back to (STK-03)."""
    rows = rows_parameter(
        (store_id, item_id, str(quantity), source, from_sub_bucket, target, to_sub_bucket, reason_id, origin_id)
        for origin_id, (
            store_id,
            item_id,
            quantity,
            source,
            from_sub_bucket,
            target,
            to_sub_bucket,
            reason_id,
        ) in movements
    )
    uow.run(INSERT_MOVEMENTS, rows=rows, origin=origin, moved_at=moved_at, moved_by=moved_by)


def put_positions(uow: UnitOfWork, positions: Iterable[tuple[int, str, Position, int]]) -> int:
    """Write new amounts of locked positions, each with its publish sequence; return how many rows changed."""
    rows = rows_parameter(
        (store_id, item_id, str(available), str(unavailable), str(reserved), sequence)
        for store_id, item_id, (available, unavailable, reserved), sequence in positions
    )
    return uow.changed(UPDATE_POSITIONS, rows=rows)


def put_sub_buckets(uow: UnitOfWork, stock: Iterable[tuple[int, str, int, Decimal]]) -> None:
    """Write new amounts of sub-buckets whose position is locked."""
    uow.run(PUT_SUB_BUCKETS, rows=rows_parameter(stock))


def positions(uow: UnitOfWork, store_id: int | None, item_id: str | None) -> list[StockRow]:
    """Return positions with their sub-buckets, by store and item; None means every one."""
    one, nonsell = store_item_stock.c, store_item_stock_nonsell.c
    query = select(one.store_id, one.item_id, one.quantity_available, one.quantity_unavailable, one.quantity_reserved)
    parts = select(nonsell.store_id, nonsell.item_id, nonsell.nonsellable_type_id, nonsell.quantity)
    if store_id is not None:
        query, parts = query.where(one.store_id == store_id), parts.where(nonsell.store_id == store_id)
    if item_id is not None:
        query, parts = query.where(one.item_id == item_id), parts.where(nonsell.item_id == item_id)
    sub_buckets: dict[tuple[int, str], dict[int, Decimal]] = {}
    for store, item_of_part, type_id, quantity in uow.execute(parts.order_by(nonsell.nonsellable_type_id)):
        sub_buckets.setdefault((store, item_of_part), {})[type_id] = quantity
    return [
        StockRow(row[0], row[1], Position(row[2], row[3], row[4]), sub_buckets.get((row[0], row[1]), {}))
        for row in uow.execute(query.order_by(one.store_id, one.item_id))
    ]

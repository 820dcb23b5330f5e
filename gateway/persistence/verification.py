"""Adds the ledger up again: balances against movements, UINs and messages against both (STK-03)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, literal, select, union_all
from sqlalchemy.sql.expression import CompoundSelect

from gateway.domain.adjustment import AdjustmentStatus
from gateway.domain.disposition import Account
from gateway.domain.item import ItemKind
from gateway.domain.ledger import Origin
from gateway.domain.quantity import EXACT, ZERO, plain
from gateway.domain.reason import MISSING_REASON_CODE
from gateway.domain.uin import STATE_IN
from gateway.domain.verification import Difference, Verification
from gateway.persistence.columns import Amount
from gateway.persistence.tables import (
    inv_adjust,
    inv_adjust_line_item,
    inv_adjust_reason,
    item,
    outbox_message,
    stock_movement,
    store_item_stock,
    store_item_stock_nonsell,
    uin,
)
from gateway.persistence.unit_of_work import UnitOfWork


def verify(uow: UnitOfWork) -> Verification:
    """Check STK-01, STK-03, STK-04, UIN-05, ADJ-04 and outbox ↔ movements (PUB-02, PUB-06).

    The transaction must show one consistent picture.
    """
    differences = (
        *_positions(uow),
        *_sub_buckets(uow),
        *_undivided(uow),
        *_uins(uow),
        *_lines(uow),
        *_origins(uow),
        *_messages(uow),
        *_sequences(uow),
    )

    def count(table: Table) -> int:
        return int(uow.execute(select(func.count()).select_from(table)).scalar_one())

    return Verification(
        movements=count(stock_movement),
        positions=count(store_item_stock),
        sub_buckets=count(store_item_stock_nonsell),
        uins=count(uin),
        messages=count(outbox_message),
        differences=differences,
    )


def _sum(uow: UnitOfWork, amount: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the exact sum of *amount*: SQLite's own SUM would add binary floats (STK-05)."""
    return func.exact_sum(amount, type_=Amount()) if uow.dialect.name == "sqlite" else func.sum(amount)


def _sums(uow: UnitOfWork, query: Select[Any] | CompoundSelect[Any], keys: int) -> dict[tuple[Any, ...], Decimal]:
    """Add up, with signs, the movements into and out of each key of *query* (columns: keys, in?, quantity)."""
    moves = query.subquery()
    columns = list(moves.c)
    rows = uow.execute(
        select(*columns[:keys], columns[keys], _sum(uow, columns[keys + 1])).group_by(*columns[: keys + 1])
    )
    sums: dict[tuple[Any, ...], Decimal] = {}
    for *key, is_in, amount in rows:
        signed = Decimal(amount) if is_in else -Decimal(amount)
        sums[tuple(key)] = EXACT.add(sums.get(tuple(key), ZERO), signed)
    return sums


def _both_sides(*keys: ColumnElement[Any], side: str) -> CompoundSelect[Any]:
    move = stock_movement.c
    return union_all(
        select(*keys, move[f"to_{side}"], literal(1).label("is_in"), move.quantity),
        select(*keys, move[f"from_{side}"], literal(0), move.quantity),
    )


def _compare(
    rule: str, expected: dict[tuple[Any, ...], Decimal], found: dict[tuple[Any, ...], Decimal]
) -> Iterator[Difference]:
    for key in sorted({*expected, *found}):
        wanted, there = expected.get(key, ZERO), found.get(key, ZERO)
        if wanted != there:
            store_id, item_id, part = key
            yield Difference(rule, f"store {store_id}, item {item_id}, {part}", plain(wanted), plain(there))


def _positions(uow: UnitOfWork) -> Iterator[Difference]:
    move, stock = stock_movement.c, store_item_stock.c
    expected = _sums(uow, _both_sides(move.store_id, move.item_id, side="account"), 3)
    expected = {key: amount for key, amount in expected.items() if key[2] != Account.OUTSIDE}
    found: dict[tuple[Any, ...], Decimal] = {}
    for row in uow.execute(
        select(
            stock.store_id, stock.item_id, stock.quantity_available, stock.quantity_unavailable, stock.quantity_reserved
        )
    ):
        accounts = (Account.AVAILABLE, Account.UNAVAILABLE, Account.RESERVED)
        for account, amount in zip(accounts, row[2:], strict=True):
            found[row[0], row[1], str(account)] = amount
            if account is not Account.AVAILABLE and amount < 0:
                place = f"store {row[0]}, item {row[1]}, {account}"
                yield Difference("STK-04", place, "zero or more", plain(amount))
    yield from _compare("STK-03", expected, found)


def _sub_buckets(uow: UnitOfWork) -> Iterator[Difference]:
    move, nonsell = stock_movement.c, store_item_stock_nonsell.c
    expected = {
        (store_id, item_id, f"sub-bucket {sub_bucket}"): amount
        for (store_id, item_id, sub_bucket), amount in _sums(
            uow, _both_sides(move.store_id, move.item_id, side="nonsellable_type_id"), 3
        ).items()
        if sub_bucket is not None
    }
    rows = uow.execute(select(nonsell.store_id, nonsell.item_id, nonsell.nonsellable_type_id, nonsell.quantity))
    found = {(store_id, item_id, f"sub-bucket {sub_bucket}"): amount for store_id, item_id, sub_bucket, amount in rows}
    yield from _compare("STK-03", expected, found)


def _undivided(uow: UnitOfWork) -> Iterator[Difference]:
    """Sub-buckets add up to the unavailable account, apart from what moved while they were off (STK-01, RSN-04)."""
    move, nonsell, stock = stock_movement.c, store_item_stock_nonsell.c, store_item_stock.c
    without = union_all(
        select(move.store_id, move.item_id, literal("unavailable"), literal(1).label("is_in"), move.quantity).where(
            move.to_account == Account.UNAVAILABLE, move.to_nonsellable_type_id.is_(None)
        ),
        select(move.store_id, move.item_id, literal("unavailable"), literal(0), move.quantity).where(
            move.from_account == Account.UNAVAILABLE, move.from_nonsellable_type_id.is_(None)
        ),
    )
    expected = _sums(uow, without, 3)
    parts = uow.execute(
        select(nonsell.store_id, nonsell.item_id, _sum(uow, nonsell.quantity)).group_by(
            nonsell.store_id, nonsell.item_id
        )
    )
    for store_id, item_id, amount in parts:
        key = (store_id, item_id, "unavailable")
        expected[key] = EXACT.add(expected.get(key, ZERO), Decimal(amount))
    rows = uow.execute(select(stock.store_id, stock.item_id, stock.quantity_unavailable))
    yield from _compare("STK-01", expected, {(row[0], row[1], "unavailable"): row[2] for row in rows})


def _uins(uow: UnitOfWork) -> Iterator[Difference]:
    """Units of a serialised item in an account are as many as its UINs in the state of that account (UIN-05)."""
    stock, one, move = store_item_stock.c, uin.c, stock_movement.c
    accounts = {state: account for account, state in STATE_IN.items()}
    found: dict[tuple[Any, ...], Decimal] = {}
    for store_id, item_id, state, count in uow.execute(
        select(one.store_id, one.item_id, one.state, func.count()).group_by(one.store_id, one.item_id, one.state)
    ):
        if state in accounts:
            found[store_id, item_id, f"UINs {accounts[state]}"] = Decimal(count)
    expected: dict[tuple[Any, ...], Decimal] = {}
    serialised = (
        select(
            stock.store_id, stock.item_id, stock.quantity_available, stock.quantity_unavailable, stock.quantity_reserved
        )
        .join(item, item.c.item_id == stock.item_id)
        .where(item.c.kind != ItemKind.PLAIN)
    )
    for store_id, item_id, *amounts in uow.execute(serialised):
        for account, amount in zip(STATE_IN, amounts, strict=True):
            expected[store_id, item_id, f"UINs {account}"] = amount
    # A count that did not find a unit books it back to available, as SIM prints the reason, and its UIN as missing.
    missing = (
        select(move.store_id, move.item_id, _sum(uow, move.quantity))
        .join(inv_adjust_reason, inv_adjust_reason.c.id == move.reason_id)
        .where(inv_adjust_reason.c.code == MISSING_REASON_CODE)
        .group_by(move.store_id, move.item_id)
    )
    for store_id, item_id, amount in uow.execute(missing):
        key = (store_id, item_id, f"UINs {Account.AVAILABLE}")
        if key in expected:
            expected[key] = EXACT.subtract(expected[key], Decimal(amount))
    yield from _compare("UIN-05", expected, found)


def _lines(uow: UnitOfWork) -> Iterator[Difference]:
    """Every line of a completed adjustment has moved its quantity once, no other line any (ADJ-03, ADJ-04)."""
    head, line, move = inv_adjust.c, inv_adjust_line_item.c, stock_movement.c
    moved = (
        select(move.origin_id, _sum(uow, move.quantity).label("moved"), func.count().label("times"))
        .where(move.origin == Origin.ADJUSTMENT_LINE)
        # Units that another store gave up go back to the same line but belong to that store (UIN-07).
        .join(inv_adjust_line_item, line.id == move.origin_id)
        .join(inv_adjust, and_(head.id == line.inv_adjust_id, head.store_id == move.store_id))
        .group_by(move.origin_id)
        .subquery()
    )
    query = (
        select(line.id, head.id, head.status, line.quantity, moved.c.moved, func.coalesce(moved.c.times, 0))
        .join_from(inv_adjust_line_item, inv_adjust, head.id == line.inv_adjust_id)
        .outerjoin(moved, moved.c.origin_id == line.id)
    )
    for line_id, adjustment_id, status, quantity, amount, times in uow.execute(query):
        is_completed = status == AdjustmentStatus.COMPLETED
        expected = (quantity, 1) if is_completed else (ZERO, 0)
        found = (Decimal(amount) if amount is not None else ZERO, times)
        if expected != found:
            place = f"adjustment {adjustment_id}, line {line_id}, {status}"
            yield Difference(
                "ADJ-04",
                place,
                f"{plain(expected[0])} in {expected[1]} movements",
                f"{plain(found[0])} in {found[1]} movements",
            )


def _origins(uow: UnitOfWork) -> Iterator[Difference]:
    """Every movement of an adjustment goes back to a line of it (STK-03)."""
    move, line = stock_movement.c, inv_adjust_line_item.c
    query = (
        select(move.id, move.store_id, move.item_id, move.origin_id)
        .where(move.origin == Origin.ADJUSTMENT_LINE)
        .where(~select(line.id).where(line.id == move.origin_id, line.item_id == move.item_id).exists())
        .order_by(move.id)
    )
    for movement_id, store_id, item_id, line_id in uow.execute(query):
        place = f"movement {movement_id} of store {store_id}, item {item_id}"
        yield Difference("STK-03", place, f"line {line_id} with this item", "none")


def _messages(uow: UnitOfWork) -> Iterator[Difference]:
    """Movements of published reasons and outbox messages belong together one to one (PUB-02, PUB-03, ADJ-13)."""
    move, message, head, line = stock_movement.c, outbox_message.c, inv_adjust.c, inv_adjust_line_item.c
    per_line = (
        select(move.origin_id, func.count().label("movements"))
        .where(move.origin == Origin.ADJUSTMENT_LINE)
        .group_by(move.origin_id)
        .subquery()
    )
    sent = (
        select(message.origin_id, func.count().label("messages"))
        .where(message.origin == Origin.ADJUSTMENT_LINE)
        .group_by(message.origin_id)
        .subquery()
    )
    vetoed = case((head.publish.is_(False), 1), else_=0)
    query = (
        select(line.id, vetoed, per_line.c.movements, func.coalesce(sent.c.messages, 0))
        .join_from(inv_adjust_line_item, inv_adjust, head.id == line.inv_adjust_id)
        .join(per_line, per_line.c.origin_id == line.id)
        .outerjoin(sent, sent.c.origin_id == line.id)
    )
    for line_id, is_vetoed, movements, messages in uow.execute(query):
        # The reason's flag may have been edited since; a line is published whole or not at all.
        if messages not in ((0,) if is_vetoed else (0, movements)):
            expected = "0 messages" if is_vetoed else f"0 or {movements} messages"
            yield Difference("PUB-02", f"line {line_id}", expected, f"{messages} messages")
    orphans = (
        select(message.message_key, message.origin_id)
        .where(message.origin == Origin.ADJUSTMENT_LINE)
        .where(~select(per_line.c.origin_id).where(per_line.c.origin_id == message.origin_id).exists())
    )
    for key, line_id in uow.execute(orphans):
        yield Difference("PUB-02", f"message {key}", f"a movement of line {line_id}", "none")


def _sequences(uow: UnitOfWork) -> Iterable[Difference]:
    """Messages of a position are numbered 1, 2, 3 … up to its counter (PUB-06)."""
    stock, message = store_item_stock.c, outbox_message.c
    counted = {
        key: (count, highest)
        for key, count, highest in uow.execute(
            select(message.business_object_id, func.count(), func.max(message.sequence)).group_by(
                message.destination, message.business_object_id
            )
        )
    }
    for store_id, item_id, counter in uow.execute(select(stock.store_id, stock.item_id, stock.publish_sequence)):
        count, highest = counted.get(f"{store_id}/{item_id}", (0, 0))
        if not count == highest == counter:
            yield Difference(
                "PUB-06",
                f"messages of store {store_id}, item {item_id}",
                f"{counter}, numbered 1 to {counter}",
                f"{count}, the last numbered {highest}",
            )

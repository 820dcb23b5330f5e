"""What a confirm does to stock, UINs and the outbox: worked out as values, written by the use case (ADJ-04)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from gateway.domain.adjustment import AdjustmentLine
from gateway.domain.adjustment_rules import Situation, is_taken_from_other_store
from gateway.domain.disposition import Account, Disposition
from gateway.domain.item import ItemAtStore, ItemKind
from gateway.domain.ledger import Movement, Position
from gateway.domain.quantity import ZERO
from gateway.domain.reason import STOCK_OUT_REASON_CODE, Reason
from gateway.domain.uin import Uin, UinState, state_after


class Publication(NamedTuple):
    """A movement that merchandising hears of (PUB-02); *line_id* is the adjustment line behind it."""

    store_id: int
    line_id: int
    item_id: str
    reason: Reason
    disposition: Disposition
    quantity: Decimal
    uins: Sequence[str]


_PLAIN = ItemKind.PLAIN.value


@dataclass(slots=True)
class Confirmation:
    """Everything that a confirm changes.

    Attributes:
        movements: with the line that each goes back to, in line order.
        positions: the new amounts of every position touched, by store and item.
        sub_bucket_stock: the new amounts of every sub-bucket touched, by store, item and sub-bucket.
        uins: the new state of every UIN touched.
        generated: UINs made by the system, by line id (UIN-04).
        publications: what merchandising must hear of, in line order.
    """

    movements: list[tuple[int, Movement]] = field(default_factory=list)
    positions: dict[tuple[int, str], Position] = field(default_factory=dict)
    sub_bucket_stock: dict[tuple[int, str, int], Decimal] = field(default_factory=dict)
    uins: list[Uin] = field(default_factory=list)
    generated: dict[int, list[str]] = field(default_factory=dict)
    publications: list[Publication] = field(default_factory=list)


def confirm_lines(
    lines: Sequence[AdjustmentLine],
    situation: Situation,
    other_positions: Mapping[tuple[int, str], ItemAtStore],
    next_uins: Callable[[str, int, Sequence[str]], list[str]],
) -> Confirmation:
    """Return what confirming *lines* changes. The lines were checked in the same *situation* before.

    Args:
        other_positions: positions at other stores that lose a unit to this one (UIN-07).
        next_uins: makes so many serial numbers for an item that no unit of it has, nor is in the given ones (UIN-04).
    """
    result = Confirmation()
    movements, publications, positions = result.movements, result.publications, result.positions
    reasons, items, store_id = situation.reference.reasons, situation.items, situation.store_id
    sub_buckets_on = situation.reference.parameters.sub_buckets
    sides: dict[int, _Sides] = {}
    for line in lines:
        line_id, item_id, reason_id, quantity, _, uins, _ = line
        item, reason = items[item_id], reasons[reason_id]
        side = sides.get(reason_id)
        if side is None:
            side = sides[reason_id] = _sides(reason, sub_buckets_on, situation.vetoed)
        if item.kind != _PLAIN:
            uins = _move_uins(line, item, reason, situation, other_positions, next_uins, result)
        movement = Movement(
            store_id, item_id, quantity, side.source, side.from_sub_bucket, side.target, side.to_sub_bucket, reason_id
        )
        movements.append((line_id, movement))
        # An item stands on one line only, so what was read is what there is (ADJ-02).
        positions[store_id, item_id] = moved(item.available, item.unavailable, item.reserved, side.effect, quantity)
        if side.moves_sub_buckets:
            _move_sub_buckets(movement, situation, result.sub_bucket_stock)
        if side.is_published:
            publications.append(Publication(store_id, line_id, item_id, reason, side.disposition, quantity, uins))
    return result


class Effect(NamedTuple):
    """What a movement does to the accounts of a position: −1 takes from it, 1 puts into it, 0 leaves it."""

    available: int
    unavailable: int
    reserved: int


class _Sides(NamedTuple):
    """What all lines of one reason have in common; worked out once, not a thousand times."""

    disposition: Disposition
    source: Account
    from_sub_bucket: int | None
    target: Account
    to_sub_bucket: int | None
    effect: Effect
    moves_sub_buckets: bool
    is_published: bool


def _sides(reason: Reason, sub_buckets_on: bool, vetoed: bool) -> _Sides:
    disposition = reason.disposition
    source = reason.from_sub_bucket if sub_buckets_on and disposition.takes_from_sub_bucket else None
    target = reason.to_sub_bucket if sub_buckets_on and disposition.puts_into_sub_bucket else None
    return _Sides(
        disposition,
        disposition.from_account,
        source,
        disposition.to_account,
        target,
        effect_of(disposition.from_account, disposition.to_account),
        source is not None or target is not None,
        reason.is_published and not vetoed,
    )


def effect_of(source: Account, target: Account) -> Effect:
    """Return what a movement from *source* to *target* does to each account inside the store (STK-03)."""

    def sign(account: Account) -> int:
        return (account is target) - (account is source)

    return Effect(sign(Account.AVAILABLE), sign(Account.UNAVAILABLE), sign(Account.RESERVED))


def moved(available: Decimal, unavailable: Decimal, reserved: Decimal, effect: Effect, quantity: Decimal) -> Position:
    """Return a position after a movement of *quantity*: what leaves one account enters the other (STK-03)."""
    in_available, in_unavailable, in_reserved = effect
    if in_available:
        available = available + quantity if in_available > 0 else available - quantity
    if in_unavailable:
        unavailable = unavailable + quantity if in_unavailable > 0 else unavailable - quantity
    if in_reserved:
        reserved = reserved + quantity if in_reserved > 0 else reserved - quantity
    return Position(available, unavailable, reserved)


def _move_sub_buckets(movement: Movement, situation: Situation, stock: dict[tuple[int, str, int], Decimal]) -> None:
    for sub_bucket, change in (
        (movement.from_sub_bucket, -movement.quantity),
        (movement.to_sub_bucket, movement.quantity),
    ):
        if sub_bucket is not None:
            key = (movement.store_id, movement.item_id, sub_bucket)
            there = stock.get(key)
            if there is None:
                there = situation.sub_bucket_stock.get((movement.item_id, sub_bucket), ZERO)
            stock[key] = there + change


def _move_uins(
    line: AdjustmentLine,
    item: ItemAtStore,
    reason: Reason,
    situation: Situation,
    other_positions: Mapping[tuple[int, str], ItemAtStore],
    next_uins: Callable[[str, int, Sequence[str]], list[str]],
    result: Confirmation,
) -> Sequence[str]:
    """Move the UINs of *line*; return all of them, the generated ones included (UIN-04 to UIN-07)."""
    uins = list(line.uins)
    for uin in line.uins:
        known = situation.uins.get((line.item_id, uin))
        if known is not None and is_taken_from_other_store(known, situation.store_id, reason):
            _leave_other_store(line, known, situation, other_positions, result)
    if item.kind == ItemKind.AGSN and reason.disposition is Disposition.INCREASE_SOH:
        missing = int(line.quantity) - len(uins)
        if missing > 0:
            result.generated[line.line_id] = next_uins(line.item_id, missing, line.uins)
            uins.extend(result.generated[line.line_id])
    state = state_after(reason)
    sub_buckets_on = situation.reference.parameters.sub_buckets
    sub_bucket = reason.to_sub_bucket if state is UinState.UNAVAILABLE and sub_buckets_on else None
    result.uins.extend(Uin(line.item_id, uin, situation.store_id, state, sub_bucket) for uin in uins)
    return uins


def _leave_other_store(
    line: AdjustmentLine,
    uin: Uin,
    situation: Situation,
    other_positions: Mapping[tuple[int, str], ItemAtStore],
    result: Confirmation,
) -> None:
    """Take one unit out of the store that holds it, with its own movement and publication (UIN-07)."""
    reason = situation.reference.reason_of_code[STOCK_OUT_REASON_CODE]
    one = Decimal(1)
    key = (uin.store_id, line.item_id)
    there = other_positions[key]
    movement = Movement(
        uin.store_id, line.item_id, one, Account.AVAILABLE, None, Account.OUTSIDE, None, reason.reason_id
    )
    result.movements.append((line.line_id, movement))
    before = result.positions.get(key) or Position(there.available, there.unavailable, there.reserved)
    result.positions[key] = moved(*before, effect_of(Account.AVAILABLE, Account.OUTSIDE), one)
    if reason.is_published and not situation.vetoed:
        result.publications.append(
            Publication(uin.store_id, line.line_id, line.item_id, reason, reason.disposition, one, (uin.uin,))
        )

"""What the lines of an adjustment must hold to when they are saved and again when they are confirmed.

`check_lines` says what is wrong with lines against items, reasons, stock and UINs as they stand now; it finds every
broken rule of a request, not the first (ADJ-05, ADJ-15, ADJ-16, RSN-05, RSN-07, UIN-01 to UIN-07).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.adjustment import AdjustmentLine
from gateway.domain.disposition import Account, Disposition
from gateway.domain.errors import Problem
from gateway.domain.item import ItemAtStore, ItemKind
from gateway.domain.permission import Caller, Function
from gateway.domain.quantity import (
    MAX_PUBLISHED_QUANTITY,
    MAX_QUANTITY,
    WHOLE_UNITS,
    ZERO,
    is_case_size,
    is_storable,
    is_whole,
    plain,
)
from gateway.domain.reason import STOCK_IN_REASON_CODE, STOCK_OUT_REASON_CODE, Reason, sub_bucket_problems
from gateway.domain.reference import Reference
from gateway.domain.uin import MAX_UIN_LENGTH, Uin, UinState, can_move

CREATE_UIN_DENIED = "SEC-01"
"""Rule of the one problem of a line that is a missing permission, and so is remembered as a denial (SEC-04)."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the lines are checked against: reference data, and stock and UINs as they stand in this transaction.

    Attributes:
        items: items of the lines by id, with their positions at *store_id*.
        sub_bucket_stock: stock by item and sub-bucket at *store_id*; absent means none.
        uins: known UINs by item and UIN, wherever they are.
        vetoed: the adjustment is not published whatever its reasons say (ADJ-13).
    """

    store_id: int
    caller: Caller
    reference: Reference
    items: Mapping[str, ItemAtStore]
    sub_bucket_stock: Mapping[tuple[str, int], Decimal]
    uins: Mapping[tuple[str, str], Uin]
    vetoed: bool = False


def check_lines(
    lines: Sequence[AdjustmentLine], numbers: Iterable[int | None], situation: Situation, problems: list[Problem]
) -> None:
    """Add to *problems* whatever is wrong with *lines* in this *situation*."""
    items, reasons = situation.items, situation.reference.reasons
    parameters = situation.reference.parameters
    known_sub_buckets = frozenset(situation.reference.sub_buckets)
    system_reasons_allowed = parameters.callers_may_use_system_reasons
    reason_findings: dict[int, list[Problem]] = {}
    simple_reasons = _simple_reasons(situation.reference, {line.reason_id for line in lines})
    for line, number in zip(lines, numbers, strict=True):
        item = items.get(line.item_id)
        if item is not None and line.reason_id in simple_reasons and _is_in_order(line, item):
            continue
        found: list[Problem] = []
        reason = reasons.get(line.reason_id)
        _check_amounts(line, item, found)
        if item is None:
            found.append(
                Problem("ADJ-16", f"item_id {line.item_id} is not known.", "Use a known item.", "item_id", line.item_id)
            )
        if reason is None:
            found.append(
                Problem(
                    "ADJ-16",
                    f"reason_id {line.reason_id} is not known.",
                    "Use a reason_id that lookupInventoryAdjustmentReason shows; it is not the reason code.",
                    "reason_id",
                    str(line.reason_id),
                )
            )
        else:
            if line.reason_id not in reason_findings:
                reason_findings[line.reason_id] = [
                    *_usable_by_caller(reason, system_reasons_allowed),
                    *sub_bucket_problems(reason, known_sub_buckets, parameters.sub_buckets),
                ]
            found.extend(reason_findings[line.reason_id])
            if item is not None:
                _check_stock(line, item, reason, situation, found)
                if line.uins or item.kind != ItemKind.PLAIN:
                    _check_uins(line, item, reason, situation, found)
        if found:
            problems.extend(_placed(one, line, number) for one in found)


def _simple_reasons(reference: Reference, reason_ids: Iterable[int]) -> set[int]:
    """Return those of *reason_ids* that anybody may use and that move stock between available and outside."""
    simple = (Disposition.DECREASE_SOH, Disposition.INCREASE_SOH)
    known = frozenset(reference.sub_buckets)
    found = (reference.reasons[reason_id] for reason_id in reason_ids if reason_id in reference.reasons)
    return {
        reason.reason_id
        for reason in found
        if reason.disposition in simple
        and not _usable_by_caller(reason, system_reasons_allowed=False)
        and not sub_bucket_problems(reason, known, reference.parameters.sub_buckets)
    }


def _is_in_order(line: AdjustmentLine, item: ItemAtStore) -> bool:
    """Say at one look that nothing can be wrong with *line*, whose reason is simple.

    Nearly all lines of a large adjustment pass here, which costs a fifth of examining them. It may be wrong in one
    direction only: what it does not pass is examined in full.
    """
    _, _, _, quantity, case_size, uins, _ = line
    _, uom, kind, is_ranged, available, _, _, _ = item
    return (
        kind == _PLAIN
        and is_ranged
        and not uins
        and case_size == 1
        and 0 < quantity <= MAX_PUBLISHED_QUANTITY
        and -_LARGE < available < _LARGE
        and (is_whole(quantity) or (uom not in WHOLE_UNITS and is_storable(quantity)))
    )


_PLAIN = ItemKind.PLAIN.value

_LARGE = MAX_QUANTITY / 2
"""Stock so large that a further movement might not fit."""


def _placed(problem: Problem, line: AdjustmentLine, number: int | None) -> Problem:
    return Problem(
        problem.rule,
        problem.text,
        problem.remedy,
        problem.field,
        problem.value,
        number,
        line.line_id or None,
        line.item_id,
    )


def _check_amounts(line: AdjustmentLine, item: ItemAtStore | None, found: list[Problem]) -> None:
    quantity, case_size = line.quantity, line.case_size
    if not quantity > 0:
        found.append(
            Problem(
                "ADJ-15",
                f"quantity is {plain(quantity)}.",
                "Use a quantity above zero; the reason gives the direction.",
                "quantity",
                plain(quantity),
            )
        )
    elif not is_storable(quantity):
        found.append(
            Problem(
                "STK-05",
                f"quantity {plain(quantity)} has too many digits.",
                "Use at most 20 digits, 4 of them after the point.",
                "quantity",
                plain(quantity),
            )
        )
    elif item is not None and item.uom in WHOLE_UNITS and not is_whole(quantity):
        found.append(
            Problem(
                "ADJ-15",
                f"quantity {plain(quantity)} of an item counted in {item.uom} has a fraction.",
                "Use a whole number.",
                "quantity",
                plain(quantity),
            )
        )
    if not is_case_size(case_size):
        found.append(
            Problem(
                "ADJ-15",
                f"case_size is {plain(case_size)}.",
                "Use a case size above zero with at most 10 digits, 2 of them after the point; 1 for single units.",
                "case_size",
                plain(case_size),
            )
        )


def _usable_by_caller(reason: Reason, system_reasons_allowed: bool) -> list[Problem]:
    value = str(reason.reason_id)
    if not reason.active:
        return [
            Problem("RSN-09", f"reason_id {value} is no longer in use.", "Use an active reason.", "reason_id", value)
        ]
    if reason.is_system_only and not system_reasons_allowed:
        return [
            Problem(
                "RSN-07",
                f"reason_id {value} is used by the system only.",
                "Use a reason that lookupInventoryAdjustmentReason shows.",
                "reason_id",
                value,
            )
        ]
    return []


def _check_stock(
    line: AdjustmentLine, item: ItemAtStore, reason: Reason, situation: Situation, found: list[Problem]
) -> None:
    disposition, quantity = reason.disposition, line.quantity
    if not item.is_ranged and disposition is not Disposition.INCREASE_SOH:
        found.append(
            Problem(
                "ADJ-16",
                f"item_id {line.item_id} is not ranged at store {situation.store_id}.",
                "Receive the item with a reason that adds stock on hand first.",
                "item_id",
                line.item_id,
            )
        )
        return
    taken_from = disposition.from_account
    if taken_from is Account.UNAVAILABLE or taken_from is Account.RESERVED:
        there, name = _stock_in(taken_from, item, reason, situation)
        if quantity > there:
            found.append(
                Problem(
                    "ADJ-05",
                    f"quantity {plain(quantity)} exceeds the {plain(there)} in {name}.",
                    f"Take at most {plain(there)}, or move stock there first.",
                    "quantity",
                    plain(quantity),
                )
            )
    if disposition.to_account is not Account.OUTSIDE:
        into = _amount_of(disposition.to_account, item)
        if disposition.to_account is not taken_from and into + quantity > MAX_QUANTITY:
            found.append(_too_much("STK-05", "stock", quantity, MAX_QUANTITY))
    if disposition.from_account is Account.AVAILABLE and item.available - quantity < -MAX_QUANTITY:
        found.append(_too_much("STK-05", "stock", quantity, MAX_QUANTITY))
    if quantity > MAX_PUBLISHED_QUANTITY and reason.is_published and not situation.vetoed:
        found.append(_too_much("PUB-04", "message to merchandising", quantity, MAX_PUBLISHED_QUANTITY))


def _too_much(rule: str, what: str, quantity: Decimal, most: Decimal) -> Problem:
    return Problem(
        rule,
        f"quantity {plain(quantity)} does not fit: a {what} holds at most {plain(most)}.",
        "Use a smaller quantity.",
        "quantity",
        plain(quantity),
    )


def _amount_of(account: Account, item: ItemAtStore) -> Decimal:
    if account is Account.AVAILABLE:
        return item.available
    return item.unavailable if account is Account.UNAVAILABLE else item.reserved


def _stock_in(account: Account, item: ItemAtStore, reason: Reason, situation: Situation) -> tuple[Decimal, str]:
    if account is Account.RESERVED:
        return item.reserved, "the customer order reserve"
    if not situation.reference.parameters.sub_buckets or reason.from_sub_bucket is None:
        return item.unavailable, "unavailable stock"
    sub_bucket = situation.reference.sub_buckets.get(reason.from_sub_bucket)
    name = sub_bucket.description if sub_bucket is not None else str(reason.from_sub_bucket)
    return situation.sub_bucket_stock.get((item.item_id, reason.from_sub_bucket), ZERO), f"sub-bucket {name}"


def _check_uins(
    line: AdjustmentLine, item: ItemAtStore, reason: Reason, situation: Situation, found: list[Problem]
) -> None:
    if item.kind == ItemKind.PLAIN:
        found.append(
            Problem(
                "UIN-01",
                f"item_id {line.item_id} has no UINs, but UIN {line.uins[0]} came with it.",
                "Leave the UINs out.",
                "added_uin_col",
                line.uins[0],
            )
        )
        return
    count = len(line.uins)
    increases = reason.disposition is Disposition.INCREASE_SOH
    if item.kind == ItemKind.AGSN and increases:
        if count > line.quantity:
            found.append(_wrong_count("UIN-04", line, "at most as many UINs as units"))
        if line.quantity > 0 and not is_whole(line.quantity):
            found.append(_wrong_count("UIN-04", line, "a whole number: each unit gets its UIN"))
    elif count != line.quantity:
        rule = "UIN-02" if item.kind == ItemKind.SERIAL else "UIN-03"
        found.append(_wrong_count(rule, line, "one UIN for each unit"))
    seen: set[str] = set()
    for uin in line.uins:
        problem = _uin_problem(line, uin, seen, reason, situation)
        if problem is not None:
            found.append(problem)
        seen.add(uin)


def _wrong_count(rule: str, line: AdjustmentLine, wanted: str) -> Problem:
    return Problem(
        rule,
        f"quantity is {plain(line.quantity)}, but the line has {len(line.uins)} UINs.",
        f"Give {wanted}.",
        "quantity",
        plain(line.quantity),
    )


def _uin_problem(
    line: AdjustmentLine, uin: str, seen: set[str], reason: Reason, situation: Situation
) -> Problem | None:
    if uin in seen:
        return Problem("UIN-05", f"UIN {uin} is named twice.", "Name a UIN once.", "added_uin_col", uin)
    if not uin.strip() or len(uin) > MAX_UIN_LENGTH:
        return Problem(
            "UIN-02",
            f"UIN {uin!r} is blank or longer than {MAX_UIN_LENGTH} characters.",
            "Give the UIN as it stands on the unit.",
            "added_uin_col",
            uin,
        )
    known = situation.uins.get((line.item_id, uin))
    if known is None:
        if reason.disposition is not Disposition.INCREASE_SOH:
            return Problem(
                "UIN-06",
                f"UIN {uin} is not known.",
                "A new UIN can only enter with a reason that adds stock on hand.",
                "added_uin_col",
                uin,
            )
        if Function.CREATE_UIN not in situation.caller.functions:
            return Problem(
                CREATE_UIN_DENIED,
                f"UIN {uin} is not known, and user {situation.caller.user_name} may not create UINs (UIN-06).",
                "Ask for the function create_uin.",
                "added_uin_col",
                uin,
            )
        return None
    if is_taken_from_other_store(known, situation.store_id, reason):
        return _stock_out_problem(situation, uin)
    if can_move(known, situation.store_id, reason, situation.reference.parameters.sub_buckets):
        return None
    return Problem(
        "UIN-05",
        f"UIN {uin} is {_whereabouts(known, situation)}; {reason.disposition.display.strip()} cannot take it.",
        "Name a UIN that is where the reason takes stock from.",
        "added_uin_col",
        uin,
    )


def _stock_out_problem(situation: Situation, uin: str) -> Problem | None:
    """The unit leaves the other store under a reason that anybody may have removed or changed (UIN-07)."""
    leaving = situation.reference.reason_of_code.get(STOCK_OUT_REASON_CODE)
    if leaving is not None and leaving.disposition is Disposition.DECREASE_SOH:
        return None
    return Problem(
        "UIN-07",
        f"UIN {uin} cannot leave the store that holds it: reason code {STOCK_OUT_REASON_CODE} does not take stock out.",
        f"Make a reason with code {STOCK_OUT_REASON_CODE} and disposition {Disposition.DECREASE_SOH.display.strip()}.",
        "added_uin_col",
        uin,
    )


def _whereabouts(uin: Uin, situation: Situation) -> str:
    if uin.store_id == situation.store_id:
        return f"{uin.state} here" if uin.sub_bucket is None else f"{uin.state} here in sub-bucket {uin.sub_bucket}"
    # Which other store holds it is data of a store that the caller may not see (SEC-04).
    return "not at this store"


def is_taken_from_other_store(uin: Uin, store_id: int, reason: Reason) -> bool:
    """Say whether *reason* takes this unit out of another store's stock into this one's (UIN-07)."""
    return reason.reason_code == STOCK_IN_REASON_CODE and uin.state is UinState.IN_STOCK and uin.store_id != store_id

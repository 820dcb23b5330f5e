"""What lines of an adjustment are checked against, read and locked in one fixed order (STK-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.domain.adjustment import AdjustmentLine
from gateway.domain.adjustment_rules import Situation, is_taken_from_other_store
from gateway.domain.disposition import Disposition
from gateway.domain.item import ItemAtStore, ItemKind
from gateway.domain.permission import Caller
from gateway.domain.reason import STOCK_IN_REASON_CODE
from gateway.domain.reference import Reference
from gateway.domain.uin import Uin
from gateway.persistence import stock, uins
from gateway.persistence.unit_of_work import LostRace, UnitOfWork


def load_situation(
    uow: UnitOfWork,
    caller: Caller,
    reference: Reference,
    store_id: int,
    lines: Sequence[AdjustmentLine],
    vetoed: bool,
) -> Situation:
    """Read, and lock, everything that *lines* are checked against: positions in one order, then UINs (STK-06).

    Args:
        vetoed: nothing of the adjustment will be published (ADJ-13).
    Raises:
        LostRace: a UIN of the request was moving between stores at this moment.
    """
    item_ids = [line.item_id for line in lines]
    reasons = reference.reasons
    used = [reasons[reason_id] for reason_id in {line.reason_id for line in lines} if reason_id in reasons]
    with_uins = [line for line in lines if line.uins]
    if any(reason.reason_code == STOCK_IN_REASON_CODE for reason in used) and with_uins:
        items = _lock_with_other_stores(uow, reference, store_id, item_ids, with_uins)
    else:
        items = stock.locked_items(uow, store_id, item_ids)
    entering = [
        line.item_id
        for line in lines
        if line.item_id in items
        and items[line.item_id].kind != ItemKind.PLAIN
        and line.reason_id in reasons
        and reasons[line.reason_id].disposition is Disposition.INCREASE_SOH
    ]
    if entering:
        stock.lock_items(uow, entering)
    touches_unavailable = any(reason.disposition.touches_unavailable for reason in used)
    return Situation(
        store_id=store_id,
        caller=caller,
        reference=reference,
        items=items,
        sub_bucket_stock=stock.sub_bucket_stock(uow, store_id, item_ids) if touches_unavailable else {},
        uins=_uins_of(uow, with_uins),
        vetoed=vetoed,
    )


def _uins_of(uow: UnitOfWork, lines: Sequence[AdjustmentLine]) -> dict[tuple[str, str], Uin]:
    if not lines:
        return {}
    return uins.known_uins(uow, [line.item_id for line in lines], [uin for line in lines for uin in line.uins])


def _stores_that_lose(
    known: dict[tuple[str, str], Uin], lines: Sequence[AdjustmentLine], store_id: int, reference: Reference
) -> dict[int, list[str]]:
    """Return the items of UINs that Stock In takes from other stores, by store (UIN-07)."""
    losing: dict[int, list[str]] = {}
    for line in lines:
        reason = reference.reasons.get(line.reason_id)
        for number in line.uins:
            uin = known.get((line.item_id, number))
            if reason is not None and uin is not None and is_taken_from_other_store(uin, store_id, reason):
                items = losing.setdefault(uin.store_id, [])
                if line.item_id not in items:
                    items.append(line.item_id)
    return losing


def _lock_with_other_stores(
    uow: UnitOfWork, reference: Reference, store_id: int, item_ids: list[str], with_uins: Sequence[AdjustmentLine]
) -> dict[str, ItemAtStore]:
    """Lock positions here and where units are taken from, stores in order (STK-06, UIN-07)."""
    losing = _stores_that_lose(_uins_of(uow, with_uins), with_uins, store_id, reference)
    items: dict[str, ItemAtStore] = {}
    for one in sorted({store_id, *losing}):
        found = stock.locked_items(uow, one, item_ids if one == store_id else losing[one])
        if one == store_id:
            items = found
    after = _stores_that_lose(_uins_of(uow, with_uins), with_uins, store_id, reference)
    if any(set(taken) - set(losing.get(one, ())) for one, taken in after.items()):
        raise LostRace  # a unit moved to a third store between the look and the lock
    return items


def other_positions(
    uow: UnitOfWork, lines: Sequence[AdjustmentLine], situation: Situation
) -> dict[tuple[int, str], ItemAtStore]:
    """Return the locked positions of units that Stock In takes from other stores (UIN-07)."""
    if not situation.uins:
        return {}
    losing = _stores_that_lose(dict(situation.uins), lines, situation.store_id, situation.reference)
    return {
        (store_id, item_id): item
        for store_id, item_ids in sorted(losing.items())
        for item_id, item in stock.locked_items(uow, store_id, item_ids).items()
    }


def range_new_items(uow: UnitOfWork, situation: Situation, new_items: list[str]) -> Situation:
    """Give items that arrive for the first time a position, and lock it (ADJ-16)."""
    stock.range_items(uow, situation.store_id, new_items)
    items = {**situation.items, **stock.locked_items(uow, situation.store_id, new_items)}
    return replace(situation, items=items)

"""What a confirmation works out, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from gateway.domain.adjustment import AdjustmentLine
from gateway.domain.adjustment_rules import Situation
from gateway.domain.confirmation import Confirmation, confirm_lines
from gateway.domain.default_reasons import default_reasons
from gateway.domain.disposition import Account, Disposition
from gateway.domain.item import ItemAtStore
from gateway.domain.ledger import Movement, Position
from gateway.domain.permission import Caller
from gateway.domain.reason import Reason
from gateway.domain.reference import Parameters, Reference
from gateway.domain.uin import Uin, UinState
from tests.factories import BETWEEN_SUB_BUCKETS, OTHER_STORE, REASON_OF, STORE

REASONS = {one.reason_id: one for one in (*default_reasons(), BETWEEN_SUB_BUCKETS)}
# Signs of available, unavailable and reserved.
EFFECTS = {
    Disposition.DECREASE_SOH: (-1, 0, 0),
    Disposition.INCREASE_SOH: (1, 0, 0),
    Disposition.TO_UNAVAILABLE: (-1, 1, 0),
    Disposition.FROM_UNAVAILABLE: (1, -1, 0),
    Disposition.RESERVE: (-1, 0, 1),
    Disposition.UNRESERVE: (1, 0, -1),
    Disposition.DISPOSE_UNAVAILABLE: (0, -1, 0),
    Disposition.BETWEEN_SUB_BUCKETS: (0, 0, 0),
}


def _item(item_id: str = "A", kind: str = "plain", available: int = 100) -> ItemAtStore:
    return ItemAtStore(item_id, "EA", kind, True, Decimal(available), Decimal(10), Decimal(5), 0)


def _situation(
    *items: ItemAtStore, uins: Sequence[Uin] = (), vetoed: bool = False, sub_buckets: bool = True
) -> Situation:
    reference = Reference(
        version=1,
        parameters=Parameters(sub_buckets=sub_buckets),
        stores={},
        reasons=REASONS,
        reason_of_code={one.reason_code: one for one in REASONS.values()},
        sub_buckets={},
        users={},
        roleless_reasons=frozenset(),
    )
    return Situation(
        store_id=STORE,
        caller=Caller("pos", frozenset(), None, None),
        reference=reference,
        items={one.item_id: one for one in items},
        sub_bucket_stock={("A", 1): Decimal(10)},
        uins={(one.item_id, one.uin): one for one in uins},
        vetoed=vetoed,
    )


def _line(reason: Reason | int, quantity: int = 3, item_id: str = "A", uins: Sequence[str] = ()) -> AdjustmentLine:
    reason_id = reason if isinstance(reason, int) else reason.reason_id
    return AdjustmentLine(7, item_id, reason_id, Decimal(quantity), Decimal(1), uins)


def _serials(item_id: str, how_many: int, taken: Sequence[str]) -> list[str]:
    return [f"{item_id}-{number}-{len(taken)}" for number in range(how_many)]


def _confirm(situation: Situation, *lines: AdjustmentLine) -> Confirmation:
    others = {(OTHER_STORE, "S"): ItemAtStore("S", "EA", "serial", True, Decimal(2), Decimal(0), Decimal(0), 0)}
    return confirm_lines(lines, situation, others, _serials)


@pytest.mark.parametrize("disposition", list(Disposition))
def test_what_leaves_one_account_enters_the_other(disposition: Disposition) -> None:  # STK-03, RSN-01
    result = _confirm(_situation(_item()), _line(REASON_OF[disposition]))
    available, unavailable, reserved = (3 * one for one in EFFECTS[disposition])
    assert result.positions == {(STORE, "A"): Position(100 + available, 10 + unavailable, 5 + reserved)}
    ((line_id, movement),) = result.movements
    assert (line_id, movement.quantity) == (7, 3)
    assert (movement.from_account, movement.to_account) == (disposition.from_account, disposition.to_account)


@pytest.mark.parametrize("disposition", list(Disposition))
@pytest.mark.parametrize("vetoed", [False, True])
def test_a_veto_silences_everything_and_a_move_between_sub_buckets_is_silent(
    disposition: Disposition, vetoed: bool
) -> None:  # PUB-02, PUB-03, ADJ-13
    result = _confirm(_situation(_item(), vetoed=vetoed), _line(REASON_OF[disposition]))
    heard = not vetoed and disposition is not Disposition.BETWEEN_SUB_BUCKETS
    assert [one.disposition for one in result.publications] == ([disposition] if heard else [])


def test_sub_buckets_move_with_the_unavailable_account() -> None:  # STK-01, RSN-05
    def moved(reason_id: int) -> dict[tuple[int, str, int], Decimal]:
        return _confirm(_situation(_item()), _line(reason_id)).sub_bucket_stock

    assert moved(91) == {(STORE, "A", 1): 13}
    assert moved(96) == {(STORE, "A", 1): 7}
    assert moved(200) == {(STORE, "A", 1): 7, (STORE, "A", 2): 3}
    assert moved(83) == {}


def test_without_sub_buckets_none_is_written() -> None:  # RSN-04
    result = _confirm(_situation(_item(), sub_buckets=False), _line(91))
    assert result.sub_bucket_stock == {}
    ((_, movement),) = result.movements
    assert (movement.from_sub_bucket, movement.to_sub_bucket) == (None, None)


@pytest.mark.parametrize(("captured", "generated"), [(0, 3), (2, 1), (3, 0)])
def test_serials_are_generated_for_the_units_beyond_those_captured(captured: int, generated: int) -> None:  # UIN-04
    uins = [f"U{number}" for number in range(captured)]
    result = _confirm(_situation(_item("W", "agsn")), _line(93, 3, "W", uins))
    assert sum(map(len, result.generated.values())) == generated
    assert len({one.uin for one in result.uins}) == 3
    assert {one.state for one in result.uins} == {UinState.IN_STOCK}
    assert [*result.publications[0].uins] == [*uins, *_serials("W", generated, uins)]


def test_a_unit_of_another_store_leaves_it_before_it_enters_here() -> None:  # UIN-07
    known = Uin("S", "U", OTHER_STORE, UinState.IN_STOCK, None)
    result = _confirm(_situation(_item("S", "serial"), uins=[known]), _line(182, 1, "S", ["U"]))
    outside, available = Account.OUTSIDE, Account.AVAILABLE
    assert [movement for _, movement in result.movements] == [
        Movement(OTHER_STORE, "S", Decimal(1), available, None, outside, None, 183),
        Movement(STORE, "S", Decimal(1), outside, None, available, None, 182),
    ]
    assert result.positions[OTHER_STORE, "S"].available == 1
    assert result.positions[STORE, "S"].available == 101
    assert result.uins == [Uin("S", "U", STORE, UinState.IN_STOCK, None)]
    assert [(one.store_id, one.reason.reason_code) for one in result.publications] == [(OTHER_STORE, 183), (STORE, 182)]


def test_the_total_is_the_sum_of_its_parts() -> None:  # STK-02
    assert Position(Decimal("-1.5"), Decimal(3), Decimal("0.25")).total == Decimal("1.75")

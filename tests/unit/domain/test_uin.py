"""Which unit a reason may take, and where it leaves it: disposition × state × store."""

from __future__ import annotations

import pytest

from gateway.domain.disposition import Disposition
from gateway.domain.reason import MISSING_REASON_CODE, Reason
from gateway.domain.uin import Uin, UinState, can_move, state_after

HERE, THERE = 1311, 1312
TAKEN_FROM = {
    Disposition.DECREASE_SOH: {UinState.IN_STOCK},
    Disposition.INCREASE_SOH: {UinState.REMOVED, UinState.MISSING},
    Disposition.TO_UNAVAILABLE: {UinState.IN_STOCK},
    Disposition.FROM_UNAVAILABLE: {UinState.UNAVAILABLE},
    Disposition.RESERVE: {UinState.IN_STOCK},
    Disposition.UNRESERVE: {UinState.CUSTOMER_RESERVED},
    Disposition.DISPOSE_UNAVAILABLE: {UinState.UNAVAILABLE},
    Disposition.BETWEEN_SUB_BUCKETS: {UinState.UNAVAILABLE},
}
ENDS_IN = {
    Disposition.DECREASE_SOH: UinState.REMOVED,
    Disposition.INCREASE_SOH: UinState.IN_STOCK,
    Disposition.TO_UNAVAILABLE: UinState.UNAVAILABLE,
    Disposition.FROM_UNAVAILABLE: UinState.IN_STOCK,
    Disposition.RESERVE: UinState.CUSTOMER_RESERVED,
    Disposition.UNRESERVE: UinState.IN_STOCK,
    Disposition.DISPOSE_UNAVAILABLE: UinState.REMOVED,
    Disposition.BETWEEN_SUB_BUCKETS: UinState.UNAVAILABLE,
}


def _reason(disposition: Disposition, code: int = 1200) -> Reason:
    source = 1 if disposition.takes_from_sub_bucket else None
    return Reason(200, code, "Any", disposition, source, 2 if disposition.puts_into_sub_bucket else None)


def _unit(state: UinState, store_id: int = HERE, sub_bucket: int = 1) -> Uin:
    return Uin("1", "A", store_id, state, sub_bucket if state is UinState.UNAVAILABLE else None)


@pytest.mark.parametrize("disposition", list(Disposition))
@pytest.mark.parametrize("state", list(UinState))
def test_a_reason_takes_a_unit_only_from_where_it_takes_stock(
    disposition: Disposition, state: UinState
) -> None:  # UIN-05
    assert can_move(_unit(state), HERE, _reason(disposition), True) is (state in TAKEN_FROM[disposition])


@pytest.mark.parametrize("disposition", list(Disposition))
@pytest.mark.parametrize("state", list(UinState))
def test_a_unit_of_another_store_can_only_come_in_from_outside(
    disposition: Disposition, state: UinState
) -> None:  # UIN-05
    allowed = disposition is Disposition.INCREASE_SOH and state in (UinState.REMOVED, UinState.MISSING)
    assert can_move(_unit(state, THERE), HERE, _reason(disposition), True) is allowed


@pytest.mark.parametrize("disposition", list(Disposition))
def test_a_unit_ends_where_the_disposition_puts_stock(disposition: Disposition) -> None:  # UIN-05
    assert state_after(_reason(disposition)) is ENDS_IN[disposition]


def test_the_reason_of_a_count_ends_in_missing() -> None:  # UIN-05
    assert MISSING_REASON_CODE == 75
    assert state_after(_reason(Disposition.FROM_UNAVAILABLE, 75)) is UinState.MISSING


def test_a_unit_must_lie_in_the_sub_bucket_of_the_reason() -> None:  # UIN-05
    reason = _reason(Disposition.FROM_UNAVAILABLE)
    assert not can_move(_unit(UinState.UNAVAILABLE, sub_bucket=2), HERE, reason, True)
    assert can_move(_unit(UinState.UNAVAILABLE, sub_bucket=2), HERE, reason, False)

"""UINs: serial numbers of single units, their states and moves (UIN-01 to UIN-07)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from gateway.domain.disposition import Account, Disposition
from gateway.domain.reason import MISSING_REASON_CODE, Reason

MAX_UIN_LENGTH = 128


class UinState(StrEnum):
    """Where a unit is (UIN-05). REMOVED units left the store; MISSING ones were not found in a count."""

    IN_STOCK = "in_stock"
    UNAVAILABLE = "unavailable"
    CUSTOMER_RESERVED = "customer_reserved"
    REMOVED = "removed"
    MISSING = "missing"


class Uin(NamedTuple):
    """One serialised unit: in exactly one store and one state (UIN-05)."""

    item_id: str
    uin: str
    store_id: int
    state: UinState
    sub_bucket: int | None


STATE_IN = {
    Account.AVAILABLE: UinState.IN_STOCK,
    Account.UNAVAILABLE: UinState.UNAVAILABLE,
    Account.RESERVED: UinState.CUSTOMER_RESERVED,
}
"""The state of a unit that lies in an account (UIN-05)."""

OUTSIDE_STATES = frozenset({UinState.REMOVED, UinState.MISSING})


def state_after(reason: Reason) -> UinState:
    """Return the state in which *reason* leaves a unit (UIN-05).

    Reason 75 ends in ``missing`` although its disposition, as SIM prints it, puts stock back to available: a
    stock count that did not find the unit says that it is not there.
    """
    if reason.reason_code == MISSING_REASON_CODE:
        return UinState.MISSING
    return STATE_IN.get(reason.disposition.to_account, UinState.REMOVED)


def can_move(uin: Uin, store_id: int, reason: Reason, sub_buckets_on: bool) -> bool:
    """Say whether *reason* may take this unit at this store from where it is (UIN-05).

    Args:
        sub_buckets_on: the system parameter ``sub_buckets``; off, it does not matter which one holds it (RSN-04).
    """
    if reason.disposition is Disposition.INCREASE_SOH:
        return uin.state in OUTSIDE_STATES
    if uin.store_id != store_id or uin.state is not STATE_IN[reason.disposition.from_account]:
        return False
    if not sub_buckets_on or not reason.disposition.takes_from_sub_bucket:
        return True
    return reason.from_sub_bucket is None or uin.sub_bucket == reason.from_sub_bucket

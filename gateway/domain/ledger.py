"""The double-entry ledger: stock only changes by movements between accounts (STK-01 to STK-06)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from gateway.domain.disposition import Account


class Origin(StrEnum):
    """What a movement goes back to; ``origin_id`` is the id of that thing (STK-03).

    OPENING is the first position that ``gateway init --demo`` or a stock import lays down.
    """

    ADJUSTMENT_LINE = "adjustment_line"
    OPENING = "opening"
    WASTAGE_RUN = "wastage_run"
    BALANCE_MESSAGE = "balance_message"
    INVENTORY_LEVEL = "inventory_level"


class Movement(NamedTuple):
    """*quantity* > 0 of one item at one store from one account to another (STK-03).

    Sub-buckets are None unless the account on that side is ``unavailable`` and sub-buckets are on (RSN-04).
    """

    store_id: int
    item_id: str
    quantity: Decimal
    from_account: Account
    from_sub_bucket: int | None
    to_account: Account
    to_sub_bucket: int | None
    reason_id: int


class Position(NamedTuple):
    """Stock of one item at one store, split over the accounts inside the store (STK-01)."""

    available: Decimal
    unavailable: Decimal
    reserved: Decimal

    @property
    def total(self) -> Decimal:
        """Total stock on hand (STK-02)."""
        return self.available + self.unavailable + self.reserved


@dataclass(frozen=True, slots=True)
class StockRow:
    """One position with its sub-buckets, as lists show it; amounts in the item's standard unit."""

    store_id: int
    item_id: str
    position: Position
    sub_buckets: Mapping[int, Decimal]

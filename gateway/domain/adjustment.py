"""Inventory adjustments: header and lines, and what a change to them asks for (ADJ-01 to ADJ-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

MAX_LINES = 1000
"""Most lines that one adjustment can hold (ADJ-01)."""


MAX_ATTRIBUTES = 1000
"""Most extended attributes that one line can hold (ADJ-14)."""


class AdjustmentStatus(StrEnum):
    """Life of an adjustment or template: in progress, then completed or canceled, no way back (ADJ-01)."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


class ExtendedAttribute(NamedTuple):
    """Something scanned with a line, such as a lot or a best-before date (ADJ-14)."""

    name: str
    value: str | None
    barcode: str | None


class LineChange(NamedTuple):
    """A line to add (no *line_id*) or to change, as a save asks for it (ADJ-07).

    A tuple rather than a dataclass: a thousand of them are made for one call.

    Attributes:
        quantity: in standard units.
        added_uins, removed_uins: serial numbers to add to and to take off the line.
        attributes: extended attributes to add or to update.
        removed_barcodes: barcodes whose attributes go.
    """

    line_id: int | None
    item_id: str
    reason_id: int
    quantity: Decimal
    case_size: Decimal
    added_uins: Sequence[str] = ()
    removed_uins: Sequence[str] = ()
    attributes: Sequence[ExtendedAttribute] = ()
    removed_barcodes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class AdjustmentChange:
    """What a save asks for: a delta to a stored adjustment, or a new one (ADJ-07).

    Attributes:
        adjustment_id: None creates; otherwise the adjustment to change.
        comments: None leaves the stored comments as they are.
        publish: False vetoes every publication; None and True let the reason decide (ADJ-13).
    """

    adjustment_id: int | None
    store_id: int
    reference_id: int | None = None
    template_id: int | None = None
    comments: str | None = None
    publish: bool | None = None
    lines: Sequence[LineChange] = ()
    removed_line_ids: Sequence[int] = ()


class AdjustmentLine(NamedTuple):
    """One item of an adjustment. *line_id* is 0 until the line is stored; quantity in standard units."""

    line_id: int
    item_id: str
    reason_id: int
    quantity: Decimal
    case_size: Decimal
    uins: Sequence[str] = ()
    attributes: Sequence[ExtendedAttribute] = ()


@dataclass(frozen=True, slots=True)
class InventoryAdjustment:
    """An adjustment with its lines. Times are UTC; users are the authenticated callers (ADJ-06)."""

    adjustment_id: int
    store_id: int
    reference_id: int | None
    template_id: int | None
    status: AdjustmentStatus
    comments: str | None
    publish: bool | None
    created_at: datetime
    created_by: str
    approved_at: datetime | None
    approved_by: str | None
    lines: Sequence[AdjustmentLine]


@dataclass(frozen=True, slots=True)
class AdjustmentHeader:
    """An adjustment as lists show it; *item_count* counts its lines (ADJ-11)."""

    adjustment_id: int
    status: AdjustmentStatus
    created_at: datetime
    created_by: str
    template_id: int | None
    item_count: int


@dataclass(frozen=True, slots=True)
class HeaderCriteria:
    """What a header search asks for; None means any (ADJ-11)."""

    store_id: int
    search_limit: int
    created_from: datetime | None = None
    created_to: datetime | None = None
    item_id: str | None = None
    adjustment_id: int | None = None
    reason_id: int | None = None
    status: AdjustmentStatus | None = None
    created_by: str | None = None
    sub_bucket: int | None = None
    template_id: int | None = None

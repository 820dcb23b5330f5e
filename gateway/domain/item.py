"""Items, and what of them an adjustment needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class ItemKind(StrEnum):
    """How units of an item are told apart (UIN-01).

    PLAIN: not at all. SERIAL: each unit has a UIN that comes from outside. AGSN: the system generates the UIN.
    """

    PLAIN = "plain"
    SERIAL = "serial"
    AGSN = "agsn"


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the assortment; *unit_cost* in the store's currency for one *uom*."""

    item_id: str
    description: str
    uom: str
    kind: ItemKind
    unit_cost: Decimal | None = None
    department: str | None = None
    item_class: str | None = None
    subclass: str | None = None


class ItemAtStore(NamedTuple):
    """An item with its position at one store; amounts in the item's standard unit.

    Attributes:
        is_ranged: the item has a position at the store, possibly zero (ADJ-16).
        publish_sequence: how many messages about this position exist so far (PUB-06).
    """

    item_id: str
    uom: str
    kind: str
    is_ranged: bool
    available: Decimal
    unavailable: Decimal
    reserved: Decimal
    publish_sequence: int

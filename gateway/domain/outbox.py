"""What waits to leave for the merchandising system, and how each attempt can end (PUB-05 to PUB-08)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

DEFAULT_DESTINATION = "merchandising"
INV_ADJUST_FAMILY = "InvAdjust"
INV_ADJUST_CREATE = "InvAdjustCre"


class OutboxStatus(StrEnum):
    """Where a message stands.

    PENDING waits for its turn; SENDING is claimed by a relay until its lease ends; DELIVERED was taken by the
    destination; HOSPITAL needs a person; STOPPED was taken out by one and keeps blocking; DELETED was dropped
    by one and releases those behind it (PUB-10).
    """

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    HOSPITAL = "hospital"
    STOPPED = "stopped"
    DELETED = "deleted"


class Outcome(StrEnum):
    """How one attempt ended (PUB-08)."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    TRANSIENT = "transient"
    UNKNOWN = "unknown"
    CONTRACT = "contract"


class OutboxMessage(NamedTuple):
    """A finished message on its way to one destination.

    Attributes:
        message_key: never changes over retries; the receiver recognises a repetition by it (PUB-07).
        business_object_id: ``store/item``; messages with the same one keep their order (PUB-06).
        sequence: 1, 2, 3 … per business object id, in commit order.
        payload: the business object as XML, without XML declaration.
    """

    message_key: str
    destination: str
    family: str
    message_type: str
    business_object_id: str
    sequence: int
    payload: str


def business_object_id(store_id: int, item_id: str) -> str:
    """Return the key that keeps the messages of one item at one store in order (PUB-06)."""
    return f"{store_id}/{item_id}"

"""The hospital: messages that only a person can help, and who waits behind them (PUB-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.domain.outbox import OutboxStatus
from gateway.persistence import outbox
from gateway.persistence.unit_of_work import Database


@dataclass(frozen=True, slots=True)
class HospitalRow:
    """A message in the hospital, or stopped by a person, as lists show it.

    Attributes:
        key: never changes over retries (PUB-07).
        attempts: attempts burnt.
        last_error: why it is here.
        blocked_behind: undelivered messages of the same business object that wait for it (PUB-06).
    """

    key: str
    destination: str
    family: str
    message_type: str
    business_object_id: str
    sequence: int
    status: OutboxStatus
    attempts: int
    last_error: str | None
    created_at: datetime
    blocked_behind: int


class Hospital:
    """What a person can see of undeliverable messages; each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, destination: str | None = None, limit: int = 100) -> list[HospitalRow]:
        """Return the messages in the hospital, oldest first.

        Args:
            destination: None for all.
            limit: most rows to return.
        """
        rows = self._database.read(lambda uow: outbox.in_hospital(uow, destination, limit))
        return [_row(row) for row in rows]


def _row(row: tuple[Any, ...]) -> HospitalRow:
    key, destination, family, message_type, object_id, sequence, status, *rest = row
    return HospitalRow(key, destination, family, message_type, object_id, sequence, OutboxStatus(status), *rest)

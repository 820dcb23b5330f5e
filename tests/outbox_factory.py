"""One way to fill an outbox, for every test that needs one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from gateway.domain.outbox import (
    DEFAULT_DESTINATION,
    INV_ADJUST_CREATE,
    INV_ADJUST_FAMILY,
    OutboxMessage,
    OutboxStatus,
)
from gateway.persistence import outbox
from gateway.persistence.tables import outbox_attempt, outbox_message
from gateway.persistence.unit_of_work import Database

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        """Move on."""
        self.now += timedelta(seconds=seconds)


def message(item: str, sequence: int = 1, destination: str = DEFAULT_DESTINATION, payload: str = "") -> OutboxMessage:
    """A message about *item* at store 1311; its key tells which one it is."""
    return OutboxMessage(
        message_key=f"{item}-{sequence}",
        destination=destination,
        family=INV_ADJUST_FAMILY,
        message_type=INV_ADJUST_CREATE,
        business_object_id=f"1311/{item}",
        sequence=sequence,
        payload=payload or f"<x>{item} {sequence} äß€ '\"&amp;</x>",
    )


def fill(database: Database, messages: Sequence[OutboxMessage], now: datetime = NOON) -> None:
    """Commit *messages* to the outbox, due from *now*."""
    database.write(lambda uow: outbox.add(uow, messages, "adjustment_line", range(1, len(messages) + 1), now))


def status_of(database: Database) -> dict[str, OutboxStatus]:
    """Status of every message, by key."""
    statement = select(outbox_message.c.message_key, outbox_message.c.status)
    rows = database.read(lambda uow: uow.execute(statement).all())
    return {key: OutboxStatus(status) for key, status in rows}


def row_of(database: Database, key: str) -> Any:
    """The row of the message *key*."""
    statement = select(outbox_message).where(outbox_message.c.message_key == key)
    return database.read(lambda uow: uow.execute(statement).one())


def history_of(database: Database, key: str) -> list[Any]:
    """The attempts of the message *key*, oldest first."""
    statement = (
        select(outbox_attempt)
        .join(outbox_message, outbox_message.c.id == outbox_attempt.c.message_id)
        .where(outbox_message.c.message_key == key)
        .order_by(outbox_attempt.c.id)
    )
    return database.read(lambda uow: list(uow.execute(statement).all()))


def set_status(database: Database, keys: Iterable[str], status: OutboxStatus) -> None:
    """Do to *keys* what a person does in the hospital."""
    statement = outbox_message.update().where(outbox_message.c.message_key.in_(list(keys))).values(status=status.value)
    database.write(lambda uow: uow.execute(statement))

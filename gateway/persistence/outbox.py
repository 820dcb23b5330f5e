"""The outbox: what waits for a destination, claimed in order, sent by somebody else, recorded once (PUB-05 to PUB-07).

A message is due when its ``next_attempt_at`` has come. That one column carries three waits, so that the relay's scan
is a range of one partial index however many messages wait:

- PENDING: the delay before the next attempt, or the time to look again at a message that stands behind another;
- SENDING: the end of the relay's lease; a message that is due then was left behind by a relay that died.

A message behind an undelivered one of the same business object is *parked*: put off for `PARK_SECONDS`, and brought
back at once by `record` when the one before it leaves (PUB-06). Parking keeps a long queue behind one hospital
message out of the scan; the time limit means that nothing depends on being brought back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from gateway.domain.outbox import OutboxMessage, OutboxStatus, Outcome
from gateway.persistence import outbox_statements as statements
from gateway.persistence.statement import rows_parameter
from gateway.persistence.tables import outbox_message
from gateway.persistence.unit_of_work import UnitOfWork

PARK_SECONDS: Final = 600
"""How long a message behind another one is left alone before it is looked at again."""

SCANS_PER_CLAIM: Final = 2
"""How many due messages one claim looks at, in batches: some of them are parked instead of claimed."""


class Claimed(NamedTuple):
    """A message that one relay may send until its lease ends.

    Attributes:
        attempts: attempts burnt so far.
        was_sending: another relay had it and did not come back: whether it sent the message is not known.
        leased_until: names this claim: whoever records must show it (a relay that lost its lease cannot).
    """

    message_id: int
    message_key: str
    family: str
    message_type: str
    business_object_id: str
    sequence: int
    payload: str
    attempts: int
    was_sending: bool
    leased_by: str
    leased_until: datetime


class Claim(NamedTuple):
    """What a claim brought. *is_exhausted*: everything due was looked at; otherwise claim again."""

    messages: list[Claimed]
    is_exhausted: bool


class Attempt(NamedTuple):
    """How sending one claimed message ended, and what becomes of it.

    Attributes:
        outcome: None when it was claimed and then not sent; nothing goes into its history.
        attempts: attempts burnt including this one, where it burns one (PUB-08).
        next_attempt_at: when it is due again, for PENDING.
        error: what the operator reads as the reason; None leaves the last one.
        detail: what the destination answered.
    """

    claimed: Claimed
    status: OutboxStatus
    outcome: Outcome | None
    attempts: int
    next_attempt_at: datetime
    started_at: datetime
    ended_at: datetime
    error: str | None = None
    http_status: int | None = None
    detail: str | None = None


def add(
    uow: UnitOfWork,
    messages: Sequence[OutboxMessage],
    origin: str,
    origin_ids: Sequence[int],
    now: datetime,
) -> None:
    """Put *messages* into the outbox in the transaction of the change they tell of (PUB-05): one statement for all.

    Args:
        origin: what the messages go back to, an `Origin`.
        origin_ids: for each message the id of that thing, such as the adjustment line.
        now: UTC; they are due from then on.
    """
    if not messages:
        return
    rows = [(*message, origin_id) for message, origin_id in zip(messages, origin_ids, strict=True)]
    uow.run(statements.ADD, rows=rows_parameter(rows), origin=origin, now=now)


def claim(
    uow: UnitOfWork, destination: str, relay: str, now: datetime, lease_seconds: float, limit: int = 100
) -> Claim:
    """Lease up to *limit* due messages to *relay*, at most one of each business object: its first undelivered.

    Any number of relays may claim at once. Messages come longest due first. A lease that ended is taken over.

    Args:
        relay: name of the relay, unlike that of any other that runs.
        lease_seconds: how long nobody else will send them.
    """
    due = uow.run(statements.DUE, destination=destination, now=now, scan=limit * SCANS_PER_CLAIM)
    free = [row for row in due if not row[2]]
    blocked = [row for row in due if row[2]]
    if blocked:
        uow.run(statements.PARK, rows=rows_parameter([(row[0],) for row in blocked]), until=_later(now, PARK_SECONDS))
    taken = {row[0]: row[1] == OutboxStatus.SENDING for row in free[:limit]}
    leased: list[tuple[Any, ...]] = []
    if taken:
        leased = uow.run(
            statements.LEASE,
            rows=rows_parameter([(message_id,) for message_id in taken]),
            relay=relay,
            now=now,
            until=_later(now, lease_seconds),
        )
    place = {message_id: index for index, message_id in enumerate(taken)}
    leased.sort(key=lambda row: place[row[0]])
    return Claim(
        [Claimed._make((*row[:-1], taken[row[0]], relay, row[-1])) for row in leased],
        is_exhausted=len(due) < limit * SCANS_PER_CLAIM and len(free) <= limit,
    )


def record(uow: UnitOfWork, attempts: Sequence[Attempt], now: datetime) -> set[int]:
    """Write how a claimed batch ended: history, new status, and who is next.

    Returns:
        Ids of the messages whose status was written. The others were taken over by another relay after their lease
        ended; what it does with them counts, but the attempt is in the history all the same.
    """
    if not attempts:
        return set()
    rows = [
        (
            attempt.claimed.message_id,
            attempt.claimed.leased_by,
            attempt.claimed.leased_until,
            attempt.status.value,
            attempt.attempts,
            attempt.next_attempt_at,
            attempt.ended_at if attempt.status is OutboxStatus.DELIVERED else None,
            attempt.error,
        )
        for attempt in attempts
    ]
    written = {row[0] for row in uow.run(statements.SETTLE, rows=rows_parameter(rows))}
    history = [
        (
            attempt.claimed.message_id,
            attempt.claimed.attempts + 1,
            attempt.started_at,
            attempt.ended_at,
            attempt.claimed.leased_by,
            attempt.outcome.value,
            attempt.http_status,
            attempt.detail,
        )
        for attempt in attempts
        if attempt.outcome is not None
    ]
    if history:
        uow.run(statements.ADD_ATTEMPTS, rows=rows_parameter(history))
    left = [
        attempt.claimed.message_id
        for attempt in attempts
        if attempt.status is OutboxStatus.DELIVERED and attempt.claimed.message_id in written
    ]
    release_behind(uow, left, now)
    return written


def release_behind(uow: UnitOfWork, message_ids: Sequence[int], now: datetime) -> None:
    """Make the next message of the same business object due, for each of *message_ids* that left (PUB-06, PUB-10)."""
    if message_ids:
        uow.run(statements.RELEASE, rows=rows_parameter([(message_id,) for message_id in message_ids]), now=now)


def next_due_at(uow: UnitOfWork, destination: str) -> datetime | None:
    """Return when the next message of *destination* is due or its lease ends; None when nothing waits."""
    rows = uow.run(statements.NEXT_DUE, destination=destination)
    moment: datetime | None = rows[0][0] if rows else None
    return moment


def undelivered_counts(uow: UnitOfWork, destination: str) -> dict[OutboxStatus, int]:
    """Return how many messages of *destination* are in each status that still waits for something."""
    rows = uow.run(statements.COUNTS, destination=destination)
    return {OutboxStatus(status): number for status, number in rows}


def oldest_undelivered_at(uow: UnitOfWork, destination: str) -> datetime | None:
    """Return since when the oldest undelivered message of *destination* waits; None when there is none."""
    rows = uow.run(statements.OLDEST, destination=destination)
    moment: datetime | None = rows[0][0]
    return moment


def in_hospital(uow: UnitOfWork, destination: str | None, limit: int) -> list[tuple[Any, ...]]:
    """Return messages that only a person can help, oldest first, each with how many wait behind it (PUB-10).

    Columns: key, destination, family, type, business object id, sequence, status, attempts, last error, created at,
    undelivered messages behind.
    """
    statement = statements.in_hospital().limit(limit)
    if destination is not None:
        statement = statement.where(outbox_message.c.destination == destination)
    return [tuple(row) for row in uow.execute(statement)]


def _later(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)

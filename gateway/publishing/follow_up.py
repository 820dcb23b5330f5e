"""What becomes of a message after an attempt: the rules of PUB-08 and PUB-09 as one pure function."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from gateway.domain.outbox import OutboxStatus, Outcome
from gateway.persistence.outbox import Attempt, Claimed
from gateway.publishing.destinations import Destination, Mode
from gateway.publishing.outcomes import Delivery, Finding

LOST_WITH_ITS_RELAY = Delivery(
    Finding.UNEXPECTED, "the relay that had the message did not come back; whether it was sent is not known"
)
"""Stands for the attempt of a relay that died, where the message may not simply be sent again (PUB-09)."""


def follow_up(
    destination: Destination,
    message: Claimed,
    delivery: Delivery,
    started_at: datetime,
    ended_at: datetime,
    random: Random,
) -> Attempt:
    """Return what to record for *message* after *delivery*.

    Args:
        started_at, ended_at: of the attempt, UTC.
        random: for the jitter of the delay.
    """
    outcome = delivery.outcome
    # A contract outcome is the destination's fault, so the message keeps all its attempts.
    attempts = message.attempts + (outcome is not Outcome.CONTRACT)
    status, next_attempt_at, error = OutboxStatus.HOSPITAL, ended_at, delivery.reason
    if outcome is Outcome.DELIVERED:
        # A reason beside an accepted message is a remark about the answer; the history has the answer itself.
        status = OutboxStatus.DELIVERED
    elif outcome is Outcome.CONTRACT:
        status = OutboxStatus.PENDING
    elif outcome is Outcome.UNKNOWN and destination.mode is not Mode.KEYED:
        error = f"outcome unknown, and the destination may not be sent it again (mode {destination.mode}): {error}"
    elif outcome is not Outcome.REFUSED:
        if attempts < destination.retry.max_attempts:
            status = OutboxStatus.PENDING
            delay_seconds = destination.retry.delay_seconds(attempts, random)
            next_attempt_at += timedelta(seconds=max(delay_seconds, delivery.retry_after_seconds or 0.0))
        else:
            error = f"gave up after {attempts} attempts: {error}"
    return Attempt(
        claimed=message,
        status=status,
        outcome=outcome,
        attempts=attempts,
        next_attempt_at=next_attempt_at,
        started_at=started_at,
        ended_at=ended_at,
        error=f"{delivery.finding}: {error}" if error else None,
        http_status=delivery.http_status,
        detail=delivery.answer,
    )


def give_back(message: Claimed, now: datetime) -> Attempt:
    """Return what to record for a claimed message that was not sent: due again at once, no attempt burnt."""
    return Attempt(message, OutboxStatus.PENDING, None, message.attempts, now, now, now)

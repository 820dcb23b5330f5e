"""The relay: takes what is due from the outbox, sends it, records how that ended (PUB-05 to PUB-09).

Claiming and recording are two short transactions, and none is open while the wire is busy. A batch is recorded whole:
a relay that dies in between leaves messages to be sent once more, with the same key (PUB-07).
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, Protocol

import structlog

from gateway.domain.outbox import OutboxStatus, Outcome
from gateway.persistence import outbox
from gateway.persistence.outbox import Attempt, Claimed
from gateway.persistence.unit_of_work import Database
from gateway.publishing.destinations import Destination, Mode
from gateway.publishing.follow_up import LOST_WITH_ITS_RELAY, follow_up, give_back
from gateway.publishing.outcomes import Delivery, Finding
from gateway.publishing.retry import PROBE_POLICY

log = structlog.get_logger()

BATCH_SIZE: Final = 100
"""Messages per transaction: enough that a commit costs each of them little, few enough to be sent within a lease."""

MIN_LEASE_SECONDS: Final = 120.0


class Sender(Protocol):
    """Hands over one message; `MerchandisingClient` is one."""

    def send(self, message: Claimed) -> Delivery:
        """Hand over *message* and say how that ended."""


def utc_now() -> datetime:
    """Return the time of this machine; those of several relays must agree to within seconds (leases)."""
    return datetime.now(UTC)


def unique_name() -> str:
    """Return a name that no other relay has."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


class Relay:
    """Delivers the messages of one destination; any number may run at once, on one database.

    Args:
        sender: used by *threads* threads at once.
        clock: the time in UTC.
        name: unlike that of every other relay; made up when left out.
        batch_size: messages claimed and recorded together.
        threads: messages on the wire at once. Order is kept with any number: no two messages of one business
            object are claimed together (PUB-06).
        random: for jitter.
    """

    def __init__(
        self,
        database: Database,
        destination: Destination,
        sender: Sender,
        clock: Callable[[], datetime] = utc_now,
        name: str | None = None,
        *,
        batch_size: int = BATCH_SIZE,
        threads: int = 1,
        random: Random | None = None,
    ) -> None:
        self.name = name or unique_name()
        self._database, self._destination, self._sender = database, destination, sender
        self._clock, self._batch_size = clock, batch_size
        self._random = random or Random()  # noqa: S311 - jitter is no secret
        self._call_time = timedelta(seconds=destination.longest_call_seconds)
        self._lease_seconds = max(MIN_LEASE_SECONDS, 3 * destination.longest_call_seconds)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="relay") if threads > 1 else None
        self._paused_until: datetime | None = None
        self._closed_in_a_row = 0

    @property
    def paused_until(self) -> datetime | None:
        """Until when the destination is left alone; None when it is not."""
        return self._paused_until

    def run_once(self, stop: threading.Event | None = None) -> Counter[Outcome]:
        """Deliver until nothing is due, the destination is paused, or *stop* is set; return how attempts ended.

        Raises:
            BusyTryAgain: the database was too busy; what was sent and not recorded is sent again after its lease.
        """
        stop = stop or threading.Event()
        ended: Counter[Outcome] = Counter()
        while not stop.is_set() and not self._is_paused():
            claim = self._claim()
            if claim.messages:
                attempts = self._send_all(claim.messages, stop)
                self._record(attempts)
                ended.update(attempt.outcome for attempt in attempts if attempt.outcome is not None)
            elif claim.is_exhausted:
                break
        return ended

    def run_forever(self, stop: threading.Event, poll_seconds: float = 0.5) -> None:
        """Deliver until *stop* is set; a message on the wire is finished and recorded first.

        Args:
            poll_seconds: how long to wait when nothing is due.
        """
        log.info("relay started", relay=self.name, destination=self._destination.name)
        while not stop.is_set():
            try:
                self.run_once(stop)
            except Exception:
                # A database that is away, most often. The relay must outlive it; leases bring back what it held.
                log.exception("relay round failed", relay=self.name, destination=self._destination.name)
                stop.wait(10 * poll_seconds)
            stop.wait(poll_seconds)
        log.info("relay stopped", relay=self.name, destination=self._destination.name)

    def close(self) -> None:
        """End the worker threads."""
        if self._pool is not None:
            self._pool.shutdown()

    def _is_paused(self) -> bool:
        if self._paused_until is not None and self._clock() >= self._paused_until:
            self._paused_until = None
        return self._paused_until is not None

    def _claim(self) -> outbox.Claim:
        # While the way is closed, one message goes ahead to see whether it is open again.
        limit = 1 if self._closed_in_a_row else self._batch_size
        now = self._clock()
        return self._database.write(
            lambda uow: outbox.claim(uow, self._destination.name, self.name, now, self._lease_seconds, limit)
        )

    def _record(self, attempts: Sequence[Attempt]) -> None:
        now = self._clock()
        written = self._database.write(lambda uow: outbox.record(uow, attempts, now))
        for attempt in attempts:
            if attempt.claimed.message_id not in written:
                log.warning("lease lost before recording", **_ids(attempt.claimed), relay=self.name)
            elif attempt.status is OutboxStatus.HOSPITAL:
                log.error("message in hospital", **_ids(attempt.claimed), reason=attempt.error)
            elif attempt.outcome not in (None, Outcome.DELIVERED):
                log.warning(
                    "delivery failed",
                    **_ids(attempt.claimed),
                    outcome=attempt.outcome,
                    attempts=attempt.attempts,
                    reason=attempt.error,
                )
        log.info(
            "batch relayed",
            destination=self._destination.name,
            delivered=sum(attempt.status is OutboxStatus.DELIVERED for attempt in attempts),
            claimed=len(attempts),
        )

    def _send_all(self, messages: Sequence[Claimed], stop: threading.Event) -> list[Attempt]:
        closed = threading.Event()

        def send(message: Claimed) -> tuple[Attempt, Delivery | None]:
            return self._send(message, stop, closed)

        results = list(self._pool.map(send, messages) if self._pool is not None else map(send, messages))
        self._learn([delivery for _, delivery in results if delivery is not None])
        return [attempt for attempt, _ in results]

    def _send(
        self, message: Claimed, stop: threading.Event, closed: threading.Event
    ) -> tuple[Attempt, Delivery | None]:
        """Send *message* unless something speaks against it; the delivery is None when it was not sent."""
        started_at = self._clock()
        if message.was_sending and self._destination.mode is not Mode.KEYED:
            lost = follow_up(self._destination, message, LOST_WITH_ITS_RELAY, started_at, started_at, self._random)
            return lost, None
        # A call must end within the lease: after it another relay may send the same message, and the next one.
        if stop.is_set() or closed.is_set() or message.leased_until - started_at <= self._call_time:
            return give_back(message, started_at), None
        try:
            delivery = self._sender.send(message)
        except Exception as error:
            log.exception("sender failed", **_ids(message))
            delivery = Delivery(Finding.UNEXPECTED, f"{type(error).__name__}: {error}")
        if delivery.closes_the_way:
            closed.set()
        return follow_up(self._destination, message, delivery, started_at, self._clock(), self._random), delivery

    def _learn(self, deliveries: Sequence[Delivery]) -> None:
        """Pause the destination when the batch found the way closed; forget earlier failures when it was open.

        A pause is for all messages, so that an outage burns attempts of few of them.
        """
        closing = next((delivery for delivery in deliveries if delivery.closes_the_way), None)
        if closing is None:
            self._closed_in_a_row = 0 if deliveries else self._closed_in_a_row
            return
        self._closed_in_a_row += 1
        if closing.outcome is Outcome.CONTRACT:
            seconds = PROBE_POLICY.delay_seconds(self._closed_in_a_row, self._random)
        else:
            # Never longer than a message that failed as often waits itself, or the pause would make its delay a lie.
            seconds = self._destination.retry.least_delay_seconds(self._closed_in_a_row)
        seconds = max(seconds, closing.retry_after_seconds or 0.0)
        self._paused_until = self._clock() + timedelta(seconds=seconds)
        log.error(
            "destination paused",
            destination=self._destination.name,
            outcome=closing.outcome,
            reason=f"{closing.finding}: {closing.reason}",
            retry_in_seconds=round(seconds, 1),
        )


def _ids(message: Claimed) -> dict[str, object]:
    return {
        "message_key": message.message_key,
        "business_object_id": message.business_object_id,
        "sequence": message.sequence,
    }

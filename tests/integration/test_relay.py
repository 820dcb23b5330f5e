"""The relay: every message delivered, in order for its object, whatever happens on the way (PUB-05 to PUB-09)."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.outbox import OutboxStatus, Outcome
from gateway.persistence import outbox
from gateway.persistence.tables import outbox_attempt, outbox_message
from gateway.persistence.unit_of_work import Database
from gateway.publishing.destinations import Destination, Mode
from gateway.publishing.outcomes import Delivery, Finding
from gateway.publishing.relay import Relay, utc_now
from gateway.publishing.retry import RetryPolicy
from gateway.usecases.hospital import Hospital
from tests.outbox_factory import Clock, fill, history_of, message, row_of, status_of

POLICY = RetryPolicy(max_attempts=3, first_delay_seconds=10, growth=2, max_delay_seconds=60, jitter=0)
URL = "http://merchandising.example/"


class Receiver:
    """Answers as it is told, message by message, and remembers what had an effect."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = list(findings)
        self.sent: list[str] = []
        self.accepted: list[str] = []

    def send(self, claimed) -> Delivery:
        self.sent.append(claimed.message_key)
        finding = self.findings.pop(0) if self.findings else Finding.ACCEPTED
        if finding is Finding.ACCEPTED:
            self.accepted.append(claimed.message_key)
            return Delivery(finding, http_status=200, answer="<ok/>")
        return Delivery(finding, "as told", None)


def relay_of(database, receiver, clock, mode=Mode.KEYED, name="one", **more) -> Relay:
    destination = Destination(URL, mode=mode, retry=POLICY)
    return Relay(database, destination, receiver, clock, name, random=Random(1), **more)


def test_everything_due_is_delivered_once(database):  # PUB-05
    clock, receiver = Clock(), Receiver()
    fill(database, [message(f"{n}") for n in range(250)])
    ended = relay_of(database, receiver, clock).run_once()
    assert ended == {Outcome.DELIVERED: 250}
    assert receiver.accepted == [f"{n}-1" for n in range(250)]
    assert set(status_of(database).values()) == {OutboxStatus.DELIVERED}
    [attempt] = history_of(database, "0-1")
    assert (attempt.outcome, attempt.detail, attempt.relay) == ("delivered", "<ok/>", "one")
    assert relay_of(database, receiver, clock).run_once() == {}


def test_messages_of_one_object_are_delivered_in_one_run_and_in_order(database):  # PUB-06
    receiver = Receiver()
    fill(database, [message("A", n) for n in range(1, 6)])
    relay_of(database, receiver, Clock()).run_once()
    assert receiver.accepted == [f"A-{n}" for n in range(1, 6)]


def test_delays_grow_and_the_last_attempt_ends_in_the_hospital(database):  # PUB-08
    clock, receiver = Clock(), Receiver(*[Finding.SERVER_FAULT] * 3)
    fill(database, [message("A", 1), message("A", 2)])
    relay = relay_of(database, receiver, clock)
    for attempts, wait in ((1, 10), (2, 20)):
        relay.run_once()
        row = row_of(database, "A-1")
        assert (row.status, row.attempts) == ("pending", attempts)
        assert row.next_attempt_at - clock.now == timedelta(seconds=wait)
        clock.pass_seconds(wait)
    relay.run_once()
    [case] = Hospital(database).list()
    assert (case.key, case.status, case.attempts, case.blocked_behind) == ("A-1", OutboxStatus.HOSPITAL, 3, 1)
    assert case.last_error == "server fault: gave up after 3 attempts: as told"
    clock.pass_seconds(3600)
    assert relay.run_once() == {}
    assert status_of(database)["A-2"] is OutboxStatus.PENDING


def test_a_refused_message_goes_to_the_hospital_at_once_and_holds_back_only_its_own_object(database):  # PUB-06
    receiver = Receiver(Finding.VALIDATION_FAULT)
    fill(database, [message("A", 1), message("A", 2), message("B")])
    relay_of(database, receiver, Clock()).run_once()
    assert receiver.accepted == ["B-1"]
    assert status_of(database)["A-1"] is OutboxStatus.HOSPITAL
    assert Hospital(database).list(destination="other") == []


def test_an_unreachable_destination_costs_one_attempt_of_one_message_not_of_all(database):  # PUB-08
    clock, receiver = Clock(), Receiver(Finding.NOT_REACHED)
    fill(database, [message(f"{n}") for n in range(50)])
    relay = relay_of(database, receiver, clock)
    assert relay.run_once() == {Outcome.TRANSIENT: 1}
    assert relay.run_once() == {}
    assert sum(attempts for attempts in _attempts(database)) == 1
    clock.pass_seconds(10)
    assert relay.run_once() == {Outcome.DELIVERED: 50}


def test_a_long_outage_sends_few_messages_to_the_hospital(database):  # PUB-08
    clock, receiver = Clock(), Receiver(*[Finding.NOT_REACHED] * 10_000)
    fill(database, [message(f"{n}") for n in range(300)])
    relay = relay_of(database, receiver, clock)
    for _ in range(2 * 3600):
        relay.run_once()
        clock.pass_seconds(1)
    statuses = list(status_of(database).values())
    assert statuses.count(OutboxStatus.HOSPITAL) <= 2 * 3600 / POLICY.max_delay_seconds / POLICY.max_attempts + 1
    receiver.findings = []
    clock.pass_seconds(60)
    assert relay.run_once()[Outcome.DELIVERED] >= 250


def test_retry_after_is_waited_for(database):  # PUB-08
    clock = Clock()

    class Busy(Receiver):
        def send(self, claimed):
            self.sent.append(claimed.message_key)
            return Delivery(Finding.OVERLOADED, "busy", 503, retry_after_seconds=500.0)

    receiver = Busy()
    fill(database, [message("A"), message("B")])
    relay = relay_of(database, receiver, clock)
    relay.run_once()
    assert relay.paused_until == clock.now + timedelta(seconds=500)
    assert row_of(database, "A-1").next_attempt_at == clock.now + timedelta(seconds=500)
    clock.pass_seconds(499)
    relay.run_once()
    assert receiver.sent == ["A-1"]


def test_a_contract_outcome_suspends_the_destination_and_burns_no_attempt(database):  # PUB-08
    clock, receiver = Clock(), Receiver(*[Finding.NOT_SOAP] * 4)
    fill(database, [message(f"{n}") for n in range(50)])
    relay = relay_of(database, receiver, clock)
    pauses = []
    for _ in range(4):
        assert relay.run_once() == {Outcome.CONTRACT: 1}
        pauses.append((relay.paused_until - clock.now).total_seconds())
        assert relay.run_once() == {}
        clock.now = relay.paused_until
    assert pauses == sorted(pauses)
    assert pauses[-1] > 4 * pauses[0]
    assert set(_attempts(database)) == {0}
    assert set(status_of(database).values()) == {OutboxStatus.PENDING}
    assert relay.run_once() == {Outcome.DELIVERED: 50}


def test_one_message_goes_ahead_to_a_paused_destination_however_many_threads_there_are(database):  # PUB-08
    clock = Clock()

    class Closed:
        def send(self, claimed):
            time.sleep(0.05)  # long enough for every thread to have begun
            return Delivery(Finding.NOT_AUTHORISED, "as told", 401)

    fill(database, [message(f"{n}") for n in range(20)])
    relay = relay_of(database, Closed(), clock, threads=4)
    assert relay.run_once()[Outcome.CONTRACT] > 1
    clock.now = relay.paused_until
    assert relay.run_once() == {Outcome.CONTRACT: 1}
    relay.close()


def test_an_unknown_outcome_is_sent_again_with_the_same_key_to_a_keyed_destination(database):  # PUB-07, PUB-09
    clock, receiver = Clock(), Receiver(Finding.TIMED_OUT)
    fill(database, [message("A")])
    relay = relay_of(database, receiver, clock)
    assert relay.run_once() == {Outcome.UNKNOWN: 1}
    clock.pass_seconds(10)
    assert relay.run_once() == {Outcome.DELIVERED: 1}
    assert receiver.sent == ["A-1", "A-1"]


@pytest.mark.parametrize("mode", [Mode.QUERY, Mode.HOLD])
def test_an_unknown_outcome_waits_for_a_person_where_resending_is_not_allowed(database, mode):  # PUB-09
    receiver = Receiver(Finding.TIMED_OUT)
    fill(database, [message("A")])
    relay_of(database, receiver, Clock(), mode).run_once()
    [case] = Hospital(database).list()
    assert case.last_error.startswith("timed out: outcome unknown")


@pytest.mark.parametrize("mode", list(Mode))
def test_a_message_of_a_dead_relay_is_sent_again_only_where_that_is_allowed(database, mode):  # PUB-09
    clock, receiver = Clock(), Receiver()
    fill(database, [message("A")])
    database.write(lambda uow: outbox.claim(uow, "merchandising", "dead", clock.now, 30))
    relay = relay_of(database, receiver, clock, mode)
    assert relay.run_once() == {}
    clock.pass_seconds(31)
    relay.run_once()
    assert receiver.sent == (["A-1"] if mode is Mode.KEYED else [])
    expected = OutboxStatus.DELIVERED if mode is Mode.KEYED else OutboxStatus.HOSPITAL
    assert status_of(database) == {"A-1": expected}


def test_a_relay_that_dies_between_sending_and_recording_sends_again_with_the_same_key(database, monkeypatch):
    clock, receiver = Clock(), Receiver()
    fill(database, [message("A", 1), message("A", 2), message("B")])
    dying = relay_of(database, receiver, clock)
    monkeypatch.setattr(dying, "_record", lambda attempts: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        dying.run_once()
    clock.pass_seconds(3600)
    relay_of(database, receiver, clock, name="two").run_once()
    assert receiver.sent == ["A-1", "B-1", "A-1", "B-1", "A-2"]
    assert set(status_of(database).values()) == {OutboxStatus.DELIVERED}


def test_nothing_is_sent_when_the_lease_may_end_before_the_answer(database):
    clock = Clock()

    class Slow(Receiver):
        def send(self, claimed):
            left.append((claimed.leased_until - clock.now).total_seconds())
            clock.pass_seconds(100)
            return super().send(claimed)

    receiver, left = Slow(), []
    fill(database, [message(f"{n}") for n in range(10)])
    relay_of(database, receiver, clock, batch_size=10).run_once()
    assert len(receiver.sent) == 10
    assert min(left) > Destination(URL).longest_call_seconds


def test_a_failing_sender_is_an_unknown_outcome(database):
    class Broken:
        def send(self, claimed):
            raise ZeroDivisionError("a mistake of ours")

    fill(database, [message("A")])
    relay_of(database, Broken(), Clock()).run_once()
    assert row_of(database, "A-1").last_error == "unexpected: ZeroDivisionError: a mistake of ours"


def test_stopping_gives_back_what_was_not_sent(database):
    stop = threading.Event()

    class Stopping(Receiver):
        def send(self, claimed):
            stop.set()
            return super().send(claimed)

    receiver = Stopping()
    fill(database, [message(f"{n}") for n in range(10)])
    relay_of(database, receiver, Clock()).run_once(stop)
    assert receiver.sent == ["0-1"]
    statuses = list(status_of(database).values())
    assert statuses.count(OutboxStatus.PENDING) == 9


def test_run_forever_outlives_a_database_error_and_stops_when_told(database, monkeypatch):
    receiver, stop = Receiver(), threading.Event()
    fill(database, [message("A")])
    relay = relay_of(database, receiver, utc_now)
    claims = iter([RuntimeError("away")])
    claim = relay._claim

    def failing_once():
        error = next(claims, None)
        if error is not None:
            raise error
        return claim()

    monkeypatch.setattr(relay, "_claim", failing_once)
    thread = threading.Thread(target=relay.run_forever, args=(stop, 0.01))
    thread.start()
    deadline = time.monotonic() + 10
    while not receiver.accepted and time.monotonic() < deadline:
        time.sleep(0.01)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert receiver.accepted == ["A-1"]


@pytest.mark.parametrize("threads", [1, 4])
def test_relays_at_once_deliver_each_message_once_and_in_order(database, threads):  # PUB-06
    accepted: list[str] = []
    lock = threading.Lock()

    class Shared:
        def send(self, claimed):
            time.sleep(0.001)
            with lock:
                accepted.append(claimed.message_key)
            return Delivery(Finding.ACCEPTED, http_status=200)

    fill(database, [message(f"{item}", n) for n in range(1, 11) for item in range(30)], now=utc_now())
    relays = [
        Relay(database, Destination(URL), Shared(), name=f"relay-{n}", batch_size=7, threads=threads) for n in range(3)
    ]

    def until_all_is_delivered(relay: Relay) -> None:
        deadline = time.monotonic() + 60
        while len(accepted) < 300 and time.monotonic() < deadline:
            relay.run_once()
            time.sleep(0.002)

    workers = [threading.Thread(target=until_all_is_delivered, args=(relay,)) for relay in relays]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for relay in relays:
        relay.close()
    assert len(accepted) == len(set(accepted)) == 300
    for item in range(30):
        ours = [key for key in accepted if key.startswith(f"{item}-")]
        assert ours == [f"{item}-{n}" for n in range(1, 11)]
    assert {row.relay for item in range(30) for row in history_of(database, f"{item}-1")} <= {r.name for r in relays}


class Forgetful(Receiver):
    """Has the effect even where its answer is lost."""

    def send(self, claimed):
        delivery = super().send(claimed)
        if delivery.outcome is Outcome.UNKNOWN:
            self.accepted.append(claimed.message_key)
        return delivery


_EVENTS = st.lists(
    st.one_of(
        st.sampled_from(list(Finding)),
        st.integers(1, 400).map(lambda seconds: ("pass", seconds)),
        st.just(("crash",)),
        st.just(("retry",)),
        st.tuples(st.just("add"), st.sampled_from("ABC")),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=_EVENTS)
def test_whatever_happens_order_holds_and_nothing_is_lost(database, events):  # PUB-06, PUB-07
    _empty(database)
    clock, receiver = Clock(), Forgetful()
    relay = relay_of(database, receiver, clock, batch_size=2)
    sequences: dict[str, int] = defaultdict(int)

    def add(item: str) -> None:
        sequences[item] += 1
        fill(database, [message(item, sequences[item])], now=clock.now)

    for item in "ABAC":
        add(item)
    for event in events:
        if isinstance(event, Finding):
            receiver.findings = [event]
            relay.run_once()
        elif event[0] == "pass":
            clock.pass_seconds(event[1])
            relay.run_once()
        elif event[0] == "add":
            add(event[1])
        elif event[0] == "retry":
            _retry_hospital(database, clock)
        else:  # the relay dies with a batch in hand, all of it sent
            for claimed in database.write(
                lambda uow: outbox.claim(uow, "merchandising", "dead", clock.now, 30, 2)
            ).messages:
                receiver.findings = []
                receiver.send(claimed)
    for _ in range(60):
        _retry_hospital(database, clock)
        clock.pass_seconds(700)
        receiver.findings = []
        relay.run_once()
    assert set(status_of(database).values()) == {OutboxStatus.DELIVERED}
    for item, last in sequences.items():
        effects = list(dict.fromkeys(key for key in receiver.accepted if key.startswith(f"{item}-")))
        assert effects == [f"{item}-{n}" for n in range(1, last + 1)]
        # A repetition never comes after a later message of its object had its effect.
        numbers = [int(key.rpartition("-")[2]) for key in receiver.accepted if key.startswith(f"{item}-")]
        assert numbers == sorted(numbers)


def test_the_work_of_a_claim_does_not_grow_with_what_waits(database):
    fill(database, [message(f"{n}") for n in range(300)])
    few = _claim_seconds(database)
    _empty(database)
    for start in range(0, 30_000, 5_000):
        fill(database, [message(f"{n}") for n in range(start, start + 5_000)])
    many = _claim_seconds(database)
    assert many < 5 * few + 0.02


def _claim_seconds(database: Database) -> float:
    times = []
    for n in range(3):
        start = time.perf_counter()
        claim = database.write(lambda uow, n=n: outbox.claim(uow, "merchandising", f"relay-{n}", Clock().now, 60, 50))
        times.append(time.perf_counter() - start)
        assert len(claim.messages) == 50
    return min(times)


def _attempts(database) -> list[int]:
    return [
        attempts
        for (attempts,) in database.read(
            lambda uow: uow.execute(outbox_message.select().with_only_columns(outbox_message.c.attempts)).all()
        )
    ]


def _retry_hospital(database, clock) -> None:
    statement = (
        outbox_message.update()
        .where(outbox_message.c.status == "hospital")
        .values(status="pending", attempts=0, next_attempt_at=clock.now)
    )
    database.write(lambda uow: uow.execute(statement))


def _empty(database) -> None:
    def work(uow) -> None:
        uow.execute(outbox_attempt.delete())
        uow.execute(outbox_message.delete())

    database.write(work)

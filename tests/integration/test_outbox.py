"""The outbox: claimed in order, by one relay at a time, recorded once (PUB-05 to PUB-07)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from gateway.domain.outbox import OutboxStatus, Outcome
from gateway.persistence import outbox
from gateway.persistence import outbox_statements as statements
from gateway.persistence.outbox import Attempt, Claim, Claimed
from gateway.persistence.statement import Statement, rows_parameter
from gateway.persistence.unit_of_work import Database
from tests.outbox_factory import NOON, fill, history_of, message, row_of, set_status, status_of

LEASE_SECONDS = 60.0
AFTER_LEASE = NOON + timedelta(seconds=LEASE_SECONDS + 1)


def claim(database: Database, relay: str = "one", now=NOON, limit: int = 100) -> Claim:
    return database.write(lambda uow: outbox.claim(uow, "merchandising", relay, now, LEASE_SECONDS, limit))


def ended(claimed: Claimed, status: OutboxStatus = OutboxStatus.DELIVERED, now=NOON, **more) -> Attempt:
    outcome = Outcome.DELIVERED if status is OutboxStatus.DELIVERED else Outcome.TRANSIENT
    more = {"outcome": outcome, "attempts": claimed.attempts + 1, "next_attempt_at": now, **more}
    return Attempt(claimed=claimed, status=status, started_at=now, ended_at=now, **more)


def record(database: Database, attempts: list[Attempt], now=NOON) -> set[int]:
    return database.write(lambda uow: outbox.record(uow, attempts, now))


def keys(claimed: Claim) -> list[str]:
    return [one.message_key for one in claimed.messages]


def test_a_message_comes_out_as_it_went_in(database):  # PUB-05
    fill(database, [message("A")])
    [claimed] = claim(database).messages
    expected = message("A")
    assert claimed.payload == expected.payload
    assert (claimed.message_key, claimed.business_object_id, claimed.sequence) == ("A-1", "1311/A", 1)
    assert (claimed.family, claimed.message_type) == (expected.family, expected.message_type)
    assert (claimed.attempts, claimed.was_sending, claimed.leased_by) == (0, False, "one")
    assert claimed.leased_until == NOON + timedelta(seconds=LEASE_SECONDS)
    row = row_of(database, "A-1")
    assert (row.origin, row.origin_id, row.created_at, row.status) == ("adjustment_line", 1, NOON, "sending")


def test_a_thousand_messages_are_added_in_their_order(database):
    fill(database, [message(f"{n:04}") for n in range(1000)])
    assert keys(claim(database, limit=1000)) == [f"{n:04}-1" for n in range(1000)]


def test_nothing_is_added_when_the_transaction_fails(database):  # PUB-05
    def work(uow):
        outbox.add(uow, [message("A")], "adjustment_line", [1], NOON)
        raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError):
        database.write(work)
    assert status_of(database) == {}


def test_messages_of_other_destinations_and_of_the_future_are_not_claimed(database):
    fill(database, [message("A", destination="other")])
    fill(database, [message("B")], now=NOON + timedelta(seconds=1))
    assert claim(database) == Claim([], is_exhausted=True)


def test_a_claimed_message_is_not_claimed_again_before_its_lease_ends(database):
    fill(database, [message("A")])
    assert keys(claim(database)) == ["A-1"]
    assert keys(claim(database, "two")) == []
    assert keys(claim(database, "two", NOON + timedelta(seconds=LEASE_SECONDS - 1))) == []


def test_a_lease_is_refused_for_a_message_that_somebody_holds(database):
    """Whatever a relay read before, the row itself decides."""
    fill(database, [message("A"), message("B"), message("C")])
    [held, *_] = claim(database, limit=1).messages
    set_status(database, ["B-1"], OutboxStatus.STOPPED)
    rows = [(held.message_id,), (row_of(database, "B-1").id,), (row_of(database, "C-1").id,)]

    def lease(now: datetime) -> list[str]:
        values = {"rows": rows_parameter(rows), "relay": "two", "now": now, "until": now + timedelta(seconds=9)}
        return [row[1] for row in database.write(lambda uow: uow.run(statements.LEASE, **values))]

    assert lease(NOON) == ["C-1"]
    assert sorted(lease(AFTER_LEASE)) == ["A-1", "C-1"]


def test_an_ended_lease_is_taken_over_and_says_so(database):
    fill(database, [message("A")])
    claim(database)
    [taken] = claim(database, "two", AFTER_LEASE).messages
    assert (taken.message_key, taken.was_sending, taken.leased_by) == ("A-1", True, "two")


def test_a_relay_that_lost_its_lease_cannot_record_over_the_new_owner(database):
    fill(database, [message("A")])
    [lost] = claim(database).messages
    [taken] = claim(database, "two", AFTER_LEASE).messages
    assert record(database, [ended(lost, OutboxStatus.HOSPITAL)], AFTER_LEASE) == set()
    assert status_of(database)["A-1"] is OutboxStatus.SENDING
    assert record(database, [ended(taken)], AFTER_LEASE) == {taken.message_id}
    assert status_of(database)["A-1"] is OutboxStatus.DELIVERED
    assert [row.relay for row in history_of(database, "A-1")] == ["one", "two"]


def test_a_relay_that_took_over_from_itself_cannot_record_the_first_claim(database):
    fill(database, [message("A")])
    [first] = claim(database).messages
    claim(database, now=AFTER_LEASE)
    assert record(database, [ended(first)], AFTER_LEASE) == set()


def test_a_relay_cannot_record_what_another_claimed_until_the_same_moment(database):
    fill(database, [message("A")])
    [claimed] = claim(database).messages
    assert record(database, [ended(claimed._replace(leased_by="two"))]) == set()


def test_a_recorded_message_cannot_be_recorded_twice(database):
    fill(database, [message("A")])
    [claimed] = claim(database).messages
    assert record(database, [ended(claimed)])
    assert record(database, [ended(claimed, OutboxStatus.PENDING)]) == set()
    assert status_of(database)["A-1"] is OutboxStatus.DELIVERED


def test_only_the_first_undelivered_message_of_an_object_is_claimed(database):  # PUB-06
    fill(database, [message("A", 1), message("A", 2), message("B", 1), message("A", 3)])
    first = claim(database)
    assert keys(first) == ["A-1", "B-1"]
    record(database, [ended(one) for one in first.messages])
    second = claim(database)
    assert keys(second) == ["A-2"]
    record(database, [ended(one) for one in second.messages])
    assert keys(claim(database)) == ["A-3"]


@pytest.mark.parametrize("status", [OutboxStatus.HOSPITAL, OutboxStatus.STOPPED])
def test_a_message_in_the_hospital_holds_back_those_behind_it_and_no_others(database, status):  # PUB-06
    fill(database, [message("A", 1), message("A", 2), message("B", 1)])
    set_status(database, ["A-1"], status)
    assert keys(claim(database)) == ["B-1"]


def test_a_deleted_message_releases_those_behind_it(database):  # PUB-10
    fill(database, [message("A", 1), message("A", 2)])
    set_status(database, ["A-1"], OutboxStatus.HOSPITAL)
    assert keys(claim(database)) == []
    set_status(database, ["A-1"], OutboxStatus.DELETED)
    deleted_id = row_of(database, "A-1").id
    database.write(lambda uow: outbox.release_behind(uow, [deleted_id], NOON))
    assert keys(claim(database)) == ["A-2"]


def test_a_gap_that_a_deleted_message_left_does_not_stop_the_queue(database):
    fill(database, [message("A", n) for n in (1, 2, 3)])
    set_status(database, ["A-2"], OutboxStatus.DELETED)
    first = claim(database)
    assert keys(first) == ["A-1"]
    record(database, [ended(one) for one in first.messages])
    assert keys(claim(database)) == ["A-3"]


def test_a_waiting_retry_holds_back_those_behind_it(database):
    fill(database, [message("A", 1), message("A", 2)])
    [claimed] = claim(database).messages
    later = NOON + timedelta(seconds=30)
    record(database, [ended(claimed, OutboxStatus.PENDING, next_attempt_at=later, error="away")])
    assert keys(claim(database)) == []
    [again] = claim(database, now=later).messages
    assert (again.message_key, again.attempts) == ("A-1", 1)
    assert row_of(database, "A-1").last_error == "away"


def test_a_message_that_was_parked_is_looked_at_again_even_if_nobody_brings_it_back(database):
    fill(database, [message("A", 1), message("A", 2)])
    set_status(database, ["A-1"], OutboxStatus.HOSPITAL)
    assert keys(claim(database)) == []
    set_status(database, ["A-1"], OutboxStatus.DELETED)
    assert keys(claim(database)) == []
    assert keys(claim(database, now=NOON + timedelta(seconds=outbox.PARK_SECONDS))) == ["A-2"]


def test_a_long_queue_behind_one_message_leaves_the_scan(database):
    fill(database, [message("A", n) for n in range(1, 501)])
    set_status(database, ["A-1"], OutboxStatus.HOSPITAL)
    fill(database, [message("B")])
    scans = 0
    while not (found := claim(database, limit=10)).messages:
        scans += 1
        assert not found.is_exhausted
    assert keys(found) == ["B-1"]
    assert scans <= 25
    assert claim(database, limit=10) == Claim([], is_exhausted=True)


def test_an_attempt_that_was_not_made_leaves_no_history(database):
    fill(database, [message("A")])
    [claimed] = claim(database).messages
    record(database, [ended(claimed, OutboxStatus.PENDING, outcome=None, attempts=0)])
    assert history_of(database, "A-1") == []
    assert keys(claim(database)) == ["A-1"]


def test_the_history_says_how_each_attempt_ended(database):  # PUB-10
    fill(database, [message("A")])
    [claimed] = claim(database).messages
    record(database, [ended(claimed, http_status=200, detail="<ok/>")])
    [attempt] = history_of(database, "A-1")
    assert (attempt.attempt, attempt.outcome, attempt.http_status, attempt.detail) == (1, "delivered", 200, "<ok/>")
    assert row_of(database, "A-1").delivered_at == NOON


def test_counts_and_oldest_say_what_waits(database):
    fill(database, [message("A", 1), message("A", 2), message("B")])
    set_status(database, ["A-1"], OutboxStatus.HOSPITAL)
    set_status(database, ["B-1"], OutboxStatus.DELIVERED)
    counts = database.read(lambda uow: outbox.undelivered_counts(uow, "merchandising"))
    assert counts == {OutboxStatus.HOSPITAL: 1, OutboxStatus.PENDING: 1}
    assert database.read(lambda uow: outbox.oldest_undelivered_at(uow, "merchandising")) == NOON
    assert database.read(lambda uow: outbox.oldest_undelivered_at(uow, "other")) is None
    assert database.read(lambda uow: outbox.next_due_at(uow, "merchandising")) == NOON
    assert database.read(lambda uow: outbox.next_due_at(uow, "other")) is None


def test_claiming_reads_the_waiting_index_in_order_and_sorts_nothing(database):
    plan = _plan(database, statements.DUE, destination="merchandising", now=NOON, scan=10)
    assert "ix_outbox_message_waiting" in plan
    assert "ix_outbox_message_undelivered" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_what_is_known_by_its_id_is_found_by_its_id(database):
    """The partial index of all that waits looks small to a planner whose statistics are old."""
    values = {"rows": "[]", "now": NOON, "until": NOON, "relay": "one"}
    for name in ("LEASE", "PARK", "SETTLE", "RELEASE"):
        assert "ix_outbox_message_waiting" not in _plan(database, getattr(statements, name), **values), name


def _plan(database: Database, statement: Statement, **values: object) -> str:
    compiled = statement.on(database.engine.dialect)
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    with database.transaction() as uow:
        if not database.is_sqlite:
            uow.execute(text("SET LOCAL enable_seqscan = off"))  # an empty table is always read whole
        uow._cursor.execute(explain + compiled.sql, compiled.parameters(values))
        return "\n".join(str(row) for row in uow._cursor.fetchall())

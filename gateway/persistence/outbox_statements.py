"""The statements behind `gateway.persistence.outbox`, each compiled once per kind of database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.sql import Executable
from sqlalchemy.types import TypeEngine

from gateway.persistence.columns import UtcTime
from gateway.persistence.statement import Statement, many_rows
from gateway.persistence.tables import outbox_attempt, outbox_message

# Literal, not parameters: only so do the planners of both databases see that the partial indexes apply.
_WAITING = text("outbox_message.status IN ('pending', 'sending')")
# The opposite, on purpose: rows are found by their ids, and a status that the planner can compare with a partial
# index makes it read all that waits instead.
_IS_PENDING = text("outbox_message.status || '' = 'pending'")
_IS_SENDING = text("outbox_message.status || '' = 'sending'")
_EARLIER_UNDELIVERED = text("earlier.status NOT IN ('delivered', 'deleted')")
_UNDELIVERED = text("outbox_message.status NOT IN ('delivered', 'deleted')")
_NOTHING, _ONE = literal_column("0", Integer()), literal_column("1", Integer())
_LATER_UNDELIVERED = text("later.status NOT IN ('delivered', 'deleted')")


def _is_blocked() -> ColumnElement[bool]:
    earlier = outbox_message.alias("earlier")
    return exists(
        select(earlier.c.id).where(
            earlier.c.destination == outbox_message.c.destination,
            earlier.c.business_object_id == outbox_message.c.business_object_id,
            earlier.c.sequence < outbox_message.c.sequence,
            _EARLIER_UNDELIVERED,
        )
    ).correlate(outbox_message)


_MESSAGE_COLUMNS: dict[str, TypeEngine[Any]] = {
    "message_key": String(),
    "destination": String(),
    "family": String(),
    "message_type": String(),
    "business_object_id": String(),
    "sequence": BigInteger(),
    "payload": Text(),
    "origin_id": BigInteger(),
}


def _add(dialect_name: str) -> Executable:
    rows = many_rows(dialect_name, **_MESSAGE_COLUMNS).subquery("new")
    now = bindparam("now", type_=UtcTime())
    values: dict[str, Any] = {
        **{name: rows.c[name] for name in _MESSAGE_COLUMNS},
        "origin": bindparam("origin", type_=String()),
        "status": text("'pending'"),
        "created_at": now,
        "next_attempt_at": now,
    }
    return insert(outbox_message).from_select(list(values), select(*values.values()))


def _due(dialect_name: str) -> Executable:
    statement: Select[Any] = (
        select(outbox_message.c.id, outbox_message.c.status, _is_blocked().label("is_blocked"))
        .where(
            outbox_message.c.destination == bindparam("destination", type_=String()),
            outbox_message.c.next_attempt_at <= bindparam("now", type_=UtcTime()),
            _WAITING,
        )
        .order_by(outbox_message.c.next_attempt_at, outbox_message.c.id)
        .limit(bindparam("scan", type_=Integer()))
        .offset(_NOTHING)  # SQLite's LIMIT is compiled with an offset; given here, it is no parameter of ours
    )
    # Relays step around each other's rows instead of queueing for them. SQLite has one writer and no need for it;
    # the lease below is conditional on both, so nothing depends on this line but speed.
    return statement if dialect_name == "sqlite" else statement.with_for_update(skip_locked=True, of=outbox_message)


def _lease(dialect_name: str) -> Executable:
    rows = many_rows(dialect_name, id=BigInteger()).subquery("chosen")
    until = bindparam("until", type_=UtcTime())
    return (
        update(outbox_message)
        .where(
            outbox_message.c.id == rows.c.id,
            or_(
                _IS_PENDING,
                and_(
                    _IS_SENDING,
                    outbox_message.c.leased_until <= bindparam("now", type_=UtcTime()),
                ),
            ),
        )
        .values(
            status=text("'sending'"),
            leased_by=bindparam("relay", type_=String()),
            leased_until=until,
            next_attempt_at=until,
        )
        .returning(
            outbox_message.c.id,
            outbox_message.c.message_key,
            outbox_message.c.family,
            outbox_message.c.message_type,
            outbox_message.c.business_object_id,
            outbox_message.c.sequence,
            outbox_message.c.payload,
            outbox_message.c.attempts,
            outbox_message.c.leased_until,
        )
    )


def _park(dialect_name: str) -> Executable:
    rows = many_rows(dialect_name, id=BigInteger()).subquery("behind")
    # Asked again here, on rows this transaction holds: the one before may have left since they were read, and its
    # relay's `release_behind` may already be done.
    return (
        update(outbox_message)
        .where(outbox_message.c.id == rows.c.id, _IS_PENDING, _is_blocked())
        .values(next_attempt_at=bindparam("until", type_=UtcTime()))
    )


def _settle(dialect_name: str) -> Executable:
    rows = many_rows(
        dialect_name,
        id=BigInteger(),
        leased_by=String(),
        leased_until=UtcTime(),
        status=String(),
        attempts=Integer(),
        next_attempt_at=UtcTime(),
        delivered_at=UtcTime(),
        last_error=Text(),
    ).subquery("done")
    return (
        update(outbox_message)
        .where(
            outbox_message.c.id == rows.c.id,
            _IS_SENDING,
            outbox_message.c.leased_by == rows.c.leased_by,
            outbox_message.c.leased_until == rows.c.leased_until,
        )
        .values(
            status=rows.c.status,
            attempts=rows.c.attempts,
            next_attempt_at=rows.c.next_attempt_at,
            delivered_at=rows.c.delivered_at,
            last_error=func.coalesce(rows.c.last_error, outbox_message.c.last_error),
            leased_by=text("NULL"),
            leased_until=text("NULL"),
        )
        .returning(outbox_message.c.id)
    )


def _add_attempts(dialect_name: str) -> Executable:
    columns: dict[str, TypeEngine[Any]] = {
        "message_id": BigInteger(),
        "attempt": Integer(),
        "started_at": UtcTime(),
        "ended_at": UtcTime(),
        "relay": String(),
        "outcome": String(),
        "http_status": Integer(),
        "detail": Text(),
    }
    return insert(outbox_attempt).from_select(list(columns), many_rows(dialect_name, **columns))


def _release(dialect_name: str) -> Executable:
    rows = many_rows(dialect_name, id=BigInteger()).subquery("left")
    gone, later = outbox_message.alias("gone"), outbox_message.alias("later")
    next_id = (
        select(later.c.id)
        .where(
            later.c.destination == gone.c.destination,
            later.c.business_object_id == gone.c.business_object_id,
            later.c.sequence > gone.c.sequence,
            _LATER_UNDELIVERED,
        )
        .order_by(later.c.sequence)
        .limit(_ONE)
        .offset(_NOTHING)
        .correlate(gone)
        .scalar_subquery()
    )
    next_ones = select(next_id.label("id")).select_from(rows.join(gone, gone.c.id == rows.c.id)).subquery("next")
    return (
        update(outbox_message)
        .where(outbox_message.c.id == next_ones.c.id, _IS_PENDING)
        .values(next_attempt_at=bindparam("now", type_=UtcTime()))
    )


def in_hospital() -> Select[Any]:
    """Return the query of `outbox.in_hospital`; off the hot path, so it is not compiled ahead."""
    later = outbox_message.alias("later")
    behind = (
        select(func.count())
        .select_from(later)
        .where(
            later.c.destination == outbox_message.c.destination,
            later.c.business_object_id == outbox_message.c.business_object_id,
            later.c.sequence > outbox_message.c.sequence,
            _LATER_UNDELIVERED,
        )
        .correlate(outbox_message)
        .scalar_subquery()
    )
    names = (
        "message_key destination family message_type business_object_id sequence status attempts last_error created_at"
    )
    return (
        select(*(outbox_message.c[name] for name in names.split()), behind.label("behind"))
        .where(_UNDELIVERED, outbox_message.c.status.in_(["hospital", "stopped"]))
        .order_by(outbox_message.c.id)
    )


def _of_destination() -> ColumnElement[bool]:
    return outbox_message.c.destination == bindparam("destination", type_=String())


ADD = Statement(_add)
DUE = Statement(_due)
LEASE = Statement(_lease)
PARK = Statement(_park)
SETTLE = Statement(_settle)
ADD_ATTEMPTS = Statement(_add_attempts)
RELEASE = Statement(_release)
NEXT_DUE = Statement(
    lambda _: (
        select(outbox_message.c.next_attempt_at)
        .where(_of_destination(), _WAITING)
        .order_by(outbox_message.c.next_attempt_at)
        .limit(_ONE)
        .offset(_NOTHING)
    )
)
COUNTS = Statement(
    lambda _: (
        select(outbox_message.c.status, func.count())
        .where(_of_destination(), _UNDELIVERED)
        .group_by(outbox_message.c.status)
    )
)
OLDEST = Statement(lambda _: select(func.min(outbox_message.c.created_at)).where(_of_destination(), _UNDELIVERED))

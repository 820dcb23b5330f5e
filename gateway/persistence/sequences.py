"""Counters behind generated ids."""

from __future__ import annotations

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import REGCLASS

from gateway.persistence.tables import inv_adjust_template
from gateway.persistence.unit_of_work import UnitOfWork


def move_past_given_template_ids(uow: UnitOfWork) -> None:
    """Let the database give templates ids above those that were given explicitly; harmless to repeat.

    PostgreSQL counts on its own and would hand the same ids out again; SQLite looks at the rows.
    """
    if uow.dialect.name != "postgresql":
        return
    highest = uow.execute(select(func.max(inv_adjust_template.c.id))).scalar()
    if highest is not None:
        sequence = func.pg_get_serial_sequence(inv_adjust_template.name, "id")
        # Never back: ids of deleted templates must not come again. Before its first use the counter has no last value.
        last = func.pg_sequence_last_value(cast(sequence, REGCLASS))
        uow.execute(select(func.setval(sequence, func.greatest(highest, last))))

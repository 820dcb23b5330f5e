"""The schema that migrations build is the one that the tables describe, on both databases."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import DBAPIError

from gateway.persistence.schema import is_current, migrate
from gateway.persistence.tables import metadata
from gateway.persistence.unit_of_work import Database


def test_migrations_build_what_the_tables_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    assert is_current(database.engine)


def test_migrations_build_every_named_check(database: Database) -> None:
    inspector = inspect(database.engine)
    for table in metadata.sorted_tables:
        described = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
        built = {str(one["name"]) for one in inspector.get_check_constraints(table.name)}
        assert built == described, table.name


def test_migrating_twice_changes_nothing(database: Database) -> None:
    migrate(database.engine)
    assert is_current(database.engine)


@pytest.mark.parametrize("change", ["UPDATE stock_movement SET moved_by = 'x'", "DELETE FROM stock_movement"])
def test_movements_are_append_only(database: Database, change: str) -> None:  # STK-03
    row = (
        "INSERT INTO stock_movement (store_id, item_id, quantity, from_account, to_account, reason_id, origin,"
        " origin_id, moved_at, moved_by) VALUES (1, 'A', '1', 'outside', 'available', 1, 'opening', 0,"
        " '2026-01-01T00:00:00+00:00', 'x')"
    )
    with database.transaction() as uow:
        uow.execute(text(row))
        with pytest.raises(DBAPIError, match="append-only"):
            uow.execute(text(change))


@pytest.mark.parametrize("quantity", ["0", "-1", "-0.0001"])
def test_the_database_refuses_movements_that_move_nothing(database: Database, quantity: str) -> None:  # STK-03
    row = (
        "INSERT INTO stock_movement (store_id, item_id, quantity, from_account, to_account, reason_id, origin,"
        f" origin_id, moved_at, moved_by) VALUES (1, 'A', '{quantity}', 'outside', 'available', 1, 'opening', 0,"
        " '2026-01-01T00:00:00+00:00', 'x')"
    )
    with database.transaction() as uow, pytest.raises(DBAPIError, match="quantity_positive"):
        uow.execute(text(row))

"""How many SQL statements a call costs: a handful, whatever the number of lines."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from tests.factories import WATCH, Retailer, change, line, numbered

MOST_STATEMENTS = 12


@contextmanager
def _statements(retailer: Retailer) -> Iterator[list[str]]:
    """Collect every statement that reaches the database, as its driver sees it."""
    seen: list[str] = []
    engine = retailer.database.engine

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
            seen.append(str(query))
            return super().execute(query, *arguments, **options)

        def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
            rows = list(params_seq)
            seen.extend([str(query)] * len(rows))
            super().executemany(query, rows, **options)

    def watch(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            # Statements inside triggers come as comments.
            connection.set_trace_callback(lambda sql: None if sql.startswith("--") else seen.append(sql))
        else:
            connection.cursor_factory = Cursor

    engine.dispose()  # connections of before are not watched
    event.listen(engine, "connect", watch)
    try:
        with engine.connect():
            pass  # what setting up a connection costs is not what a call costs
        seen.clear()
        yield seen
    finally:
        event.remove(engine, "connect", watch)
        engine.dispose()


def _count(retailer: Retailer, call: Callable[[], object]) -> int:
    with _statements(retailer) as seen:
        call()
    return len(seen)


@pytest.mark.parametrize("reason_id", [83, 91, 96, 200])
def test_a_thousand_lines_cost_as_many_statements_as_ten(retailer: Retailer, reason_id: int) -> None:  # ADJ-04
    items = numbered("I", 1000)
    retailer.add_items(items)
    retailer.adjustments.save_and_confirm(retailer.pos, change(*(line(one, 91, 10) for one in items)))
    counts = {
        size: _count(
            retailer,
            lambda size=size: retailer.adjustments.save_and_confirm(
                retailer.pos, change(*(line(one, reason_id, 1) for one in items[:size]))
            ),
        )
        for size in (10, 1000)
    }
    assert counts[10] == counts[1000]
    assert counts[1000] <= MOST_STATEMENTS
    assert retailer.differences() == ()


def test_confirming_a_saved_adjustment_costs_the_same_for_any_size(retailer: Retailer) -> None:  # ADJ-04
    items = numbered("I", 1000)
    retailer.add_items(items)
    counts = []
    for size in (10, 1000):
        asked = change(*(line(one, 83, 1) for one in items[:size]))
        adjustment_id = retailer.adjustments.save(retailer.pos, asked)
        counts.append(_count(retailer, lambda one=adjustment_id: retailer.adjustments.confirm(retailer.pos, one)))
    assert counts[0] == counts[1]
    assert counts[1] <= MOST_STATEMENTS + 2


def test_uins_cost_the_same_for_any_number(retailer: Retailer) -> None:  # UIN-04
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(WATCH, 93, 1)))
    counts = [
        _count(
            retailer,
            lambda size=size: retailer.adjustments.save_and_confirm(
                retailer.pos, change(line(WATCH, 93, 2 * size, added=numbered(f"W{size}-", size)))
            ),
        )
        for size in (5, 500)
    ]
    assert counts[0] == counts[1]
    assert counts[1] <= MOST_STATEMENTS + 8


def test_the_counter_counts(retailer: Retailer) -> None:
    with _statements(retailer) as seen:
        retailer.database.read(lambda uow: uow.connection.exec_driver_sql("SELECT 4711").all())
    assert len([one for one in seen if "4711" in one]) == 1

"""Finding adjustments: every criterion, alone and together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.domain.adjustment import AdjustmentStatus, HeaderCriteria
from gateway.usecases.adjustments import Adjustments
from gateway.usecases.templates import TemplateRow
from tests.factories import (
    BATTERY,
    EVERYTHING,
    FLOUR,
    NOON,
    OTHER_STORE,
    STORE,
    Retailer,
    change,
    denied,
    line,
    problems_of,
)

MICROSECOND = timedelta(microseconds=1)


def _find(retailer: Retailer, search_limit: int = 999, **criteria: object) -> list[int]:
    asked = HeaderCriteria(**{"store_id": STORE, "search_limit": search_limit, **criteria})  # type: ignore[arg-type]
    return [one.adjustment_id for one in retailer.adjustments.find_headers(retailer.pos, asked)]


def _saved_at(retailer: Retailer, moment: datetime) -> int:
    adjustments = Adjustments(retailer.database, retailer.references, lambda: moment)
    return adjustments.save(retailer.pos, change(line()))


def test_a_header_shows_what_a_list_needs(retailer: Retailer) -> None:  # ADJ-11
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line(BATTERY), line(FLOUR)))
    (header,) = retailer.adjustments.find_headers(retailer.pos, HeaderCriteria(STORE, 50))
    read = retailer.adjustments.read(retailer.pos, adjustment_id)
    assert (header.adjustment_id, header.status, header.created_at, header.created_by) == (
        adjustment_id,
        AdjustmentStatus.IN_PROGRESS,
        read.created_at,
        "pos",
    )
    assert (header.template_id, header.item_count) == (None, 2)


def test_the_newest_come_first_and_not_more_than_asked(retailer: Retailer) -> None:  # ADJ-11
    ids = [retailer.adjustments.save(retailer.pos, change(line())) for _ in range(5)]
    assert _find(retailer) == ids[::-1]
    assert _find(retailer, 2) == [ids[4], ids[3]]
    assert _find(retailer, 1) == [ids[4]]


def test_at_the_same_moment_the_later_one_comes_first(retailer: Retailer) -> None:  # ADJ-11
    ids = [_saved_at(retailer, NOON) for _ in range(3)]
    assert _find(retailer) == ids[::-1]


@pytest.mark.parametrize(("search_limit", "fits"), [(0, False), (-1, False), (1, True), (999, True), (1000, False)])
def test_the_limit_lies_between_1_and_999(retailer: Retailer, search_limit: int, fits: bool) -> None:  # ADJ-11
    if fits:
        assert _find(retailer, search_limit) == []
        return
    (problem,) = problems_of(_find, retailer, search_limit)
    assert (problem.rule, problem.field, problem.value) == ("ADJ-11", "search_limit", str(search_limit))


def test_each_criterion_alone_and_together_finds_what_it_names(retailer: Retailer) -> None:  # ADJ-11
    clerk = retailer.user("clerk")
    save, confirm = retailer.adjustments.save, retailer.adjustments.confirm
    theft = save(retailer.pos, change(line(BATTERY, 83)))
    hold = save(clerk, change(line(BATTERY, 91), line(FLOUR, 84)))
    moved = save(retailer.pos, change(line(BATTERY, 200, 1)))
    canceled = save(clerk, change(line(FLOUR, 83)))
    confirm(retailer.pos, theft)
    confirm(clerk, hold)
    retailer.adjustments.cancel(retailer.pos, canceled)
    everything = [canceled, moved, hold, theft]
    expected: list[tuple[dict[str, object], list[int]]] = [
        ({}, everything),
        ({"status": None}, everything),
        ({"status": AdjustmentStatus.IN_PROGRESS}, [moved]),
        ({"status": AdjustmentStatus.COMPLETED}, [hold, theft]),
        ({"status": AdjustmentStatus.CANCELED}, [canceled]),
        ({"item_id": BATTERY}, [moved, hold, theft]),
        ({"item_id": FLOUR}, [canceled, hold]),
        ({"item_id": "NOPE"}, []),
        ({"adjustment_id": hold}, [hold]),
        ({"adjustment_id": 10**9}, []),
        ({"reason_id": 83}, [canceled, theft]),
        ({"reason_id": 9999}, []),
        ({"created_by": "clerk"}, [canceled, hold]),
        ({"created_by": "Clerk"}, []),
        ({"sub_bucket": 1}, [moved, hold]),
        ({"sub_bucket": 2}, [moved]),
        ({"sub_bucket": 9}, []),
        ({"template_id": 9}, []),
        ({"item_id": FLOUR, "created_by": "clerk", "status": AdjustmentStatus.COMPLETED}, [hold]),
        ({"item_id": BATTERY, "reason_id": 84}, [hold]),
        ({"adjustment_id": hold, "created_by": "pos"}, []),
    ]
    for criteria, ids in expected:
        assert _find(retailer, **criteria) == ids, criteria


def test_an_adjustment_with_many_matching_lines_is_found_once(retailer: Retailer) -> None:  # ADJ-11
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line(BATTERY), line(FLOUR)))
    assert _find(retailer, reason_id=83) == [adjustment_id]


def test_the_template_that_was_applied_is_found_again(retailer: Retailer) -> None:  # ADJ-11, ADJ-10
    row = TemplateRow(
        2, 0, STORE, "T", None, AdjustmentStatus.COMPLETED, BATTERY, 83, line().quantity, line().case_size
    )
    (template_id,) = retailer.templates.import_rows([row], "pos")
    retailer.adjustments.save(retailer.pos, change(line()))
    adjustment_id = retailer.adjustments.save(retailer.pos, retailer.templates.applied(template_id, line().quantity))
    assert _find(retailer, template_id=template_id) == [adjustment_id]


def test_both_ends_of_a_period_belong_to_it_to_the_microsecond(retailer: Retailer) -> None:  # ADJ-11
    moments = [NOON - MICROSECOND, NOON, NOON + MICROSECOND]
    before, at, after = (_saved_at(retailer, moment) for moment in moments)
    assert _find(retailer, created_from=NOON) == [after, at]
    assert _find(retailer, created_to=NOON) == [at, before]
    assert _find(retailer, created_from=NOON, created_to=NOON) == [at]
    assert _find(retailer, created_from=NOON + MICROSECOND, created_to=NOON) == []
    assert _find(retailer, created_from=NOON - MICROSECOND, created_to=NOON + MICROSECOND) == [after, at, before]


def test_a_period_in_another_time_zone_means_the_same_moment(retailer: Retailer) -> None:  # ADJ-11
    adjustment_id = _saved_at(retailer, NOON)
    paris = NOON.astimezone(timezone(timedelta(hours=1)))
    assert _find(retailer, created_from=paris, created_to=paris) == [adjustment_id]


@pytest.mark.parametrize("year", [1, 500, 999])
def test_a_period_may_begin_in_antiquity(retailer: Retailer, year: int) -> None:  # ADJ-11
    adjustment_id = _saved_at(retailer, NOON)
    assert _find(retailer, created_from=datetime(year, 1, 2, tzinfo=UTC)) == [adjustment_id]
    assert _find(retailer, created_to=datetime(year, 1, 2, tzinfo=UTC)) == []


def test_a_caller_sees_only_its_stores(retailer: Retailer) -> None:  # ADJ-11, SEC-01
    here = retailer.adjustments.save(retailer.pos, change(line()))
    there = retailer.adjustments.save(retailer.pos, change(line(), store_id=OTHER_STORE))
    clerk = retailer.user("clerk", store_ids=[OTHER_STORE])
    found = retailer.adjustments.find_headers(clerk, HeaderCriteria(OTHER_STORE, 50))
    assert [one.adjustment_id for one in found] == [there]
    assert retailer.adjustments.find_headers(clerk, HeaderCriteria(OTHER_STORE, 50, adjustment_id=here)) == []
    assert denied(retailer.adjustments.find_headers, clerk, HeaderCriteria(STORE, 50)) == (f"store {STORE}",)


def test_searching_needs_access_and_a_known_store(retailer: Retailer) -> None:  # SEC-01, ADJ-16
    clerk = retailer.user("clerk", [one for one in EVERYTHING if one != "access"])
    assert denied(retailer.adjustments.find_headers, clerk, HeaderCriteria(STORE, 50)) == ("function access",)
    (problem,) = problems_of(lambda: _find(retailer, store_id=9999))
    assert (problem.rule, problem.field, problem.value) == ("ADJ-16", "store_id", "9999")


def test_adjustments_of_every_system_are_in_one_list(retailer: Retailer) -> None:  # ADJ-12
    warehouse = retailer.user("warehouse")
    ids = [
        retailer.adjustments.save(retailer.pos, change(line())),
        retailer.adjustments.save_and_confirm(warehouse, change(line())),
    ]
    assert _find(retailer) == ids[::-1]

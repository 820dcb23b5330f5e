"""A save is a delta: what of a stored adjustment it changes and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.domain.adjustment import (
    AdjustmentLine,
    AdjustmentStatus,
    ExtendedAttribute,
    InventoryAdjustment,
    LineChange,
)
from gateway.domain.adjustment_changes import ChangedLines, apply_change, new_lines
from gateway.domain.errors import Problem
from tests.factories import change, line

LOT = ExtendedAttribute("Lot", "L1", "0123")
DATE = ExtendedAttribute("Best before", "2026-12-01", "0123")
OTHER = ExtendedAttribute("Lot", "L2", "0456")
STORED = InventoryAdjustment(
    adjustment_id=5,
    store_id=1311,
    reference_id=3,
    template_id=None,
    status=AdjustmentStatus.IN_PROGRESS,
    comments="before",
    publish=None,
    created_at=datetime(2026, 3, 4, tzinfo=UTC),
    created_by="pos",
    approved_at=None,
    approved_by=None,
    lines=[
        AdjustmentLine(11, "A", 83, Decimal(2), Decimal(1), ("U1", "U2"), (LOT, DATE, OTHER)),
        AdjustmentLine(12, "B", 84, Decimal(3), Decimal(6)),
        AdjustmentLine(13, "C", 83, Decimal(4), Decimal(1)),
    ],
)


def _changed(*lines: LineChange, **header: object) -> tuple[ChangedLines, list[Problem]]:
    problems: list[Problem] = []
    return apply_change(STORED, change(*lines, **{"adjustment_id": 5, **header}), problems), problems


def test_lines_that_are_not_named_stay() -> None:  # ADJ-07
    result, problems = _changed(line("B", 84, 9, line_id=12))
    assert problems == []
    assert [one.quantity for one in result.lines] == [2, 9, 4]
    assert result.numbers == [None, 1, None]
    assert (result.added, result.edited, result.removed_line_ids) == ([], [1], [])
    assert result.lines[0] is STORED.lines[0]


def test_named_lines_go_and_new_ones_come_last() -> None:  # ADJ-07
    result, problems = _changed(line("D", 83, 1), line("A", 83, 1, line_id=11), removed_line_ids=[12])
    assert problems == []
    assert [(one.line_id, one.item_id) for one in result.lines] == [(11, "A"), (13, "C"), (0, "D")]
    assert (result.numbers, result.added, result.edited) == ([2, None, 1], [2], [0])
    assert result.removed_line_ids == [12]


def test_a_removed_item_may_come_back_on_a_new_line() -> None:  # ADJ-02, ADJ-07
    result, problems = _changed(line("B", 93, 1), removed_line_ids=[12])
    assert problems == []
    assert [(one.item_id, one.reason_id) for one in result.lines] == [("A", 83), ("C", 83), ("B", 93)]


def test_uins_are_added_and_removed_one_by_one() -> None:  # ADJ-07
    result, problems = _changed(line("A", 83, 2, line_id=11, added=["U3"], removed=["U1"]))
    assert problems == []
    assert result.lines[0].uins == ("U2", "U3")


def test_a_uin_that_is_not_on_the_line_cannot_be_removed() -> None:  # ADJ-07
    _, (problem,) = _changed(line("A", 83, 2, line_id=11, removed=["U9"]))
    assert (problem.field, problem.value, problem.line, problem.line_id) == ("removed_uin_col", "U9", 1, 11)


def test_attributes_are_updated_by_scan_and_name_added_and_removed_by_scan() -> None:  # ADJ-14
    newer, another = DATE._replace(value="2027-01-01"), ExtendedAttribute("Serial", None, "0789")
    result, problems = _changed(line("A", 83, 2, line_id=11, attributes=[newer, another], removed_barcodes=["0456"]))
    assert problems == []
    assert result.lines[0].attributes == (LOT, newer, another)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (change(adjustment_id=5, store_id=1312), "store_id"),
        (change(adjustment_id=5, reference_id=4), "reference_id"),
        (change(adjustment_id=5, template_id=1), "template_id"),
        (change(line("X", 83, line_id=11), adjustment_id=5), "item_id"),
        (change(line("A", 84, line_id=11), adjustment_id=5), "reason_id"),
    ],
)
def test_what_identifies_header_and_line_never_changes(asked: object, field: str) -> None:  # ADJ-07
    problems: list[Problem] = []
    apply_change(STORED, asked, problems)  # type: ignore[arg-type]
    assert [(one.rule, one.field) for one in problems] == [("ADJ-07", field)]


def test_repeating_what_is_stored_is_no_change() -> None:  # ADJ-07
    _, problems = _changed(reference_id=3, template_id=None)
    assert problems == []


@pytest.mark.parametrize(
    ("lines", "header", "field"),
    [
        ([line("A", line_id=99)], {}, "line_id"),
        ([], {"removed_line_ids": [99]}, "removed_line_id_col"),
        ([line("A", line_id=11), line("A", line_id=11)], {}, "line_id"),
        ([line("A", line_id=11)], {"removed_line_ids": [11]}, "line_id"),
        ([line("D", removed=["U1"])], {}, "removed_uin_col"),
        ([line("D", removed_barcodes=["0123"])], {}, "removed_ext_att_col"),
    ],
)
def test_a_delta_must_fit_what_is_stored(
    lines: list[LineChange], header: dict[str, object], field: str
) -> None:  # ADJ-07
    _, problems = _changed(*lines, **header)
    assert [(one.rule, one.field) for one in problems] == [("ADJ-07", field)]


def test_an_item_stands_on_one_line_only() -> None:  # ADJ-02
    _, (problem,) = _changed(line("D"), line("B", 83))
    assert (problem.rule, problem.line, problem.item_id, problem.line_id) == ("ADJ-02", 2, "B", None)


@pytest.mark.parametrize("removed", [[11, 12, 13], [13, 12, 11]])
def test_the_last_line_cannot_go(removed: list[int]) -> None:  # ADJ-01
    _, (problem,) = _changed(removed_line_ids=removed)
    assert (problem.rule, problem.value) == ("ADJ-01", "0")


@pytest.mark.parametrize(("count", "fits"), [(0, False), (1, True), (1000, True), (1001, False)])
def test_a_new_adjustment_has_one_to_a_thousand_lines(count: int, fits: bool) -> None:  # ADJ-01
    problems: list[Problem] = []
    result = new_lines(change(*(line(str(number)) for number in range(count))), problems)
    assert [one.rule for one in problems] == ([] if fits else ["ADJ-01"])
    assert len(result.lines) == len(result.added) == count


def test_a_thousand_lines_is_the_most_for_a_changed_adjustment_too() -> None:  # ADJ-01
    assert _changed(*(line(f"N{number}") for number in range(997)))[1] == []
    assert [one.rule for one in _changed(*(line(f"N{number}") for number in range(998)))[1]] == ["ADJ-01"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (change(line("A", line_id=1)), "line_id"),
        (change(line("A", removed=["U1"])), "removed_uin_col"),
        (change(line("A", removed_barcodes=["1"])), "removed_ext_att_col"),
        (change(line("A"), removed_line_ids=[1]), "removed_line_id_col"),
    ],
)
def test_a_new_adjustment_has_nothing_to_change(asked: object, field: str) -> None:  # ADJ-07
    problems: list[Problem] = []
    new_lines(asked, problems)  # type: ignore[arg-type]
    assert [(one.rule, one.field) for one in problems] == [("ADJ-07", field)]


@pytest.mark.parametrize("build", [new_lines, lambda asked, found: apply_change(STORED, asked, found)])
def test_more_attributes_than_a_line_can_hold_are_refused(
    build: Callable[[object, list[Problem]], ChangedLines],
) -> None:  # ADJ-14
    problems: list[Problem] = []
    many = [ExtendedAttribute("Lot", None, str(number)) for number in range(1001)]
    build(change(line("D", attributes=many), adjustment_id=5), problems)
    assert [one.rule for one in problems] == ["ADJ-14"]


def test_several_mistakes_are_all_found() -> None:  # ADJ-07
    _, problems = _changed(
        line("X", 84, line_id=11), line("A", line_id=99), store_id=1312, removed_line_ids=[98], reference_id=9
    )
    assert {one.field for one in problems} == {
        "store_id",
        "reference_id",
        "removed_line_id_col",
        "item_id",
        "reason_id",
        "line_id",
    }


def test_the_stored_adjustment_itself_is_left_alone() -> None:  # ADJ-07
    before = replace(STORED, lines=list(STORED.lines))
    _changed(line("A", 83, 7, line_id=11, added=["U3"], removed=["U1"]), removed_line_ids=[12])
    assert before == STORED

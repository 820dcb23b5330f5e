"""Templates: made by import, completed, applied, read and found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.adjustment import AdjustmentStatus
from gateway.domain.permission import Function
from gateway.domain.reason import Reason
from gateway.domain.template import TemplateCriteria
from gateway.usecases.templates import TemplateRow
from tests.factories import (
    BATTERY,
    BETWEEN_SUB_BUCKETS,
    EVERYTHING,
    FLOUR,
    OTHER_STORE,
    STORE,
    TELEVISION,
    WATCH,
    Retailer,
    change,
    denied,
    line,
    problems_of,
)

IN_PROGRESS, COMPLETED = AdjustmentStatus.IN_PROGRESS, AdjustmentStatus.COMPLETED
ROW = TemplateRow(2, 0, STORE, "Bakery", "each week", IN_PROGRESS, BATTERY, 83, Decimal(2), Decimal(1))


def _rows(*changes: dict[str, object]) -> list[TemplateRow]:
    return [replace(ROW, row=number, **one) for number, one in enumerate(changes, 2)]  # type: ignore[arg-type]


def _import(retailer: Retailer, *changes: dict[str, object]) -> list[int]:
    return retailer.templates.import_rows(_rows(*changes), "author")


def _find(retailer: Retailer, **criteria: object) -> list[int]:
    asked = TemplateCriteria(**{"store_id": STORE, **criteria})  # type: ignore[arg-type]
    return [one.template_id for one in retailer.templates.find_headers(retailer.pos, asked)]


def test_an_imported_template_reads_back(retailer: Retailer) -> None:  # TPL-01, TPL-04
    flour = {"item_id": FLOUR, "reason_id": 93, "quantity": Decimal("2.5"), "case_size": Decimal("6.25")}
    (template_id,) = _import(retailer, {}, flour)
    read = retailer.templates.read(retailer.pos, template_id)
    assert (read.template_id, read.store_id, read.description, read.comments) == (
        template_id,
        STORE,
        "Bakery",
        "each week",
    )
    assert (read.status, read.created_by, read.approved_by, read.approved_at) == (IN_PROGRESS, "author", None, None)
    assert [one[1:] for one in read.lines] == [(BATTERY, 83, 2, 1), (FLOUR, 93, Decimal("2.5"), Decimal("6.25"))]


def test_completing_closes_a_template_for_good(retailer: Retailer) -> None:  # TPL-03
    (template_id,) = _import(retailer, {})
    retailer.templates.complete(template_id, "boss")
    read = retailer.templates.read(retailer.pos, template_id)
    assert (read.status, read.created_by, read.approved_by) == (COMPLETED, "author", "boss")
    assert read.approved_at is not None
    for call in (
        lambda: retailer.templates.complete(template_id, "boss"),
        lambda: retailer.templates.delete(template_id),
        lambda: _import(retailer, {"template_id": template_id}),
    ):
        (problem,) = problems_of(call)
        assert (problem.rule, problem.value) == ("TPL-03", str(template_id))
    assert retailer.templates.read(retailer.pos, template_id) == read


def test_a_template_in_progress_is_edited_and_deleted(retailer: Retailer) -> None:  # TPL-03
    (template_id,) = _import(retailer, {}, {"item_id": FLOUR})
    created = retailer.templates.read(retailer.pos, template_id)
    edited = {
        "template_id": template_id,
        "item_id": FLOUR,
        "quantity": Decimal(9),
        "description": "New",
        "comments": None,
    }
    assert retailer.templates.import_rows(_rows(edited), "editor") == [template_id]
    read = retailer.templates.read(retailer.pos, template_id)
    assert (read.description, read.comments) == ("New", None)
    assert [one[1:4] for one in read.lines] == [(FLOUR, 83, 9)]
    assert (read.created_at, read.created_by) == (created.created_at, "author")
    retailer.templates.delete(template_id)
    (problem,) = problems_of(retailer.templates.read, retailer.pos, template_id)
    assert (problem.rule, problem.value) == ("ADJ-16", str(template_id))
    assert retailer.rows("inv_adjust_template_item") == []


def test_the_id_of_a_deleted_template_does_not_come_back(retailer: Retailer) -> None:  # TPL-03
    (first,) = _import(retailer, {})
    retailer.templates.delete(first)
    (second,) = _import(retailer, {})
    assert second > first


def test_ids_that_a_file_gives_are_kept_and_not_given_again(retailer: Retailer) -> None:  # TPL-01
    given = [{"template_id": number} for number in range(1, 9)]
    assert _import(retailer, *given) == list(range(1, 9))
    assert _import(retailer, {}) == [9]
    assert _import(retailer, {"template_id": 3, "description": "Third"}) == [3]
    assert _import(retailer, {}) > [9]


def test_rows_of_one_template_belong_together_by_id_or_by_store_and_description(retailer: Retailer) -> None:  # TPL-01
    ids = _import(
        retailer,
        {"description": "A"},
        {"description": "B"},
        {"description": "A", "item_id": FLOUR},
        {"description": "A", "store_id": OTHER_STORE},
        {"template_id": 50, "description": "A"},
        {"template_id": 50, "description": "A", "item_id": FLOUR},
    )
    counts = [len(retailer.templates.read(retailer.pos, one).lines) for one in ids]
    assert counts == [2, 1, 1, 2]


@pytest.mark.parametrize("reason_id", [91, 96, 89, BETWEEN_SUB_BUCKETS.reason_id])
def test_a_template_does_not_touch_unavailable_stock(retailer: Retailer, reason_id: int) -> None:  # TPL-02
    (problem,) = problems_of(_import, retailer, {"reason_id": reason_id})
    assert (problem.rule, problem.field, problem.value, problem.line) == ("TPL-02", "reason_id", str(reason_id), 2)


@pytest.mark.parametrize("item_id", [TELEVISION, WATCH])
def test_a_template_has_no_items_with_uins(retailer: Retailer, item_id: str) -> None:  # TPL-02
    (problem,) = problems_of(_import, retailer, {"item_id": item_id})
    assert (problem.rule, problem.field, problem.value, problem.item_id) == ("TPL-02", "item_id", item_id, item_id)


@pytest.mark.parametrize(
    ("wrong", "rule", "field"),
    [
        ({"description": "  "}, "TPL-01", "description"),
        ({"store_id": 9999}, "ADJ-16", "store_id"),
        ({"item_id": "NOPE"}, "ADJ-16", "item_id"),
        ({"reason_id": 9999}, "ADJ-16", "reason_id"),
        ({"quantity": Decimal(0)}, "ADJ-15", "quantity"),
        ({"quantity": Decimal("-1")}, "ADJ-15", "quantity"),
        ({"quantity": Decimal("1.5")}, "ADJ-15", "quantity"),
        ({"quantity": Decimal("1E+20")}, "ADJ-15", "quantity"),
        ({"case_size": Decimal(0)}, "ADJ-15", "case_size"),
        ({"case_size": Decimal("0.001")}, "ADJ-15", "case_size"),
        ({"case_size": Decimal("100000000")}, "ADJ-15", "case_size"),
        ({"status": AdjustmentStatus.CANCELED}, "TPL-03", "status"),
    ],
)
def test_a_template_holds_to_the_rules_of_lines(
    retailer: Retailer, wrong: dict[str, object], rule: str, field: str
) -> None:  # TPL-01, ADJ-15, ADJ-16
    problems = problems_of(_import, retailer, wrong)
    assert [(one.rule, one.field, one.line) for one in problems] == [(rule, field, 2)]
    assert retailer.rows("inv_adjust_template") == []


def test_an_inactive_reason_cannot_be_put_into_a_template(retailer: Retailer) -> None:  # RSN-09
    reason = retailer.database.read(retailer.references.current).reasons[83]
    retailer.put_reason(replace(reason, active=False))
    assert [one.rule for one in problems_of(_import, retailer, {})] == ["RSN-09"]


def test_every_mistake_of_a_file_is_named_and_nothing_is_kept(retailer: Retailer) -> None:  # TPL-01, TPL-02
    problems = problems_of(
        _import,
        retailer,
        {"description": "good"},
        {"description": "bad", "item_id": WATCH},
        {"description": "bad", "item_id": FLOUR, "reason_id": 91, "comments": "other"},
        {"description": "bad", "item_id": FLOUR},
    )
    assert {(one.rule, one.line) for one in problems} == {("TPL-02", 3), ("TPL-02", 4), ("TPL-01", 4), ("ADJ-02", 5)}
    assert retailer.rows("inv_adjust_template") == []


@pytest.mark.parametrize(
    ("multiplier", "batteries", "flour"), [("1", "2", "0.3333"), ("3", "6", "0.9999"), ("0.5", "1", "0.1667")]
)
def test_applying_multiplies_and_rounds_half_up(
    retailer: Retailer, multiplier: str, batteries: str, flour: str
) -> None:  # ADJ-10
    (template_id,) = _import(retailer, {}, {"item_id": FLOUR, "reason_id": 84, "quantity": Decimal("0.3333")})
    retailer.templates.complete(template_id, "boss")
    applied = retailer.templates.applied(template_id, Decimal(multiplier))
    read = retailer.adjustments.read(retailer.pos, retailer.adjustments.save(retailer.pos, applied))
    assert (read.template_id, read.store_id, read.status) == (template_id, STORE, IN_PROGRESS)
    assert [one[1:5] for one in read.lines] == [
        (BATTERY, 83, Decimal(batteries), 1),
        (FLOUR, 84, Decimal(flour), 1),
    ]


def test_lines_of_an_applied_template_are_ordinary_lines(retailer: Retailer) -> None:  # ADJ-10
    (template_id,) = _import(retailer, {"status": COMPLETED})
    adjustment_id = retailer.adjustments.save(retailer.pos, retailer.templates.applied(template_id, Decimal(1)))
    (stored,) = retailer.adjustments.read(retailer.pos, adjustment_id).lines
    asked = change(
        line(FLOUR, 84, 1), adjustment_id=adjustment_id, template_id=template_id, removed_line_ids=[stored.line_id]
    )
    retailer.adjustments.save_and_confirm(retailer.pos, asked)
    read = retailer.adjustments.read(retailer.pos, adjustment_id)
    assert (read.template_id, [one.item_id for one in read.lines]) == (template_id, [FLOUR])


@pytest.mark.parametrize("multiplier", ["0.5", "0.25"])
def test_a_product_that_is_no_whole_unit_is_refused_on_saving(
    retailer: Retailer, multiplier: str
) -> None:  # ADJ-10, ADJ-15
    (template_id,) = _import(retailer, {"status": COMPLETED, "quantity": Decimal(1)})
    applied = retailer.templates.applied(template_id, Decimal(multiplier))
    assert [one.rule for one in problems_of(retailer.adjustments.save, retailer.pos, applied)] == ["ADJ-15"]


def test_a_product_too_small_to_keep_is_refused_on_saving(retailer: Retailer) -> None:  # ADJ-10, ADJ-15
    (template_id,) = _import(retailer, {"status": COMPLETED, "item_id": FLOUR, "quantity": Decimal("0.0001")})
    applied = retailer.templates.applied(template_id, Decimal("0.4"))
    assert [one.rule for one in problems_of(retailer.adjustments.save, retailer.pos, applied)] == ["ADJ-15"]


@pytest.mark.parametrize("kind", ["in progress", "other store", "unknown"])
def test_only_a_completed_template_of_the_store_can_be_applied(retailer: Retailer, kind: str) -> None:  # ADJ-10, TPL-03
    header = {"store_id": OTHER_STORE} if kind == "other store" else {}
    (template_id,) = _import(retailer, {"status": IN_PROGRESS if kind == "in progress" else COMPLETED, **header})
    asked = change(line(), template_id=template_id if kind != "unknown" else 9999)
    (problem,) = problems_of(retailer.adjustments.save, retailer.pos, asked)
    assert (problem.rule, problem.field) == ("ADJ-10" if kind == "in progress" else "ADJ-16", "template_id")


def test_an_unknown_template_can_be_neither_applied_nor_completed_nor_deleted(retailer: Retailer) -> None:  # ADJ-16
    for call in (
        lambda: retailer.templates.applied(9999, Decimal(1)),
        lambda: retailer.templates.complete(9999, "boss"),
        lambda: retailer.templates.delete(9999),
    ):
        (problem,) = problems_of(call)
        assert (problem.rule, problem.value) == ("ADJ-16", "9999")


def test_applying_needs_its_permission(retailer: Retailer) -> None:  # SEC-01
    (template_id,) = _import(retailer, {"status": COMPLETED})
    clerk = retailer.user("clerk", [one for one in EVERYTHING if one is not Function.APPLY_TEMPLATES])
    asked = change(line(), template_id=template_id)
    assert denied(retailer.adjustments.save, clerk, asked) == ("function apply_templates",)
    retailer.adjustments.save(clerk, change(line()))


def test_reading_needs_its_permission(retailer: Retailer) -> None:  # SEC-01, TPL-04
    (template_id,) = _import(retailer, {})
    clerk = retailer.user("clerk", [one for one in EVERYTHING if one is not Function.ACCESS_TEMPLATES])
    assert denied(retailer.templates.read, clerk, template_id) == ("function access_templates",)
    assert denied(retailer.templates.find_headers, clerk, TemplateCriteria(STORE)) == ("function access_templates",)
    assert retailer.denials() == [
        ("clerk", "readInventoryAdjustmentTemplateDetail", "function access_templates"),
        ("clerk", "lookupInventoryAdjustmentTemplateHeader", "function access_templates"),
    ]


def test_a_template_of_another_store_looks_like_an_unknown_one(retailer: Retailer) -> None:  # SEC-04, TPL-04
    (template_id,) = _import(retailer, {})
    clerk = retailer.user("clerk", store_ids=[OTHER_STORE])
    (hidden,) = problems_of(retailer.templates.read, clerk, template_id)
    (unknown,) = problems_of(retailer.templates.read, clerk, 9999)
    assert str(hidden) == str(unknown).replace("template 9999", f"template {template_id}")
    assert denied(retailer.templates.find_headers, clerk, TemplateCriteria(STORE)) == (f"store {STORE}",)
    (problem,) = problems_of(lambda: _find(retailer, store_id=9999))
    assert (problem.rule, problem.field) == ("ADJ-16", "store_id")


def test_a_search_finds_by_each_criterion_newest_first(retailer: Retailer) -> None:  # TPL-04
    (first,) = _import(retailer, {"description": "Bakery"})
    (second,) = _import(retailer, {"description": "Deli", "item_id": FLOUR, "reason_id": 93}, {"description": "Deli"})
    (third,) = retailer.templates.import_rows(_rows({"description": "Deli 2", "status": COMPLETED}), "boss")
    _import(retailer, {"description": "Deli", "store_id": OTHER_STORE})
    made = retailer.templates.read(retailer.pos, second).created_at
    tick = timedelta(microseconds=1)
    expected: list[tuple[dict[str, object], list[int]]] = [
        ({}, [third, second, first]),
        ({"item_id": FLOUR}, [second]),
        ({"reason_id": 83}, [third, second, first]),
        ({"reason_id": 93}, [second]),
        ({"template_id": first}, [first]),
        ({"status": IN_PROGRESS}, [second, first]),
        ({"status": COMPLETED}, [third]),
        ({"status": None}, [third, second, first]),
        ({"created_by": "boss"}, [third]),
        ({"created_from": made}, [third, second]),
        ({"created_from": made + tick}, [third]),
        ({"created_to": made}, [second, first]),
        ({"created_to": made - tick}, [first]),
        ({"description": "deli", "status": IN_PROGRESS}, [second]),
    ]
    for criteria, ids in expected:
        assert _find(retailer, **criteria) == ids, criteria
    headers = retailer.templates.find_headers(retailer.pos, TemplateCriteria(STORE, template_id=second))
    assert [(one.description, one.status, one.created_by, one.item_count) for one in headers] == [
        ("Deli", IN_PROGRESS, "author", 2)
    ]


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("BAKERY", ["Bakery 10%", "bakery_1"]),
        ("aker", ["Bakery 10%", "bakery_1"]),
        ("%", ["Bakery 10%"]),
        ("_", ["bakery_1"]),
        ("ä", ["Käse ÄPFEL"]),
        ("äpfel", ["Käse ÄPFEL"]),
        ("'; --", []),
        ("\\", []),
        ("", ["Bakery 10%", "Käse ÄPFEL", "bakery_1"]),
    ],
)
def test_a_description_is_found_by_any_part_in_any_case_taken_literally(
    retailer: Retailer, part: str, found: list[str]
) -> None:  # TPL-04
    _import(retailer, *({"description": one} for one in ("Bakery 10%", "bakery_1", "Käse ÄPFEL")))
    headers = retailer.templates.find_headers(retailer.pos, TemplateCriteria(STORE, description=part))
    assert sorted(one.description for one in headers) == found


def test_a_template_that_is_in_use_by_no_reason_of_the_caller_still_reads(retailer: Retailer) -> None:  # TPL-04, SEC-02
    (template_id,) = _import(retailer, {"status": COMPLETED})
    clerk = retailer.user("clerk", reason_ids=[84])
    assert retailer.templates.read(clerk, template_id).lines[0].reason_id == 83
    applied = retailer.templates.applied(template_id, Decimal(1))
    assert denied(retailer.adjustments.save, clerk, applied) == ("reason 83",)


def test_a_reason_for_customer_orders_touches_no_unavailable_stock(retailer: Retailer) -> None:  # TPL-02
    reason: Reason = retailer.database.read(retailer.references.current).reasons[180]
    assert not reason.disposition.touches_unavailable
    _import(retailer, {"reason_id": 180})

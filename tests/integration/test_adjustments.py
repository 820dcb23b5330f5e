"""Saving, changing, canceling and reading adjustments."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.adjustment import AdjustmentChange, AdjustmentStatus, ExtendedAttribute
from gateway.domain.disposition import Account
from tests.factories import (
    BATTERY,
    FLOUR,
    NOON,
    OTHER_STORE,
    STORE,
    TELEVISION,
    WATCH,
    Retailer,
    change,
    line,
    numbered,
    problems_of,
    rules_of,
)

LOT = ExtendedAttribute("Lot", "L1", "0123")


def _save(retailer: Retailer, *lines: object, **header: object) -> int:
    return retailer.adjustments.save(retailer.pos, change(*lines, **header))  # type: ignore[arg-type]


def test_a_new_adjustment_is_in_progress_and_reads_back(retailer: Retailer) -> None:  # ADJ-01, ADJ-06
    adjustment_id = _save(
        retailer, line(FLOUR, 84, "2.5", case_size="12.25"), line(BATTERY), comments="é & <b>", publish=True
    )
    read = retailer.adjustments.read(retailer.pos, adjustment_id)
    assert (read.adjustment_id, read.store_id, read.status) == (adjustment_id, STORE, AdjustmentStatus.IN_PROGRESS)
    assert (read.comments, read.publish, read.reference_id, read.template_id) == ("é & <b>", True, None, None)
    assert (read.created_by, read.approved_by, read.approved_at) == ("pos", None, None)
    assert read.created_at > NOON
    assert [(one.item_id, one.reason_id, one.quantity, one.case_size) for one in read.lines] == [
        (FLOUR, 84, Decimal("2.5"), Decimal("12.25")),
        (BATTERY, 83, 2, 1),
    ]


def test_lines_read_back_in_the_order_they_came(retailer: Retailer) -> None:  # ADJ-01
    items = list(reversed(numbered("I", 200)))
    retailer.add_items(items)
    adjustment_id = _save(retailer, *(line(item_id) for item_id in items))
    assert [one.item_id for one in retailer.adjustments.read(retailer.pos, adjustment_id).lines] == items


def test_saving_moves_reserves_and_publishes_nothing(retailer: Retailer) -> None:  # ADJ-03
    before = retailer.snapshot()
    adjustment_id = _save(retailer, line(BATTERY, 83, 50), line(TELEVISION, 83, 1, added=["TV-1311-1"]))
    _save(retailer, line(FLOUR, 84, 1), adjustment_id=adjustment_id)
    after = retailer.snapshot()
    for name in ("stock_movement", "store_item_stock", "store_item_stock_nonsell", "uin", "outbox_message"):
        assert after[name] == before[name], name


def test_a_save_changes_only_what_it_names(retailer: Retailer) -> None:  # ADJ-07
    adjustment_id = _save(
        retailer, line(BATTERY, 83, 2), line(FLOUR, 84, 3), line(TELEVISION, 83, 1, added=["TV-1311-1"]), comments="a"
    )
    battery, flour, television = retailer.adjustments.read(retailer.pos, adjustment_id).lines
    changed = change(
        line(BATTERY, 83, 7, line_id=battery.line_id, case_size=6),
        line(
            TELEVISION,
            83,
            1,
            line_id=television.line_id,
            added=["TV-1311-2"],
            removed=["TV-1311-1"],
        ),
        line(WATCH, 83, 1, added=["WA-1311-1"]),
        adjustment_id=adjustment_id,
        removed_line_ids=[flour.line_id],
    )
    assert retailer.adjustments.save(retailer.pos, changed) == adjustment_id
    read = retailer.adjustments.read(retailer.pos, adjustment_id)
    assert read.comments == "a"
    assert [(one.line_id, one.item_id, one.quantity, one.case_size, list(one.uins)) for one in read.lines[:2]] == [
        (battery.line_id, BATTERY, 7, 6, []),
        (television.line_id, TELEVISION, 1, 1, ["TV-1311-2"]),
    ]
    assert (read.lines[2].item_id, list(read.lines[2].uins)) == (WATCH, ["WA-1311-1"])


@pytest.mark.parametrize(("given_comments", "kept"), [(None, "first"), ("", ""), ("second", "second")])
def test_comments_are_replaced_only_when_present(
    retailer: Retailer, given_comments: str | None, kept: str
) -> None:  # ADJ-07
    adjustment_id = _save(retailer, line(), comments="first")
    _save(retailer, adjustment_id=adjustment_id, comments=given_comments)
    assert retailer.adjustments.read(retailer.pos, adjustment_id).comments == kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"store_id": OTHER_STORE},
        {"reference_id": 1},
        {"template_id": 1},
        {"removed_line_ids": [10**6]},
        {"lines": [line(BATTERY, line_id=10**6)]},
    ],
)
def test_what_never_changes_is_refused_and_leaves_everything(
    retailer: Retailer, wrong: dict[str, object]
) -> None:  # ADJ-07
    adjustment_id = _save(retailer, line(), line(FLOUR))
    before = retailer.snapshot()
    header = {"adjustment_id": adjustment_id, "comments": "x", **wrong}
    asked = change(*header.pop("lines", ()), **header)  # type: ignore[misc]
    assert rules_of(retailer.adjustments.save, retailer.pos, asked) == ["ADJ-07"]
    assert retailer.snapshot() == before


@pytest.mark.parametrize("field", ["item", "reason"])
def test_item_and_reason_of_a_line_never_change(retailer: Retailer, field: str) -> None:  # ADJ-07
    adjustment_id = _save(retailer, line(BATTERY, 83, 2))
    (stored,) = retailer.adjustments.read(retailer.pos, adjustment_id).lines
    other = line(FLOUR, 83, line_id=stored.line_id) if field == "item" else line(BATTERY, 84, line_id=stored.line_id)
    (problem,) = problems_of(retailer.adjustments.save, retailer.pos, change(other, adjustment_id=adjustment_id))
    assert (problem.rule, problem.field, problem.line, problem.line_id) == (
        "ADJ-07",
        f"{field}_id",
        1,
        stored.line_id,
    )


def test_ids_of_removed_lines_never_come_back(retailer: Retailer) -> None:  # ADJ-07
    adjustment_id = _save(retailer, line(BATTERY), line(FLOUR))
    seen = set()
    for _ in range(4):
        battery, last = retailer.adjustments.read(retailer.pos, adjustment_id).lines
        assert last.line_id not in seen
        seen.add(last.line_id)
        _save(retailer, line(FLOUR), adjustment_id=adjustment_id, removed_line_ids=[last.line_id])
        assert battery.line_id not in seen


@pytest.mark.parametrize("end", ["confirm", "cancel"])
def test_a_closed_adjustment_can_no_longer_be_touched(retailer: Retailer, end: str) -> None:  # ADJ-01, ADJ-08
    adjustment_id = _save(retailer, line())
    getattr(retailer.adjustments, end)(retailer.pos, adjustment_id)
    status = AdjustmentStatus.COMPLETED if end == "confirm" else AdjustmentStatus.CANCELED
    before = retailer.snapshot()
    calls = (
        lambda: _save(retailer, line(FLOUR), adjustment_id=adjustment_id),
        lambda: _save(retailer, adjustment_id=adjustment_id, comments="x"),
        lambda: retailer.adjustments.save_and_confirm(retailer.pos, change(adjustment_id=adjustment_id)),
        lambda: retailer.adjustments.confirm(retailer.pos, adjustment_id),
        lambda: retailer.adjustments.cancel(retailer.pos, adjustment_id),
    )
    for call in calls:
        (problem,) = problems_of(call)
        assert (problem.rule, problem.value) == ("ADJ-08", str(adjustment_id))
        assert status in problem.text
    assert retailer.snapshot() == before


def test_canceling_closes_without_moving_anything(retailer: Retailer) -> None:  # ADJ-08
    adjustment_id = _save(retailer, line())
    before = retailer.snapshot()
    retailer.adjustments.cancel(retailer.pos, adjustment_id)
    read = retailer.adjustments.read(retailer.pos, adjustment_id)
    assert (read.status, read.approved_at, read.approved_by) == (AdjustmentStatus.CANCELED, None, None)
    assert retailer.snapshot() == {**before, "inv_adjust": retailer.rows("inv_adjust")}


def test_one_person_saves_and_another_confirms(retailer: Retailer) -> None:  # ADJ-06
    manager = retailer.user("manager")
    adjustment_id = _save(retailer, line())
    retailer.adjustments.confirm(manager, adjustment_id)
    read = retailer.adjustments.read(retailer.pos, adjustment_id)
    assert (read.created_by, read.approved_by) == ("pos", "manager")
    assert read.approved_at is not None
    assert read.approved_at > read.created_at
    assert [one.user_name for one in retailer.messages()] == ["manager"]
    assert retailer.rows("stock_movement")[-1]["moved_by"] == "manager"


def test_extended_attributes_are_kept_updated_and_removed(retailer: Retailer) -> None:  # ADJ-14
    other = ExtendedAttribute("Lot", "L2", "0456")
    bare = ExtendedAttribute("Seal", None, None)
    adjustment_id = _save(retailer, line(BATTERY, attributes=[LOT, other, bare]))
    (stored,) = retailer.adjustments.read(retailer.pos, adjustment_id).lines
    assert list(stored.attributes) == [LOT, other, bare]
    newer, added = LOT._replace(value="L9 'ä' <&>"), ExtendedAttribute("Weight", "1.5", "0123")
    asked = line(BATTERY, line_id=stored.line_id, attributes=[newer, added], removed_barcodes=["0456"])
    _save(retailer, asked, adjustment_id=adjustment_id)
    (changed,) = retailer.adjustments.read(retailer.pos, adjustment_id).lines
    assert set(changed.attributes) == {newer, added, bare}
    retailer.adjustments.confirm(retailer.pos, adjustment_id)
    (closed,) = retailer.adjustments.read(retailer.pos, adjustment_id).lines
    assert closed.attributes == changed.attributes


@pytest.mark.parametrize("quantity", ["0", "-1", "-0.0001"])
def test_a_quantity_is_above_zero(retailer: Retailer, quantity: str) -> None:  # ADJ-15
    (problem,) = problems_of(retailer.adjustments.save, retailer.pos, change(line(FLOUR, 83, quantity)))
    assert (problem.rule, problem.field, problem.value, problem.line) == ("ADJ-15", "quantity", quantity, 1)


@pytest.mark.parametrize(("item_id", "fits"), [(BATTERY, False), (FLOUR, True)])
def test_only_items_that_can_be_split_take_a_fraction(retailer: Retailer, item_id: str, fits: bool) -> None:  # ADJ-15
    asked = change(line(item_id, 83, "1.5"))
    if fits:
        retailer.adjustments.save(retailer.pos, asked)
    else:
        assert rules_of(retailer.adjustments.save, retailer.pos, asked) == ["ADJ-15"]


def test_idle_zeros_are_no_fraction(retailer: Retailer) -> None:  # ADJ-15
    adjustment_id = _save(retailer, line(BATTERY, 83, "2.00000000"))
    assert retailer.adjustments.read(retailer.pos, adjustment_id).lines[0].quantity == 2


@pytest.mark.parametrize("case_size", ["0", "-1", "0.001", "0.004", "1.234", "100000000", "99999999.991", "NaN"])
def test_a_case_size_is_above_zero_and_fits_its_digits(retailer: Retailer, case_size: str) -> None:  # ADJ-15
    (problem,) = problems_of(retailer.adjustments.save, retailer.pos, change(line(case_size=case_size)))
    assert (problem.rule, problem.field) == ("ADJ-15", "case_size")


@pytest.mark.parametrize("case_size", ["0.01", "1.0000", "99999999.99"])
def test_case_sizes_come_back_exactly(retailer: Retailer, case_size: str) -> None:  # ADJ-15
    adjustment_id = _save(retailer, line(case_size=case_size))
    assert retailer.adjustments.read(retailer.pos, adjustment_id).lines[0].case_size == Decimal(case_size)


@pytest.mark.parametrize(
    ("asked", "field", "value"),
    [
        (change(line(), store_id=9999), "store_id", "9999"),
        (change(line("NOPE")), "item_id", "NOPE"),
        (change(line(BATTERY, 9999)), "reason_id", "9999"),
        (change(line(), template_id=9999), "template_id", "9999"),
        (change(line(), reference_id=9999), "reference_id", "9999"),
        (change(line(), adjustment_id=9999), "adjustment_id", "9999"),
    ],
)
def test_what_is_not_known_is_named(
    retailer: Retailer, asked: AdjustmentChange, field: str, value: str
) -> None:  # ADJ-16
    before = retailer.snapshot()
    problems = problems_of(retailer.adjustments.save, retailer.pos, asked)
    (problem,) = [one for one in problems if one.field == field]
    assert (problem.rule, problem.value) == ("ADJ-16", value)
    assert value in problem.text
    assert retailer.snapshot() == before


def test_confirming_canceling_and_reading_what_is_not_known(retailer: Retailer) -> None:  # ADJ-16
    for call in (retailer.adjustments.confirm, retailer.adjustments.cancel, retailer.adjustments.read):
        (problem,) = problems_of(call, retailer.pos, 9999)
        assert (problem.rule, problem.field, problem.value) == ("ADJ-16", "adjustment_id", "9999")


def test_an_item_stands_on_one_line_only(retailer: Retailer) -> None:  # ADJ-02
    (problem,) = problems_of(retailer.adjustments.save, retailer.pos, change(line(), line(FLOUR), line(BATTERY, 84)))
    assert (problem.rule, problem.line, problem.item_id) == ("ADJ-02", 3, BATTERY)


def test_an_adjustment_has_a_thousand_lines_at_most(retailer: Retailer) -> None:  # ADJ-01
    retailer.add_items(numbered("I", 1001))
    lines = [line(item_id) for item_id in numbered("I", 1001)]
    assert rules_of(retailer.adjustments.save, retailer.pos, change(*lines)) == ["ADJ-01"]
    assert rules_of(retailer.adjustments.save, retailer.pos, change()) == ["ADJ-01"]
    adjustment_id = retailer.adjustments.save(retailer.pos, change(*lines[:1000]))
    asked = change(lines[1000], adjustment_id=adjustment_id)
    assert rules_of(retailer.adjustments.save, retailer.pos, asked) == ["ADJ-01"]
    assert len(retailer.adjustments.read(retailer.pos, adjustment_id).lines) == 1000


def test_an_item_that_is_not_ranged_can_only_be_received(retailer: Retailer) -> None:  # ADJ-16
    retailer.add_items(["NEW"], ranged=False)
    for reason_id in (83, 91, 96):
        problems = problems_of(retailer.adjustments.save, retailer.pos, change(line("NEW", reason_id)))
        assert [(one.rule, one.item_id) for one in problems] == [("ADJ-16", "NEW")]
    retailer.adjustments.save_and_confirm(retailer.pos, change(line("NEW", 93, 4)))
    assert retailer.position("NEW") == (4, 0, 0)
    retailer.adjustments.save_and_confirm(retailer.pos, change(line("NEW", 83, 5)))
    assert retailer.position("NEW") == (-1, 0, 0)
    assert retailer.differences() == ()


def test_saving_a_receipt_does_not_range_the_item(retailer: Retailer) -> None:  # ADJ-03, ADJ-16
    retailer.add_items(["NEW"], ranged=False)
    before = retailer.rows("store_item_stock")
    _save(retailer, line("NEW", 93, 4))
    assert retailer.rows("store_item_stock") == before


def test_every_broken_rule_of_every_line_is_reported_at_once(retailer: Retailer) -> None:  # ADJ-04
    asked = change(
        line(BATTERY, 83, "1.5", case_size=0),
        line("NOPE", 9999, 0),
        line(FLOUR, 96, 1),
        line(TELEVISION, 83, 2, added=["TV-1311-1", "TV-1312-1"]),
        line(WATCH, 1, 1, added=["WA-1311-1"]),
        comments="x",
        template_id=9999,
    )
    problems = problems_of(retailer.adjustments.save, retailer.pos, asked)
    assert {(one.rule, one.line, one.item_id) for one in problems} == {
        ("ADJ-16", None, None),
        ("ADJ-15", 1, BATTERY),
        ("ADJ-15", 2, "NOPE"),
        ("ADJ-16", 2, "NOPE"),
        ("ADJ-05", 3, FLOUR),
        ("UIN-05", 4, TELEVISION),
        ("RSN-07", 5, WATCH),
    }
    assert len(problems) == 9
    assert all(one.remedy and one.text for one in problems)


def test_copying_remembers_the_completed_adjustment(retailer: Retailer) -> None:  # ADJ-09
    original = retailer.adjustments.save_and_confirm(retailer.pos, change(line(BATTERY), line(FLOUR, 84, "1.5")))
    copied = retailer.adjustments.read(retailer.pos, original)
    asked = change(
        *(line(one.item_id, one.reason_id, str(one.quantity)) for one in copied.lines), reference_id=original
    )
    read = retailer.adjustments.read(retailer.pos, retailer.adjustments.save(retailer.pos, asked))
    assert (read.reference_id, read.status) == (original, AdjustmentStatus.IN_PROGRESS)
    assert [one[1:4] for one in read.lines] == [one[1:4] for one in copied.lines]


@pytest.mark.parametrize("kind", ["in progress", "canceled", "other store", "with UINs"])
def test_only_a_completed_adjustment_of_the_store_without_uins_can_be_copied(
    retailer: Retailer, kind: str
) -> None:  # ADJ-09
    header = {"store_id": OTHER_STORE} if kind == "other store" else {}
    item = line(WATCH, 83, 1, added=["WA-1311-1"]) if kind == "with UINs" else line()
    original = _save(retailer, item, **header)
    if kind == "canceled":
        retailer.adjustments.cancel(retailer.pos, original)
    elif kind != "in progress":
        retailer.adjustments.confirm(retailer.pos, original)
    before = retailer.snapshot()
    (problem,) = problems_of(retailer.adjustments.save, retailer.pos, change(line(), reference_id=original))
    assert (problem.rule, problem.field) == ("ADJ-16" if kind == "other store" else "ADJ-09", "reference_id")
    assert retailer.snapshot() == before


def test_the_reserve_and_sub_buckets_are_checked_when_saving(retailer: Retailer) -> None:  # ADJ-05
    retailer.set_parameter("callers_may_use_system_reasons", "on")
    for reason_id, there in ((96, 10), (89, 10), (200, 10), (181, 5)):
        _save(retailer, line(BATTERY, reason_id, there))
        (problem,) = problems_of(retailer.adjustments.save, retailer.pos, change(line(BATTERY, reason_id, there + 1)))
        assert (problem.rule, problem.field, problem.value) == ("ADJ-05", "quantity", str(there + 1))
        assert f"exceeds the {there} in" in problem.text


def test_available_stock_may_be_exceeded(retailer: Retailer) -> None:  # ADJ-05, STK-04
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(BATTERY, 83, 150)))
    assert retailer.position(BATTERY) == (-50, 10, 5)
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(BATTERY, 91, 20)))
    assert retailer.position(BATTERY) == (-70, 30, 5)
    assert retailer.differences() == ()


def test_stock_of_another_sub_bucket_does_not_count(retailer: Retailer) -> None:  # ADJ-05, STK-04
    retailer.stock_up(BATTERY, Account.UNAVAILABLE, 50, 2)
    assert retailer.position(BATTERY).unavailable == 60
    asked = change(line(BATTERY, 96, 11))
    (problem,) = problems_of(retailer.adjustments.save_and_confirm, retailer.pos, asked)
    assert (problem.rule, problem.text) == ("ADJ-05", "quantity 11 exceeds the 10 in sub-bucket Trouble.")


LIMIT = "9999999999999999.9999"


@pytest.mark.parametrize("quantity", ["10000000000000000", "0.00001", "1E+30"])
def test_a_quantity_of_too_many_digits_is_refused(retailer: Retailer, quantity: str) -> None:  # STK-05
    assert "STK-05" in rules_of(retailer.adjustments.save, retailer.pos, change(line(FLOUR, 83, quantity)))


def test_the_largest_quantity_is_kept_and_moved_exactly(retailer: Retailer) -> None:  # STK-05
    retailer.add_items(["BULK"], uom="KG")
    retailer.adjustments.save_and_confirm(retailer.pos, change(line("BULK", 93, LIMIT), publish=False))
    assert retailer.position("BULK") == (Decimal(LIMIT), 0, 0)
    for _ in range(2):
        retailer.adjustments.save_and_confirm(retailer.pos, change(line("BULK", 83, LIMIT), publish=False))
    assert retailer.position("BULK") == (-Decimal(LIMIT), 0, 0)
    assert retailer.differences() == ()


def test_a_position_never_overflows(retailer: Retailer) -> None:  # STK-05
    retailer.add_items(["BULK"], uom="KG")
    retailer.adjustments.save_and_confirm(retailer.pos, change(line("BULK", 93, LIMIT), publish=False))
    before = retailer.snapshot()
    for reason_id in (93, 94):
        asked = change(line("BULK", reason_id, "0.0001"))
        assert rules_of(retailer.adjustments.save_and_confirm, retailer.pos, asked) == ["STK-05"]
    assert retailer.snapshot() == before
    retailer.adjustments.save_and_confirm(retailer.pos, change(line("BULK", 91, LIMIT), publish=False))
    assert retailer.position("BULK") == (0, Decimal(LIMIT), 0)
    asked = change(line("BULK", 91, "0.0001"))
    assert rules_of(retailer.adjustments.save_and_confirm, retailer.pos, asked) == ["STK-05"]
    assert retailer.differences() == ()


def test_merchandising_cannot_carry_every_quantity(retailer: Retailer) -> None:  # PUB-04
    retailer.add_items(["BULK"], uom="KG")
    retailer.adjustments.save_and_confirm(retailer.pos, change(line("BULK", 93, "99999999.9999")))
    assert retailer.messages()[0].quantity == Decimal("99999999.9999")
    asked = change(line("BULK", 93, "100000000"))
    assert rules_of(retailer.adjustments.save, retailer.pos, asked) == ["PUB-04"]
    retailer.adjustments.save_and_confirm(retailer.pos, change(line("BULK", 93, "100000000"), publish=False))
    assert len(retailer.messages()) == 1


# The database is made once for all examples on purpose: each example saves and confirms an adjustment of its own.
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quantity=st.integers(1, 10**20 - 1).map(lambda units: Decimal(units).scaleb(-4)))
def test_every_quantity_survives_saving_and_confirming_exactly(retailer: Retailer, quantity: Decimal) -> None:  # STK-05
    item_id = f"Q{retailer.clock().timestamp():.0f}"
    retailer.add_items([item_id], uom="KG")
    adjustment_id = _save(retailer, line(item_id, 93, str(quantity)), publish=False)
    (stored,) = retailer.adjustments.read(retailer.pos, adjustment_id).lines
    assert stored.quantity == quantity
    retailer.adjustments.confirm(retailer.pos, adjustment_id)
    assert retailer.position(item_id) == (quantity, 0, 0)
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(item_id, 91, str(quantity)), publish=False))
    assert (retailer.position(item_id), retailer.sub_bucket(item_id, 1)) == ((0, quantity, 0), quantity)

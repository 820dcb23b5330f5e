"""Serial numbers: which are needed, what they may do, where they end."""

from __future__ import annotations

import pytest

from gateway.domain.disposition import Disposition
from gateway.domain.permission import Function
from gateway.persistence import reference_data
from tests.factories import (
    BATTERY,
    BETWEEN_SUB_BUCKETS,
    EVERYTHING,
    OTHER_STORE,
    REASON_OF,
    REPAIR,
    STORE,
    TELEVISION,
    TROUBLE,
    WATCH,
    Retailer,
    change,
    line,
    numbered,
    problems_of,
    rules_of,
)

STATES = ("in_stock", "unavailable", "customer_reserved", "removed", "missing")
TAKEN_FROM = {
    Disposition.DECREASE_SOH: {"in_stock"},
    Disposition.INCREASE_SOH: {"removed", "missing"},
    Disposition.TO_UNAVAILABLE: {"in_stock"},
    Disposition.FROM_UNAVAILABLE: {"unavailable"},
    Disposition.RESERVE: {"in_stock"},
    Disposition.UNRESERVE: {"customer_reserved"},
    Disposition.DISPOSE_UNAVAILABLE: {"unavailable"},
    Disposition.BETWEEN_SUB_BUCKETS: {"unavailable"},
}
ENDS_IN = {
    Disposition.DECREASE_SOH: ("removed", None),
    Disposition.INCREASE_SOH: ("in_stock", None),
    Disposition.TO_UNAVAILABLE: ("unavailable", TROUBLE.type_id),
    Disposition.FROM_UNAVAILABLE: ("in_stock", None),
    Disposition.RESERVE: ("customer_reserved", None),
    Disposition.UNRESERVE: ("in_stock", None),
    Disposition.DISPOSE_UNAVAILABLE: ("removed", None),
    Disposition.BETWEEN_SUB_BUCKETS: ("unavailable", REPAIR.type_id),
}
SERIALISED = pytest.mark.parametrize("item_id", [TELEVISION, WATCH])


def _post(retailer: Retailer, item_id: str, reason_id: int, uins: list[str], store_id: int = STORE) -> int:
    return retailer.adjustments.save_and_confirm(
        retailer.pos, change(line(item_id, reason_id, len(uins), added=uins), store_id=store_id)
    )


def _in_every_state(retailer: Retailer, item_id: str, store_id: int) -> dict[str, str]:
    """Bring one unit into each state at a store; return them by state."""
    retailer.set_parameter("callers_may_use_system_reasons", "on")
    units = {state: f"{state}-{store_id}" for state in STATES}
    _post(retailer, item_id, 93, list(units.values()), store_id)
    _post(retailer, item_id, 91, [units["unavailable"], units["missing"]], store_id)
    _post(retailer, item_id, 180, [units["customer_reserved"]], store_id)
    _post(retailer, item_id, 83, [units["removed"]], store_id)
    _post(retailer, item_id, 75, [units["missing"]], store_id)
    assert {state: retailer.states(item_id)[uin][1] for state, uin in units.items()} == {one: one for one in STATES}
    return units


@SERIALISED
@pytest.mark.parametrize("disposition", list(Disposition))
def test_a_unit_is_taken_only_from_where_the_disposition_takes_stock(
    retailer: Retailer, item_id: str, disposition: Disposition
) -> None:  # UIN-05
    for store_id in (STORE, OTHER_STORE):
        units = _in_every_state(retailer, item_id, store_id)
        before = retailer.snapshot()
        for state, uin in units.items():
            asked = change(line(item_id, REASON_OF[disposition], 1, added=[uin]))
            from_outside = disposition is Disposition.INCREASE_SOH and state in ("removed", "missing")
            if state in TAKEN_FROM[disposition] and (store_id == STORE or from_outside):
                continue
            problems = problems_of(retailer.adjustments.save_and_confirm, retailer.pos, asked)
            named = [one for one in problems if one.rule == "UIN-05"]
            assert [one.value for one in named] == [uin], state
            assert {one.rule for one in problems} <= {"UIN-05", "ADJ-05"}
        assert retailer.snapshot() == before


@SERIALISED
@pytest.mark.parametrize("disposition", list(Disposition))
def test_a_unit_ends_where_the_disposition_puts_stock(
    retailer: Retailer, item_id: str, disposition: Disposition
) -> None:  # UIN-05, UIN-08
    units = _in_every_state(retailer, item_id, STORE)
    for state in sorted(TAKEN_FROM[disposition]):
        _post(retailer, item_id, REASON_OF[disposition], [units[state]])
        assert retailer.states(item_id)[units[state]] == (STORE, *ENDS_IN[disposition])
        if disposition is not Disposition.BETWEEN_SUB_BUCKETS:
            assert [one.uin for one in retailer.messages()[-1].uins] == [units[state]]
    assert retailer.differences() == ()


@SERIALISED
@pytest.mark.parametrize("state", ["removed", "missing"])
def test_a_unit_from_outside_may_enter_at_another_store(retailer: Retailer, item_id: str, state: str) -> None:  # UIN-05
    uin = _in_every_state(retailer, item_id, OTHER_STORE)[state]
    _post(retailer, item_id, 93, [uin], STORE)
    assert retailer.states(item_id)[uin] == (STORE, "in_stock", None)
    assert retailer.differences() == ()


def test_a_unit_must_lie_in_the_sub_bucket_of_the_reason(retailer: Retailer) -> None:  # UIN-05
    _post(retailer, TELEVISION, 91, ["TV-1311-1", "TV-1311-2"])
    _post(retailer, TELEVISION, BETWEEN_SUB_BUCKETS.reason_id, ["TV-1311-1"])
    asked = change(line(TELEVISION, 96, 1, added=["TV-1311-1"]))
    (problem,) = problems_of(retailer.adjustments.save, retailer.pos, asked)
    assert (problem.rule, problem.value) == ("UIN-05", "TV-1311-1")
    assert "sub-bucket 2" in problem.text
    _post(retailer, TELEVISION, 96, ["TV-1311-2"])
    assert retailer.differences() == ()


def test_a_count_that_misses_a_unit_ends_in_missing(retailer: Retailer) -> None:  # UIN-05, RSN-07
    retailer.set_parameter("callers_may_use_system_reasons", "on")
    _post(retailer, TELEVISION, 91, ["TV-1311-1"])
    _post(retailer, TELEVISION, 75, ["TV-1311-1"])
    assert retailer.states(TELEVISION)["TV-1311-1"] == (STORE, "missing", None)
    assert retailer.differences() == ()
    _post(retailer, TELEVISION, 93, ["TV-1311-1"])
    assert retailer.states(TELEVISION)["TV-1311-1"] == (STORE, "in_stock", None)
    assert retailer.differences() == ()


def test_without_sub_buckets_units_move_all_the_same(retailer: Retailer) -> None:  # UIN-05, RSN-04
    retailer.set_parameter("sub_buckets", "off")
    _post(retailer, TELEVISION, 91, ["TV-1311-1", "TV-1311-2"])
    assert retailer.states(TELEVISION)["TV-1311-1"] == (STORE, "unavailable", None)
    _post(retailer, TELEVISION, 96, ["TV-1311-1"])
    _post(retailer, TELEVISION, 89, ["TV-1311-2"])
    assert retailer.states(TELEVISION)["TV-1311-1"] == (STORE, "in_stock", None)
    assert retailer.differences() == ()


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("reason_id", [83, 93, 91])
def test_a_serial_item_needs_one_uin_for_each_unit(retailer: Retailer, count: int, reason_id: int) -> None:  # UIN-02
    uins = numbered("N", count) if reason_id == 93 else numbered("TV-1311-", count)
    problems = problems_of(retailer.adjustments.save, retailer.pos, change(line(TELEVISION, reason_id, 2, added=uins)))
    (problem,) = [one for one in problems if one.field == "quantity"]
    assert (problem.rule, problem.text) == ("UIN-02", f"quantity is 2, but the line has {count} UINs.")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_an_agsn_item_needs_its_uins_unless_it_comes_in(retailer: Retailer, count: int) -> None:  # UIN-03
    uins = [f"WA-1311-{number}" for number in range(1, count + 1)]
    for reason_id in (83, 91):
        asked = change(line(WATCH, reason_id, 2, added=uins))
        assert "UIN-03" in rules_of(retailer.adjustments.save, retailer.pos, asked)


def test_a_plain_item_has_no_uins(retailer: Retailer) -> None:  # UIN-01
    (problem,) = problems_of(retailer.adjustments.save, retailer.pos, change(line(BATTERY, 83, 1, added=["X"])))
    assert (problem.rule, problem.field, problem.value) == ("UIN-01", "added_uin_col", "X")


def test_a_uin_is_named_once_and_has_1_to_128_characters(retailer: Retailer) -> None:  # UIN-02, UIN-05
    for uins, rule in (
        (["A", "A"], "UIN-05"),
        (["A", " "], "UIN-02"),
        (["A", ""], "UIN-02"),
        (["A", "x" * 129], "UIN-02"),
    ):
        asked = change(line(TELEVISION, 93, 2, added=uins))
        assert rules_of(retailer.adjustments.save, retailer.pos, asked) == [rule]
    _post(retailer, TELEVISION, 93, ["ü" * 128])
    assert "ü" * 128 in retailer.states(TELEVISION)


def test_the_same_uin_may_stand_for_units_of_two_items(retailer: Retailer) -> None:  # UIN-05
    _post(retailer, TELEVISION, 93, ["SAME"])
    _post(retailer, WATCH, 93, ["SAME"])
    _post(retailer, WATCH, 83, ["SAME"])
    assert retailer.states(TELEVISION)["SAME"][1] == "in_stock"
    assert retailer.states(WATCH)["SAME"][1] == "removed"
    assert retailer.differences() == ()


@pytest.mark.parametrize("captured", [0, 1, 3])
def test_units_that_come_in_without_uins_get_generated_ones(retailer: Retailer, captured: int) -> None:  # UIN-04
    uins = numbered("MINE-", captured)
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line(WATCH, 93, 3, added=uins)))
    (saved,) = retailer.adjustments.read(retailer.pos, adjustment_id).lines
    assert list(saved.uins) == list(uins)
    retailer.adjustments.confirm(retailer.pos, adjustment_id)
    (closed,) = retailer.adjustments.read(retailer.pos, adjustment_id).lines
    assert len(set(closed.uins)) == 3
    assert set(uins) <= set(closed.uins)
    assert {retailer.states(WATCH)[uin] for uin in closed.uins} == {(STORE, "in_stock", None)}
    assert {one.uin for one in retailer.messages()[-1].uins} == set(closed.uins)
    assert retailer.position(WATCH).available == 6
    assert retailer.differences() == ()


def test_more_uins_than_units_are_refused(retailer: Retailer) -> None:  # UIN-04
    asked = change(line(WATCH, 93, 1, added=["A", "B"]))
    assert rules_of(retailer.adjustments.save, retailer.pos, asked) == ["UIN-04"]


@pytest.mark.parametrize("reason_id", [83, 93])
def test_half_a_unit_has_no_uin(retailer: Retailer, reason_id: int) -> None:  # UIN-02, UIN-03, UIN-04
    retailer.add_items(["CABLE"], uom="M", kind="agsn")
    retailer.add_items(["HOSE"], uom="M", kind="serial")
    for item_id in ("CABLE", "HOSE"):
        problems = problems_of(retailer.adjustments.save, retailer.pos, change(line(item_id, reason_id, "2.5")))
        assert problems
        assert {one.rule for one in problems} <= {"UIN-02", "UIN-03", "UIN-04"}


def test_generated_numbers_never_repeat(retailer: Retailer) -> None:  # UIN-04
    for _ in range(3):
        retailer.adjustments.save_and_confirm(retailer.pos, change(line(WATCH, 93, 5)))
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(WATCH, 93, 5), store_id=OTHER_STORE))
    assert len(retailer.states(WATCH)) == 5 + 20
    assert retailer.differences() == ()


@pytest.mark.parametrize("when", ["before", "in the same line"])
def test_a_number_that_somebody_captured_by_hand_is_not_generated_again(
    retailer: Retailer, when: str
) -> None:  # UIN-04
    first, second = "AG000000000001", "AG000000000003"
    if when == "before":
        _post(retailer, WATCH, 93, [first, second])
        retailer.adjustments.save_and_confirm(retailer.pos, change(line(WATCH, 93, 4)))
    else:
        retailer.adjustments.save_and_confirm(retailer.pos, change(line(WATCH, 93, 6, added=[first, second])))
    assert len(retailer.states(WATCH)) == 5 + 6
    assert retailer.position(WATCH).available == 3 + 6
    assert retailer.differences() == ()


def test_only_who_may_create_uins_brings_new_ones_in(retailer: Retailer) -> None:  # UIN-06, SEC-01
    clerk = retailer.user("clerk", [one for one in EVERYTHING if one is not Function.CREATE_UIN])
    asked = change(line(TELEVISION, 93, 1, added=["NEW"]))
    before = retailer.snapshot()
    for call in (retailer.adjustments.save, retailer.adjustments.save_and_confirm):
        (problem,) = problems_of(call, clerk, asked)
        assert (problem.rule, problem.field, problem.value) == ("SEC-01", "added_uin_col", "NEW")
        assert "UIN-06" in problem.text
        assert "create_uin" in problem.remedy
    assert retailer.snapshot() == before
    assert retailer.denials() == [
        ("clerk", "saveInventoryAdjustment", "function create_uin"),
        ("clerk", "saveAndConfirmInventoryAdjustment", "function create_uin"),
    ]
    retailer.adjustments.save_and_confirm(retailer.pos, asked)
    assert retailer.states(TELEVISION)["NEW"] == (STORE, "in_stock", None)


def test_who_confirms_needs_the_permission_to_create_uins(retailer: Retailer) -> None:  # UIN-06
    clerk = retailer.user("clerk", [one for one in EVERYTHING if one is not Function.CREATE_UIN])
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line(TELEVISION, 93, 1, added=["NEW"])))
    assert rules_of(retailer.adjustments.confirm, clerk, adjustment_id) == ["SEC-01"]
    assert retailer.denials() == [("clerk", "confirmInventoryAdjustment", "function create_uin")]


def test_a_known_uin_and_a_generated_one_need_no_permission(retailer: Retailer) -> None:  # UIN-04, UIN-06
    clerk = retailer.user("clerk", [one for one in EVERYTHING if one is not Function.CREATE_UIN])
    _post(retailer, TELEVISION, 83, ["TV-1311-1"])
    retailer.adjustments.save_and_confirm(
        clerk, change(line(TELEVISION, 93, 1, added=["TV-1311-1"]), line(WATCH, 93, 1))
    )
    assert retailer.differences() == ()


@pytest.mark.parametrize("disposition", [one for one in Disposition if one is not Disposition.INCREASE_SOH])
def test_a_unit_never_seen_can_only_come_in(retailer: Retailer, disposition: Disposition) -> None:  # UIN-06
    retailer.set_parameter("callers_may_use_system_reasons", "on")
    asked = change(line(TELEVISION, REASON_OF[disposition], 1, added=["NEW"]))
    problems = problems_of(retailer.adjustments.save, retailer.pos, asked)
    assert [one.value for one in problems if one.rule == "UIN-06"] == ["NEW"]


@SERIALISED
def test_stock_in_takes_a_unit_from_another_store(retailer: Retailer, item_id: str) -> None:  # UIN-07
    prefix = "TV" if item_id == TELEVISION else "WA"
    uin = f"{prefix}-{OTHER_STORE}-1"
    adjustment_id = _post(retailer, item_id, 182, [uin])
    assert retailer.states(item_id)[uin] == (STORE, "in_stock", None)
    assert retailer.position(item_id) == (4, 0, 0)
    assert retailer.position(item_id, OTHER_STORE) == (1, 0, 0)
    (stored,) = retailer.adjustments.read(retailer.pos, adjustment_id).lines
    moves = [
        (row["store_id"], row["from_account"], row["to_account"], row["quantity"], row["reason_id"], row["origin_id"])
        for row in retailer.rows("stock_movement")[-2:]
    ]
    assert moves == [
        (OTHER_STORE, "available", "outside", 1, 183, stored.line_id),
        (STORE, "outside", "available", 1, 182, stored.line_id),
    ]
    heard = [
        (one.location, one.reason_code, one.from_disposition, one.to_disposition, one.quantity, one.uins[0].uin)
        for one in retailer.messages()
    ]
    assert heard == [
        (str(OTHER_STORE), 183, "ATS", None, 1, uin),
        (str(STORE), 182, None, "ATS", 1, uin),
    ]
    assert retailer.differences() == ()


def test_stock_in_mixes_known_new_and_foreign_units(retailer: Retailer) -> None:  # UIN-04, UIN-06, UIN-07
    _post(retailer, TELEVISION, 83, ["TV-1311-1"])
    _post(retailer, TELEVISION, 182, ["TV-1311-1", "TV-1312-1", "NEW", "TV-1312-2"])
    assert retailer.position(TELEVISION) == (6, 0, 0)
    assert retailer.position(TELEVISION, OTHER_STORE) == (0, 0, 0)
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(WATCH, 182, 3, added=["WA-1312-1"])))
    assert retailer.position(WATCH) == (6, 0, 0)
    assert retailer.differences() == ()


def test_saving_a_stock_in_leaves_the_unit_where_it_is(retailer: Retailer) -> None:  # UIN-07, ADJ-03
    retailer.adjustments.save(retailer.pos, change(line(TELEVISION, 182, 1, added=["TV-1312-1"])))
    assert retailer.states(TELEVISION)["TV-1312-1"] == (OTHER_STORE, "in_stock", None)


@pytest.mark.parametrize("reason_id", [93, 94])
def test_no_other_reason_takes_a_unit_from_another_store(retailer: Retailer, reason_id: int) -> None:  # UIN-07
    asked = change(line(TELEVISION, reason_id, 1, added=["TV-1312-1"]))
    assert rules_of(retailer.adjustments.save, retailer.pos, asked) == ["UIN-05"]


@pytest.mark.parametrize("state", ["unavailable", "customer_reserved"])
def test_stock_in_takes_only_units_in_stock(retailer: Retailer, state: str) -> None:  # UIN-07
    uin = _in_every_state(retailer, TELEVISION, OTHER_STORE)[state]
    asked = change(line(TELEVISION, 182, 1, added=[uin]))
    assert rules_of(retailer.adjustments.save, retailer.pos, asked) == ["UIN-05"]


def test_a_unit_in_stock_here_cannot_come_in_again(retailer: Retailer) -> None:  # UIN-05, UIN-07
    for reason_id in (93, 182):
        asked = change(line(TELEVISION, reason_id, 1, added=["TV-1311-1"]))
        (problem,) = problems_of(retailer.adjustments.save, retailer.pos, asked)
        assert (problem.rule, problem.text) == (
            "UIN-05",
            "UIN TV-1311-1 is in_stock here; + Stock On Hand cannot take it.",
        )


def test_a_veto_silences_both_stores(retailer: Retailer) -> None:  # UIN-07, ADJ-13
    asked = change(line(TELEVISION, 182, 1, added=["TV-1312-1"]), publish=False)
    retailer.adjustments.save_and_confirm(retailer.pos, asked)
    assert retailer.messages() == []
    assert retailer.differences() == ()


def test_the_caller_learns_nothing_about_the_other_store(retailer: Retailer) -> None:  # UIN-05, SEC-04
    clerk = retailer.user("clerk", store_ids=[STORE])
    asked = change(line(TELEVISION, 83, 1, added=["TV-1312-1"]))
    (problem,) = problems_of(retailer.adjustments.save, clerk, asked)
    assert problem.text == "UIN TV-1312-1 is not at this store; - Stock On Hand cannot take it."
    assert str(OTHER_STORE) not in problem.text.replace("TV-1312-1", "")


def test_without_a_reason_to_leave_by_no_unit_is_taken(retailer: Retailer) -> None:  # UIN-07
    retailer.database.write(lambda uow: reference_data.delete_reason(uow, 183))
    asked = change(line(TELEVISION, 182, 1, added=["TV-1312-1"]))
    before = retailer.snapshot()
    assert rules_of(retailer.adjustments.save_and_confirm, retailer.pos, asked) == ["UIN-07"]
    assert retailer.snapshot() == before


def test_a_thousand_uins_on_one_line(retailer: Retailer) -> None:  # UIN-02, UIN-08
    uins = numbered("BULK-", 1000)
    _post(retailer, TELEVISION, 93, list(uins))
    _post(retailer, TELEVISION, 91, list(uins))
    assert len(retailer.messages()[-1].uins) == 1000
    assert retailer.position(TELEVISION) == (3, 1000, 0)
    assert retailer.differences() == ()

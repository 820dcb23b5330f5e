"""Confirming: what moves, what merchandising hears, and all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree

from gateway.domain.adjustment import AdjustmentStatus
from gateway.domain.default_reasons import default_reasons
from gateway.domain.disposition import Disposition
from gateway.domain.ledger import Position
from gateway.domain.reason import Reason
from gateway.formats.contract import service_schema
from gateway.usecases import posting
from gateway.usecases.adjustments import Adjustments
from tests.factories import (
    BATTERY,
    BETWEEN_SUB_BUCKETS,
    FLOUR,
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

# Changes of total, unavailable, Trouble, Repair, reserved and available for one unit: the specification's table.
EFFECTS = {
    Disposition.DECREASE_SOH: (-1, 0, 0, 0, 0, -1),
    Disposition.INCREASE_SOH: (1, 0, 0, 0, 0, 1),
    Disposition.TO_UNAVAILABLE: (0, 1, 1, 0, 0, -1),
    Disposition.FROM_UNAVAILABLE: (0, -1, -1, 0, 0, 1),
    Disposition.RESERVE: (0, 0, 0, 0, 1, -1),
    Disposition.UNRESERVE: (0, 0, 0, 0, -1, 1),
    Disposition.DISPOSE_UNAVAILABLE: (-1, -1, -1, 0, 0, 0),
    Disposition.BETWEEN_SUB_BUCKETS: (0, 0, -1, 1, 0, 0),
}
# The pair on the wire: the outside world is left out.
PAIRS = {
    Disposition.DECREASE_SOH: ("ATS", None),
    Disposition.INCREASE_SOH: (None, "ATS"),
    Disposition.TO_UNAVAILABLE: ("ATS", "TRBL"),
    Disposition.FROM_UNAVAILABLE: ("TRBL", "ATS"),
    Disposition.RESERVE: ("ATS", "COR"),
    Disposition.UNRESERVE: ("COR", "ATS"),
    Disposition.DISPOSE_UNAVAILABLE: ("TRBL", None),
}


def _system_reasons(retailer: Retailer) -> None:
    retailer.set_parameter("callers_may_use_system_reasons", "on")


def _stock(retailer: Retailer) -> tuple[Decimal, ...]:
    position = retailer.position(BATTERY)
    trouble, repair = (retailer.sub_bucket(BATTERY, one.type_id) for one in (TROUBLE, REPAIR))
    return position.total, position.unavailable, trouble, repair, position.reserved, position.available


@pytest.mark.parametrize("disposition", list(Disposition))
@pytest.mark.parametrize("in_one_call", [True, False])
def test_each_disposition_moves_stock_as_specified(
    retailer: Retailer, disposition: Disposition, in_one_call: bool
) -> None:  # STK-01, STK-02, RSN-01, ADJ-04
    _system_reasons(retailer)
    assert retailer.position(BATTERY) == Position(Decimal(100), Decimal(10), Decimal(5))
    before = _stock(retailer)
    asked = change(line(BATTERY, REASON_OF[disposition], 3))
    if in_one_call:
        retailer.adjustments.save_and_confirm(retailer.pos, asked)
    else:
        retailer.adjustments.confirm(retailer.pos, retailer.adjustments.save(retailer.pos, asked))
    assert tuple(now - was for was, now in zip(before, _stock(retailer), strict=True)) == tuple(
        3 * one for one in EFFECTS[disposition]
    )
    assert retailer.position(BATTERY, OTHER_STORE) == (40, 0, 0)
    assert retailer.differences() == ()


@pytest.mark.parametrize("disposition", list(Disposition))
def test_each_disposition_is_one_movement_with_who_when_why_and_origin(
    retailer: Retailer, disposition: Disposition
) -> None:  # STK-03
    _system_reasons(retailer)
    adjustment_id = retailer.adjustments.save_and_confirm(
        retailer.pos, change(line(BATTERY, REASON_OF[disposition], 3))
    )
    read = retailer.adjustments.read(retailer.pos, adjustment_id)
    movement = retailer.rows("stock_movement")[-1]
    takes, puts = disposition.takes_from_sub_bucket, disposition.puts_into_sub_bucket
    to_sub_bucket = REPAIR.type_id if disposition is Disposition.BETWEEN_SUB_BUCKETS else TROUBLE.type_id
    assert {name: movement[name] for name in movement if name not in ("id", "moved_at")} == {
        "store_id": STORE,
        "item_id": BATTERY,
        "quantity": 3,
        "from_account": disposition.from_account,
        "from_nonsellable_type_id": TROUBLE.type_id if takes else None,
        "to_account": disposition.to_account,
        "to_nonsellable_type_id": to_sub_bucket if puts else None,
        "reason_id": REASON_OF[disposition],
        "origin": "adjustment_line",
        "origin_id": read.lines[0].line_id,
        "moved_by": "pos",
    }
    assert movement["moved_at"] >= read.created_at  # type: ignore[operator]


@pytest.mark.parametrize("disposition", list(Disposition))
def test_merchandising_hears_the_pair_of_each_disposition_and_none_between_sub_buckets(
    retailer: Retailer, disposition: Disposition
) -> None:  # PUB-02, PUB-03, PUB-04
    _system_reasons(retailer)
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(BATTERY, REASON_OF[disposition], 3)))
    pairs = [(one.from_disposition, one.to_disposition, one.quantity) for one in retailer.messages()]
    assert pairs == ([(*PAIRS[disposition], 3)] if disposition in PAIRS else [])


def test_every_default_reason_can_be_confirmed_and_is_published_except_188(
    retailer: Retailer,
) -> None:  # RSN-02, PUB-02
    _system_reasons(retailer)
    for reason in default_reasons():
        asked = change(line(BATTERY, reason.reason_id, 1))
        if reason.reason_code == 188:
            assert set(rules_of(retailer.adjustments.save, retailer.pos, asked)) == {"RSN-05"}
            continue
        retailer.adjustments.save_and_confirm(retailer.pos, asked)
        message = retailer.messages()[-1]
        assert (message.reason_code, message.from_disposition, message.to_disposition, message.quantity) == (
            reason.reason_code,
            *PAIRS[reason.disposition],
            1,
        )
    assert len(retailer.messages()) == 33
    assert retailer.differences() == ()


def test_each_line_is_a_message_of_its_own_in_the_order_of_the_lines(retailer: Retailer) -> None:  # PUB-01
    items = list(reversed(numbered("I", 12)))
    retailer.add_items(items)
    asked = change(*(line(item_id, 83, number + 1) for number, item_id in enumerate(items)))
    retailer.adjustments.save_and_confirm(retailer.pos, asked)
    assert [(one.item_id, one.quantity) for one in retailer.messages()] == [
        (item_id, number + 1) for number, item_id in enumerate(items)
    ]


def test_a_message_says_what_the_line_says(retailer: Retailer) -> None:  # PUB-04, RSN-03
    retailer.put_reason(Reason(301, 42, "Own", Disposition.DECREASE_SOH))
    adjustment_id = retailer.adjustments.save_and_confirm(retailer.pos, change(line(FLOUR, 301, "2.5000")))
    read = retailer.adjustments.read(retailer.pos, adjustment_id)
    (message,) = retailer.messages()
    assert message.location == str(STORE)
    assert message.item_id == FLOUR
    assert message.reason_code == 42
    assert message.quantity == Decimal("2.5")
    assert message.user_name == "pos"
    assert read.approved_at is not None
    assert abs(message.created_at - read.approved_at).total_seconds() <= 1
    (row,) = retailer.rows("outbox_message")
    assert (row["destination"], row["family"], row["message_type"]) == ("merchandising", "InvAdjust", "InvAdjustCre")
    assert (row["business_object_id"], row["sequence"], row["status"]) == (f"{STORE}/{FLOUR}", 1, "pending")
    assert (row["origin"], row["origin_id"]) == ("adjustment_line", read.lines[0].line_id)


def test_messages_of_a_position_are_numbered_in_commit_order(retailer: Retailer) -> None:  # PUB-05
    for _ in range(3):
        retailer.adjustments.save_and_confirm(retailer.pos, change(line(BATTERY, 83, 1), line(FLOUR, 83, 1)))
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(BATTERY, 83, 1), store_id=OTHER_STORE))
    numbers = [(row["business_object_id"], row["sequence"]) for row in retailer.rows("outbox_message")]
    assert numbers == [
        *((f"{STORE}/{item_id}", number) for number in (1, 2, 3) for item_id in (BATTERY, FLOUR)),
        (f"{OTHER_STORE}/{BATTERY}", 1),
    ]
    keys = [row["message_key"] for row in retailer.rows("outbox_message")]
    assert len(set(keys)) == 7


def test_a_setting_sends_the_outside_world_literally(retailer: Retailer) -> None:  # PUB-04
    literal = Adjustments(retailer.database, retailer.references, retailer.clock, literal_dist=True)
    literal.save_and_confirm(retailer.pos, change(line(BATTERY, 83, 1), line(FLOUR, 93, 1)))
    payloads = [str(row["payload"]) for row in retailer.rows("outbox_message")]
    assert "<from_disposition>ATS</from_disposition><to_disposition>DIST</to_disposition>" in payloads[0]
    assert "<from_disposition>DIST</from_disposition><to_disposition>ATS</to_disposition>" in payloads[1]


@pytest.mark.parametrize("literal_dist", [False, True])
def test_every_message_is_valid_against_its_schema(retailer: Retailer, literal_dist: bool) -> None:  # PUB-04, UIN-08
    _system_reasons(retailer)
    adjustments = Adjustments(retailer.database, retailer.references, retailer.clock, literal_dist=literal_dist)
    retailer.add_items(["<&>'\"é"], uom="KG")
    retailer.put_reason(Reason(302, 9999, "Longest code", Disposition.DECREASE_SOH))
    retailer.put_reason(Reason(303, 0, "Shortest code", Disposition.DECREASE_SOH))
    manager = retailer.user("<&> " + "ü" * 26)
    for reason_id in (*(REASON_OF[one] for one in PAIRS), 302, 303):
        adjustments.save_and_confirm(manager, change(line(BATTERY, reason_id, 1)))
    for quantity in ("0.0001", "2.50000", "2E+1", "99999999.9999"):
        adjustments.save_and_confirm(manager, change(line("<&>'\"é", 83, quantity)))
    adjustments.save_and_confirm(manager, change(line(TELEVISION, 93, 1, added=["<&> é" + "x" * 123])))
    adjustments.save_and_confirm(manager, change(line(WATCH, 93, 3)))
    schema = service_schema("InvAdjustDesc")
    payloads = [str(row["payload"]) for row in retailer.rows("outbox_message")]
    assert len(payloads) == 15
    for payload in payloads:
        schema.assertValid(etree.fromstring(payload.encode()))
    assert retailer.messages()[-4].item_id == "<&>'\"é"
    assert len(retailer.messages()[-1].uins) == 3


@pytest.mark.parametrize(("publish", "published"), [(None, True), (True, True), (False, False)])
@pytest.mark.parametrize("in_one_call", [True, False])
def test_the_request_can_only_veto(
    retailer: Retailer, publish: bool | None, published: bool, in_one_call: bool
) -> None:  # ADJ-13
    retailer.put_reason(Reason(301, 42, "Silent", Disposition.DECREASE_SOH, publish=False))
    asked = change(line(BATTERY, 83, 1), line(FLOUR, 301, 1), publish=publish)
    if in_one_call:
        retailer.adjustments.save_and_confirm(retailer.pos, asked)
    else:
        retailer.adjustments.confirm(retailer.pos, retailer.adjustments.save(retailer.pos, asked))
    assert [one.item_id for one in retailer.messages()] == ([BATTERY] if published else [])
    assert retailer.position(BATTERY).available == 99
    assert retailer.position(FLOUR).available == 99
    assert retailer.differences() == ()


def test_a_later_save_without_the_flag_keeps_the_veto(retailer: Retailer) -> None:  # ADJ-13
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line(), publish=False))
    retailer.adjustments.save(retailer.pos, change(adjustment_id=adjustment_id, comments="x"))
    retailer.adjustments.confirm(retailer.pos, adjustment_id)
    assert retailer.messages() == []


def test_confirming_closes_the_adjustment(retailer: Retailer) -> None:  # ADJ-01, ADJ-04
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line()))
    retailer.adjustments.confirm(retailer.pos, adjustment_id)
    read = retailer.adjustments.read(retailer.pos, adjustment_id)
    assert (read.status, read.approved_by) == (AdjustmentStatus.COMPLETED, "pos")


def test_one_bad_line_of_three_stops_everything(retailer: Retailer) -> None:  # ADJ-04
    adjustment_id = retailer.adjustments.save(
        retailer.pos, change(line(FLOUR, 83, 1), line(BATTERY, 96, 8), line(TELEVISION, 83, 1, added=["TV-1311-1"]))
    )
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(BATTERY, 89, 5)))
    before = retailer.snapshot()
    (problem,) = problems_of(retailer.adjustments.confirm, retailer.pos, adjustment_id)
    stored = retailer.adjustments.read(retailer.pos, adjustment_id).lines[1]
    assert (problem.rule, problem.item_id, problem.line_id) == ("ADJ-05", BATTERY, stored.line_id)
    assert problem.text == "quantity 8 exceeds the 5 in sub-bucket Trouble."
    assert retailer.adjustments.read(retailer.pos, adjustment_id).status is AdjustmentStatus.IN_PROGRESS
    assert retailer.snapshot() == before
    assert retailer.differences() == ()


def test_every_line_is_checked_again_when_it_is_confirmed(retailer: Retailer) -> None:  # ADJ-04
    reason = Reason(301, 42, "Own", Disposition.DECREASE_SOH)
    retailer.put_reason(reason)
    adjustment_id = retailer.adjustments.save(
        retailer.pos,
        change(
            line(FLOUR, 301, 1),
            line(BATTERY, 96, 8),
            line(TELEVISION, 83, 1, added=["TV-1311-1"]),
            line(WATCH, 83, 1, added=["WA-1311-1"]),
        ),
    )
    retailer.put_reason(replace(reason, active=False))
    retailer.adjustments.save_and_confirm(
        retailer.pos, change(line(BATTERY, 89, 5), line(TELEVISION, 84, 1, added=["TV-1311-1"]))
    )
    assert [
        (one.rule, one.item_id) for one in problems_of(retailer.adjustments.confirm, retailer.pos, adjustment_id)
    ] == [
        ("RSN-09", FLOUR),
        ("ADJ-05", BATTERY),
        ("UIN-05", TELEVISION),
    ]


def test_save_and_confirm_checks_the_lines_that_it_does_not_name_too(retailer: Retailer) -> None:  # ADJ-04
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line(BATTERY, 96, 8)))
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(BATTERY, 89, 5)))
    before = retailer.snapshot()
    asked = change(line(FLOUR, 83, 1), adjustment_id=adjustment_id)
    (problem,) = problems_of(retailer.adjustments.save_and_confirm, retailer.pos, asked)
    assert (problem.rule, problem.item_id, problem.line) == ("ADJ-05", BATTERY, None)
    assert retailer.snapshot() == before


def test_save_and_confirm_of_a_stored_adjustment_posts_what_it_becomes(retailer: Retailer) -> None:  # ADJ-04, ADJ-07
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line(BATTERY, 83, 2), line(FLOUR, 83, 3)))
    battery, flour = retailer.adjustments.read(retailer.pos, adjustment_id).lines
    asked = change(
        line(BATTERY, 83, 7, line_id=battery.line_id),
        line(TELEVISION, 83, 1, added=["TV-1311-1"]),
        adjustment_id=adjustment_id,
        removed_line_ids=[flour.line_id],
    )
    assert retailer.adjustments.save_and_confirm(retailer.pos, asked) == adjustment_id
    assert [(one.item_id, one.quantity) for one in retailer.messages()] == [(BATTERY, 7), (TELEVISION, 1)]
    assert retailer.position(BATTERY).available == 93
    assert retailer.position(FLOUR).available == 100
    assert retailer.differences() == ()


@contextmanager
def _failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("power failure")

    with monkeypatch.context() as patch:
        patch.setattr(posting.outbox, "add", fail)
        yield


def test_stock_and_messages_are_written_together_or_not_at_all(
    retailer: Retailer, monkeypatch: pytest.MonkeyPatch
) -> None:  # PUB-05, ADJ-04
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line(), line(WATCH, 93, 2)))
    before = retailer.snapshot()
    with _failing(monkeypatch), pytest.raises(RuntimeError, match="power failure"):
        retailer.adjustments.confirm(retailer.pos, adjustment_id)
    assert retailer.snapshot() == before
    retailer.adjustments.confirm(retailer.pos, adjustment_id)
    assert len(retailer.messages()) == 2
    assert retailer.differences() == ()


def test_without_sub_buckets_unavailable_stock_is_one_amount(retailer: Retailer) -> None:  # RSN-04
    retailer.set_parameter("sub_buckets", "off")
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(FLOUR, 91, 8)))
    assert retailer.position(FLOUR) == (92, 8, 0)
    assert [row for row in retailer.rows("store_item_stock_nonsell") if row["item_id"] == FLOUR] == []
    movement = retailer.rows("stock_movement")[-1]
    assert (movement["from_nonsellable_type_id"], movement["to_nonsellable_type_id"]) == (None, None)
    (problem,) = problems_of(retailer.adjustments.save, retailer.pos, change(line(FLOUR, 96, 9)))
    assert (problem.rule, problem.text) == ("ADJ-05", "quantity 9 exceeds the 8 in unavailable stock.")
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(FLOUR, 96, 3)))
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(FLOUR, 89, 5)))
    assert retailer.position(FLOUR) == (95, 0, 0)
    assert retailer.differences() == ()


def test_without_sub_buckets_nothing_moves_between_them(retailer: Retailer) -> None:  # RSN-05
    retailer.set_parameter("sub_buckets", "off")
    asked = change(line(BATTERY, BETWEEN_SUB_BUCKETS.reason_id, 1))
    assert rules_of(retailer.adjustments.save, retailer.pos, asked) == ["RSN-05"]


@pytest.mark.parametrize(
    "reason",
    [
        Reason(301, 42, "No to", Disposition.TO_UNAVAILABLE),
        Reason(301, 42, "No from", Disposition.FROM_UNAVAILABLE),
        Reason(301, 42, "Needless", Disposition.DECREASE_SOH, TROUBLE.type_id),
        Reason(301, 42, "Half", Disposition.BETWEEN_SUB_BUCKETS, TROUBLE.type_id),
    ],
)
def test_a_reason_with_wrong_sub_buckets_cannot_be_used(retailer: Retailer, reason: Reason) -> None:  # RSN-05
    retailer.put_reason(reason)
    assert rules_of(retailer.adjustments.save, retailer.pos, change(line(BATTERY, 301, 1))) == ["RSN-05"]


def test_moving_into_the_same_sub_bucket_changes_nothing(retailer: Retailer) -> None:  # RSN-05
    same = Reason(301, 42, "Same", Disposition.BETWEEN_SUB_BUCKETS, TROUBLE.type_id, TROUBLE.type_id)
    retailer.put_reason(same)
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(BATTERY, 301, 4)))
    assert retailer.sub_bucket(BATTERY, TROUBLE.type_id) == 10
    assert retailer.differences() == ()


def test_an_adjustment_of_another_system_is_an_ordinary_one(retailer: Retailer) -> None:  # ADJ-12
    warehouse = retailer.user("warehouse-system")
    adjustment_id = retailer.adjustments.save_and_confirm(warehouse, change(line()))
    read = retailer.adjustments.read(retailer.pos, adjustment_id)
    assert (read.created_by, read.approved_by) == ("warehouse-system", "warehouse-system")

"""The proof of the ledger: clean when it should be, and naming exactly what was planted."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.factories import (
    BATTERY,
    FLOUR,
    OTHER_STORE,
    STORE,
    TELEVISION,
    WATCH,
    Retailer,
    change,
    line,
)


@pytest.fixture
def busy(retailer: Retailer) -> Retailer:
    """A retailer with a day's work behind it, and one adjustment in progress (the third)."""
    confirm = retailer.adjustments.save_and_confirm
    confirm(retailer.pos, change(line(BATTERY, 83, 2), line(FLOUR, 84, "1.5"), line(WATCH, 93, 2)))
    confirm(retailer.pos, change(line(TELEVISION, 182, 1, added=["TV-1312-1"]), line(BATTERY, 91, 4)))
    retailer.adjustments.save(retailer.pos, change(line(BATTERY, 83, 1), line(TELEVISION, 83, 1, added=["TV-1311-1"])))
    confirm(retailer.pos, change(line(FLOUR, 83, 1), publish=False))
    confirm(retailer.pos, change(line(BATTERY, 200, 3)))
    return retailer


def _plant(retailer: Retailer, statement: str, **values: object) -> None:
    def work(uow: object) -> None:
        changed = uow.connection.execute(text(statement), values)  # type: ignore[attr-defined]
        assert changed.rowcount == 1

    retailer.write(work)


def _line_of(retailer: Retailer, item_id: str) -> int:
    """Return the first line with this item."""
    return next(int(row["id"]) for row in retailer.rows("inv_adjust_line_item") if row["item_id"] == item_id)  # type: ignore[call-overload]


MOVEMENT = (
    "INSERT INTO stock_movement (store_id, item_id, quantity, from_account, from_nonsellable_type_id, to_account,"
    " to_nonsellable_type_id, reason_id, origin, origin_id, moved_at, moved_by) VALUES (1311, :item_id,"
    " :quantity, :source, :source_part, :target, :target_part, 83, :origin, :origin_id,"
    " '2026-01-01T00:00:00.000000+00:00', 'thief')"
)


def _movement(retailer: Retailer, item_id: str, quantity: str, source: str, target: str, **more: object) -> None:
    values = {"source_part": None, "target_part": None, "origin": "opening", "origin_id": 0, **more}
    statement = MOVEMENT if retailer.database.is_sqlite else MOVEMENT.replace(":quantity", "CAST(:quantity AS NUMERIC)")
    _plant(retailer, statement, item_id=item_id, quantity=quantity, source=source, target=target, **values)


def test_an_untouched_ledger_adds_up_and_says_what_it_looked_at(busy: Retailer) -> None:  # STK-03
    found = busy.verify.run()
    assert found.differences == ()
    assert found.movements == len(busy.rows("stock_movement")) == 10 + 8
    assert found.positions == len(busy.rows("store_item_stock")) == 8
    assert found.sub_buckets == len(busy.rows("store_item_stock_nonsell"))
    assert found.uins == len(busy.rows("uin")) == 12
    assert found.messages == len(busy.rows("outbox_message")) == 6


def test_proving_changes_nothing(busy: Retailer) -> None:  # STK-03
    before = busy.snapshot()
    busy.verify.run()
    assert busy.snapshot() == before


@pytest.mark.parametrize(
    ("column", "account", "expected"),
    [("available", "available", "94"), ("unavailable", "unavailable", "14"), ("reserved", "reserved", "5")],
)
def test_a_position_changed_by_hand_is_named(
    busy: Retailer, column: str, account: str, expected: str
) -> None:  # STK-03
    _plant(
        busy,
        f"UPDATE store_item_stock SET quantity_{column} = '7.0001' WHERE store_id = {STORE} AND item_id = '{BATTERY}'",
    )
    difference = f"STK-03: store {STORE}, item {BATTERY}, {account}: expected {expected}, found 7.0001"
    assert difference in busy.differences()
    # The parts no longer add up to a changed unavailable account either.
    assert len(busy.differences()) == (2 if column == "unavailable" else 1)


def test_a_smallest_difference_of_a_largest_amount_is_found(retailer: Retailer) -> None:  # STK-03, STK-05
    retailer.add_items(["BULK"], uom="KG")
    retailer.adjustments.save_and_confirm(
        retailer.pos, change(line("BULK", 93, "9999999999999999.9999"), publish=False)
    )
    assert retailer.differences() == ()
    _plant(
        retailer,
        "UPDATE store_item_stock SET quantity_available = '9999999999999999.9998'"
        f" WHERE store_id = {STORE} AND item_id = 'BULK'",
    )
    assert retailer.differences() == (
        f"STK-03: store {STORE}, item BULK, available: expected 9999999999999999.9999, found 9999999999999999.9998",
    )


def test_a_missing_position_is_named(busy: Retailer) -> None:  # STK-03
    _plant(busy, f"DELETE FROM store_item_stock WHERE store_id = {OTHER_STORE} AND item_id = '{FLOUR}'")
    assert busy.differences() == (f"STK-03: store {OTHER_STORE}, item {FLOUR}, available: expected 40, found 0",)


def test_a_sub_bucket_changed_by_hand_is_named(busy: Retailer) -> None:  # STK-03, STK-01
    _plant(
        busy,
        "UPDATE store_item_stock_nonsell SET quantity = '12'"
        f" WHERE store_id = {STORE} AND item_id = '{BATTERY}' AND nonsellable_type_id = 1",
    )
    assert busy.differences() == (
        f"STK-03: store {STORE}, item {BATTERY}, sub-bucket 1: expected 11, found 12",
        f"STK-01: store {STORE}, item {BATTERY}, unavailable: expected 15, found 14",
    )


def test_a_movement_added_by_hand_is_named(busy: Retailer) -> None:  # STK-03
    _movement(busy, FLOUR, "2", "available", "outside")
    assert busy.differences() == (f"STK-03: store {STORE}, item {FLOUR}, available: expected 95.5, found 97.5",)


def test_a_movement_between_sub_buckets_added_by_hand_is_named(busy: Retailer) -> None:  # STK-03
    _movement(busy, BATTERY, "2", "unavailable", "unavailable", source_part=1, target_part=2)
    assert busy.differences() == (
        f"STK-03: store {STORE}, item {BATTERY}, sub-bucket 1: expected 9, found 11",
        f"STK-03: store {STORE}, item {BATTERY}, sub-bucket 2: expected 5, found 3",
    )


def test_movements_of_a_line_that_does_not_exist_are_named_though_they_cancel_out(busy: Retailer) -> None:  # STK-03
    there = {"origin": "adjustment_line", "origin_id": 999_999}
    _movement(busy, FLOUR, "2", "available", "outside", **there)
    _movement(busy, FLOUR, "2", "outside", "available", **there)
    first, second = (row["id"] for row in busy.rows("stock_movement")[-2:])
    assert busy.differences() == (
        f"STK-03: movement {first} of store {STORE}, item {FLOUR}: expected line 999999 with this item, found none",
        f"STK-03: movement {second} of store {STORE}, item {FLOUR}: expected line 999999 with this item, found none",
    )


@pytest.mark.parametrize("state", ["removed", "unavailable"])
def test_a_uin_in_another_state_is_named(busy: Retailer, state: str) -> None:  # UIN-05
    _plant(busy, f"UPDATE uin SET state = '{state}' WHERE uin = 'TV-1311-2'")
    expected = [f"UIN-05: store {STORE}, item {TELEVISION}, UINs available: expected 4, found 3"]
    if state == "unavailable":
        expected.append(f"UIN-05: store {STORE}, item {TELEVISION}, UINs unavailable: expected 0, found 1")
    assert list(busy.differences()) == expected


def test_a_deleted_uin_is_named(busy: Retailer) -> None:  # UIN-05
    _plant(busy, "DELETE FROM uin WHERE uin = 'WA-1312-2'")
    assert busy.differences() == (f"UIN-05: store {OTHER_STORE}, item {WATCH}, UINs available: expected 2, found 1",)


def test_a_uin_at_another_store_is_named_at_both(busy: Retailer) -> None:  # UIN-05
    _plant(busy, f"UPDATE uin SET store_id = {OTHER_STORE} WHERE uin = 'TV-1311-2'")
    assert busy.differences() == (
        f"UIN-05: store {STORE}, item {TELEVISION}, UINs available: expected 4, found 3",
        f"UIN-05: store {OTHER_STORE}, item {TELEVISION}, UINs available: expected 1, found 2",
    )


def test_a_removed_message_is_named(busy: Retailer) -> None:  # PUB-05, PUB-02
    _plant(busy, f"DELETE FROM outbox_message WHERE business_object_id = '{STORE}/{WATCH}'")
    assert busy.differences() == (
        f"PUB-06: messages of store {STORE}, item {WATCH}: expected 1, numbered 1 to 1, found 0, the last numbered 0",
    )


def test_a_gap_in_the_numbers_is_named(busy: Retailer) -> None:  # PUB-05
    _plant(
        busy,
        f"UPDATE outbox_message SET sequence = 3 WHERE business_object_id = '{STORE}/{BATTERY}' AND sequence = 2",
    )
    assert busy.differences() == (
        f"PUB-06: messages of store {STORE}, item {BATTERY}: expected 2, numbered 1 to 2, found 2, the last numbered 3",
    )


def test_a_counter_that_ran_ahead_is_named(busy: Retailer) -> None:  # PUB-05
    _plant(
        busy,
        f"UPDATE store_item_stock SET publish_sequence = 5 WHERE store_id = {STORE} AND item_id = '{FLOUR}'",
    )
    assert busy.differences() == (
        f"PUB-06: messages of store {STORE}, item {FLOUR}: expected 5, numbered 1 to 5, found 1, the last numbered 1",
    )


def test_a_message_of_no_line_is_named(busy: Retailer) -> None:  # PUB-02
    row = next(row for row in busy.rows("outbox_message") if row["business_object_id"] == f"{STORE}/{WATCH}")
    _plant(busy, f"UPDATE outbox_message SET origin_id = 999999 WHERE id = {row['id']}")
    assert busy.differences() == (
        f"PUB-02: message {row['message_key']}: expected a movement of line 999999, found none",
    )


def test_a_message_in_spite_of_a_veto_is_named(busy: Retailer) -> None:  # ADJ-13
    _plant(busy, "UPDATE inv_adjust SET publish = FALSE WHERE id = 1")
    lines = [row["id"] for row in busy.rows("inv_adjust_line_item") if row["inv_adjust_id"] == 1]
    assert sorted(busy.differences()) == sorted(
        f"PUB-02: line {line_id}: expected 0 messages, found 1 messages" for line_id in lines
    )


def test_a_changed_quantity_of_a_completed_line_is_named(busy: Retailer) -> None:  # ADJ-04
    line_id = _line_of(busy, FLOUR)
    _plant(busy, f"UPDATE inv_adjust_line_item SET quantity = '1.6' WHERE id = {line_id}")
    assert busy.differences() == (
        f"ADJ-04: adjustment 1, line {line_id}, COMPLETED: expected 1.6 in 1 movements, found 1.5 in 1 movements",
    )


def test_an_adjustment_completed_by_hand_is_named(busy: Retailer) -> None:  # ADJ-04
    _plant(
        busy,
        "UPDATE inv_adjust SET status = 'COMPLETED', approve_date = create_date, approve_user = 'thief' WHERE id = 3",
    )
    battery, television = (row["id"] for row in busy.rows("inv_adjust_line_item") if row["inv_adjust_id"] == 3)
    assert busy.differences() == tuple(
        f"ADJ-04: adjustment 3, line {line_id}, COMPLETED: expected 1 in 1 movements, found 0 in 0 movements"
        for line_id in (battery, television)
    )


def test_an_adjustment_reopened_by_hand_is_named(busy: Retailer) -> None:  # ADJ-01, ADJ-04
    _plant(
        busy,
        "UPDATE inv_adjust SET status = 'IN_PROGRESS', approve_date = NULL, approve_user = NULL WHERE id = 4",
    )
    (line_id,) = (row["id"] for row in busy.rows("inv_adjust_line_item") if row["inv_adjust_id"] == 4)
    assert busy.differences() == (
        f"ADJ-04: adjustment 4, line {line_id}, IN_PROGRESS: expected 0 in 0 movements, found 1 in 1 movements",
    )

"""What every client stack has to be able to do, told once; each chapter compares every member of every answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from tests.interop import demo_data
from tests.interop.serving import MANY_ITEMS
from tests.interop.stack import PAYLOADS, Stack

STORE = 1311
OTHER_STORE = 1312
TEXT = 'Zwei Bleche – 2 × 120 €, crème brûlée, 日本, <b>&amp; "quoted"</b>'
INDIA = timezone(timedelta(hours=5, minutes=30))
NEWFOUNDLAND = timezone(-timedelta(hours=3, minutes=30))
MOMENT = timedelta(microseconds=1)

Line = Mapping[str, Any]


def whole_story(stack: Stack, number: int) -> None:
    """Call every operation once at least; stories with different numbers (1 to 5) can run on the same demo data."""
    assert stack.operations == set(PAYLOADS)
    assert stack.call("ping", TEXT) == TEXT
    look_up_what_can_be_chosen(stack)
    read_a_template(stack)
    apply_a_template_twice_change_it_and_confirm_it(stack)
    move_a_television_by_its_serial_number(stack, f"TV-1311-000{number}")
    receive_goods_with_new_and_generated_serial_numbers(stack, f"PH-RÜCK-日本-{number}")
    move_between_sub_buckets_find_and_copy_that(stack)
    keep_extended_attributes_and_cancel(stack)
    assert stack.called == set(PAYLOADS)


def look_up_what_can_be_chosen(stack: Stack) -> None:
    """Reasons and sub-buckets (RSN-01, RSN-02, RSN-07, SEC-02)."""
    reasons = demo_data.reasons()
    assert stack.call("lookupInventoryAdjustmentReason", {}) == {
        "StrAdjRsnDesc": reasons,
        "collection_size": len(reasons),
    }
    of_clerk = [reason for reason in reasons if reason["reason_id"] in (81, 82, 83, 84)]
    assert len(of_clerk) == 4
    assert stack.call("lookupInventoryAdjustmentReason", {}, "clerk") == {
        "StrAdjRsnDesc": of_clerk,
        "collection_size": 4,
    }
    sub_buckets = demo_data.sub_buckets()
    assert stack.call("lookupNonSellableQuantityType", {}) == {
        "NslQtyTypDesc": sub_buckets,
        "collection_size": len(sub_buckets),
    }


def read_a_template(stack: Stack) -> None:
    """Find the template by each criterion and read it (TPL-04)."""
    (first, *_) = demo_data.template(1)
    read = stack.call("readInventoryAdjustmentTemplateDetail", {"template_id": 1})
    made = read["create_date"]
    _require_recent(made, made - timedelta(hours=1))
    line_ids = [line["line_id"] for line in read["StrAdjTplItm"]]
    assert line_ids == sorted(set(line_ids))
    assert read == {
        "template_id": 1,
        "store_id": STORE,
        "description": first["description"],
        "status": "COMPLETED",
        "comments": first["comments"],
        "create_date": made,
        "create_user_name": "admin",
        "approve_date": made,
        "approve_user_name": "admin",
        "StrAdjTplItm": _numbered(demo_data.template_lines(1), line_ids),
    }
    rows = {
        template_id: {
            "template_id": template_id,
            "description": lines[0]["description"],
            "status": lines[0]["status"],
            "create_date": made,
            "create_user_name": "admin",
            "item_count": len(lines),
        }
        for template_id in (1, 2, 3)
        for lines in [demo_data.template(template_id)]
    }
    every_criterion = {
        "store_id": STORE,
        "from_date": made.astimezone(INDIA),
        "to_date": made.astimezone(NEWFOUNDLAND),
        "item_id": "100000205",
        "template_id": 1,
        "description": "CHIP cook",
        "reason_id": 94,
        "status": "COMPLETED",
        "user_name": "admin",
    }
    search = "lookupInventoryAdjustmentTemplateHeader"
    everything = {"store_id": STORE, "status": "NO_VALUE"}
    for criterion, ids in (
        ({}, [3, 2, 1]),
        ({"from_date": (made + MOMENT).astimezone(INDIA)}, []),
        ({"to_date": (made - MOMENT).astimezone(NEWFOUNDLAND)}, []),
        ({"item_id": "100000211"}, [2]),
        ({"template_id": 3}, [3]),
        ({"description": "sand"}, [3]),
        ({"reason_id": 94}, [2, 1]),
        ({"status": "IN_PROGRESS"}, [3]),
        ({"user_name": "pos"}, []),
        ({"store_id": OTHER_STORE}, []),
        (every_criterion, [1]),
    ):
        found = stack.call(search, {**everything, **criterion})
        expected = {"StrAdjTpHdDesc": [rows[number] for number in ids], "collection_size": len(ids)}
        assert found == (expected if ids else {"collection_size": 0}), criterion


def apply_a_template_twice_change_it_and_confirm_it(stack: Stack) -> None:
    """Template × 2, saved; a delta; confirmed by somebody else (ADJ-03, ADJ-04, ADJ-06, ADJ-07, ADJ-10)."""
    before = datetime.now(UTC)
    lines = demo_data.template_lines(1, multiplier=2)
    saved = stack.call(
        "saveInventoryAdjustment", {"store_id": STORE, "template_id": 1, "comments": TEXT, "StrAdjItmMod": lines}
    )
    adjustment_id = saved["adjustment_id"]
    assert saved == {"adjustment_id": adjustment_id}
    first = read(stack, adjustment_id)
    _require_recent(first["create_date"], before)
    line_ids = [line["line_id"] for line in first["StrAdjItm"]]
    assert line_ids == sorted(set(line_ids))
    expected = {
        "adjustment_id": adjustment_id,
        "store_id": STORE,
        "template_id": 1,
        "status": "IN_PROGRESS",
        "comments": TEXT,
        "create_date": first["create_date"],
        "create_user_name": "pos",
        "StrAdjItm": _numbered(lines, line_ids),
    }
    assert first == expected

    flour, eggs, milk, chips, cookies = expected["StrAdjItm"]
    more_chips = {**chips, "quantity": Decimal("2.0625"), "case_size": Decimal("0.25")}
    cable = {
        "item_id": "100000261",
        "reason_id": 84,
        "quantity": Decimal("12345678.1234"),
        "case_size": Decimal("99999999.99"),
    }
    delta = {
        "adjustment_id": adjustment_id,
        "store_id": STORE,
        "StrAdjItmMod": [more_chips, cable],
        "removed_line_id_col": [flour["line_id"]],
    }
    assert stack.call("saveInventoryAdjustment", delta) == {"adjustment_id": adjustment_id}
    second = read(stack, adjustment_id)
    cable_id = second["StrAdjItm"][-1]["line_id"]
    assert cable_id not in line_ids
    expected["StrAdjItm"] = [eggs, milk, more_chips, cookies, {"line_id": cable_id, **cable}]
    assert second == expected

    confirmed = stack.call("confirmInventoryAdjustment", {"adjustment_id": adjustment_id}, "manager")
    assert confirmed == {"success_message": f"Inventory adjustment {adjustment_id} confirmed."}
    third = read(stack, adjustment_id)
    _require_recent(third["approve_date"], third["create_date"])
    closed = {"status": "COMPLETED", "approve_date": third["approve_date"], "approve_user_name": "manager"}
    assert third == {**expected, **closed}


def move_a_television_by_its_serial_number(stack: Stack, uin: str) -> None:
    """Available to Trouble, and from there out of the store (UIN-02, UIN-05)."""
    for reason_id in (82, 89):
        line = {"item_id": "100000155", "reason_id": reason_id, "quantity": 1, "case_size": 1, "added_uin_col": [uin]}
        (shown,) = save_and_confirm(stack, [line])["StrAdjItm"]
        assert shown["uin_col"] == [uin]


def receive_goods_with_new_and_generated_serial_numbers(stack: Stack, uin: str) -> None:
    """A new phone and watches whose numbers the gateway makes; these are real, they can leave (UIN-04, UIN-06)."""
    phone = {"item_id": "100000163", "reason_id": 93, "quantity": 1, "case_size": 1, "added_uin_col": [uin]}
    watches = {"item_id": "100000171", "reason_id": 94, "quantity": 3, "case_size": 1}
    phone_line, watch_line = save_and_confirm(stack, [phone, watches])["StrAdjItm"]
    assert phone_line["uin_col"] == [uin]
    made = watch_line["uin_col"]
    assert len(set(made)) == 3
    assert not {row["uin"] for row in demo_data.rows("uins")} & set(made)
    sold = {"item_id": "100000171", "reason_id": 83, "quantity": 3, "case_size": 1, "added_uin_col": made}
    (shown,) = save_and_confirm(stack, [sold])["StrAdjItm"]
    assert shown["uin_col"] == made


def move_between_sub_buckets_find_and_copy_that(stack: Stack) -> None:
    """Trouble to Display, and found by it; a copy names what it was copied from (RSN-05, ADJ-09, ADJ-11)."""
    line = {"item_id": "100000147", "reason_id": 200, "quantity": 1, "case_size": 4}
    confirmed = save_and_confirm(stack, [line])
    moved = confirmed["adjustment_id"]
    copied = stack.call("saveInventoryAdjustment", {"store_id": STORE, "reference_id": moved, "StrAdjItmMod": [line]})
    copy = read(stack, copied["adjustment_id"])
    assert copy == {
        "adjustment_id": copied["adjustment_id"],
        "store_id": STORE,
        "reference_id": moved,
        "status": "IN_PROGRESS",
        "create_date": copy["create_date"],
        "create_user_name": "pos",
        "StrAdjItm": _numbered([line], [copy["StrAdjItm"][0]["line_id"]]),
    }
    criteria = {"adjustment_id": moved, "status": "NO_VALUE", "nonsellable_type_id": 3, "search_limit": 50}
    found = stack.call("lookupInventoryAdjustmentHeader", {"store_id": STORE, **criteria})
    header = {
        "adjustment_id": moved,
        "status": "COMPLETED",
        "create_date": confirmed["create_date"],
        "create_user_name": "pos",
        "item_count": 1,
    }
    assert found == {"StrAdjHdrDesc": [header], "collection_size": 1}


def keep_extended_attributes_and_cancel(stack: Stack) -> None:
    """What was scanned beside the item stays with the line; what was cancelled can still be read (ADJ-08, ADJ-14)."""
    scanned = [
        {"name": "best_before", "value": "2026-11-20", "barcode": "0110000023117261120"},
        {"name": "charge", "value": "Ö-7"},
    ]
    line = {
        "item_id": "100000231",
        "reason_id": 81,
        "quantity": Decimal("1.2500"),
        "case_size": 1,
        "StrAdjExtAtt": scanned,
    }
    payload = {"store_id": STORE, "comments": TEXT, "publish": True, "StrAdjItmMod": [line]}
    adjustment_id = stack.call("saveInventoryAdjustment", payload)["adjustment_id"]
    before = read(stack, adjustment_id)
    assert before == {
        "adjustment_id": adjustment_id,
        "store_id": STORE,
        "status": "IN_PROGRESS",
        "comments": TEXT,
        "create_date": before["create_date"],
        "create_user_name": "pos",
        "StrAdjItm": _numbered([line], [before["StrAdjItm"][0]["line_id"]]),
    }
    cancelled = stack.call("cancelInventoryAdjustment", {"adjustment_id": adjustment_id})
    assert cancelled == {"success_message": f"Inventory adjustment {adjustment_id} canceled."}
    assert read(stack, adjustment_id) == {**before, "status": "CANCELED"}


def find_headers_by_every_criterion(stack: Stack) -> None:
    """Each criterion alone, and all of them together (ADJ-11). Nobody else makes adjustments as admin."""
    battery, eggs = "100000147", "100000202"

    rows: dict[int, dict[str, Any]] = {}

    def one(operation: str, status: str, item_id: str, reason_id: int, store_id: int = OTHER_STORE, **more: Any) -> int:
        """Make an adjustment of one line, put the header that a search must find into *rows*, and return its id."""
        line = {"item_id": item_id, "reason_id": reason_id, "quantity": 1, "case_size": 1}
        payload = {"store_id": store_id, **more, "StrAdjItmMod": [line]}
        number = int(stack.call(operation, payload, "admin")["adjustment_id"])
        if status == "CANCELED":
            stack.call("cancelInventoryAdjustment", {"adjustment_id": number}, "admin")
        found = read(stack, number)
        (shown,) = found.pop("StrAdjItm")
        assert shown == {"line_id": shown["line_id"], **line}
        created = {"create_date": found["create_date"], "create_user_name": "admin"}
        closed = {"approve_date": found["create_date"], "approve_user_name": "admin"} if status == "COMPLETED" else {}
        header = {"adjustment_id": number, "status": status, **created, **more}
        assert found == {**header, "store_id": store_id, **closed}
        rows[number] = {**header, "item_count": 1}
        return number

    kept = one("saveInventoryAdjustment", "IN_PROGRESS", battery, 83)
    held = one("saveAndConfirmInventoryAdjustment", "COMPLETED", battery, 82)
    gone = one("saveInventoryAdjustment", "CANCELED", eggs, 81)
    from_template = one("saveInventoryAdjustment", "IN_PROGRESS", "100000211", 98, STORE, template_id=2)

    moment = rows[held]["create_date"]
    everything = {"store_id": OTHER_STORE, "status": "NO_VALUE", "user_name": "admin", "search_limit": 999}
    for criterion, numbers in (
        ({}, [gone, held, kept]),
        ({"search_limit": 2}, [gone, held]),
        ({"from_date": moment.astimezone(INDIA)}, [gone, held]),
        ({"from_date": (moment + MOMENT).astimezone(INDIA)}, [gone]),
        ({"to_date": moment.astimezone(NEWFOUNDLAND)}, [held, kept]),
        ({"to_date": (moment - MOMENT).astimezone(NEWFOUNDLAND)}, [kept]),
        ({"item_id": battery}, [held, kept]),
        ({"adjustment_id": kept}, [kept]),
        ({"reason_id": 81}, [gone]),
        ({"status": "IN_PROGRESS"}, [kept]),
        ({"status": "COMPLETED"}, [held]),
        ({"status": "CANCELED"}, [gone]),
        ({"user_name": "nobody"}, []),
        ({"nonsellable_type_id": 1}, [held]),
        ({"store_id": STORE, "template_id": 2}, [from_template]),
        (
            {
                "from_date": moment.astimezone(NEWFOUNDLAND),
                "to_date": moment.astimezone(INDIA),
                "item_id": battery,
                "adjustment_id": held,
                "reason_id": 82,
                "status": "COMPLETED",
                "nonsellable_type_id": 1,
                "search_limit": 1,
            },
            [held],
        ),
    ):
        found = stack.call("lookupInventoryAdjustmentHeader", {**everything, **criterion})
        expected = {"StrAdjHdrDesc": [rows[number] for number in numbers], "collection_size": len(numbers)}
        assert found == (expected if numbers else {"collection_size": 0}), criterion


def save_confirm_and_read_many_lines(stack: Stack, count: int) -> None:
    """An adjustment of *count* lines, each with another quantity, comes back whole."""
    lines = [
        {
            "item_id": item_id,
            "reason_id": 93,
            "quantity": number + Decimal(number) / 10_000,
            "case_size": 1 + Decimal(number % 100) / 100,
        }
        for number, item_id in enumerate(MANY_ITEMS[:count], 1)
    ]
    payload = {"store_id": STORE, "publish": False, "StrAdjItmMod": lines}
    adjustment_id = stack.call("saveInventoryAdjustment", payload)["adjustment_id"]
    saved = read(stack, adjustment_id)
    line_ids = [line["line_id"] for line in saved["StrAdjItm"]]
    assert len(set(line_ids)) == count
    assert saved == {
        "adjustment_id": adjustment_id,
        "store_id": STORE,
        "status": "IN_PROGRESS",
        "create_date": saved["create_date"],
        "create_user_name": "pos",
        "StrAdjItm": _numbered(lines, line_ids),
    }
    confirmed = stack.call("confirmInventoryAdjustment", {"adjustment_id": adjustment_id})
    assert confirmed == {"success_message": f"Inventory adjustment {adjustment_id} confirmed."}
    after = read(stack, adjustment_id)
    closing = {"status": "COMPLETED", "approve_date": after["approve_date"], "approve_user_name": "pos"}
    assert after == {**saved, **closing}


def save_and_confirm(stack: Stack, lines: Sequence[Line]) -> dict[str, Any]:
    """Do both at once, compare what is read back but for its UINs, and return it (ADJ-04)."""
    payload = {"store_id": STORE, "comments": TEXT, "StrAdjItmMod": lines}
    adjustment_id = stack.call("saveAndConfirmInventoryAdjustment", payload)["adjustment_id"]
    found = read(stack, adjustment_id)
    shown = [{name: value for name, value in line.items() if name != "uin_col"} for line in found["StrAdjItm"]]
    sent = [{name: value for name, value in line.items() if name != "added_uin_col"} for line in lines]
    assert {**found, "StrAdjItm": shown} == {
        "adjustment_id": adjustment_id,
        "store_id": STORE,
        "status": "COMPLETED",
        "comments": TEXT,
        "create_date": found["create_date"],
        "create_user_name": "pos",
        "approve_date": found["create_date"],
        "approve_user_name": "pos",
        "StrAdjItm": _numbered(sent, [line["line_id"] for line in shown]),
    }
    return found


def read(stack: Stack, adjustment_id: int) -> dict[str, Any]:
    """Read an adjustment."""
    return dict(stack.call("readInventoryAdjustmentDetail", {"adjustment_id": adjustment_id}))


def _numbered(lines: Sequence[Line], line_ids: Sequence[int]) -> list[dict[str, Any]]:
    return [{"line_id": line_id, **line} for line, line_id in zip(lines, line_ids, strict=True)]


def _require_recent(moment: datetime, earliest: datetime) -> None:
    assert earliest <= moment <= datetime.now(UTC)

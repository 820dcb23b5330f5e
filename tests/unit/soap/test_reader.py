"""Values as they come in: what stock Spyne bends is read right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from lxml import etree

from gateway.formats import namespaces as ns
from gateway.soap import types
from gateway.soap.reader import Unreadable, date_time, reader
from tests.unit.soap.soap_calls import LINE, MOD, NOON, PAYLOAD, Client, operation, save

HALF_PAST = timezone(-timedelta(hours=5, minutes=30))

TIMES = {
    "2025-03-04T05:06:07.1-05:30": datetime(2025, 3, 4, 5, 6, 7, 100_000, HALF_PAST),
    "2025-03-04T05:06:07-00:30": datetime(2025, 3, 4, 5, 6, 7, 0, timezone(-timedelta(minutes=30))),
    "2025-03-04T05:06:07+05:45": datetime(2025, 3, 4, 5, 6, 7, 0, timezone(timedelta(hours=5, minutes=45))),
    "2025-03-04T05:06:07Z": datetime(2025, 3, 4, 5, 6, 7, 0, UTC),
    "2025-03-04T05:06:07": datetime(2025, 3, 4, 5, 6, 7),  # noqa: DTZ001 (naive is the subject)
    " 2025-03-04T05:06:07Z\n": datetime(2025, 3, 4, 5, 6, 7, 0, UTC),
    "2025-03-04T24:00:00Z": datetime(2025, 3, 5, 0, 0, 0, 0, UTC),
    "2025-12-31T24:00:00.000Z": datetime(2026, 1, 1, 0, 0, 0, 0, UTC),
    "2025-03-04T05:06:07.123456789Z": datetime(2025, 3, 4, 5, 6, 7, 123_457, UTC),
    "2025-03-04T23:59:59.9999999Z": datetime(2025, 3, 5, 0, 0, 0, 0, UTC),
    "2025-03-04T05:06:07.5Z": datetime(2025, 3, 4, 5, 6, 7, 500_000, UTC),
}


@pytest.mark.parametrize(("text", "expected"), TIMES.items())
def test_times_are_read_right(text: str, expected: datetime) -> None:
    found = date_time(text)
    assert (found, found.utcoffset()) == (expected, expected.utcoffset())


@pytest.mark.parametrize("text", ["12025-03-04T05:06:07Z", "-0001-03-04T05:06:07Z", "9999-12-31T24:00:00Z"])
def test_times_that_python_cannot_hold_say_so(text: str) -> None:
    with pytest.raises(ValueError, match="year"):
        date_time(text)


def search(from_date: str) -> bytes:
    """Return a search with *from_date*."""
    return operation(
        "lookupInventoryAdjustmentHeader",
        f'<c:StrAdjHdrCriVo xmlns:c="{ns.STR_ADJ_HDR_CRI_VO}"><c:store_id>1</c:store_id><c:from_date>{from_date}'
        "</c:from_date><c:status>NO_VALUE</c:status><c:search_limit>5</c:search_limit></c:StrAdjHdrCriVo>",
    )


OUTCOMES = {
    "2026-03-04T06:30:00-05:30": NOON,
    "2026-03-04T12:00:00": NOON,
    "2026-03-03T24:00:00+12:00": NOON - timedelta(days=1),
    "2025-02-30T00:00:00Z": None,
    "2025-03-04": None,
    "2025-03-04+02:00": None,
    "12025-03-04T05:06:07Z": None,
    "9999-12-31T24:00:00Z": None,
    "9999-12-31T23:00:00-05:00": None,
    "0001-01-01T00:00:00+14:00": None,
    "yesterday": None,
}


@pytest.mark.parametrize(("text", "expected"), OUTCOMES.items())
def test_times_arrive_in_utc_or_are_refused_by_name(client: Client, text: str, expected: datetime | None) -> None:
    reply = client.call(search(text))
    if expected is None:
        assert (reply.status, reply.fault.code) == (500, "Client")
        assert "from_date" in reply.fault.text
    else:
        (_, _, criteria) = client.stub.calls[0]
        assert criteria.created_from == expected
        assert criteria.created_from.utcoffset() == timedelta(0)
        assert criteria.status is None


@pytest.mark.parametrize("nil", ["false", "0"])
def test_a_nil_that_is_false_keeps_the_value(client: Client, nil: str) -> None:
    reply = client.call(save(PAYLOAD.replace("<m:store_id>", f'<m:store_id xsi:nil="{nil}">')))
    assert reply.status == 200
    assert client.stub.calls[0][2].store_id == 1311


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", "2"),
        ("+2.50", "2.50"),
        ("-0.0001", "-0.0001"),
        (" 3 ", "3"),
        (".5", "0.5"),
        ("5.", "5"),
        ("00000002", "2"),
    ],
)
def test_decimals_come_in_exact(client: Client, text: str, expected: str) -> None:
    assert client.call(save(PAYLOAD.replace(">2<", f">{text}<"))).status == 200
    quantity = client.stub.calls[0][2].lines[0].quantity
    assert quantity == Decimal(expected) and isinstance(quantity, Decimal)


@pytest.mark.parametrize(
    ("comments", "expected"),
    [
        ("", None),
        ("<m:comments/>", ""),
        ("<m:comments></m:comments>", ""),
        ("<m:comments> a  b </m:comments>", " a  b "),
        ('<m:comments xsi:nil="true"/>', None),
        ("<m:comments>a\r\nb&#13;</m:comments>", "a\nb\r"),
    ],
)
def test_absent_empty_and_nil_are_told_apart(client: Client, comments: str, expected: str | None) -> None:
    assert client.call(save(PAYLOAD.replace(LINE, comments + LINE))).status == 200
    assert client.stub.calls[0][2].comments == expected


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("1", True), ("false", False), (" 0 ", False)])
def test_booleans_have_four_spellings(client: Client, text: str, expected: bool) -> None:
    assert client.call(save(PAYLOAD.replace(LINE, f"<m:publish>{text}</m:publish>{LINE}"))).status == 200
    assert client.stub.calls[0][2].publish is expected


def test_a_line_is_read_whole_whichever_of_its_members_came() -> None:
    read = reader(types.StrAdjItmMod)
    single = {"line_id": "1", "item_id": "2", "reason_id": "3", "quantity": "4", "case_size": "5"}
    lists = {"added_uin_col": ["a", "b"], "removed_uin_col": ["c"], "removed_ext_att_col": ["d", "e"]}
    for leave_out in (
        set(),
        {"line_id"},
        set(lists),
        {"line_id", *lists},
        {"added_uin_col"},
        {"line_id", "removed_uin_col"},
    ):
        line = etree.Element("line")
        for name, value in single.items():
            if name not in leave_out:
                etree.SubElement(line, ns.tag(MOD, name)).text = value
        for name, values in lists.items():
            namespace = ns.STR_ADJ_EXT_ATT if name == "removed_ext_att_col" else MOD
            for value in values if name not in leave_out else ():
                etree.SubElement(line, ns.tag(namespace, name)).text = value
        found = read(line).__dict__
        expected = {
            "line_id": 1, "item_id": "2", "reason_id": 3, "quantity": Decimal(4), "case_size": Decimal(5),
            "StrAdjExtAtt": None, **lists,
        }  # fmt: skip
        assert found == {name: None if name in leave_out else value for name, value in expected.items()}


def test_an_unreadable_value_names_its_element() -> None:
    criteria = etree.Element("x")
    etree.SubElement(criteria, ns.tag(ns.STR_ADJ_HDR_CRI_VO, "from_date")).text = "12000-01-01T00:00:00Z"
    with pytest.raises(Unreadable) as raised:
        reader(types.StrAdjHdrCriVo)(criteria)
    assert raised.value.element is criteria[0]

"""Values as they leave: always valid, never with an exponent, never ill-formed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from lxml import etree

from gateway.domain.adjustment import AdjustmentLine
from gateway.domain.quantity import plain
from gateway.formats import namespaces as ns
from gateway.soap import types
from gateway.soap.writer import MissingValue, date_time_text, element_text, escape
from tests.unit.soap.soap_calls import Client, operation

READ = operation(
    "readInventoryAdjustmentDetail",
    f'<r:StrAdjRef xmlns:r="{ns.STR_ADJ_REF}"><r:adjustment_id>17</r:adjustment_id></r:StrAdjRef>',
)


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E+3", "1000"), ("1E-10", "0.0000000001"), ("0E-4", "0"), ("-0", "-0"), ("2.5000", "2.5"), ("1E+2", "100")],
)
def test_decimals_leave_in_plain_notation_without_idle_zeros(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_times_leave_in_utc_with_z() -> None:
    west = timezone(-timedelta(hours=3, minutes=30))
    assert date_time_text(datetime(2026, 3, 4, 8, 30, tzinfo=west)) == "2026-03-04T12:00:00Z"
    assert date_time_text(datetime(2026, 3, 4, 12, 0, 0, 5, tzinfo=UTC)) == "2026-03-04T12:00:00.000005Z"
    assert date_time_text(datetime(2026, 3, 4, 12)) == "2026-03-04T12:00:00Z"  # noqa: DTZ001 (naive is the subject)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("a & b < c > d ]]> \"e\" 'f'", None),
        ("line\nfeed\ttab\rreturn", None),
        ("日本 € 😀", None),
        ("nul\x00 vt\x0b", "nul\ufffd vt\ufffd"),
        ("lone \ud83d surrogate \uffff", "lone \ufffd surrogate \ufffd"),
    ],
)
def test_every_text_comes_out_as_xml(text: str, back: str | None) -> None:
    assert etree.fromstring(f"<a>{escape(text)}</a>".encode()).text == (text if back is None else back)


def test_a_required_member_without_value_is_never_written_as_nil() -> None:
    with pytest.raises(MissingValue, match="StrAdjRef has no adjustment_id"):
        element_text(ns.tag(ns.STR_ADJ_REF, "StrAdjRef"), types.StrAdjRef, types.build(types.StrAdjRef))


def test_a_missing_required_value_of_a_use_case_is_a_server_fault(client: Client) -> None:
    client.stub.adjustment = replace(client.stub.adjustment, created_by=None)  # type: ignore[arg-type]
    reply = client.call(READ)
    assert (reply.status, reply.fault.code) == (500, "Server")


def test_a_thousand_lines_are_a_valid_answer(client: Client) -> None:
    lines = [AdjustmentLine(n, f"item {n}", 83, Decimal("1E+2"), Decimal("0.5"), ("U",)) for n in range(1, 1001)]
    client.stub.adjustment = replace(client.stub.adjustment, lines=lines)
    desc = client.call(READ).payload[0]
    quantities = {element.text for element in desc.iter(ns.tag(ns.STR_ADJ_DESC, "quantity"))}
    assert quantities == {"100"}
    assert len(desc.findall(ns.tag(ns.STR_ADJ_DESC, "StrAdjItm"))) == 1000

"""InvAdjustDesc: what we write is valid and reads back as it was (PUB-01, PUB-04, UIN-08)."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.domain.disposition import Disposition
from gateway.domain.errors import InvalidMessage
from gateway.domain.quantity import MAX_PUBLISHED_QUANTITY, PLACES
from gateway.domain.uin import MAX_UIN_LENGTH, UinState
from gateway.formats import contract
from gateway.formats import namespaces as ns
from gateway.formats.inv_adjust_desc import (
    UIN_STATUS,
    InvAdjustDescWriter,
    InvAdjustDtl,
    InvAdjustUin,
    parse,
    render,
)

GOLDEN = Path(__file__).parents[2] / "golden" / "inv_adjust_desc"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SCHEMA = contract.service_schema("InvAdjustDesc")

# Everything that XML can carry.
TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(
    lambda char: char >= " " or char in "\t\n\r"
)
ITEM_IDS = st.text(TEXT, min_size=1, max_size=25)
USER_NAMES = st.text(TEXT, min_size=1, max_size=30)
UINS = st.text(TEXT, min_size=1, max_size=MAX_UIN_LENGTH)
QUANTITIES = st.decimals(PLACES, MAX_PUBLISHED_QUANTITY, places=4)
REASON_CODES = st.integers(0, 9999)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(NOON.replace(1900, tzinfo=None), NOON.replace(9998, tzinfo=None), timezones=ZONES)
CODES = st.none() | st.sampled_from(["ATS", "TRBL", "COR"])


@given(
    st.builds(
        InvAdjustDtl,
        location=st.integers(1, 9_999_999_999).map(str),
        item_id=ITEM_IDS,
        reason_code=st.none() | REASON_CODES,
        quantity=QUANTITIES,
        from_disposition=CODES,
        to_disposition=CODES,
        user_name=USER_NAMES,
        created_at=TIMES,
        uins=st.lists(st.builds(InvAdjustUin, UINS, st.integers(0, 99)), max_size=3).map(tuple),
    )
)
def test_what_is_rendered_is_valid_and_parses_to_the_same_value(dtl):  # PUB-04
    xml = render(dtl)
    SCHEMA.assertValid(etree.fromstring(xml))
    assert parse(xml.encode()) == dtl
    assert parse(etree.fromstring(xml)) == dtl


@given(
    store_id=st.integers(1, 9_999_999_999),
    user_name=USER_NAMES,
    created_at=TIMES,
    literal_dist=st.booleans(),
    item_id=ITEM_IDS,
    reason_code=REASON_CODES,
    quantity=QUANTITIES,
    disposition=st.sampled_from(Disposition),
    uins=st.lists(UINS, max_size=3),
    state=st.sampled_from(UinState),
)
def test_the_writer_writes_what_the_domain_can_produce(
    store_id, user_name, created_at, literal_dist, item_id, reason_code, quantity, disposition, uins, state
):  # PUB-04, UIN-08
    writer = InvAdjustDescWriter(store_id, user_name, created_at, literal_dist)
    xml = writer.render(item_id, reason_code, quantity, disposition, uins, state)
    SCHEMA.assertValid(etree.fromstring(xml))

    def side(code: str) -> str | None:
        return None if code == "DIST" else code

    expected = InvAdjustDtl(
        location=str(store_id),
        item_id=item_id,
        reason_code=reason_code,
        quantity=quantity,
        from_disposition=side(disposition.from_code),
        to_disposition=side(disposition.to_code),
        user_name=user_name,
        created_at=created_at,
        uins=tuple(InvAdjustUin(uin, UIN_STATUS[state]) for uin in uins),
    )
    assert parse(xml.encode()) == expected
    if not literal_dist:
        assert xml == render(expected)
    assert ("DIST" in xml.replace(item_id, "")) <= (literal_dist or "DIST" in user_name + "".join(uins))


def _golden() -> dict[str, str]:
    plain = InvAdjustDescWriter(1311, "clerk", NOON)
    literal = InvAdjustDescWriter(1311, "clerk", NOON, literal_dist=True)
    special = InvAdjustDescWriter(1311, "Müller & <Söhne>", NOON + timedelta(microseconds=120000))
    two = Decimal("2.0000")
    return {
        "stock_on_hand_decreased": plain.render("100000147", 83, two, Disposition.DECREASE_SOH),
        "stock_on_hand_increased": plain.render("100000147", 82, two, Disposition.INCREASE_SOH),
        "to_unavailable": plain.render("100000147", 86, Decimal("0.2500"), Disposition.TO_UNAVAILABLE),
        "unavailable_disposed_of": plain.render("100000147", 2, two, Disposition.DISPOSE_UNAVAILABLE),
        "outside_as_dist": literal.render("100000147", 83, two, Disposition.DECREASE_SOH),
        "serial_numbers": plain.render("100000302", 83, two, Disposition.DECREASE_SOH, ["A1", "A2"], UinState.REMOVED),
        "special_characters": special.render("1 & <2>\r", 83, MAX_PUBLISHED_QUANTITY, Disposition.DECREASE_SOH),
    }


@pytest.mark.parametrize("case", sorted(_golden()))
def test_golden_documents(case):
    """Real documents; GATEWAY_REWRITE_GOLDEN=1 writes them anew."""
    file = GOLDEN / f"{case}.xml"
    written = _golden()[case]
    if os.environ.get("GATEWAY_REWRITE_GOLDEN") == "1":
        file.write_bytes(written.encode() + b"\n")
    SCHEMA.assertValid(etree.parse(file))
    golden = file.read_text(encoding="utf-8")
    assert _canonical(written) == _canonical(golden)


def test_every_golden_document_has_its_test():
    assert {file.stem for file in GOLDEN.glob("*.xml")} == set(_golden())


def test_every_state_of_a_unit_has_a_code():  # UIN-08
    assert set(UIN_STATUS) == set(UinState)
    assert len(set(UIN_STATUS.values())) == len(UIN_STATUS)


def test_a_receiver_takes_dist_and_empty_for_the_outside():  # PUB-04
    xml = InvAdjustDescWriter(1, "u", NOON, literal_dist=True).render("1", 1, Decimal(1), Disposition.DECREASE_SOH)
    assert parse(xml.encode()).to_disposition is None
    assert parse(xml.replace("DIST", "").encode()).to_disposition is None


def test_members_that_we_never_send_are_passed_over():
    xml = render(parse((GOLDEN / "to_unavailable.xml").read_bytes()))
    more = xml.replace("<transaction_code>", "<from_wip_code>X</from_wip_code><transaction_code>").replace(
        "</create_date>", "</create_date><weight>1</weight><other xmlns='urn:x'><unit_qty>9</unit_qty></other>"
    )
    assert parse(more.encode()) == parse(xml.encode())


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("<item_id>100000147</item_id>", "", "no item_id"),
        ("<unit_qty>2<", "<unit_qty>two<", "unreadable"),
        ("<create_date>2026-03-04T12:00:00Z<", "<create_date>2026-03-04T12:00:00<", "time zone"),
        ("<create_date>2026", "<create_date>noon2026", "unreadable"),
        ("InvAdjustDtl>", "Other>", "expected one InvAdjustDtl, found 0"),
        ("InvAdjustDesc", "Other", "expected {"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(old, new, text):
    xml = (GOLDEN / "stock_on_hand_decreased.xml").read_text().strip()
    assert old in xml
    with pytest.raises(InvalidMessage, match=text):
        parse(xml.replace(old, new).encode())


def test_two_lines_in_one_message_are_refused():  # PUB-01
    xml = (GOLDEN / "stock_on_hand_decreased.xml").read_text()
    line = xml[xml.index("<InvAdjustDtl>") : xml.index("</InvAdjustDesc>")]
    with pytest.raises(InvalidMessage, match="found 2"):
        parse(xml.replace(line, line + line).encode())


@pytest.mark.parametrize("char", ["\x00", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_carry_is_refused(char):
    writer = InvAdjustDescWriter(1, "u", NOON)
    with pytest.raises(ValueError, match="XML cannot carry"):
        writer.render(f"1{char}", 1, Decimal(1), Disposition.DECREASE_SOH)
    with pytest.raises(ValueError, match="XML cannot carry"):
        InvAdjustDescWriter(1, f"u{char}", NOON)


def test_a_time_without_zone_a_long_user_and_uins_without_state_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        InvAdjustDescWriter(1, "u", NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="30 characters"):
        InvAdjustDescWriter(1, "u" * 31, NOON)
    with pytest.raises(ValueError, match="state"):
        InvAdjustDescWriter(1, "u", NOON).render("1", 1, Decimal(1), Disposition.DECREASE_SOH, ["A"])


def test_the_namespace_is_oracles():
    assert etree.fromstring(_golden()["to_unavailable"]).tag == f"{{{ns.INV_ADJUST_DESC}}}InvAdjustDesc"


def _canonical(xml: str) -> str:
    return etree.canonicalize(xml, strip_text=False, rewrite_prefixes=True).strip()

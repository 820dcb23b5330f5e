"""CSV files: every error of every row at once, and what is written reads back the same."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.disposition import Disposition
from gateway.domain.item import Item, ItemKind
from gateway.domain.quantity import PLACES
from gateway.domain.reason import Reason
from gateway.formats.csv_tables import CsvTable, Finding, WrongFile
from gateway.formats.maintenance_csv import (
    ITEMS,
    MERCHANDISING_REASONS,
    REASONS,
    STOCK,
    STORES,
    TEMPLATES,
    UINS,
    USERS,
    MerchandisingReason,
)
from gateway.usecases.demo_data import FOLDER, read_demo_data

HEADING = b"item_id,description,uom,kind,unit_cost,department,class,subclass\n"
LAMP = Item("1", "Lamp", "EA", ItemKind.PLAIN, Decimal("2.5"), "Home", None, None)


def findings(content: bytes) -> list[Finding]:
    with pytest.raises(WrongFile) as caught:
        ITEMS.read_bytes(content, "items.csv")
    return list(caught.value.findings)


def text(content: bytes) -> str:
    return "\n".join(str(finding) for finding in findings(content))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without mark", "with mark"])
def test_utf8_is_read_with_or_without_byte_order_mark(mark: bytes) -> None:
    content = mark + HEADING + "1,Crème brûlée,EA,plain,,,,\n".encode()
    assert ITEMS.read_bytes(content, "items.csv")[0][1].description == "Crème brûlée"


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    content = HEADING + b'1,"Lamp",EA,plain,2.5,Home,,\r\n,,,,,,,\r\n\r\n2,Lamp,EA,plain,,,,\r\n'
    assert [row for row, _ in ITEMS.read_bytes(content, "items.csv")] == [2, 5]


def test_columns_may_come_in_any_order_and_some_may_lack() -> None:
    content = b"kind,uom,description,item_id,unit_cost,department\nplain,EA,Lamp,1,2.5,Home\n"
    assert ITEMS.read_bytes(content, "items.csv") == [(2, LAMP)]


def test_every_error_of_every_row_is_reported() -> None:
    content = HEADING + b"1,,EA,plain,-1,,,\n2,Lamp,EA,none,1.00001,,,\n3,Lamp,EA,plain,,,,\n"
    assert [(one.row, one.column, one.value) for one in findings(content)] == [
        (2, "description", ""),
        (2, "unit_cost", "-1"),
        (3, "kind", "none"),
        (3, "unit_cost", "1.00001"),
    ]


def test_a_finding_names_file_row_column_value_and_what_would_be_right() -> None:
    said = text(HEADING + b"1,Lamp,EA,none,,,,\n")
    assert said == "items.csv, row 2, column kind: 'none' cannot be used: use one of plain, serial, agsn."


def test_unknown_missing_and_repeated_columns_are_named() -> None:
    said = text(b"item_id,item_id,colour,uom,kind\n1,1,red,EA,plain\n")
    assert "column colour: 'colour' is not a column" in said
    assert "column item_id: 'item_id' stands there more than once" in said
    assert "column description: '' is missing" in said
    assert "the columns are item_id,description,uom" in said


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is missing"),
        (b"item_id;description;uom;kind\n", "separate columns by commas"),
        (HEADING + b"1,Lamp\n", "row 2: has 2 cells, the heading has 8"),
        (HEADING + b"1,Lamp,EA,plain,,,,,\n", "has 9 cells"),
        (HEADING + b'1,"Lamp,EA,plain,,,,\n', "is not CSV"),
        (HEADING + b"1,Lamp\x00,EA,plain,,,,\n", "row 2"),
        (HEADING + b"\n1,Cr\xe8me,EA,plain,,,,\n", "row 3: is not UTF-8"),
        (HEADING + b"1,La\x1bmp,EA,plain,,,,\n", "printable"),
        (HEADING + b"1,Lamp,EA,plain,1e3000000,,,\n", "unit_cost"),
        (HEADING + b"1,Lamp,EA,plain,NaN,,,\n", "unit_cost"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, complaint: str) -> None:
    assert complaint in text(content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="cannot be read"):
        ITEMS.read_file(tmp_path / "none.csv")


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "٣", "9223372036854775808", "1_000", "+1"])
def test_ids_are_plain_whole_numbers(number: str) -> None:
    with pytest.raises(WrongFile, match="whole number from 1 to"):
        STORES.read_bytes(f"store_id,name,timezone,currency\n{number},A,UTC,EUR\n".encode(), "stores.csv")


def test_a_pair_that_is_no_disposition_is_a_finding_of_its_row() -> None:  # RSN-01
    content = (
        b"reason_id,reason_code,description,from_disposition,to_disposition,from_nonsellable_type_id,"
        b"to_nonsellable_type_id,use_in_ui,system,publish\n300,300,Odd,COR,DIST,,,Y,N,Y\n"
    )
    with pytest.raises(WrongFile, match="row 2: cannot be used: COR to DIST is none of the eight"):
        REASONS.read_bytes(content, "reasons.csv")


def test_merchandising_may_export_reasons_without_dispositions() -> None:  # RSN-08
    content = b"reason_code,description\n83,Theft\n"
    assert MERCHANDISING_REASONS.read_bytes(content, "m.csv") == [(2, MerchandisingReason(83, "Theft", None))]
    half = b"reason_code,description,from_disposition,to_disposition\n83,Theft,ATS,\n"
    with pytest.raises(WrongFile, match="both dispositions or neither"):
        MERCHANDISING_REASONS.read_bytes(half, "m.csv")


def test_a_blank_template_id_asks_for_a_new_template() -> None:
    content = (
        b"template_id,store_id,description,comments,status,item_id,reason_id,quantity,case_size\n"
        b",1311,Basket,,IN_PROGRESS,1,98,2,1\n"
    )
    ((_, line),) = TEMPLATES.read_bytes(content, "t.csv")
    assert (line.template_id, line.comments, line.quantity) == (0, None, Decimal(2))


@pytest.mark.parametrize("size", ["0", "-1", "1.005"])
def test_a_case_size_is_above_zero_with_two_digits(size: str) -> None:  # ADJ-15
    content = (
        "template_id,store_id,description,comments,status,item_id,reason_id,quantity,case_size\n"
        f",1311,Basket,,IN_PROGRESS,1,98,2,{size}\n"
    )
    with pytest.raises(WrongFile, match="case_size"):
        TEMPLATES.read_bytes(content.encode(), "t.csv")


def test_the_demo_files_read_and_write_back_the_same() -> None:
    tables: list[tuple[str, CsvTable[Any]]] = [
        ("items", ITEMS),
        ("stores", STORES),
        ("stock", STOCK),
        ("uins", UINS),
        ("templates", TEMPLATES),
        ("users", USERS),
    ]
    for name, table in tables:
        rows = table.read_file(FOLDER / f"{name}.csv")
        target = io.StringIO()
        table.write([value for _, value in rows], target)
        assert table.read_bytes(target.getvalue().encode(), name) == rows, name


def test_the_demo_is_read_whole() -> None:
    data = read_demo_data()
    assert [role.role_name for role in data.roles] == ["pos", "clerk", "manager", "admin"]
    assert len(data.stock) == 43


printable = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF).filter(str.isprintable), min_size=1).filter(
    lambda one: one == one.strip()
)
costs = st.decimals(min_value=0, max_value=10**12, allow_nan=False, places=4).map(lambda one: one.quantize(PLACES))
items = st.builds(
    Item,
    printable.filter(lambda one: len(one) <= 25),
    printable.filter(lambda one: len(one) <= 250),
    st.sampled_from(["EA", "KG", "LB"]),
    st.sampled_from(ItemKind),
    costs | st.none(),
    printable.filter(lambda one: len(one) <= 120) | st.none(),
    st.none(),
    st.none(),
)
reasons = st.builds(
    Reason,
    st.integers(1, 2**63 - 1),
    st.integers(0, 9999),
    printable.filter(lambda one: len(one) <= 255),
    st.sampled_from(Disposition),
    st.integers(1, 99) | st.none(),
    st.integers(1, 99) | st.none(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(items, max_size=5))
def test_items_read_back_as_they_were_written(written: list[Item]) -> None:  # STK-05
    target = io.StringIO()
    ITEMS.write(written, target)
    assert [item for _, item in ITEMS.read_bytes(target.getvalue().encode(), "items.csv")] == written


@given(st.lists(reasons, max_size=5))
def test_reasons_read_back_as_they_were_written(written: list[Reason]) -> None:
    target = io.StringIO()
    REASONS.write(written, target)
    assert [reason for _, reason in REASONS.read_bytes(target.getvalue().encode(), "reasons.csv")] == written


@given(st.binary(max_size=200))
def test_any_bytes_give_rows_or_findings(content: bytes) -> None:
    try:
        ITEMS.read_bytes(HEADING + content, "items.csv")
    except WrongFile as wrong:
        assert wrong.findings

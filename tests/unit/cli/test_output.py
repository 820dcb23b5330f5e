"""How results look: aligned text, a table on a terminal, JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from gateway.cli.config import masked
from gateway.cli.output import show_one, show_rows

ROWS: list[dict[str, Any]] = [
    {"name": "a [bold]name[/]", "amount": Decimal("1E+3"), "on": True, "many": (1, 2), "none": None},
    {"name": "\x1b[31mred\ttab", "amount": Decimal("0.5"), "on": False, "many": [], "none": None},
]
COLUMNS = list(ROWS[0])


def test_text_is_aligned_without_tabs_or_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows(ROWS, COLUMNS, as_json=False)
    shown = capsys.readouterr().out
    assert shown.splitlines() == [
        "name             amount  on  many  none",
        "a [bold]name[/]  1000    Y   1 2",
        "\ufffd[31mred\ufffdtab     0.5     N",
    ]


def test_a_terminal_gets_a_table_that_takes_brackets_literally(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    show_rows(ROWS, COLUMNS, as_json=False)
    assert "a [bold]name[/]" in capsys.readouterr().out


def test_json_keeps_amounts_exact_and_types_otherwise(capsys: pytest.CaptureFixture[str]) -> None:  # STK-05
    show_rows(ROWS, COLUMNS, as_json=True)
    first = json.loads(capsys.readouterr().out)[0]
    assert first == {"name": "a [bold]name[/]", "amount": "1000", "on": True, "many": [1, 2], "none": None}


def test_no_rows_are_a_heading_or_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows([], ["a", "b"], as_json=False)
    show_rows([], ["a", "b"], as_json=True)
    assert capsys.readouterr().out == "a  b\n[]\n"


def test_one_thing_is_shown_a_field_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_one({"at": datetime(2026, 11, 23, 12, tzinfo=UTC), "lines": 2}, as_json=False)
    assert capsys.readouterr().out == "at     2026-11-23T12:00:00+00:00\nlines  2\n"
    show_one({"lines": [{"quantity": Decimal("1.5")}]}, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"lines": [{"quantity": "1.5"}]}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://joe:secret@host/db", "postgresql+psycopg://joe:***@host/db"),
        ("postgresql+psycopg://joe:se@cr:et@host:5432/db", "postgresql+psycopg://joe:***@host:5432/db"),
        ("https://joe:secret@host", "https://joe:***@host"),
        ("postgresql+psycopg://joe@host/db", "postgresql+psycopg://joe@host/db"),
        ("sqlite:///gateway.db", "sqlite:///gateway.db"),
        ("http://127.0.0.1:8090/a@b", "http://127.0.0.1:8090/a@b"),
    ],
)
def test_passwords_in_urls_are_masked(url: str, shown: str) -> None:
    assert masked(url) == shown

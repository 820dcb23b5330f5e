"""How results look: a table on a terminal, aligned text elsewhere, JSON on request. Results go to stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import click

from gateway.formats.csv_tables import written

F = TypeVar("F", bound=Callable[..., Any])
Rows = Sequence[Mapping[str, Any]]


def json_option(command: F) -> F:
    """Add ``--json`` to a command that returns rows."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(command)


def printable(text: str) -> str:
    """Return *text* without characters that would steer a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def show_rows(rows: Rows, columns: Sequence[str], as_json: bool) -> None:
    """Print *rows*, each a mapping with the keys *columns*."""
    if as_json:
        click.echo(json.dumps([{name: _json_value(row[name]) for name in columns} for row in rows], indent=2))
        return
    cells = [[_cell(row[name]) for name in columns] for row in rows]
    if sys.stdout.isatty():
        _rich_table(columns, cells)
        return
    widths = [max(len(name), *(len(row[index]) for row in cells), 0) for index, name in enumerate(columns)]
    for line in [list(columns), *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def show_one(row: Mapping[str, Any], as_json: bool) -> None:
    """Print one thing, a field a line."""
    if as_json:
        click.echo(json.dumps({name: _json_value(value) for name, value in row.items()}, indent=2))
        return
    width = max(len(name) for name in row)
    for name, value in row.items():
        click.echo(f"{name.ljust(width)}  {_cell(value)}".rstrip())


def say(text: str) -> None:
    """Print progress or a remark on stderr, so that stdout holds results only."""
    click.echo(text, err=True)


def _cell(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return printable(" ".join(written(one) for one in value))
    return printable(written(value))


def _json_value(value: Any) -> Any:
    if isinstance(value, (Decimal, datetime)):
        # Amounts as text: a reader's binary floats would not keep them (STK-05).
        return written(value)
    if isinstance(value, (list, tuple)):
        return [_json_value(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _json_value(one) for name, one in value.items()}
    return value


def _rich_table(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in cells:
        # As Text, because brackets in a description are no markup.
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)

"""CSV files as arguments and as results."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.domain.errors import WrongSetting
from gateway.formats.csv_tables import CsvTable

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def file_argument(command: F) -> F:
    """Add the argument FILE, a file to read."""
    kind = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.argument("file", type=kind, metavar="FILE")(command)


def output_option(command: F) -> F:
    """Add ``--output``, the file that an export writes."""
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option("--output", type=kind, help="Write this file instead of stdout.")(command)


def export(table: CsvTable[T], values: Iterable[T], output: Path | None) -> None:
    """Write *values* as CSV to *output* or to stdout."""
    text = io.StringIO()
    table.write(values, text)
    content = text.getvalue().encode()  # UTF-8, whatever the terminal uses
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise WrongSetting(f"{output} cannot be written: {error.strerror}") from error

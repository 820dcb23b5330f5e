"""CSV files of ours: read with every error of every row at once, written so that they read back the same.

UTF-8 with or without a byte order mark, comma-separated, the first row names the columns in any order. Rows are
counted as a spreadsheet counts them: the heading is row 1.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, TextIO, TypeVar

from gateway.domain.errors import WrongSetting
from gateway.domain.quantity import plain, quantity

T = TypeVar("T")

MAX_INTEGER = 2**63 - 1
"""Largest whole number that an id column holds."""

_PLAIN_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
"""No exponent, no blanks or underscores, no digits of other scripts, all of which Decimal takes."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a file.

    Attributes:
        row: counted from 1, the heading is 1; 0 for the file as a whole.
        column: name of the column; empty for the row as a whole.
        value: what stands there.
        text: what is wrong and what would be right.
    """

    file: str
    row: int
    column: str
    value: str
    text: str

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (self.file, f"row {self.row}" if self.row else "", self.column and f"column {self.column}")
            if part
        )
        shown = f"{self.value!r} " if self.column else ""
        return f"{place}: {shown}{self.text}"


class WrongFile(WrongSetting):
    """A file cannot be used; carries every finding."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in findings))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file.

    Attributes:
        read: turns the text of a cell into its value; a ValueError says what would be right.
        required: a blank cell is an error; otherwise it reads as None.
        may_lack: the file need not have the column, which then reads as None in every row.
    """

    name: str
    read: Callable[[str], Any]
    required: bool = True
    may_lack: bool = False


@dataclass(frozen=True, slots=True)
class CsvTable(Generic[T]):
    """The shape of one kind of file.

    Attributes:
        build: makes a row's value from its cells, by column name; a ValueError says what is wrong with the row.
        take: returns the cells of a value, in the order of the columns.
    """

    columns: Sequence[Column]
    build: Callable[[dict[str, Any]], T]
    take: Callable[[T], Sequence[object]]

    def read_file(self, path: Path) -> list[tuple[int, T]]:
        """Return each row's number and value.

        Raises:
            WrongFile: everything that is wrong with it.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise WrongFile([Finding(str(path), 0, "", "", f"cannot be read: {error.strerror}.")]) from error
        return self.read_bytes(content, path.name)

    def read_bytes(self, content: bytes, file: str) -> list[tuple[int, T]]:
        """Return each row's number and value of the file *content*; *file* names it in findings.

        Raises:
            WrongFile: everything that is wrong with it.
        """
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = content[: error.start].count(b"\n") + 1
            raise WrongFile([Finding(file, row, "", "", "is not UTF-8; save the file as UTF-8.")]) from None
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        findings: list[Finding] = []
        rows: list[tuple[int, T]] = []
        number = 0
        try:
            heading = [cell.strip() for cell in next(reader, [])]
            number = 1
            self._check_heading(heading, file, findings)
            if findings:
                # Cells under a wrong heading mean nothing; complaints about them would hide the cause.
                raise WrongFile(findings)
            for cells in reader:
                number += 1
                if not any(cell.strip() for cell in cells):
                    continue
                found = len(findings)
                value = self._row(dict(zip(heading, cells, strict=False)), len(heading), cells, file, number, findings)
                if len(findings) == found:
                    assert value is not None
                    rows.append((number, value))
        except csv.Error as error:
            findings.append(Finding(file, number + 1, "", "", f"is not CSV: {error}."))
        if findings:
            raise WrongFile(findings)
        return rows

    def read_texts(self, texts: dict[str, str], source: str) -> T:
        """Return the value of one row that did not come from a file; *source* names it in findings.

        Raises:
            WrongFile: everything that is wrong with it.
        """
        findings: list[Finding] = []
        value = self._row(texts, len(texts), list(texts), source, 0, findings)
        if value is None:
            raise WrongFile(findings)
        return value

    def write(self, values: Iterable[T], target: TextIO) -> None:
        """Write heading and rows to *target*, which must not translate line ends."""
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow([column.name for column in self.columns])
        writer.writerows([written(cell) for cell in self.take(value)] for value in values)

    def _check_heading(self, heading: Sequence[str], file: str, findings: list[Finding]) -> None:
        names = [column.name for column in self.columns]
        right = f"the columns are {','.join(names)}."
        if len(heading) == 1 and ";" in heading[0]:
            findings.append(Finding(file, 1, "", "", "is separated by semicolons; separate columns by commas."))
            return
        for name in dict.fromkeys(heading):
            if name not in names:
                findings.append(Finding(file, 1, name, name, f"is not a column; {right}"))
            elif heading.count(name) > 1:
                findings.append(Finding(file, 1, name, name, "stands there more than once; name each column once."))
        for column in self.columns:
            if column.name not in heading and not column.may_lack:
                findings.append(Finding(file, 1, column.name, "", f"is missing; {right}"))

    def _row(
        self,
        texts: dict[str, str],
        width: int,
        cells: Sequence[str],
        file: str,
        number: int,
        findings: list[Finding],
    ) -> T | None:
        if len(cells) != width:
            findings.append(Finding(file, number, "", "", f"has {len(cells)} cells, the heading has {width}."))
            return None
        values: dict[str, Any] = {}
        found = len(findings)
        for column in self.columns:
            text = texts.get(column.name, "").strip()
            if not text:
                values[column.name] = None
                if column.required:
                    findings.append(Finding(file, number, column.name, "", "is blank; fill it in."))
                continue
            try:
                values[column.name] = column.read(text)
            except ValueError as error:
                findings.append(Finding(file, number, column.name, text, f"cannot be used: {error}."))
        if len(findings) > found:
            return None
        try:
            return self.build(values)
        except ValueError as error:
            findings.append(Finding(file, number, "", "", f"cannot be used: {error}."))
            return None


def written(cell: object) -> str:
    """Return *cell* as our files and tables show it: amounts without exponent, times in ISO 8601, flags as Y or N."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Y" if cell else "N"
    if isinstance(cell, Decimal):
        return plain(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return str(cell)


def whole_number(least: int, most: int = MAX_INTEGER) -> Callable[[str], int]:
    """Return a reader of whole numbers from *least* to *most*."""

    def read(text: str) -> int:
        # isdecimal alone lets digits of other scripts through; int would read them.
        number = int(text) if text.isascii() and text.removeprefix("-").isdecimal() else None
        if number is None or not least <= number <= most:
            raise ValueError(f"use a whole number from {least} to {most}")
        return number

    return read


def amount(text: str) -> Decimal:
    """Read a decimal with at most 20 digits, 4 after the point (STK-05)."""
    if not _PLAIN_DECIMAL.fullmatch(text):
        raise ValueError("use digits with a point before the fraction, at most 20 of them, 4 after the point")
    return quantity(text)


def text_of(most: int) -> Callable[[str], str]:
    """Return a reader of printable texts of at most *most* characters."""

    def read(text: str) -> str:
        if len(text) > most or not text.isprintable():
            raise ValueError(f"use at most {most} printable characters")
        return text

    return read


def flag(text: str) -> bool:
    """Read Y or N."""
    if text not in ("Y", "N"):
        raise ValueError("use Y or N")
    return text == "Y"


def choice(options: Iterable[str]) -> Callable[[str], str]:
    """Return a reader of one of *options*."""
    allowed = list(options)

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"use one of {', '.join(allowed)}")
        return text

    return read


def words(text: str) -> tuple[str, ...]:
    """Read texts separated by blanks."""
    return tuple(text.split())


def values(rows: Iterable[tuple[int, T]]) -> Iterator[T]:
    """Return the values of *rows* without their numbers."""
    return (value for _, value in rows)

"""Statements of the hot path: written once in SQLAlchemy Core, compiled once per database, run on the driver.

Executing Core statements costs about 40 µs each on top of the driver, which would double the price of an
adjustment with one line. These keep Core's portability and types and pay the compilation once
(docs/decisions/0005-compiled-statements.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Dialect,
    FromClause,
    Select,
    String,
    TypeDecorator,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql import Executable
from sqlalchemy.types import TypeEngine

from gateway.domain.quantity import plain
from gateway.persistence.columns import TIME_FORMAT, Amount

Row = tuple[Any, ...]
Columns = dict[str, TypeEngine[Any]]
"""Names and types of the cells of a row parameter."""
Processor = Callable[[Any], Any]


class TextList(TypeDecorator[Sequence[str]]):
    """A list of texts as one parameter: an array on PostgreSQL, a JSON array on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the parameter's type of *dialect*."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String())
        return dialect.type_descriptor(ARRAY(String()))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Write the list."""
        return json.dumps(list(value)) if dialect.name == "sqlite" else list(value)


def one_of(column: ColumnElement[Any], parameter: str, dialect_name: str) -> ColumnElement[bool]:
    """Return the condition that *column* is in the text list *parameter*, for any length with one SQL text."""
    texts = bindparam(parameter, type_=TextList())
    if dialect_name == "sqlite":
        return column.in_(select(func.json_each(texts).table_valued("value").c.value))
    return column == func.any(texts)


def many_rows(dialect_name: str, **columns: TypeEngine[Any]) -> Select[Any]:
    """Return a SELECT that yields the rows of the JSON parameter ``rows``, typed as *columns*.

    With it a thousand lines are one INSERT … SELECT or UPDATE … FROM. See `rows_parameter`.
    """
    source: FromClause
    if dialect_name == "sqlite":
        source = func.json_each(bindparam("rows", type_=String())).table_valued("value")
        cells: list[ColumnElement[Any]] = [
            func.json_extract(source.c.value, literal_column(f"'$[{index}]'")).label(name)
            for index, name in enumerate(columns)
        ]
        return select(*cells).select_from(source)
    source = func.jsonb_array_elements(cast(bindparam("rows", type_=String()), JSONB)).table_valued("value")
    value = cast(source.c.value, JSONB)
    return select(
        *(
            cast(value.op("->>")(literal_column(str(index))), kind).label(name)
            for index, (name, kind) in enumerate(columns.items())
        )
    ).select_from(source)


def _json_cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.strftime(TIME_FORMAT)
    raise TypeError(f"{value!r} cannot go into a row")


def rows_parameter(rows: Iterable[Sequence[Any]]) -> str:
    """Return *rows* as the JSON parameter of `many_rows`; amounts as text, so that they stay exact (STK-05)."""
    return json.dumps(list(rows), default=_json_cell, ensure_ascii=False, separators=(",", ":"))


class Statement:
    """A Core statement that is compiled at its first use on each kind of database.

    Args:
        build: returns the statement for a dialect name (``sqlite`` or ``postgresql``).
    """

    def __init__(self, build: Callable[[str], Executable]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def on(self, dialect: Dialect) -> _Compiled:
        """Return the statement compiled for *dialect*."""
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._build(dialect.name), dialect)
        return compiled


class _Compiled:
    __slots__ = ("_names", "_plain_results", "_processors", "_results", "sql")

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self._processors: list[tuple[str, Processor | None]] = []
        for name, bind in compiled.binds.items():
            self._processors.append((name, bind.type.dialect_impl(dialect).bind_processor(dialect)))
        self._names: list[str] | None = compiled.positiontup if compiled.positional else None
        self._results: list[Processor | None] = [
            _result_processor(column.type, dialect) for column in getattr(statement, "exported_columns", ())
        ]
        self._plain_results = not any(self._results)
        literals = {name for name, bind in compiled.binds.items() if not bind.required and bind.value is not None}
        if literals:
            raise TypeError(f"a compiled statement takes no values of its own, found {sorted(literals)}")

    def parameters(self, values: dict[str, Any]) -> Any:
        """Return *values* as the driver wants them."""
        bound = {
            name: values[name] if processor is None else processor(values[name]) for name, processor in self._processors
        }
        return bound if self._names is None else [bound[name] for name in self._names]

    def read(self, rows: Iterable[Row]) -> list[Row]:
        """Return driver *rows* with each value in its Python type."""
        if self._plain_results:
            return list(rows)
        results = self._results
        return [
            tuple(
                value if processor is None else processor(value) for processor, value in zip(results, row, strict=True)
            )
            for row in rows
        ]


def _result_processor(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    if isinstance(kind, Amount) and dialect.name == "postgresql":
        return None  # psycopg returns NUMERIC as Decimal
    return kind.dialect_impl(dialect).result_processor(dialect, None)

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
    Column,
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

from gateway.persistence.columns import Amount, time_text

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
        # Quantities never have an exponent above 0 or below -4, so that their text never has one either (STK-05).
        return str(value)
    if isinstance(value, datetime):
        return time_text(value)
    raise TypeError(f"{value!r} cannot go into a row")


_as_json = json.JSONEncoder(default=_json_cell, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def rows_parameter(rows: Iterable[Sequence[Any]]) -> str:
    """Return *rows* as the JSON parameter of `many_rows`; amounts as text, so that they stay exact (STK-05).

    Amounts and times may come as they are; where there are thousands, hand them over as text, which is faster.
    """
    return _as_json(list(rows))


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
    __slots__ = ("_is_positional", "_parameters", "_processed", "sql")

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        processors = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()
        }
        self._is_positional: bool = compiled.positional
        names: list[str] = compiled.positiontup if compiled.positional else list(processors)
        self._parameters = [(name, processors[name]) for name in names]
        results = (_result_processor(column, dialect) for column in getattr(statement, "exported_columns", ()))
        self._processed = [(index, processor) for index, processor in enumerate(results) if processor is not None]
        literals = {name for name, bind in compiled.binds.items() if not bind.required and bind.value is not None}
        if literals:
            raise TypeError(f"a compiled statement takes no values of its own, found {sorted(literals)}")

    def parameters(self, values: dict[str, Any]) -> Any:
        """Return *values* as the driver wants them."""
        if self._is_positional:
            return [
                values[name] if processor is None else processor(values[name]) for name, processor in self._parameters
            ]
        return {
            name: values[name] if processor is None else processor(values[name]) for name, processor in self._parameters
        }

    def read(self, rows: list[Row]) -> list[Row]:
        """Return driver *rows* with each value in its Python type."""
        if not self._processed or not rows:
            return rows
        # By columns: one loop for each that needs work, instead of a decision for each value of each row.
        columns: list[Any] = list(zip(*rows, strict=True))
        for index, processor in self._processed:
            columns[index] = map(processor, columns[index])
        return list(zip(*columns, strict=True))


def _result_processor(column: ColumnElement[Any], dialect: Dialect) -> Processor | None:
    kind = column.type
    if isinstance(kind, Amount):
        if dialect.name == "postgresql":
            return None  # psycopg returns NUMERIC as Decimal
        if isinstance(column, Column) and not column.nullable:
            return Decimal
    return kind.dialect_impl(dialect).result_processor(dialect, None)

"""Rows → Arrow tables with the declared types; the only place where Python values become columns."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from importlib.abc import MetaPathFinder
from operator import itemgetter
from typing import Any

import pyarrow as pa

from yusuan.schemas import Column, Table

MONEY = pa.decimal128(20, 2)
_TYPES = {
    "string": pa.string(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "date": pa.date32(),
    "money": MONEY,
}


AnyRow = dict[str, object] | tuple[object, ...]
"""A tuple is a named one of the table's columns in their order."""


class RowError(Exception):
    """A row that does not fit its table: a fault of the program, never of a document; the message names the column."""


def arrow_type(column: Column) -> pa.DataType:
    return _TYPES[column.type]


def schema(table: Table, metadata: Mapping[str, str] | None = None) -> pa.Schema:
    """Columns with title and description as field metadata; the table's own and `metadata` as schema metadata."""
    return pa.schema(
        [
            pa.field(c.name, arrow_type(c), c.nullable, {"title": c.title, "description": c.description})
            for c in table.columns
        ],
        {"title": table.title, "description": table.description, **(metadata or {})},
    )


@lru_cache(maxsize=64)
def _own_schema(table: Table) -> pa.Schema:
    return schema(table)


class _NoPandas(MetaPathFinder):
    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name, name=name)


def without_pandas() -> None:
    """For processes that make no frames: pyarrow looks for pandas before it converts its first value, once, by importing it
    (a fifth of a second and 40 MB). `to_pandas` still finds it later.
    """
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.scalar(0)
    finally:
        sys.meta_path.remove(finder)


def _array(column: Column, values: Sequence[Any]) -> pa.Array:
    if column.type == "string" and column.nullable and "" in values:
        values = [value or None for value in values]  # CSV cannot tell an empty text from null, so no table holds both
    elif column.type == "money":
        # Exact already: a decimal that does not fit 分 is a fault upstream, and Arrow refuses it.
        values = [Decimal(value) if isinstance(value, int) else value for value in values]
    return pa.array(values, arrow_type(column))


def _transposed(table: Table, rows: Sequence[AnyRow]) -> Iterable[Sequence[object]]:
    """The rows' values by column; missing keys are null."""
    names = tuple(column.name for column in table.columns)
    if rows and getattr(rows[0], "_fields", None) == names and len(set(map(type, rows))) == 1:
        return zip(*rows, strict=True)
    mappings = [row for row in rows if isinstance(row, dict)]
    if len(mappings) == len(rows) and set(map(len, mappings)) == {len(names)}:
        with suppress(KeyError):  # another key in the place of one: told below
            return zip(*map(itemgetter(*names), mappings), strict=True)  # most tables: every row has every column
    if len(mappings) < len(rows) or not all(map(frozenset(names).issuperset, mappings)):
        unknown = next((key for row in mappings for key in row if key not in names), rows[0])
        raise RowError(f"{table.name}: {unknown!r} is no column of the table")
    return [[row.get(name) for row in mappings] for name in names]


def to_arrow(table: Table, rows: Iterable[AnyRow]) -> pa.Table:
    """Missing keys are null, unknown keys and wrong types raise RowError; order is kept."""
    arrays = []
    for column, values in zip(table.columns, _transposed(table, list(rows)), strict=True):
        try:
            arrays.append(_array(column, values))
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            raise RowError(f"{table.name}.{column.name}: {error}") from error
    return pa.Table.from_arrays(arrays, schema=_own_schema(table))


def empty(table: Table) -> pa.Table:
    return schema(table).empty_table()

"""What must hold before tables are published: declared types, filled columns, enums, unique keys, foreign keys, places.

This judges the tables of some documents as they are read, so that a fault costs that document only; `judge` asks the
same of a whole release, and takes from here what holds inside of documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yusuan.schemas import PLACE, Column, Table

Tables = Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class Problem:
    """`rule`: not-null, enum, key, foreign-key, place, min-rows or fill-rate; `example` is a value that breaks it."""

    table: str
    columns: tuple[str, ...]
    rule: str
    count: int
    example: str

    def __str__(self) -> str:
        if self.rule in ("min-rows", "fill-rate"):
            return f"{'.'.join((self.table, *self.columns))}: {self.rule} not reached: {self.example}"
        return f"{self.table}.{'+'.join(self.columns)}: {self.rule} broken by {self.count} rows, first {self.example}"

    def more(self, count: int) -> Problem:
        return replace(self, count=self.count + count)


def _first(rows: pa.Table) -> str:
    return ", ".join(repr(value) for value in rows.slice(0, 1).to_pylist()[0].values())


def _filled(table: Table, data: pa.Table) -> list[Problem]:
    return [
        Problem(table.name, (c.name,), "not-null", data[c.name].null_count, "null")
        for c in table.columns
        if not c.nullable and data[c.name].null_count
    ]


def _distinct(column: pa.ChunkedArray) -> set[Any]:
    """The values of a column without null: few, where many rows have the same."""
    return set(column.unique().to_pylist()) - {None}


def _enums(table: Table, data: pa.Table) -> list[Problem]:
    problems = []
    for column in table.columns:
        if not column.enum or _distinct(data[column.name]).issubset(column.enum):
            continue
        values = data[column.name].drop_null()
        wrong = values.filter(pc.invert(pc.is_in(values, value_set=pa.array(column.enum))))
        if len(wrong):
            problems.append(Problem(table.name, (column.name,), "enum", len(wrong), repr(wrong[0].as_py())))
    return problems


def _key(table: Table, data: pa.Table) -> list[Problem]:
    if len(table.key) == 1 and len(data[table.key[0]].unique()) == len(data):
        return []
    counts = data.select(list(table.key)).group_by(list(table.key), use_threads=False).aggregate([([], "count_all")])
    twice = counts.filter(pc.greater(counts["count_all"], 1))
    if not len(twice):
        return []
    return [Problem(table.name, table.key, "key", len(twice), _first(twice.drop_columns("count_all")))]


def inner_references(table: Table) -> list[Column]:
    """Columns that name the document or the project that a record belongs to; others may name something elsewhere."""
    own = [column for column in table.columns if column.references is not None]
    return [column for column in own if column.references is not None and column.references[1] == column.name]


def _references(data: pa.Table, table: Table, columns: Sequence[Column], tables: Tables) -> list[Problem]:
    problems = []
    for column in columns:
        if column.references is None:
            continue
        target, key = column.references
        if _distinct(data[column.name]) <= _distinct(tables[target][key]):
            continue
        values = data[column.name].drop_null()
        lost = values.filter(pc.invert(pc.is_in(values, value_set=tables[target][key].combine_chunks())))
        if len(lost):
            problems.append(Problem(table.name, (column.name,), "foreign-key", len(lost), repr(lost[0].as_py())))
    return problems


class _Cells:
    """The places of all cells, to look others up among them."""

    def __init__(self, cells: pa.Table) -> None:
        self.documents = cells["document_id"].unique()
        self.places = _packed(self._columns(cells))

    def are_apart(self) -> bool:
        """Whether no two cells have the same place."""
        return len(self.places.unique()) == len(self.places)

    def asked(self, data: pa.Table) -> tuple[pa.Table, pa.Array]:
        """The places of a table, and as they are looked up, of the documents that have cells: those of a run with --no-cells may stand beside others."""
        places, columns = data.select(list(PLACE)), self._columns(data)
        if any(column.null_count for column in columns):
            there = reduce(pc.and_, map(pc.is_valid, columns))
            places, columns = places.filter(there), [column.filter(there) for column in columns]
        return places, _packed(columns)

    def _columns(self, places: pa.Table) -> list[pa.ChunkedArray]:
        """Document, grid, row and column as numbers; null for documents without cells."""
        return [pc.index_in(places["document_id"], value_set=self.documents), *map(places.column, PLACE[1:])]


def _packed(columns: Sequence[pa.ChunkedArray]) -> pa.Array:
    """Sixteen bytes of four numbers each: looked up faster than a join on four keys."""
    numbers = np.column_stack([column.to_numpy() for column in columns]).astype(np.int32)
    return pa.Array.from_buffers(pa.binary(16), len(numbers), [None, pa.py_buffer(numbers)])


def _places(declared: Mapping[str, Table], tables: Tables, cells: _Cells) -> list[Problem]:
    """Places without a cell, looked up for all tables at once."""
    asked = {name: cells.asked(data) for name, data in tables.items() if declared[name].place}
    found = pc.is_in(pa.concat_arrays([packed for _, packed in asked.values()]), value_set=cells.places)
    if pc.all(found).as_py():
        return []
    problems, start = [], 0
    for name, (places, packed) in asked.items():
        lost = places.filter(pc.invert(found.slice(start, len(packed))))
        start += len(packed)
        if len(lost):
            problems.append(Problem(name, PLACE, "place", len(lost), _first(lost)))
    return problems


def _keys(table: Table, data: pa.Table, cells: _Cells | None) -> list[Problem]:
    return [] if table.key == PLACE and cells is not None and cells.are_apart() else _key(table, data)


def problems(declared: Mapping[str, Table], tables: Tables) -> list[Problem]:
    """All that is wrong, in declared order; tables that are left out (`cells`) are not missed."""
    cells = _Cells(tables["cells"]) if "cells" in tables else None
    found = []
    for name, data in tables.items():
        table = declared[name]
        found += _filled(table, data) + _enums(table, data) + _keys(table, data, cells)
        found += _references(data, table, table.columns, tables)
    return found + (_places(declared, tables, cells) if cells is not None else [])


def inner_problems(declared: Mapping[str, Table], tables: Tables) -> list[Problem]:
    """What is wrong with keys, documents, projects and places, of tables that have all rows of some documents."""
    cells = _Cells(tables["cells"]) if "cells" in tables else None
    found = []
    for name, data in tables.items():
        table = declared[name]
        if name != "documents":
            found += _keys(table, data, cells) + _references(data, table, inner_references(table), tables)
    return found + (_places(declared, tables, cells) if cells is not None else [])

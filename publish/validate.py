"""What must hold before tables are published: declared types, filled columns, enums, unique keys, foreign keys, places.

This judges the tables of some documents as they are read, so that a fault costs that document only; `judge` asks the
same of a whole release, and takes from here what holds inside of documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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


def _enums(table: Table, data: pa.Table) -> list[Problem]:
    problems = []
    for column in table.columns:
        if not column.enum:
            continue
        values = data[column.name].drop_null()
        wrong = values.filter(pc.invert(pc.is_in(values, value_set=pa.array(column.enum))))
        if len(wrong):
            problems.append(Problem(table.name, (column.name,), "enum", len(wrong), repr(wrong[0].as_py())))
    return problems


def _key(table: Table, data: pa.Table) -> list[Problem]:
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
        values = data[column.name].drop_null()
        lost = values.filter(pc.invert(pc.is_in(values, value_set=tables[target][key].combine_chunks())))
        if len(lost):
            problems.append(Problem(table.name, (column.name,), "foreign-key", len(lost), repr(lost[0].as_py())))
    return problems


class _Cells:
    """The places of all cells, to look others up among them."""

    def __init__(self, cells: pa.Table) -> None:
        self.documents = cells["document_id"].unique()
        self.places = self._packed(cells)

    def lost(self, table: Table, data: pa.Table) -> list[Problem]:
        """Places without a cell, of the documents that have cells: those of a run with --no-cells may stand beside others."""
        places = data.select(list(PLACE))
        there = pc.is_in(places["document_id"], value_set=self.documents)
        for column in PLACE[1:]:
            there = pc.and_(there, pc.is_valid(places[column]))
        places = places.filter(there)
        lost = places.filter(pc.invert(pc.is_in(self._packed(places), value_set=self.places)))
        return [Problem(table.name, PLACE, "place", len(lost), _first(lost))] if len(lost) else []

    def _packed(self, places: pa.Table) -> pa.Array:
        """Document, grid, row and column as the sixteen bytes of four numbers: looked up faster than a join on four keys."""
        columns = [pc.index_in(places["document_id"], value_set=self.documents), *map(places.column, PLACE[1:])]
        numbers = np.column_stack([column.to_numpy() for column in columns]).astype(np.int32)
        return pa.Array.from_buffers(pa.binary(16), len(numbers), [None, pa.py_buffer(numbers)])


def _places(declared: Mapping[str, Table], tables: Tables) -> list[Problem]:
    if "cells" not in tables:
        return []
    cells = _Cells(tables["cells"])
    return [
        problem for name, data in tables.items() if declared[name].place for problem in cells.lost(declared[name], data)
    ]


def problems(declared: Mapping[str, Table], tables: Tables) -> list[Problem]:
    """All that is wrong, in declared order; tables that are left out (`cells`) are not missed."""
    found = []
    for name, data in tables.items():
        table = declared[name]
        found += _filled(table, data) + _enums(table, data) + _key(table, data)
        found += _references(data, table, table.columns, tables)
    return found + _places(declared, tables)


def inner_problems(declared: Mapping[str, Table], tables: Tables) -> list[Problem]:
    """What is wrong with keys, documents, projects and places, of tables that have all rows of some documents."""
    found = []
    for name, data in tables.items():
        table = declared[name]
        found += (
            _key(table, data) + _references(data, table, inner_references(table), tables) if name != "documents" else []
        )
    return found + _places(declared, tables)

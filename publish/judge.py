"""The rules of a whole release, asked of its Parquet files before it is switched to: what `validate` asks of tables in
memory, and the minimum counts and fill rates. DuckDB reads the files, and goes to disk where memory does not suffice."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from yusuan.publish.tables import Written
from yusuan.publish.validate import Problem
from yusuan.schemas import PLACE, Table

MEMORY = "64MB"
Files = Mapping[str, Sequence[Path]]
"""Table → its Parquet files in order."""


def parquet_files(folder: Path, files: Mapping[str, Mapping[str, Sequence[Written]]]) -> dict[str, list[Path]]:
    return {name: [folder / part.path for part in kinds["parquet"]] for name, kinds in files.items()}


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def scan(paths: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(quoted(str(path)) for path in paths)}])"


@contextmanager
def database(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that keeps its memory limit by writing below `spill`."""
    with tempfile.TemporaryDirectory(prefix=".spill-", dir=spill) as folder:
        connection = duckdb.connect(
            config={
                "memory_limit": MEMORY,
                "threads": 1,
                "temp_directory": folder,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": False,
            }
        )
        try:
            yield connection
        finally:
            connection.close()


def judge(spill: Path, declared: Mapping[str, Table], files: Files) -> list[Problem]:
    """All that is wrong, in declared order; tables that are left out (`cells`) are not missed."""
    found: list[Problem] = []
    with database(spill) as connection:
        for name, paths in files.items():
            connection.execute(f'CREATE VIEW "{name}" AS SELECT * FROM {scan(paths)}')
        for name in files:
            table = declared[name]
            found += _columns(connection, table)
            found += _key(connection, table)
            found += _references(connection, table)
            if table.place and "cells" in files:
                found += _places(connection, table)
    return found


def _columns(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[Problem]:
    """Counts, filled columns and allowed values, in one go through the table."""
    asked = ["count(*)", *(f'count("{column.name}")' for column in table.columns)]
    limited = [column for column in table.columns if column.enum]
    for column in limited:
        allowed = ", ".join(map(quoted, column.enum))
        wrong = f'"{column.name}" NOT IN ({allowed})'
        asked += [f"count(*) FILTER ({wrong})", f'min("{column.name}") FILTER ({wrong})']
    row = connection.execute(f'SELECT {", ".join(asked)} FROM "{table.name}"').fetchone()
    assert row is not None
    rows, filled, enums = row[0], row[1 : 1 + len(table.columns)], row[1 + len(table.columns) :]
    if rows < table.min_rows:
        yield Problem(table.name, (), "min-rows", table.min_rows - rows, f"{rows} of {table.min_rows} rows")
    shares = dict(table.fill) if rows >= max(table.fill_from, 1) else {}
    for column, count in zip(table.columns, filled, strict=True):
        if not column.nullable and count < rows:
            yield Problem(table.name, (column.name,), "not-null", rows - count, "null")
        if count < shares.get(column.name, 0.0) * rows:
            told = f"{count / rows:.1%} filled, at least {shares[column.name]:.1%} wanted"
            yield Problem(table.name, (column.name,), "fill-rate", rows - count, told)
    for index, column in enumerate(limited):
        if enums[2 * index]:
            yield Problem(table.name, (column.name,), "enum", enums[2 * index], repr(enums[2 * index + 1]))


def _problem(
    connection: duckdb.DuckDBPyConnection, table: Table, columns: tuple[str, ...], rule: str, query: str
) -> Iterator[Problem]:
    """`query` gives the rows that break the rule, `columns` only."""
    row = connection.execute(f"SELECT count(*), first(q) FROM ({query}) q").fetchone()
    if row is not None and row[0]:
        yield Problem(table.name, columns, rule, row[0], ", ".join(map(repr, row[1].values())))


def _key(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[Problem]:
    names = ", ".join(f'"{name}"' for name in table.key)
    query = f'SELECT {names} FROM "{table.name}" GROUP BY ALL HAVING count(*) > 1'
    yield from _problem(connection, table, table.key, "key", query)


def _references(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[Problem]:
    for column in table.columns:
        if column.references is not None:
            target, key = column.references
            query = (
                f'SELECT t."{column.name}" FROM "{table.name}" t ANTI JOIN "{target}" k ON t."{column.name}" = k."{key}" '
                f'WHERE t."{column.name}" IS NOT NULL'
            )
            yield from _problem(connection, table, (column.name,), "foreign-key", query)


def _places(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[Problem]:
    """Of the documents that have cells: those of an earlier run with --no-cells may stand beside others."""
    names = ", ".join(f't."{name}"' for name in PLACE)
    filled = " AND ".join(f't."{name}" IS NOT NULL' for name in PLACE)
    same = " AND ".join(f't."{name}" = c."{name}"' for name in PLACE)
    query = (
        f'SELECT {names} FROM "{table.name}" t ANTI JOIN cells c ON {same} WHERE {filled} '
        "AND t.document_id IN (SELECT document_id FROM cells)"
    )
    yield from _problem(connection, table, PLACE, "place", query)

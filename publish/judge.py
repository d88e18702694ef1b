"""The rules of a whole release, asked of its Parquet files before it is switched to: what `validate` asks of tables in
memory, and the minimum counts and fill rates. What holds inside of documents is asked page by page (judge_pages), the
rest of DuckDB: one pass for counts, and some for what must be unique or there among all documents."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from yusuan.publish.database import connect
from yusuan.publish.judge_pages import judge_pages
from yusuan.publish.tables import Written
from yusuan.publish.validate import Problem, inner_references
from yusuan.schemas import Column, Table

MEMORY = "64MB"
AT_ONCE = 250_000
"""Ids that one pass keeps in memory; more than that are parted by their hashes."""
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
        connection = connect(None, memory=MEMORY, spill=folder, ordered=False)
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
            if len(table.key) == 1:
                found += _key(connection, table)
            inner = () if name == "sources" else inner_references(table)
            found += [
                problem
                for column in table.columns
                if column.references is not None and column not in inner
                for problem in _reference(connection, table, column)
            ]
    found += judge_pages(declared, files)
    return sorted(found, key=lambda problem: list(files).index(problem.table))


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
    connection: duckdb.DuckDBPyConnection, table: Table, column: str, rule: str, query: Callable[[str], str]
) -> Iterator[Problem]:
    """`query` gives the values that break the rule, of those for which a condition on `id` holds."""
    (rows,) = connection.execute(f'SELECT count("{column}") FROM "{table.name}"').fetchone() or (0,)
    passes = rows // AT_ONCE + 1
    count, example = 0, None
    for number in range(passes):
        asked = query(f"hash(id) % {passes} = {number}")
        wrong, first = connection.execute(f"SELECT count(*), first(id) FROM ({asked})").fetchone() or (0, None)
        count, example = count + wrong, example or first
    if count:
        yield Problem(table.name, (column,), rule, count, repr(example))


def _key(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[Problem]:
    (key,) = table.key
    ids = f'SELECT "{key}" AS id FROM "{table.name}"'
    yield from _problem(
        connection,
        table,
        key,
        "key",
        lambda part: f"SELECT id FROM ({ids}) WHERE {part} GROUP BY id HAVING count(*) > 1",
    )


def _reference(connection: duckdb.DuckDBPyConnection, table: Table, column: Column) -> Iterator[Problem]:
    assert column.references is not None
    target, key = column.references
    ids = f'SELECT "{column.name}" AS id FROM "{table.name}" WHERE "{column.name}" IS NOT NULL'
    there = f'SELECT "{key}" AS id FROM "{target}"'
    yield from _problem(
        connection, table, column.name, "foreign-key",
        lambda part: f"SELECT id FROM (SELECT * FROM ({ids}) WHERE {part}) ANTI JOIN (SELECT * FROM ({there}) WHERE {part}) USING (id)",
    )  # fmt: skip

"""The tables of a release, streamed out of the store in the contract's order: by path, then as the reader gave the rows.

Sorting is DuckDB's, on disk where memory does not suffice. What follows from several documents at once is made here:
the smallest path, what manifests know, duplicates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from yusuan.convert import format_at
from yusuan.manifest import COLUMNS
from yusuan.publish.arrow import schema
from yusuan.publish.assemble import DOUBLE, DUPLICATE
from yusuan.schemas import Table, tables
from yusuan.store import Store

ROWS = 65_536


def _quoted(names: Sequence[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in names)


def _message() -> str:
    """The message about a duplicate as an SQL expression, from the same template as everywhere."""
    columns = {"name": "name", "path": "original_path", "project": "original"}
    parts = re.split(r"\{(\w+)\}", DOUBLE)
    return " || ".join(columns[part] if index % 2 else f"'{part}'" for index, part in enumerate(parts))


class Release:
    """The content of the store as a release; valid until the store is written to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        facts = ", ".join(f"arg_min({name}, sources.path) AS {name}" for name in COLUMNS)
        store.run(
            "CREATE OR REPLACE TEMP TABLE ranked AS SELECT (row_number() OVER (ORDER BY path) - 1)::INTEGER AS rank, * FROM "
            f"(SELECT doc, min(path) AS path, {facts} FROM sources GROUP BY doc)"
        )
        self._ids = self._one("SELECT document_id FROM ranked JOIN documents USING (doc) ORDER BY rank")
        store.run(
            "CREATE OR REPLACE TEMP TABLE doubles AS SELECT * FROM (SELECT p.doc, r.rank, p.pos, p.project_id, "
            "coalesce(p.project_name, p.department) AS name, first_value(p.project_id) OVER same AS original, "
            "first_value(r.path) OVER same AS original_path FROM projects p JOIN ranked r USING (doc) "
            'WHERE p.print IS NOT NULL WINDOW same AS (PARTITION BY p."print" ORDER BY r.rank, p.pos)) '
            "WHERE project_id <> original"
        )

    def _one(self, query: str) -> pa.ChunkedArray:
        return self._store.connection.sql(query).to_arrow_table().column(0)

    def count(self, name: str) -> int:
        return int(self._store.value(f"SELECT count(*) FROM {name}"))

    def table(self, name: str) -> Iterator[pa.Table]:
        """The rows in order, with the declared types, some ten thousand at a time."""
        declared = tables()[name]
        if name == "documents":
            return self._documents(declared)
        if name == "sources":
            query = "SELECT s.path, d.document_id, s.url FROM sources s JOIN documents d USING (doc) ORDER BY s.path"
            return (batch.cast(schema(declared)) for batch in self._batches(query))
        return self._records(declared)

    def _batches(self, query: str) -> Iterator[pa.Table]:
        with self._store.connection.sql(query).to_arrow_reader(ROWS) as reader:
            for batch in reader:
                yield pa.Table.from_batches([batch])

    def _documents(self, declared: Table) -> Iterator[pa.Table]:
        own = [column.name for column in declared.columns if column.name not in ("path", *COLUMNS)]
        query = (
            f"SELECT r.path, {_quoted(COLUMNS, 'r.')}, {_quoted(own, 'd.')}, d.named FROM documents d "
            "JOIN ranked r USING (doc) ORDER BY r.rank"
        )
        names = [column.name for column in declared.columns]
        for batch in self._batches(query):
            told = zip(*(batch[name].to_pylist() for name in ("path", "format", "named")), strict=True)
            formats = pa.array([format_at(*each) for each in told], pa.string())
            made = batch.set_column(batch.column_names.index("format"), "format", formats)
            yield made.select(names).cast(schema(declared))

    def _records(self, declared: Table) -> Iterator[pa.Table]:
        names = [column.name for column in declared.columns if column.name != "document_id"]
        query = f"SELECT r.rank, {_quoted(names, 't.')} FROM {self._rows_of(declared.name, names)} t JOIN ranked r USING (doc) ORDER BY r.rank, t.pos"
        order = [column.name for column in declared.columns]
        for batch in self._batches(query):
            ids = pc.take(self._ids, batch["rank"])
            yield batch.append_column("document_id", ids).select(order).cast(schema(declared))

    def _rows_of(self, name: str, names: Sequence[str]) -> str:
        """The table, or for projects and issues the table with the marks of duplicates."""
        if name == "projects":
            rest = [column for column in names if column != "duplicate_of"]
            return (
                f"(SELECT p.doc, p.pos, {_quoted(rest, 'p.')}, d.original AS duplicate_of FROM projects p "
                "LEFT JOIN doubles d USING (doc, pos))"
            )
        if name == "issues" and self.count("doubles"):
            given = {
                "seq": "(row_number() OVER (PARTITION BY d.doc ORDER BY d.pos) + coalesce(l.last, 0))::INTEGER",
                "project_id": "d.project_id", "severity": "'info'", "code": f"'{DUPLICATE}'",
                "field": "'projects.duplicate_of'", "message": _message(), "actual": "d.original",
            }  # fmt: skip
            listed = ", ".join(f'{given.get(column, "NULL")} AS "{column}"' for column in names)
            return (
                f"(SELECT doc, pos, {_quoted(names)} FROM issues UNION ALL "
                f"SELECT d.doc, 2000000000 + d.pos, {listed} FROM doubles d "
                "LEFT JOIN (SELECT doc, max(seq) AS last FROM issues GROUP BY doc) l USING (doc))"
            )
        return name

    def issue_counts(self) -> list[tuple[str, str, int]]:
        """(severity, code, how often)."""
        counts = self._store.rows(
            "SELECT severity, code, count(*) FROM issues WHERE doc IN (SELECT doc FROM sources) GROUP BY ALL"
        )
        doubles = self.count("doubles")
        return [*counts, *([("info", DUPLICATE, doubles)] if doubles else [])]

"""The tables of a release, streamed out of the store in the contract's order: by path, then as the reader gave the rows.

Documents are ranked as a whole; their rows are fetched and sorted a page at a time, so that no sort grows with the store.
What follows from several documents at once is made here: the smallest path, what manifests know, duplicates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from yusuan.convert import format_at
from yusuan.manifest import COLUMNS
from yusuan.publish.arrow import schema
from yusuan.publish.assemble import DOUBLE, DUPLICATE
from yusuan.schemas import Table, tables
from yusuan.store import Store

PAGE_VALUES = 1 << 19
"""Rows × columns that are sorted at once: a page is so many whole documents."""
_AS_WRITTEN = "join_order,build_side_probe_side"
"""Optimizers that may keep the wide rows of a page in a hash table, and look up in it the few facts that are joined to them."""
_NEAR = 512
"""Documents of a page whose numbers in the store lie no further apart are looked up in one range."""


def _quoted(names: Sequence[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in names)


def _message() -> str:
    """The message about a duplicate as an SQL expression, from the same template as everywhere."""
    columns = {"name": "name", "path": "original_path", "project": "original"}
    parts = re.split(r"\{(\w+)\}", DOUBLE)
    return " || ".join(columns[part] if index % 2 else f"'{part}'" for index, part in enumerate(parts))


def _named(batch: pa.Table) -> pa.Table:
    """Formats that follow from the path."""
    told = zip(*(batch[name].to_pylist() for name in ("path", "format", "named")), strict=True)
    formats = pa.array([format_at(*each) for each in told], pa.string())
    return batch.set_column(batch.column_names.index("format"), "format", formats)


class Release:
    """The content of the store as a release; valid until the store is written to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        facts = ", ".join(f"arg_min({name}, sources.path) AS {name}" for name in COLUMNS)
        store.run(
            "CREATE OR REPLACE TEMP TABLE ranked AS SELECT (row_number() OVER (ORDER BY path) - 1)::INTEGER AS rank, * FROM "
            f"(SELECT doc, min(path) AS path, {facts} FROM sources GROUP BY doc) ORDER BY rank"
        )
        store.run(
            "CREATE OR REPLACE TEMP TABLE doubles AS SELECT * FROM (SELECT p.doc, r.rank, p.pos, p.project_id, "
            "coalesce(p.project_name, p.department) AS name, first_value(p.project_id) OVER same AS original, "
            "first_value(r.path) OVER same AS original_path FROM projects p JOIN ranked r USING (doc) "
            'WHERE p.print IS NOT NULL WINDOW same AS (PARTITION BY p."print" ORDER BY r.rank, p.pos)) '
            "WHERE project_id <> original"
        )

    def count(self, name: str) -> int:
        return int(self._store.value(f"SELECT count(*) FROM {name}"))

    def table(self, name: str) -> Iterator[pa.Table]:
        """The rows in order, with the declared types, some ten thousand at a time."""
        declared = tables()[name]
        order = [column.name for column in declared.columns]
        if name == "sources":
            query = "SELECT s.path, d.document_id, s.url FROM sources s JOIN documents d USING (doc) ORDER BY s.path"
            with self._store.connection.sql(query).to_arrow_reader(PAGE_VALUES // len(order)) as reader:
                for batch in reader:
                    yield pa.Table.from_batches([batch]).cast(schema(declared))
            return
        for first, last in self._pages(declared):
            for page in self._fetched(declared, first, last):
                whole = _named(page) if name == "documents" else page
                yield whole.select(order).cast(schema(declared))

    def _pages(self, table: Table) -> list[tuple[int, int]]:
        """First and last rank of each page of documents that have rows in the table, in order."""
        rows = f"SELECT doc FROM {table.name}" + (
            " UNION ALL SELECT doc FROM doubles" if table.name == "issues" else ""
        )
        return self._store.rows(
            "SELECT min(rank), max(rank) FROM (SELECT rank, (sum(n) OVER (ORDER BY rank) - 1)::BIGINT // "
            f"{PAGE_VALUES // len(table.columns)} AS page FROM ranked JOIN (SELECT doc, count(*) AS n FROM ({rows}) GROUP BY doc) "
            "USING (doc)) GROUP BY page ORDER BY page"
        )

    def _fetched(self, table: Table, first: int, last: int) -> Iterator[pa.Table]:
        """The rows of the documents with these ranks; in several pieces where they are too wide for DuckDB's memory."""
        names = [column.name for column in table.columns if column.name not in ("document_id", "path", *COLUMNS)]
        facts = f", t.named, r.path, {_quoted(COLUMNS, 'r.')}" if table.name == "documents" else ""
        docs = self._near(first, last)
        query = (
            f"SELECT d.document_id, {_quoted(names, 't.')}{facts} FROM {self._rows_of(table.name, names, docs)} t "
            f"JOIN ranked r USING (doc) JOIN (SELECT doc, document_id FROM documents WHERE {docs}) d USING (doc) "
            f"WHERE r.rank BETWEEN {first} AND {last} ORDER BY r.rank, t.pos"
        )
        try:
            page = self._as_written(query)
        except duckdb.OutOfMemoryException:
            if first == last:
                raise
            middle = (first + last) // 2
            yield from self._fetched(table, first, middle)
            yield from self._fetched(table, middle + 1, last)
        else:
            yield page

    def _as_written(self, query: str) -> pa.Table:
        self._store.run(f"SET disabled_optimizers = '{_AS_WRITTEN}'")
        try:
            return self._store.connection.sql(query).to_arrow_table()
        finally:
            self._store.run("RESET disabled_optimizers")

    def _near(self, first: int, last: int) -> str:
        """Ranges of `doc` that hold the documents with these ranks (and others), as a condition. Numbers follow the order of
        arrival, which is nearly that of paths in a first run; what later runs brought lies in ranges of its own."""
        spans = self._store.rows(
            f"WITH cut AS (SELECT doc, coalesce(doc - lag(doc) OVER (ORDER BY doc) > {_NEAR}, false)::INTEGER AS far "
            "FROM ranked WHERE rank BETWEEN $first AND $last), "
            "numbered AS (SELECT doc, sum(far) OVER (ORDER BY doc) AS span FROM cut) "
            "SELECT min(doc), max(doc) FROM numbered GROUP BY span ORDER BY ALL",
            {"first": first, "last": last},
        )
        return "(" + " OR ".join(f"doc BETWEEN {low} AND {high}" for low, high in spans) + ")"

    def _rows_of(self, name: str, names: Sequence[str], docs: str) -> str:
        """The rows of the table where `docs` holds; projects and issues with the marks of duplicates."""
        if name == "projects":
            rest = [column for column in names if column != "duplicate_of"]
            return (
                f"(SELECT p.doc, p.pos, {_quoted(rest, 'p.')}, d.original AS duplicate_of FROM "
                f"(SELECT * FROM projects WHERE {docs}) p LEFT JOIN (SELECT * FROM doubles WHERE {docs}) d USING (doc, pos))"
            )
        if name == "issues":
            given = {
                "seq": "(row_number() OVER (PARTITION BY d.doc ORDER BY d.pos) + coalesce(l.last, 0))::INTEGER",
                "project_id": "d.project_id", "severity": "'info'", "code": f"'{DUPLICATE}'",
                "field": "'projects.duplicate_of'", "message": _message(), "actual": "d.original",
            }  # fmt: skip
            listed = ", ".join(f'{given.get(column, "NULL")} AS "{column}"' for column in names)
            return (
                f"(SELECT doc, pos, {_quoted(names)} FROM issues WHERE {docs} UNION ALL "
                f"SELECT d.doc, 2000000000 + d.pos, {listed} FROM (SELECT * FROM doubles WHERE {docs}) d "
                f"LEFT JOIN (SELECT doc, max(seq) AS last FROM issues WHERE {docs} GROUP BY doc) l USING (doc))"
            )
        pos = ", 0 AS pos" if name == "documents" else ""
        return f"(SELECT *{pos} FROM {name} WHERE {docs})"

    def issue_counts(self) -> list[tuple[str, str, int]]:
        """(severity, code, how often)."""
        counts = self._store.rows(
            "SELECT severity, code, count(*) FROM issues WHERE doc IN (SELECT doc FROM sources) GROUP BY ALL"
        )
        doubles = self.count("doubles")
        return [*counts, *([("info", DUPLICATE, doubles)] if doubles else [])]

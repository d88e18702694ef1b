"""The tables of a release, streamed out of the store in the contract's order: by path, then as the reader gave the rows.

Documents are ranked as a whole; their rows are fetched and sorted a page at a time, so that no sort grows with the store.
What follows from several documents at once is made here: the smallest path, what manifests know, duplicates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa

from yusuan.convert import format_at
from yusuan.manifest import COLUMNS
from yusuan.publish.arrow import schema
from yusuan.publish.assemble import DOUBLE, DUPLICATE
from yusuan.schemas import Table, tables
from yusuan.store import Store

PAGE_ROWS = 32_768
"""Rows that are sorted at once: a page is so many whole documents."""
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
        if name == "documents":
            return self._documents(declared)
        if name == "sources":
            query = "SELECT s.path, d.document_id, s.url FROM sources s JOIN documents d USING (doc) ORDER BY s.path"
            return (batch.cast(schema(declared)) for batch in self._batches(query))
        return self._records(declared)

    def _batches(self, query: str) -> Iterator[pa.Table]:
        with self._store.connection.sql(query).to_arrow_reader(PAGE_ROWS) as reader:
            for batch in reader:
                yield pa.Table.from_batches([batch])

    def _pages(self, name: str) -> Iterator[tuple[str, str]]:
        """Documents with rows in the table, in order and a page at a time, as two conditions in SQL: their ranks, and ranges
        of `doc` that hold them (and others). Numbers follow the order of arrival, which is nearly that of paths in a
        first run; what later runs brought lies in ranges of its own."""
        rows = f"SELECT doc FROM {name}" + (" UNION ALL SELECT doc FROM doubles" if name == "issues" else "")
        self._store.run(
            f"CREATE OR REPLACE TEMP TABLE paged AS SELECT rank, doc, (sum(n) OVER (ORDER BY rank) - 1)::BIGINT // {PAGE_ROWS} AS page "
            f"FROM ranked JOIN (SELECT doc, count(*) AS n FROM ({rows}) GROUP BY doc) USING (doc) ORDER BY rank"
        )
        for (page,) in self._store.rows("SELECT DISTINCT page FROM paged ORDER BY page"):
            spans = self._store.rows(
                "WITH one AS (SELECT * FROM paged WHERE page = $page), "
                f"cut AS (SELECT *, coalesce(doc - lag(doc) OVER (ORDER BY doc) > {_NEAR}, false)::INTEGER AS far FROM one), "
                "numbered AS (SELECT *, sum(far) OVER (ORDER BY doc) AS span FROM cut) "
                "SELECT min(rank), max(rank), min(doc), max(doc) FROM numbered GROUP BY span",
                {"page": page},
            )
            ranks = f"rank BETWEEN {min(span[0] for span in spans)} AND {max(span[1] for span in spans)}"
            yield ranks, "(" + " OR ".join(f"doc BETWEEN {low} AND {high}" for _, _, low, high in spans) + ")"

    def _documents(self, declared: Table) -> Iterator[pa.Table]:
        own = [column.name for column in declared.columns if column.name not in ("path", *COLUMNS)]
        names = [column.name for column in declared.columns]
        for ranks, docs in self._pages("documents"):
            query = (
                f"SELECT r.path, {_quoted(COLUMNS, 'r.')}, {_quoted(own, 'd.')}, d.named FROM "
                f"(SELECT * FROM documents WHERE {docs}) d JOIN ranked r USING (doc) WHERE r.{ranks} ORDER BY r.rank"
            )
            for batch in self._batches(query):
                yield _named(batch).select(names).cast(schema(declared))

    def _records(self, declared: Table) -> Iterator[pa.Table]:
        names = [column.name for column in declared.columns if column.name != "document_id"]
        order = [column.name for column in declared.columns]
        for ranks, docs in self._pages(declared.name):
            query = (
                f"SELECT d.document_id, {_quoted(names, 't.')} FROM {self._rows_of(declared.name, names, docs)} t "
                f"JOIN ranked r USING (doc) JOIN (SELECT doc, document_id FROM documents WHERE {docs}) d USING (doc) "
                f"WHERE r.{ranks} ORDER BY r.rank, t.pos"
            )
            for batch in self._batches(query):
                yield batch.select(order).cast(schema(declared))

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
        return f"(SELECT * FROM {name} WHERE {docs})"

    def issue_counts(self) -> list[tuple[str, str, int]]:
        """(severity, code, how often)."""
        counts = self._store.rows(
            "SELECT severity, code, count(*) FROM issues WHERE doc IN (SELECT doc FROM sources) GROUP BY ALL"
        )
        doubles = self.count("doubles")
        return [*counts, *([("info", DUPLICATE, doubles)] if doubles else [])]

"""The rules that no document leaves (keys of its records, their documents, projects and places), asked of a whole release.

All tables have their rows in the order of `documents`, so they are gone through side by side, some documents at a time: the
memory that it takes does not grow with the release, as that of one join over a table would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yusuan.publish.validate import Problem, inner_problems, inner_references
from yusuan.schemas import PLACE, Table

ROWS = 8_192
"""Rows of the longest table that are looked at together, with all that belongs to their documents."""


class _Rows:
    """The rows of a table that have not been looked at yet."""

    def __init__(self, paths: Sequence[Path], columns: Sequence[str]) -> None:
        self.left = sum(pq.read_metadata(path).num_rows for path in paths)
        self._batches = self._read(paths, list(columns))
        self.head = next(self._batches)

    @staticmethod
    def _read(paths: Sequence[Path], columns: list[str]) -> Iterator[pa.Table]:
        for path in paths:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(ROWS, columns=columns, use_threads=False):
                    yield pa.Table.from_batches([batch])
        yield pq.read_schema(paths[0]).empty_table().select(columns)

    def take(self, count: int) -> pa.Table:
        """That many rows of the head."""
        taken, self.head = self.head.slice(0, count), self.head.slice(count)
        self.left -= count
        if not len(self.head) and self.left:
            self.head = next(self._batches)
        return taken

    def of(self, documents: pa.Array) -> pa.Table:
        """The rows up to the first one of another document."""
        parts = []
        while len(self.head):
            other = pc.index(pc.is_in(self.head["document_id"], value_set=documents), False).as_py()
            parts.append(self.take(len(self.head) if other < 0 else other))
            if other >= 0:
                break
        return pa.concat_tables([*parts, self.head.slice(0, 0)])

    def until(self, document: str | None) -> pa.Array | None:
        """The documents up to this one, a head's worth without one; None where it does not come any more."""
        parts = []
        while len(self.head):
            at = -1 if document is None else pc.index(self.head["document_id"], document).as_py()
            parts.append(self.take(len(self.head) if at < 0 else at + 1)["document_id"])
            if at >= 0 or document is None:
                return pa.chunked_array([chunk for part in parts for chunk in part.chunks]).combine_chunks()
        return None


def judge_pages(declared: Mapping[str, Table], files: Mapping[str, Sequence[Path]]) -> list[Problem]:
    """All that is wrong inside of documents, and rows that do not stand in the order of `documents`."""
    rows = {
        name: _Rows(paths, _asked(declared[name], "cells" in files))
        for name, paths in files.items()
        if name not in ("documents", "sources")
    }
    documents = _Rows(files["documents"], ["document_id"])
    found: dict[tuple[str, tuple[str, ...], str], Problem] = {}
    while documents.left:
        longest = max(rows.values(), key=lambda each: each.left)
        last = longest.head["document_id"][-1].as_py() if longest.left else None
        page = documents.until(last)
        if page is None:
            break
        tables = {"documents": pa.table({"document_id": page})} | {name: each.of(page) for name, each in rows.items()}
        for problem in inner_problems(declared, tables):
            same = found.setdefault((problem.table, problem.columns, problem.rule), problem)
            if same is not problem:
                found[problem.table, problem.columns, problem.rule] = same.more(problem.count)
    strange = [
        Problem(name, ("document_id",), "foreign-key", each.left, repr(each.head["document_id"][0].as_py()))
        for name, each in rows.items()
        if each.left
    ]
    return [*found.values(), *strange]


def _asked(table: Table, places: bool) -> list[str]:
    columns = ["document_id", *table.key, *(column.name for column in inner_references(table))]
    return list(dict.fromkeys([*columns, *(PLACE if table.place and places else ())]))

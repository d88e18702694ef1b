"""What was read already: an embedded transactional store (DuckDB) with every document's grids and records.

    documents   one row for each document: its row of the release, what read it (keys of the code), a digest of its grids
    grids       the grids as read (yusuan.codec), so that new rules need no source
    projects … cells   the rows of the release, by document (`doc`, a small number) and position
    reads       what read it: location and stamp (size and time) → document
    sources     what the release holds: paths, where they were found, what manifests know of them
    published   digests of the documents of the last release, for the report of changes

Each batch of documents is one transaction: a run that is killed keeps what it had read, and nothing by halves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from yusuan.manifest import COLUMNS
from yusuan.publish.database import connect
from yusuan.publish.files import PublishError
from yusuan.schemas import Table, tables
from yusuan.work import Batch

FORMAT = "1"
NAME = "store.duckdb"
MEMORY, SHARE = 48 << 20, 64
"""Bytes of DuckDB's buffers, and one more for so many bytes of the store: a run over ten times the documents takes the same
memory, and a query over millions of them (which goes to disk) still does so in few pieces."""
RETRIED = ("timeout", "crashed", "too-large", "missing-tool", "unreadable")
_TYPES = {"string": "VARCHAR", "int32": "INTEGER", "int64": "BIGINT", "float64": "DOUBLE", "date": "DATE",
          "money": "DECIMAL(20, 2)"}  # fmt: skip
_KEPT = {"named": "BOOLEAN", "extract_key": "VARCHAR", "normalize_key": "VARCHAR", "digest": "VARCHAR"}
_SOURCE = {"path": "VARCHAR", "location": "VARCHAR", "root": "VARCHAR", "doc": "INTEGER", "url": "VARCHAR"}


class StoreError(PublishError):
    """The store cannot be used: the message says which file, why and what to do next."""


def record_tables() -> dict[str, Table]:
    """Tables whose rows belong to one document."""
    return {name: table for name, table in tables().items() if name not in ("documents", "sources")}


def _columns(table: Table, left_out: Sequence[str] = ()) -> dict[str, str]:
    return {column.name: _TYPES[column.type] for column in table.columns if column.name not in left_out}


def _declared() -> dict[str, dict[str, str]]:
    """Table of the store → columns. Lists of documents are short, so keys are checked by us and no index is kept."""
    documents, sources = tables()["documents"], tables()["sources"]
    made = {
        "meta": {"key": "VARCHAR", "value": "VARCHAR"},
        "documents": {"doc": "INTEGER", **_columns(documents, ("path", *COLUMNS)), **_KEPT},
        "grids": {"doc": "INTEGER", "data": "BLOB"},
        "reads": {"location": "VARCHAR", "stamp": "VARCHAR", "doc": "INTEGER"},
        "sources": {**_SOURCE, **_columns(sources, ("path", "document_id", "url")), **_facts()},
        "published": {"document_id": "VARCHAR", "digest": "VARCHAR"},
        "archives": {"location": "VARCHAR", "stamp": "VARCHAR", "listing": "VARCHAR"},
    }
    for name, table in record_tables().items():
        made[name] = {"doc": "INTEGER", "pos": "INTEGER", **_columns(table, ("document_id",))}
    made["projects"]["print"] = "BLOB"
    return made


def _facts() -> dict[str, str]:
    return {column.name: _TYPES[column.type] for column in tables()["documents"].columns if column.name in COLUMNS}


class Store:
    """One connection; `transaction` is the only way in which it is written to."""

    def __init__(self, folder: Path | None) -> None:
        """Opens or makes the store in `folder`; None: one in memory, for a dry run without a store."""
        self.folder = folder
        path = folder / NAME if folder else None
        size = path.stat().st_size if path and path.exists() else 0
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        memory, spill = f"{(MEMORY + size // SHARE) >> 10}KiB", str(folder / "spill") if folder else None
        try:
            self.connection = connect(path, memory=memory, spill=spill, ordered=True)
            self._lay()
        except duckdb.Error as error:
            raise StoreError(
                f"{path}: cannot be used as a store ({str(error).splitlines()[0]}). If another program has it open, close "
                f"that; if the file is damaged, remove {folder} and run again: everything is then read once more"
            ) from error

    def close(self) -> None:
        self.connection.close()

    def _lay(self) -> None:
        """Makes tables and columns that are missing (a newer version may declare more)."""
        there: dict[str, set[str]] = {}
        for table, column in self.rows("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"):
            there.setdefault(table, set()).add(column)
        if there and self.meta("format") != FORMAT:
            raise StoreError(
                f"{self.folder}: the store was made by another version of yusuan; remove the folder and run again: "
                "everything is then read once more"
            )
        with self.transaction():
            for name, columns in _declared().items():
                if name not in there:
                    listed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
                    self.run(f"CREATE TABLE {name} ({listed})")
                    continue
                for column in columns.keys() - there[name]:
                    self.run(f'ALTER TABLE {name} ADD COLUMN "{column}" {columns[column]}')
            if not there:
                self.set_meta("format", FORMAT)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def rows(self, query: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, values).fetchall()

    def run(self, query: str, values: Sequence[object] | Mapping[str, object] = ()) -> None:
        """A statement; its result is fetched, since DuckDB takes no other before that."""
        self.connection.execute(query, values).fetchall()

    def value(self, query: str, values: Sequence[object] | Mapping[str, object] = ()) -> Any:
        found = self.rows(query, values)
        return found[0][0] if found else None

    @contextmanager
    def registered(self, name: str, data: pa.Table) -> Iterator[None]:
        """The Arrow table as a table `name` of queries."""
        self.connection.register(name, data)
        try:
            yield
        finally:
            self.connection.unregister(name)

    # --- small facts ---

    def meta(self, key: str) -> str | None:
        found: str | None = self.value("SELECT value FROM meta WHERE key = ?", [key])
        return found

    def set_meta(self, key: str, value: str) -> None:
        self.run("DELETE FROM meta WHERE key = ?", [key])
        self.run("INSERT INTO meta VALUES (?, ?)", [key, value])

    def generation(self) -> int:
        """Counts the changes of what a release is made of: the same number, the same release."""
        return int(self.meta("generation") or 0)

    def changed(self) -> None:
        self.set_meta("generation", str(self.generation() + 1))

    def published(self) -> dict[str, Any] | None:
        noted = self.meta("published")
        return json.loads(noted) if noted else None

    def note_published(self, noted: Mapping[str, Any]) -> None:
        with self.transaction():
            self.set_meta("published", json.dumps(noted))
            self.run("DELETE FROM published")
            self.run(
                "INSERT INTO published SELECT document_id, digest || ':' || normalize_key FROM documents "
                "WHERE doc IN (SELECT doc FROM sources)"
            )

    # --- documents ---

    def add(
        self, batches: Sequence[Batch], stamps: Sequence[tuple[str, str, str]], extract: str | None, normalize: str
    ) -> None:
        """Documents of some batches in one transaction, each once, in place of what was known of them.

        `stamps`: (location, stamp, document_id) of what was read. `extract` None: normalized again from stored grids.
        """
        made = {stored.document_id: stored for batch in batches for stored in batch.made}
        parts = [batch.tables for batch in batches if batch.made]
        with self.transaction():
            if parts:
                known = self._known(list(made))
                same = {
                    identity for identity, (_, digest, keys) in known.items()
                    if digest == made[identity].digest and keys == (extract or keys[0], normalize)
                }  # fmt: skip
                new = [identity for identity in made if identity not in same]
                if new:
                    self._replace(new, known, batches, parts, extract, normalize)
                    self.changed()
            self._note_reads(stamps)

    def _known(self, identities: Sequence[str]) -> dict[str, tuple[int, str, tuple[str, str]]]:
        with self.registered("wanted", pa.table({"document_id": pa.array(identities, pa.string())})):
            found = self.rows(
                "SELECT document_id, doc, digest, extract_key, normalize_key FROM documents SEMI JOIN wanted USING (document_id)"
            )
        return {identity: (doc, digest, (one, two)) for identity, doc, digest, one, two in found}

    def _replace(
        self,
        new: list[str],
        known: Mapping[str, tuple[int, str, tuple[str, str]]],
        batches: Sequence[Batch],
        parts: Sequence[Mapping[str, pa.Table]],
        extract: str | None,
        normalize: str,
    ) -> None:
        made = {stored.document_id: stored for batch in batches for stored in batch.made}
        next_doc = int(self.value("SELECT coalesce(max(doc), 0) + 1 FROM documents"))
        docs = {identity: known[identity][0] for identity in new if identity in known}
        fresh = [identity for identity in new if identity not in known]
        docs |= {identity: next_doc + index for index, identity in enumerate(fresh)}
        if known:
            self._delete([doc for identity, doc in docs.items() if identity in known], grids=extract is not None)
        keys = {identity: known[identity][2][0] if extract is None else extract for identity in new}
        kept = pa.table(
            {
                "document_id": pa.array(new, pa.string()),
                "doc": pa.array([docs[identity] for identity in new], pa.int32()),
                "named": pa.array([made[identity].named for identity in new], pa.bool_()),
                "extract_key": pa.array([keys[identity] for identity in new], pa.string()),
                "normalize_key": pa.array([normalize] * len(new), pa.string()),
                "digest": pa.array([made[identity].digest for identity in new], pa.string()),
            }
        )
        documents = self._own_rows([part["documents"] for part in parts], new)
        with self.registered("kept", kept), self.registered("rows", documents.drop_columns(["path", *COLUMNS])):
            self.run("INSERT INTO documents BY NAME SELECT * FROM rows JOIN kept USING (document_id)")
        if extract is not None:
            read = [identity for identity in new if made[identity].grids is not None]
            data = {
                "doc": pa.array([docs[identity] for identity in read], pa.int32()),
                "data": pa.array([made[identity].grids for identity in read], pa.binary()),
            }
            with self.registered("rows", pa.table(data)):
                self.run("INSERT INTO grids SELECT * FROM rows")
        numbers = pa.array([docs[identity] for identity in new], pa.int32())
        prints = {key: value for batch in batches for key, value in batch.prints.items()}
        for name in record_tables():
            rows = self._own_rows([part[name] for part in parts], new)
            if not len(rows):
                continue
            places = pc.index_in(rows["document_id"], value_set=pa.array(new, pa.string()))
            rows = rows.drop_columns(["document_id"]).append_column("doc", pc.take(numbers, places))
            rows = rows.append_column("pos", pa.array(range(len(rows)), pa.int32()))
            if name == "projects":
                facts = [prints.get(identity) for identity in rows["project_id"].to_pylist()]
                rows = rows.append_column("print", pa.array(facts, pa.binary()))
            with self.registered("rows", rows):
                self.run(f"INSERT INTO {name} BY NAME SELECT * FROM rows")

    @staticmethod
    def _own_rows(parts: Sequence[pa.Table], new: Sequence[str]) -> pa.Table:
        """Rows of the documents in `new`; of a document that two batches bring (same bytes, two paths), the first's."""
        taken: set[str] = set()
        rows = []
        wanted = set(new)
        for part in parts:
            here = set(pc.unique(part["document_id"]).to_pylist())
            mine = (here & wanted) - taken
            taken |= here
            rows.append(
                part
                if mine == here
                else part.filter(pc.is_in(part["document_id"], value_set=pa.array(sorted(mine), pa.string())))
            )
        return pa.concat_tables(rows)

    def _delete(self, docs: Sequence[int], *, grids: bool = True) -> None:
        if not docs:
            return
        with self.registered("leaving", pa.table({"doc": pa.array(docs, pa.int32())})):
            for name in ("documents", *record_tables(), *(("grids",) if grids else ())):
                self.run(f"DELETE FROM {name} WHERE doc IN (SELECT doc FROM leaving)")

    def _note_reads(self, stamps: Sequence[tuple[str, str, str]]) -> None:
        if not stamps:
            return
        columns = [pa.array(column, pa.string()) for column in zip(*stamps, strict=True)]
        with self.registered("noted", pa.Table.from_arrays(columns, ["location", "stamp", "document_id"])):
            self.run("DELETE FROM reads WHERE location IN (SELECT location FROM noted)")
            self.run("INSERT INTO reads SELECT location, stamp, doc FROM noted JOIN documents USING (document_id)")

"""What a run has to do, asked of the store, and what it changes there beside documents: sources, archives, leftovers."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import pyarrow as pa

from yusuan.archives import Entry
from yusuan.found import Found, Root
from yusuan.manifest import COLUMNS, Facts
from yusuan.opening import Place
from yusuan.publish.arrow import arrow_type
from yusuan.schemas import tables
from yusuan.state import Anchor, Source
from yusuan.store import RETRIED, Store, record_tables
from yusuan.work import Job

_GOOD = f"""d.extract_key = $extract AND (d.error_code IS NULL OR d.error_code NOT IN {RETRIED!r})"""

_PAGE = 256


@dataclass(frozen=True, slots=True)
class Pending:
    """`files` are to be opened; `known`: file → documents that need not be read again when it turns out to be one."""

    files: tuple[Found, ...]
    known: Mapping[str, frozenset[str]]
    unchanged: int


def earlier(store: Store, anchor: Anchor) -> list[Source]:
    """The sources of the last release."""
    roots: dict[str | None, str | None] = {None: None}
    found = []
    for path, location, root in store.rows("SELECT path, location, root FROM sources ORDER BY path"):
        if root not in roots:
            roots[root] = anchor.find(root)
        found.append(Source(path, None if location is None else anchor.find(location), roots[root]))
    return found


def _listing(files: Sequence[Found], anchor: Anchor) -> pa.Table:
    return pa.table(
        {
            "number": pa.array(range(len(files)), pa.int32()),
            "location": pa.array([anchor.note(file.location) for file in files], pa.string()),
            "stamp": pa.array([file.item.stamp for file in files], pa.string()),
            "size": pa.array([file.item.size for file in files], pa.int64()),
        }
    )


def pending(
    store: Store, files: Sequence[Found], anchor: Anchor, extract: str, *, force: bool = False, verify: bool = False
) -> Pending:
    """Files that are new, changed, read by other code, or failed by a limit; `verify`: size and time are not trusted."""
    if force:
        return Pending(tuple(files), {}, 0)
    known: dict[str, frozenset[str]] = {}
    opened = []
    with store.registered("listing", _listing(files, anchor)):
        state = store.rows(
            f"SELECT l.number, d.document_id, coalesce(r.stamp = l.stamp AND {_GOOD}, false) FROM listing l "
            "LEFT JOIN reads r USING (location) LEFT JOIN documents d USING (doc) ORDER BY l.number",
            {"extract": extract},
        )
        candidates = dict(
            store.rows(
                "SELECT l.number, list(DISTINCT d.document_id) FROM listing l JOIN documents d ON d.bytes = l.size "
                f"WHERE {_GOOD} GROUP BY l.number",
                {"extract": extract},
            )
        )
    for number, identity, good in state:
        file = files[number]
        if good and not verify:
            continue
        opened.append(file)
        if same := [identity] if good else candidates.get(number):
            known[file.name] = frozenset(same)
    return Pending(tuple(opened), known, len(files) - len(opened))


def stale(store: Store, normalize: str, leave_out: Sequence[str]) -> list[int]:
    """Documents whose records were made by other rules and whose grids are there; `leave_out`: to be read anyway."""
    with store.registered("named", pa.table({"location": pa.array(leave_out, pa.string())})):
        return [
            doc
            for (doc,) in store.rows(
                "SELECT doc FROM documents SEMI JOIN grids USING (doc) WHERE normalize_key IS DISTINCT FROM $normalize "
                "AND doc IN (SELECT doc FROM reads WHERE location NOT IN (SELECT location FROM named) "
                "UNION SELECT doc FROM sources WHERE location IS NULL) ORDER BY doc",
                {"normalize": normalize},
            )
        ]


def stored_jobs(store: Store, docs: Sequence[int]) -> Iterator[Job]:
    """Stored readings to be normalized again, _PAGE of them in memory at a time."""
    for start in range(0, len(docs), _PAGE):
        page = docs[start : start + _PAGE]
        found = store.rows(
            "SELECT document_id, bytes, data FROM documents JOIN grids USING (doc) WHERE list_contains($docs, doc) "
            "AND doc BETWEEN $low AND $high ORDER BY doc",
            {"docs": page, "low": page[0], "high": page[-1]},
        )
        for identity, size, data in found:
            yield Job("", Place(""), size, identity=identity, grids=bytes(data))


# --- sources ----------------------------------------------------------------------------------------------------------


def _source_rows(files: Sequence[Found], facts: Mapping[str, Facts], anchor: Anchor) -> pa.Table:
    told = [facts.get(file.location, {}) for file in files]
    types = {column.name: arrow_type(column) for column in tables()["documents"].columns}
    return pa.table(
        {
            "path": pa.array([file.name for file in files], pa.string()),
            "location": pa.array([anchor.note(file.location) for file in files], pa.string()),
            "root": pa.array([anchor.note(file.root) for file in files], pa.string()),
            "url": pa.array([fact.get("source_url") for fact in told], pa.string()),
            **{name: pa.array([fact.get(name) for fact in told], types[name]) for name in COLUMNS},
        }
    )


def set_sources(
    store: Store, files: Sequence[Found], carried: Sequence[str], facts: Mapping[str, Facts], anchor: Anchor
) -> None:
    """What the release holds now: the files of this run that were read (now or before) and the carried sources.

    Documents that no source names any more leave the store.
    """
    rows = _source_rows(files, facts, anchor)
    kept = pa.table({"path": pa.array(carried, pa.string())})
    names = ", ".join(f'"{name}"' for name in ("path", "location", "root", "doc", "url", *COLUMNS))
    with store.transaction(), store.registered("listed", rows), store.registered("carried", kept):
        store.run(
            f"CREATE OR REPLACE TEMP TABLE next_sources AS SELECT {names} FROM listed JOIN reads USING (location) "
            f"UNION ALL SELECT {names} FROM sources SEMI JOIN carried USING (path)"
        )
        differences = (
            f"(SELECT {names} FROM next_sources EXCEPT SELECT {names} FROM sources) UNION ALL "
            f"(SELECT {names} FROM sources EXCEPT SELECT {names} FROM next_sources)"
        )
        if store.value(f"SELECT count(*) FROM ({differences})"):
            store.run("DELETE FROM sources")
            store.run(f"INSERT INTO sources BY NAME SELECT {names} FROM next_sources")
            store.changed()
        _sweep(store)
    store.run("DROP TABLE next_sources")


def _sweep(store: Store) -> None:
    gone = "doc NOT IN (SELECT doc FROM sources)"
    if store.value(f"SELECT count(*) FROM documents WHERE {gone}"):
        for name in (*record_tables(), "grids"):
            store.run(
                f"DELETE FROM {name} WHERE doc IN (SELECT doc FROM documents WHERE doc NOT IN (SELECT doc FROM sources))"
            )
        store.run(f"DELETE FROM documents WHERE {gone}")
    wanted = "location IN (SELECT location FROM sources)"
    if store.value(f"SELECT count(*) FROM reads WHERE NOT ({wanted})"):
        store.run(f"DELETE FROM reads WHERE NOT ({wanted})")


# --- archives ---------------------------------------------------------------------------------------------------------


def archive_entries(store: Store, anchor: Anchor, location: str, stamp: str) -> list[Entry] | None:
    """The noted listing of an archive that has not changed."""
    found = store.rows(
        "SELECT listing FROM archives WHERE location = $location AND stamp = $stamp",
        {"location": anchor.note(location), "stamp": stamp},
    )
    if not found:
        return None
    listed = json.loads(found[0][0])
    if any(len(entry) != len(fields(Entry)) for entry in listed):
        return None  # an older version knew less of them
    return [
        Entry(name, tuple(inside), size, mark, tuple(refused) if refused else None, _bytes(manifest))
        for name, inside, size, mark, refused, manifest in listed
    ]


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b85decode(text)


def _listed(entry: Entry) -> list[object]:
    manifest = None if entry.manifest is None else base64.b85encode(entry.manifest).decode()
    return [entry.name, entry.inside, entry.size, entry.mark, entry.refused, manifest]


def note_archives(store: Store, anchor: Anchor, roots: Sequence[Root]) -> None:
    for root in roots:
        for location, (stamp, entries) in root.archives.items():
            noted = anchor.note(location)
            if store.rows("SELECT 1 FROM archives WHERE location = ? AND stamp = ?", [noted, stamp]):
                continue
            listed = json.dumps([_listed(entry) for entry in entries], ensure_ascii=False)
            with store.transaction():
                store.run("DELETE FROM archives WHERE location = ?", [noted])
                store.run("INSERT INTO archives VALUES (?, ?, ?)", [noted, stamp, listed])

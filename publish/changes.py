"""What a release changes against the one before it: documents and records added, changed and removed, by table.

Records are paired by the path of their document and their place in it, not by ids: the id of a document is a hash of its
bytes, so a corrected file would otherwise be all removed and all added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from yusuan.publish.files import dump_json, write_atomic
from yusuan.publish.judge import database, scan
from yusuan.schemas import Table

_DERIVED = ("document_id", "project_id", "duplicate_of")
"""Ids: they differ wherever a byte of the document does."""
COUNTS = ("added", "changed", "removed")


def parquet_parts(release: Path, name: str) -> list[Path]:
    path = release / f"{name}.parquet"
    if path.is_dir():
        return sorted(path.glob("*.parquet"))
    return [path] if path.exists() else []


def changes(
    spill: Path, declared: Mapping[str, Table], last: Path | None, new: Path, touched: Iterable[str] | None
) -> dict[str, Any]:
    """`touched`: ids of documents, of either release, that may differ; None: not known, so all are compared."""
    made: dict[str, Any] = {"from": last.name if last else None, "to": new.name, "tables": {}}
    with database(spill) as connection:
        if last is not None and touched is not None:
            connection.register("touched", pa.table({"document_id": pa.array(sorted(touched), pa.string())}))
        for name, table in declared.items():
            parts = parquet_parts(new, name)
            before = parquet_parts(last, name) if last else []
            if not parts:
                continue
            if not before:
                (count,) = connection.execute(f"SELECT count(*) FROM {scan(parts)}").fetchone() or (0,)
                made["tables"][name] = {"added": count, "changed": 0, "removed": 0}
                continue
            assert last is not None
            old, now = (_rows(connection, table, folder, touched is not None) for folder in (last, new))
            query = (
                "SELECT count(*) FILTER (o.place IS NULL), count(*) FILTER (o.place = n.place AND o.facts <> n.facts), "
                f"count(*) FILTER (n.place IS NULL) FROM ({old}) o FULL JOIN ({now}) n ON o.place = n.place"
            )
            made["tables"][name] = dict(zip(COUNTS, connection.execute(query).fetchone() or (0, 0, 0), strict=True))
    return made


def _rows(connection: duckdb.DuckDBPyConnection, table: Table, release: Path, limited: bool) -> str:
    """(place, facts): where a record stands, as text, and a hash of what it says."""
    parts = parquet_parts(release, table.name)
    there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {scan(parts)}").fetchall()}
    own = table.name in ("documents", "sources")
    left_out = () if own else (*_DERIVED, *table.key)
    facts = [c.name for c in table.columns if c.name in there and c.name not in left_out]
    listed = ", ".join(f't."{name}"' for name in facts)
    hashed = f"hash({listed})" if facts else "0"
    if own:
        return f"SELECT t.path AS place, {hashed} AS facts FROM {scan(parts)} t"
    place = ["d.path"]
    for name in table.key:
        if name == "project_id":  # behind the part that the document gives it
            place.append("substr(t.project_id, 18)")
        elif name != "document_id":
            place.append(f't."{name}"::VARCHAR')
    wanted = "WHERE t.document_id IN (SELECT document_id FROM touched)" if limited else ""
    return (
        f"SELECT concat_ws(chr(0), {', '.join(place)}) AS place, {hashed} AS facts FROM {scan(parts)} t "
        f"JOIN {scan(parquet_parts(release, 'documents'))} d USING (document_id) {wanted}"
    )


def summary(made: Mapping[str, Any]) -> str:
    """The same for people; lines without a line end at the end."""
    head = f"Release {made['to']}" + (f" against {made['from']}" if made["from"] else ", the first one")
    rows = [("table", *COUNTS), *((name, *(f"{n[key]:,}" for key in COUNTS)) for name, n in made["tables"].items())]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
    return "\n".join([head, "", *lines])


def write_report(out: Path, made: Mapping[str, Any]) -> None:
    """`report/changes.json` and `report/changes.txt`, beside the releases: a release does not depend on its history."""
    folder = out / "report"
    folder.mkdir(exist_ok=True)
    write_atomic(folder / "changes.json", dump_json(made))
    write_atomic(folder / "changes.txt", summary(made) + "\n")

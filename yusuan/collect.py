"""Files → Arrow tables of their documents, read and checked; what `run` publishes and `yusuan.read` hands out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yusuan.convert import MAX_BYTES, Converted, Row, convert, crashed, document_id, failed, too_large
from yusuan.extract.grid import Grid
from yusuan.inputs import Found
from yusuan.manifest import Facts
from yusuan.normalize import Layout
from yusuan.publish.arrow import RowError, empty, to_arrow
from yusuan.publish.assemble import Tables, combine, with_facts
from yusuan.publish.validate import problems
from yusuan.schemas import tables

BATCH = 64
"""Documents turned into columns at a time: one by one costs ten times as much, thousands would cost memory."""

Watch = Callable[[Found, Converted | None], None]
"""Told of every file: its converted document, or None when the same bytes were read under an earlier name."""


@dataclass(slots=True)
class Collected:
    """`tables` has every table; documents in order of arrival, sources by name. `grids` by document where asked for.

    `traces`: what went wrong in crashed documents, for the log.
    """

    tables: Tables
    grids: dict[str, tuple[Grid, ...]] = field(default_factory=dict)
    traces: dict[str, str] = field(default_factory=dict)


def _columns(batch: Sequence[Converted]) -> Tables:
    """Raises RowError when a row does not fit its table or the tables do not keep their rules."""
    declared = tables()
    made = {
        name: to_arrow(table, [row for converted in batch for row in converted.rows.get(name, ())])
        for name, table in declared.items()
    }
    if found := problems(declared, made):
        raise RowError("; ".join(str(problem) for problem in found[:3]))
    return made


def _checked(batch: list[Converted]) -> Tables:
    """The batch as tables. A document whose rows break the rules is a fault of ours and is crashed in `batch`."""
    try:
        return _columns(batch)
    except RowError as error:
        if len(batch) == 1:
            batch[0] = _refused(batch[0], error)
            return _columns(batch)
    parts = []
    for index, converted in enumerate(batch):
        alone = [converted]
        parts.append(_checked(alone))
        batch[index] = alone[0]
    return combine(tables(), parts)


def _refused(converted: Converted, error: RowError) -> Converted:
    row = converted.document
    again = crashed(converted.document_id, f".{row['format']}", int(str(row["bytes"])), error)
    again.document["path"] = row["path"]
    return again


def _load(file: Found, seen: Container[str], options: Mapping[str, Any]) -> tuple[str, Converted | None]:
    """(document id, its rows or None when it was read under another name already)."""
    try:
        size = file.location.stat().st_size
        with file.location.open("rb") as opened:
            if size > MAX_BYTES:
                identity = hashlib.file_digest(opened, "sha256").hexdigest()
                if identity in seen:
                    return identity, None
                return identity, failed(identity, file.name, size, code="too-large", message=too_large(size))
            data = opened.read()
    except OSError as error:
        identity = document_id(f"unreadable\0{file.name}".encode())
        message = f"文件打不开（{error.strerror or error}）。请检查链接、权限和磁盘后重新运行。"
        return identity, failed(identity, file.name, 0, code="unreadable", message=message)
    identity = document_id(data)
    return identity, None if identity in seen else convert(data, file.name, **options)


def collect(
    files: Iterable[Found],
    facts: Mapping[Path, Facts] | None = None,
    *,
    cells: bool = True,
    grids: bool = False,
    layouts: Sequence[Layout] | None = None,
    watch: Watch | None = None,
) -> Collected:
    """Reads every file in the given order (by name); the same bytes under two names are one document, two sources."""
    collected = Collected({})
    parts: list[Tables] = []
    batch: list[Converted] = []
    known: dict[str, dict[str, object]] = {}
    sources: list[Row] = []
    options = {"cells": cells, "grids": grids, "layouts": layouts}
    for file in files:
        identity, converted = _load(file, known, options)
        told = (facts or {}).get(file.location, {})
        if converted is not None:
            known[identity] = {}
            converted.document["path"] = file.name
            collected.grids[identity] = converted.grids
            batch.append(converted)
        known[identity] = {**told, **known[identity]}
        sources.append({"path": file.name, "document_id": identity, "url": told.get("source_url")})
        if watch is not None:
            watch(file, converted)
        if len(batch) == BATCH:
            parts.append(_flush(batch, collected))
            batch = []
    parts.append(_flush(batch, collected))
    collected.tables = combine(tables(), [*parts, {**_none(), "sources": to_arrow(tables()["sources"], sources)}])
    collected.tables["documents"] = with_facts(collected.tables["documents"], known)
    return collected


def _flush(batch: list[Converted], collected: Collected) -> Tables:
    made = _checked(batch)
    collected.traces |= {converted.document_id: converted.trace for converted in batch if converted.trace}
    return made


def _none() -> Tables:
    return {name: empty(table) for name, table in tables().items()}

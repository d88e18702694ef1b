"""Files → Arrow tables of their documents, read and checked, in this process: what `yusuan.read` hands out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from yusuan.batches import checked
from yusuan.convert import Converted, Row, convert, format_at
from yusuan.extract.grid import Grid
from yusuan.found import Found
from yusuan.manifest import Facts
from yusuan.publish.arrow import empty, to_arrow
from yusuan.publish.assemble import Tables, combine, with_facts
from yusuan.schemas import tables
from yusuan.work import Job, do

BATCH = 64
"""Documents turned into columns at a time: one by one costs ten times as much, thousands would cost memory."""


@dataclass(slots=True)
class Collected:
    """`tables` has every table; documents in order of arrival, sources by name. `grids` by document where asked for.

    `traces`: what went wrong in crashed documents, for the log.
    """

    tables: Tables
    grids: dict[str, tuple[Grid, ...]] = field(default_factory=dict)
    traces: dict[str, str] = field(default_factory=dict)


def collect(
    files: Iterable[Found],
    facts: Mapping[str, Facts] | None = None,
    *,
    cells: bool = True,
    grids: bool = False,
) -> Collected:
    """Reads every file in the given order (by name); the same bytes under two names are one document, two sources."""
    collected = Collected({})
    parts: list[Tables] = []
    batch: list[Converted] = []
    known: dict[str, Facts] = {}
    sources: list[Row] = []
    reader = partial(convert, cells=cells)
    for file in files:
        job = Job(file.name, file.item.place, file.item.size, known, file.item.refused)
        identity, converted = do(job, reader)
        told = (facts or {}).get(file.location, {})
        if converted is not None:
            known[identity] = {}
            row = converted.document
            row |= {"path": file.name, "format": format_at(file.name, str(row["format"]), converted.named)}
            if grids:
                collected.grids[identity] = converted.grids
            batch.append(converted)
        known[identity] = {**told, **known[identity]}
        sources.append({"path": file.name, "document_id": identity, "url": told.get("source_url")})
        if len(batch) == BATCH:
            parts.append(_flush(batch, collected))
            batch = []
    parts.append(_flush(batch, collected))
    collected.tables = combine(tables(), [*parts, {**_none(), "sources": to_arrow(tables()["sources"], sources)}])
    collected.tables["documents"] = with_facts(collected.tables["documents"], known)
    return collected


def _flush(batch: list[Converted], collected: Collected) -> Tables:
    made = checked(batch)
    collected.traces |= {converted.document_id: converted.trace for converted in batch if converted.trace}
    return made


def _none() -> Tables:
    return {name: empty(table) for name, table in tables().items()}

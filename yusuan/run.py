"""The main job: list the inputs, read what they hold, publish a release that adds it to what other inputs gave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from yusuan.collect import Watch, collect
from yusuan.inputs import discover
from yusuan.manifest import COLUMNS, read_manifests
from yusuan.normalize import Layout
from yusuan.normalize import layouts as declared_layouts
from yusuan.publish.assemble import (
    Tables,
    combine,
    is_among,
    load,
    load_table,
    mark_duplicates,
    ordered,
    with_facts,
    with_paths,
)
from yusuan.publish.files import PublishError, locked
from yusuan.publish.release import Published, current_release, is_complete, publish
from yusuan.schemas import tables
from yusuan.state import Origin, load_origins, make_plan, save_origins


@dataclass(frozen=True, slots=True)
class Failure:
    """A document of this run that was not read."""

    path: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Count:
    """How often an issue code of one severity stands in the release."""

    severity: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did. `read` counts this run's documents by status; `rows` and `issues` are of the whole release.

    `carried` and `gone`: sources of the last release that stayed or left. `messages` are for people, one each.
    """

    published: Published
    read: dict[str, int]
    rows: dict[str, int]
    issues: tuple[Count, ...]
    failures: tuple[Failure, ...]
    skipped: int
    carried: int
    gone: int
    complete: bool
    messages: tuple[str, ...]
    traces: dict[str, str]

    @property
    def exit_code(self) -> int:
        """0 all read; 1 some documents failed or a folder could not be listed."""
        return 1 if self.failures or not self.complete else 0

    def to_json(self) -> dict[str, Any]:
        return {
            "release": self.published.id,
            "path": str(self.published.path),
            "changed": self.published.changed,
            "read": self.read,
            "rows": self.rows,
            "issues": [{"severity": c.severity, "code": c.code, "count": c.count} for c in self.issues],
            "failures": [{"path": f.path, "code": f.code, "message": f.message} for f in self.failures],
            "skipped": self.skipped,
            "carried": self.carried,
            "gone": self.gone,
            "messages": list(self.messages),
            "exit_code": self.exit_code,
        }


STATUSES = ("ok", "partial", "empty", "failed")

Track = Callable[[int], Watch]
"""Given the number of files, gives the function that is told of each one read."""


def run(
    inputs: Sequence[Path],
    out: Path,
    *,
    excel: bool = False,
    cells: bool = True,
    keep: int = 5,
    replace: bool = False,
    layouts: Sequence[Layout] | None = None,
    track: Track | None = None,
) -> Summary:
    """Raises InputError or LayoutError (nothing was done) or PublishError (the last good release stays)."""
    layouts = declared_layouts() if layouts is None else layouts
    roots = discover(inputs, exclude=out)
    facts, messages = read_manifests(roots)
    messages = [*(problem for root in roots for problem in root.problems), *messages]
    with locked(out):
        last = None if replace else _whole(current_release(out))
        sources = load_table(tables()["sources"], last)
        origins = load_origins(out) if last else {}
        plan = make_plan(roots, sources["path"].to_pylist(), origins)
        watch = track(len(plan.files)) if track else None
        collected = collect(plan.files, facts, cells=cells, layouts=layouts, watch=watch)
        made = collected.tables
        if last is not None and plan.carried:
            made = _with_carried(made, last, sources.filter(is_among(sources["path"], plan.carried)))
            if cells and not (last / "cells.parquet").exists():
                messages.append("the last release has no cells (--no-cells): documents that stay from it have none now")
        made = mark_duplicates(tables(), ordered(with_paths(made)))
        if not cells:
            del made["cells"]
        listed = {file.name: Origin(file.location, file.root) for file in plan.files}
        save_origins(out, origins | listed)  # before the switch: a crash in between must not make a source nobody's
        published = publish(out, tables(), made, excel=excel, keep=keep)
        stayed = {name: origins[name] for name in plan.carried if name in origins}
        save_origins(out, stayed | listed)
    documents = collected.tables["documents"]
    return Summary(
        published,
        {**dict.fromkeys(STATUSES, 0), **_counted(documents, "status")},
        {name: len(table) for name, table in made.items()},
        _issue_counts(made["issues"]),
        _failures(documents),
        sum(root.skipped for root in roots),
        len(plan.carried),
        len(plan.gone),
        all(root.complete for root in roots),
        tuple(messages),
        collected.traces,
    )


def _whole(release: Path | None) -> Path | None:
    """A damaged release cannot be added to: what its missing rows said would silently be gone."""
    if release is not None and not is_complete(release):
        raise PublishError(
            f"files of the last release are missing or cut ({release}): put them back, or run over all inputs with --replace"
        )
    return release


def _with_carried(made: Tables, last: Path, sources: pa.Table) -> Tables:
    """Adds the documents of carried sources; one that was read again keeps what a manifest said of it before."""
    declared = tables()
    read = set(made["documents"]["document_id"].to_pylist())
    there = set(sources["document_id"].to_pylist())
    carried = load(declared, last, there - read) | {"sources": sources}
    again = load_table(declared["documents"], last)
    again = again.filter(is_among(again["document_id"], there & read)).select(["document_id", *COLUMNS])
    known = {str(row.pop("document_id")): row for row in again.to_pylist()}
    made = made | {"documents": with_facts(made["documents"], known)}
    return combine(declared, [carried, made])


def _counted(table: pa.Table, *columns: str) -> dict[Any, int]:
    counts = table.group_by(list(columns)).aggregate([([], "count_all")]).to_pylist()
    return {tuple(row[c] for c in columns) if len(columns) > 1 else row[columns[0]]: row["count_all"] for row in counts}


def _issue_counts(issues: pa.Table) -> tuple[Count, ...]:
    severities = next(column.enum for column in tables()["issues"].columns if column.name == "severity")
    counts = [Count(severity, code, n) for (severity, code), n in _counted(issues, "severity", "code").items()]
    return tuple(sorted(counts, key=lambda count: (severities.index(count.severity), -count.count, count.code)))


def _failures(documents: pa.Table) -> tuple[Failure, ...]:
    rows = documents.filter(pc.equal(documents["status"], "failed")).sort_by("path").to_pylist()
    return tuple(Failure(row["path"], row["error_code"], row["error"]) for row in rows)

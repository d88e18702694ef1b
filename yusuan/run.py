"""The main job: list the inputs, read what is new, publish a release of everything that the store knows then."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from yusuan.found import Found, Root
from yusuan.inputs import check, discover
from yusuan.interrupts import interruptible
from yusuan.keys import extract_key, normalize_key
from yusuan.manifest import read_manifests
from yusuan.publish.changes import changes, write_report
from yusuan.publish.files import PublishError, locked
from yusuan.publish.release import Published, current_release, is_complete, publish
from yusuan.remote import Mirror
from yusuan.schemas import RULES, Table, tables
from yusuan.state import Anchor, Plan, make_plan
from yusuan.store import NAME, Store
from yusuan.store_adopt import adopt
from yusuan.store_plan import (
    Pending,
    archive_entries,
    earlier,
    note_archives,
    pending,
    set_sources,
    stale,
    stored_jobs,
)
from yusuan.store_release import Release
from yusuan.summary import STATUSES, Count, Failure, Summary
from yusuan.unpack import unpacked
from yusuan.work import Batch, Job
from yusuan.workers import Done, Limits, Pool, default_workers

COMMIT_DOCUMENTS, COMMIT_SECONDS = 256, 5.0
"""Readings that one transaction takes up, and the longest that one waits for it: what a power cut can cost."""

Tell = Callable[..., None]
"""tell(event, **facts): started, listed, document, publishing, published, message."""


class Engine(Protocol):
    """What does the jobs: the local Pool, or an engine over several machines."""

    def warm(self) -> None: ...
    def run(self, jobs: Iterable[Job], count: int) -> Iterator[Done]: ...
    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Options:
    """How to run, beside inputs and output. `store` None: the folder `.store` in the output folder.

    `limit`: most files to open in this run. `declared`: the tables with the rules that a release must keep.
    """

    store: Path | None = None
    excel: bool = False
    cells: bool = True
    keep: int = 5
    replace: bool = False
    force: bool = False
    verify_hashes: bool = False
    limit: int | None = None
    dry_run: bool = False
    declared: Mapping[str, Table] = field(default_factory=tables)


def _silent(_: str, **__: object) -> None:
    """Nobody wants to know."""


def run(
    inputs: Sequence[str | Path],
    out: str | Path,
    options: Options | None = None,
    *,
    engine: Engine | None = None,
    tell: Tell = _silent,
) -> Summary:
    """Raises InputError or LayoutError (nothing was done) or PublishError (the last good release stays).

    When it is interrupted, what was read is kept.
    """
    options = options or Options()
    engine = engine or Pool(Limits(default_workers()))
    check(inputs)
    mirror = Mirror.of(out, options.store)
    folder = options.store or mirror.local / ".store"
    tell("started", inputs=[str(path) for path in inputs], out=str(out), store=str(folder))
    with ExitStack() as stack:
        if not options.dry_run:
            stack.enter_context(locked(mirror.local))
            if folder.parent != mirror.local:
                stack.enter_context(locked(folder))
            stack.callback(engine.stop)
            if not (folder / NAME).exists():
                engine.warm()  # its imports run beside ours
        there = (folder / NAME).exists()
        store = Store(None if options.dry_run and not there else folder)
        stack.callback(store.close)
        spool = folder / "spool"
        stack.callback(shutil.rmtree, spool, ignore_errors=True)
        try:
            with interruptible(signal.SIGINT):
                return _run(_Run(inputs, mirror, options, engine, tell, store, folder, spool))
        except duckdb.Error as error:
            raise PublishError(
                f"the store in {folder} failed ({str(error).splitlines()[0]}). The last release stays; "
                "check free space and rights of the folder and run again"
            ) from error


@dataclass(frozen=True, slots=True)
class _Run:
    inputs: Sequence[str | Path]
    mirror: Mirror
    options: Options
    engine: Engine
    tell: Tell
    store: Store
    folder: Path
    spool: Path


def _run(job: _Run) -> Summary:
    options, store, tell = job.options, job.store, job.tell
    began = time.monotonic()
    messages: list[str] = []
    if not options.replace and not store.generation():  # nothing was ever in it
        last = job.mirror.fetch(job.folder) or current_release(job.mirror.local)
        if last is not None and not adopt(store, last):
            messages.append("the last release has no cells (--no-cells): documents that stay from it have none now")
    anchor = Anchor(job.folder)
    roots = discover(job.inputs, (job.mirror.local, job.folder), lambda *at: archive_entries(store, anchor, *at))
    facts, problems = read_manifests(roots)
    messages = [*(problem for root in roots for problem in root.problems), *problems, *messages]
    plan = make_plan(roots, [] if options.replace else earlier(store, anchor))
    todo = pending(store, plan.files, anchor, extract_key(), force=options.force, verify=options.verify_hashes)
    wait = max(len(todo.files) - options.limit, 0) if options.limit is not None else 0
    files = todo.files[: len(todo.files) - wait]
    again = stale(store, normalize_key(), [anchor.note(file.location) for file in todo.files])
    tell(
        "listed", files=len(plan.files), read=len(files), unchanged=todo.unchanged, normalize=len(again), waiting=wait,
        carried=len(plan.carried), gone=len(plan.gone), skipped=sum(root.skipped for root in roots),
    )  # fmt: skip
    if wait:
        messages.append(f"{wait} files wait because of --limit: run again")
    for message in messages:
        tell("message", text=message)
    facts_of_run = _Facts(roots, plan, todo, files, tuple(again), wait, tuple(messages))
    if options.dry_run:
        return _summary(job, facts_of_run, None, {}, began)
    note_archives(store, anchor, roots)
    traces = _read(job, files, todo, again, anchor)
    set_sources(store, plan.files, plan.carried, facts, anchor)
    published = _publish(job)
    job.mirror.upload(published.path, options.keep)
    tell("published", release=published.id, changed=published.changed, rows=published.rows)
    return _summary(job, facts_of_run, published, traces, began)


@dataclass(frozen=True, slots=True)
class _Facts:
    roots: list[Root]
    plan: Plan
    todo: Pending
    files: Sequence[Found]
    again: tuple[int, ...]
    waiting: int
    messages: tuple[str, ...]


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(job: _Run, files: Sequence[Found], todo: Pending, again: Sequence[int], anchor: Anchor) -> dict[str, str]:
    """Opens the files and normalizes stored readings; gives the traces of crashed documents."""
    traces: dict[str, str] = {}
    if again:
        _drain(job, stored_jobs(job.store, again), len(again), {}, None, traces)
    if files:
        at = {file.name: (anchor.note(file.location), file.item.stamp) for file in files}
        jobs = (
            Job(file.name, file.item.place, file.item.size, todo.known.get(file.name, frozenset()), file.item.refused)
            for file in unpacked(files, job.spool)
        )
        _drain(job, jobs, len(files), at, extract_key(), traces)
    return traces


def _drain(
    job: _Run,
    jobs: Iterable[Job],
    count: int,
    at: Mapping[str, tuple[str, str]],
    extract: str | None,
    traces: dict[str, str],
) -> None:
    """Streams results into the store, a transaction for some hundred documents; also when it is interrupted."""
    batches: list[Batch] = []
    stamps: list[tuple[str, str, str]] = []
    since = time.monotonic()

    def commit() -> None:
        job.store.add(batches, stamps, extract, normalize_key())
        batches.clear()
        stamps.clear()

    try:
        for chunk, batch in job.engine.run(jobs, count):
            batches.append(batch)
            stamps += [(*at[one.name], identity) for one, identity in zip(chunk, batch.identities, strict=True) if at]
            traces |= {stored.document_id: stored.trace for stored in batch.made if stored.trace}
            _tell_documents(job.tell, chunk, batch)
            late = time.monotonic() - since > COMMIT_SECONDS
            if late or sum(len(waiting.identities) for waiting in batches) >= COMMIT_DOCUMENTS:
                commit()
                since = time.monotonic()
    finally:
        if batches:
            commit()


def _tell_documents(tell: Tell, chunk: Sequence[Job], batch: Batch) -> None:
    if tell is _silent:
        return
    columns = ("document_id", "status", "error_code", "error")
    made = (
        {row["document_id"]: row for row in batch.tables["documents"].select(columns).to_pylist()} if batch.made else {}
    )
    for one, identity in zip(chunk, batch.identities, strict=True):
        row = made.get(identity, {"document_id": identity, "status": "known", "error_code": None, "error": None})
        tell("document", path=one.name, **row)


# --- publication ------------------------------------------------------------------------------------------------------


def _publish(job: _Run) -> Published:
    """Nothing is written when nothing changed since the release that is in force."""
    store, options, out = job.store, job.options, job.mirror.local
    rules = {name: [getattr(table, rule) for rule in RULES] for name, table in options.declared.items()}
    made_of = json.dumps([store.generation(), options.excel, options.cells, normalize_key(), rules])
    noted = store.published()
    last = current_release(out)
    if noted and last and noted["made_of"] == made_of and noted["release"] == last.name and is_complete(last):
        return Published(last.name, last, changed=False, rows=noted["rows"])
    job.tell("publishing")
    release = Release(store)
    names = [name for name in options.declared if name != "cells" or options.cells]

    def report(before: Path | None, new: Path) -> None:
        touched = _touched(store) if noted and before and noted["release"] == before.name else None
        write_report(out, changes(job.folder, options.declared, before, new, touched))

    published = publish(
        out,
        options.declared,
        {name: release.table(name) for name in names},
        excel=options.excel,
        keep=options.keep,
        before=report,
    )
    store.note_published({"made_of": made_of, "release": published.id, "rows": published.rows})
    return published


def _touched(store: Store) -> list[str]:
    """Documents that are not as they were when the last release was noted."""
    return [
        identity
        for (identity,) in store.rows(
            "SELECT DISTINCT document_id FROM ((SELECT document_id, digest || ':' || normalize_key AS digest FROM documents "
            "EXCEPT SELECT * FROM published) UNION ALL (SELECT * FROM published EXCEPT "
            "SELECT document_id, digest || ':' || normalize_key FROM documents))"
        )
    ]


# --- summary ----------------------------------------------------------------------------------------------------------


def _summary(job: _Run, facts: _Facts, published: Published | None, traces: Mapping[str, str], began: float) -> Summary:
    store = job.store
    names = pa.table({"path": pa.array([file.name for file in facts.plan.files], pa.string())})
    with store.registered("listed", names):
        mine = "documents WHERE doc IN (SELECT doc FROM sources SEMI JOIN listed USING (path))"
        statuses = dict(store.rows(f"SELECT status, count(*) FROM {mine} GROUP BY status"))
        failures = store.rows(
            "SELECT min(path) AS path, any_value(error_code), any_value(error) FROM sources SEMI JOIN listed USING (path) "
            "JOIN documents USING (doc) WHERE status = 'failed' GROUP BY doc ORDER BY path"
        )
    severities = next(column.enum for column in tables()["issues"].columns if column.name == "severity")
    issues = [Count(*row) for row in Release(store).issue_counts()] if published else []
    return Summary(
        published,
        {status: statuses.get(status, 0) for status in STATUSES},
        len(facts.files),
        facts.todo.unchanged,
        len(facts.again),
        facts.waiting,
        tuple(file.name for file in facts.files) if job.options.dry_run else (),
        dict(published.rows) if published else {},
        tuple(sorted(issues, key=lambda count: (severities.index(count.severity), -count.count, count.code))),
        tuple(Failure(*row) for row in failures),
        sum(root.skipped for root in facts.roots),
        len(facts.plan.carried),
        len(facts.plan.gone),
        all(root.complete for root in facts.roots),
        facts.messages,
        dict(traces),
        time.monotonic() - began,
    )

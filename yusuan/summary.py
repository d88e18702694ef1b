"""What a run did: for programs, and as a person likes to read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yusuan.publish.release import Published
from yusuan.schemas import issue_codes
from yusuan.shown import columns

STATUSES = ("ok", "partial", "empty", "failed")


@dataclass(frozen=True, slots=True)
class Failure:
    """A document of this run that was not read, now or when it was last tried."""

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
    """What a run did. `read` counts the documents of this run's inputs by status, `opened` the files that were new or
    changed, `unchanged` those that were not, `normalized` stored readings done again by new rules, `waiting` files left
    by a limit, `would_open` those of a dry run; `rows` and `issues` are of the whole release.

    `carried` and `gone`: sources of the last release that stayed or left. `messages` are for people, one each.
    `published` is None after a dry run.
    """

    published: Published | None
    read: dict[str, int]
    opened: int
    unchanged: int
    normalized: int
    waiting: int
    would_open: tuple[str, ...]
    rows: dict[str, int]
    issues: tuple[Count, ...]
    failures: tuple[Failure, ...]
    skipped: int
    carried: int
    gone: int
    complete: bool
    messages: tuple[str, ...]
    traces: dict[str, str]
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 all read; 1 some documents failed or a folder could not be listed."""
        return 1 if self.failures or not self.complete else 0

    def to_json(self) -> dict[str, Any]:
        release = self.published
        return {
            "release": release.id if release else None,
            "path": str(release.path) if release else None,
            "changed": bool(release and release.changed),
            "dry_run": release is None,
            "read": self.read,
            "opened": self.opened,
            "unchanged": self.unchanged,
            "normalized": self.normalized,
            "waiting": self.waiting,
            **({"would_open": list(self.would_open)} if release is None else {}),
            "rows": self.rows,
            "issues": [{"severity": c.severity, "code": c.code, "count": c.count} for c in self.issues],
            "failures": [{"path": f.path, "code": f.code, "message": f.message} for f in self.failures],
            "skipped": self.skipped,
            "carried": self.carried,
            "gone": self.gone,
            "messages": list(self.messages),
            "seconds": round(self.seconds, 3),
            "exit_code": self.exit_code,
        }


_MEANING = {"ok": "ok", "partial": "partly read", "empty": "without a form", "failed": "failed"}


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _documents(summary: Summary) -> str:
    total = sum(summary.read.values())
    if not total:
        return "No documents found in the inputs: put Word, PDF or other documents there, and run again."
    states = ", ".join(f"{summary.read[status]:,} {_MEANING[status]}" for status in STATUSES if summary.read[status])
    if not summary.unchanged:
        return f"Read {_count(total, 'document')}: {states}."
    opened = f"{_count(summary.opened, 'file')} opened, {summary.unchanged:,} unchanged"
    return f"{_count(total, 'document')} in the inputs: {states} ({opened})."


def _rest(summary: Summary) -> str:
    parts = []
    if summary.normalized:
        parts.append(f"{_count(summary.normalized, 'stored reading')} normalized again by new rules")
    if summary.skipped:
        parts.append(
            f"{_count(summary.skipped, 'file')} skipped that {'is' if summary.skipped == 1 else 'are'} no document"
        )
    if summary.carried:
        parts.append(f"{_count(summary.carried, 'source')} of other inputs kept from the last release")
    if summary.gone:
        parts.append(f"{_count(summary.gone, 'source')} gone from the inputs and from the release")
    return "; ".join(parts)


def _release(summary: Summary, out: Path | str) -> str:
    assert summary.published is not None
    if summary.published.changed:
        return f"Results in {out}: release {summary.published.id}, every table as .parquet and .csv."
    return f"Nothing changed: release {summary.published.id} in {out} stays."


def _dry(summary: Summary) -> str:
    """What would be done."""
    lines = [
        f"Dry run, nothing was changed: {_count(summary.opened, 'file')} would be opened, {summary.unchanged:,} are "
        f"unchanged, {_count(summary.normalized, 'stored reading')} would be normalized again, "
        f"{_count(summary.carried, 'source')} would stay and {summary.gone:,} leave."
    ]
    shown = summary.would_open[:20]
    lines += [f"  {name}" for name in shown]
    if len(summary.would_open) > len(shown):
        lines.append(f"  … and {len(summary.would_open) - len(shown):,} more (all of them with --json)")
    return "\n".join(lines)


def text(summary: Summary, out: Path | str) -> str:
    """Several lines, without a line end at the end."""
    if summary.published is None:
        return _dry(summary)
    codes = issue_codes()
    lines = [_documents(summary)]
    if rest := _rest(summary):
        lines.append(f"({rest})")
    rows = summary.rows
    lines.append(
        f"The release holds {_count(rows['documents'], 'document')}, {_count(rows['projects'], 'project')}, "
        f"{_count(rows['funds'], 'funds row')}, {_count(rows['indicators'], 'indicator')}."
    )
    if summary.issues:
        lines += ["", "Issues"]
        lines += columns(
            [(count.severity, f"{count.count:>6,}", codes[count.code].title, count.code) for count in summary.issues]
        )
    return "\n".join([*lines, "", _release(summary, out)])


def failures(summary: Summary) -> Iterator[str]:
    """A line for each document that was not read: where, why and what to do next."""
    for failure in summary.failures:
        yield f"{failure.path}: [{failure.code}] {failure.message}"

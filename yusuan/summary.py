"""What a run did, as a person likes to read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from yusuan.run import STATUSES, Summary
from yusuan.schemas import issue_codes
from yusuan.shown import columns

_MEANING = {"ok": "ok", "partial": "partly read", "empty": "without a form", "failed": "failed"}


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _documents(summary: Summary) -> str:
    total = sum(summary.read.values())
    if not total:
        return "No documents found in the inputs: put .docx and .pdf files there, and run again."
    states = ", ".join(f"{summary.read[status]:,} {_MEANING[status]}" for status in STATUSES if summary.read[status])
    return f"Read {_count(total, 'document')}: {states}."


def _rest(summary: Summary) -> str:
    parts = []
    if summary.skipped:
        parts.append(
            f"{_count(summary.skipped, 'file')} skipped that {'is' if summary.skipped == 1 else 'are'} no document"
        )
    if summary.carried:
        parts.append(f"{_count(summary.carried, 'source')} of other inputs kept from the last release")
    if summary.gone:
        parts.append(f"{_count(summary.gone, 'source')} gone from the inputs and from the release")
    return "; ".join(parts)


def _release(summary: Summary, out: Path) -> str:
    if summary.published.changed:
        return f"Results in {out}: release {summary.published.id}, every table as .parquet and .csv."
    return f"Nothing changed: release {summary.published.id} in {out} stays."


def text(summary: Summary, out: Path) -> str:
    """Several lines, without a line end at the end."""
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

"""What a run says while it works: a bar on a terminal, a line now and then in a log, or lines of JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

from tqdm import tqdm

Tell = Callable[..., None]
_EVERY = 30.0
"""Seconds between two lines about progress where there is no terminal."""


def of(*, as_json: bool, quiet: bool, verbose: bool) -> AbstractContextManager[Tell]:
    if as_json:
        return _lines_of_json()
    if quiet:
        return _nothing()
    return _lines(verbose=verbose) if verbose or not sys.stderr.isatty() else _bar()


def _write(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@contextmanager
def _nothing() -> Iterator[Tell]:
    yield lambda *_, **__: None


@contextmanager
def _lines_of_json() -> Iterator[Tell]:
    """One object a line: time (UTC), event, and the facts of the event."""
    progress = _Progress()

    def tell(event: str, **facts: Any) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"time": now, "event": event, **facts}
        _write(json.dumps(line, ensure_ascii=False, default=str))
        if (told := progress.of(event, facts)) is not None:
            _write(json.dumps({"time": now, "event": "progress", **told}, ensure_ascii=False))

    yield tell


class _Progress:
    """Counts documents; now and then the rate and the remaining time."""

    def __init__(self) -> None:
        self.total = self.done = 0
        self.began = self.last = time.monotonic()

    def of(self, event: str, facts: dict[str, Any]) -> dict[str, Any] | None:
        if event == "listed":
            self.total = facts["read"] + facts["normalize"]
            self.began = self.last = time.monotonic()
        if event != "document":
            return None
        self.done += 1
        now = time.monotonic()
        if now - self.last < _EVERY:
            return None
        self.last = now
        rate = self.done / (now - self.began)
        return {
            "done": self.done,
            "total": self.total,
            "documents_per_second": round(rate, 1),
            "seconds_left": round((self.total - self.done) / rate),
        }


@contextmanager
def _lines(*, verbose: bool) -> Iterator[Tell]:
    """For a pipe or a log file: nothing for a short run, but with `verbose` every document."""
    progress = _Progress()

    def tell(event: str, **facts: Any) -> None:
        if event == "document" and verbose:
            _write(f"{facts['status']:<8} {facts['path'] or facts['document_id']}")
        if (told := progress.of(event, facts)) is not None:
            _write(
                f"{told['done']:,} of {told['total']:,} documents, {told['documents_per_second']:g} a second, "
                f"about {told['seconds_left'] / 60:.0f} minutes left"
            )

    yield tell


@contextmanager
def _bar() -> Iterator[Tell]:
    bars: list[Any] = []

    def tell(event: str, **facts: Any) -> None:
        if event == "listed":
            total = facts["read"] + facts["normalize"]
            bars.append(tqdm(total=total, unit="file", file=sys.stderr, leave=False, dynamic_ncols=True))
        elif event == "document" and bars:
            bars[-1].update()
        elif event == "publishing" and bars:
            bars[-1].set_description("publishing")

    try:
        yield tell
    finally:
        for bar in bars:
            bar.close()

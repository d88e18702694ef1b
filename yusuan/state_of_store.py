"""`yusuan status`: what the store knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yusuan.keys import extract_key, normalize_key
from yusuan.publish.files import PublishError
from yusuan.publish.release import current_release
from yusuan.remote import Mirror
from yusuan.shown import columns
from yusuan.state import Anchor
from yusuan.store import NAME, RETRIED, Store


def look(out: str, folder: Path | None) -> dict[str, Any]:
    """Raises PublishError where there is no store, or another run holds it."""
    mirror = Mirror.of(out, folder)
    folder = folder or mirror.local / ".store"
    if not (folder / NAME).exists():
        raise PublishError(f"{folder}: there is no store; `yusuan run` makes one, --store names another")
    store = Store(folder)
    try:
        return _look(store, folder, mirror.local)
    finally:
        store.close()


def _look(store: Store, folder: Path, out: Path) -> dict[str, Any]:
    release = current_release(out)
    counts = dict(store.rows("SELECT status, count(*) FROM documents GROUP BY status"))
    failed = dict(
        store.rows(
            "SELECT error_code, count(*) FROM documents WHERE status = 'failed' GROUP BY ALL ORDER BY error_code"
        )
    )
    noted, anchor = store.published(), Anchor(folder)
    return {
        "store": str(folder),
        "bytes": (folder / NAME).stat().st_size,
        "release": release.name if release else None,
        "published": bool(noted and release and noted["release"] == release.name),
        "documents": {name: counts.get(name, 0) for name in ("ok", "partial", "empty", "failed")},
        "failed": failed,
        "retried": sum(count for code, count in failed.items() if code in RETRIED),
        "sources": store.value("SELECT count(*) FROM sources"),
        "rows": dict(noted["rows"]) if noted else {},
        "stale_readings": store.value(
            "SELECT count(*) FROM documents WHERE extract_key IS DISTINCT FROM ?", [extract_key()]
        ),
        "stale_records": store.value(
            "SELECT count(*) FROM documents SEMI JOIN grids USING (doc) WHERE normalize_key IS DISTINCT FROM ?",
            [normalize_key()],
        ),
        "inputs": [
            {"root": root and anchor.find(root), "sources": count}
            for root, count in store.rows("SELECT root, count(*) FROM sources GROUP BY root ORDER BY root")
        ],
    }


def _near(root: str) -> str:
    """A folder as a person at the prompt would write it: from where he stands, if it lies below."""
    here = Path.cwd()
    return str(Path(root).relative_to(here)) if Path(root).is_relative_to(here) else root


def text(found: Mapping[str, Any]) -> str:
    """For people; several lines without a line end at the end."""
    documents = ", ".join(f"{count:,} {name}" for name, count in found["documents"].items() if count) or "none"
    failed = ", ".join(f"{count:,} {code}" for code, count in found["failed"].items())
    lines = [
        ("Store", f"{found['store']}, {found['bytes'] / 2**20:,.1f} MiB"),
        ("Release", found["release"] or "none yet"),
        ("Documents", documents),
        *([("Failed", f"{failed}; {found['retried']:,} will be tried again")] if failed else []),
        ("To be read again", f"{found['stale_readings']:,} (read by other code)"),
        ("To be normalized again", f"{found['stale_records']:,} (by new rules, without opening a source)"),
        *(("Input", f"{_near(entry['root'] or 'unknown')}: {entry['sources']:,} sources") for entry in found["inputs"]),
    ]
    return "\n".join(columns(lines, indent=""))

"""Releases: staged beside the last one, validated, switched in one step, old ones pruned.

    out/releases/<id>/    the files; id = hash of the tables' content and of their declaration
    out/releases/order    ids, oldest first
    out/current           link to releases/<id> (current.json where the file system has no links)
    out/<table>.parquet   links through `current` (plain copies without links)

The caller holds `files.locked(out)`. Whatever fails before the switch leaves the last release as it was; what a crash
left behind is removed by the next run.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from yusuan.publish.files import (
    PublishError,
    can_link,
    dump_json,
    remove,
    replace_copy,
    replace_link,
    sync,
    sync_tree,
    write_atomic,
)
from yusuan.publish.package import data_package
from yusuan.publish.tables import Written, write_csv, write_excel_csv, write_parquet
from yusuan.publish.validate import problems
from yusuan.schemas import Table

PACKAGE = "datapackage.json"
_STAGING = ".staging-"
_FORMAT = "1"
"""Part of every id: to be raised when the same tables are to be written to different files."""


@dataclass(frozen=True, slots=True)
class Published:
    """`changed` is False when the result equals the last release, which stays. `path` is the release's own folder."""

    id: str
    path: Path
    changed: bool


def current_release(out: Path) -> Path | None:
    """The folder of the release that is in force; None before the first one."""
    link = out / "current"
    if link.is_dir():
        return link.resolve()
    pointer = out / "current.json"
    if not pointer.exists():
        return None
    try:
        release = out / "releases" / str(json.loads(pointer.read_text("utf-8"))["release"])
    except (ValueError, KeyError, TypeError) as error:
        raise PublishError(f"{pointer} is no pointer to a release ({error}); remove it and run again") from error
    return release if release.is_dir() else None


def clean(out: Path) -> None:
    """Removes what a run that was killed left behind."""
    for path in (*out.glob(f"{_STAGING}*"), *out.glob(".*.new"), *(out / "excel").glob(".*.new")):
        remove(path)
    releases = out / "releases"
    for path in (*releases.glob("*.old"), *releases.glob(".*.new")):
        remove(path)


def _declaration(declared: Mapping[str, Table], names: Sequence[str]) -> str:
    return repr([declared[name] for name in names])


def _identity(declared: Mapping[str, Table], files: Mapping[str, Mapping[str, Written]]) -> str:
    digest = hashlib.sha256(f"{_FORMAT}\n{_declaration(declared, list(files))}\n".encode())
    for name, kinds in files.items():
        for kind, written in kinds.items():
            digest.update(f"{name} {kind} {written.sha256}\n".encode())
    return digest.hexdigest()[:16]


def is_complete(release: Path) -> bool:
    """Whether every file that the release's own package names is there with its size."""
    try:
        package: dict[str, Any] = json.loads((release / PACKAGE).read_text("utf-8"))
        files = [entry for resource in package["resources"] for entry in (resource, *_twins(resource))]
        return all((release / file["path"]).stat().st_size == file["bytes"] for file in files)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _twins(resource: Mapping[str, Any]) -> list[Any]:
    return [resource[kind] for kind in ("parquet", "excel") if kind in resource]


def publish(
    out: Path, declared: Mapping[str, Table], tables: Mapping[str, pa.Table], *, excel: bool = False, keep: int = 5
) -> Published:
    """Makes the tables the current release of `out`; raises PublishError, and then nothing has changed."""
    if found := problems(declared, tables):
        listed = "; ".join(str(problem) for problem in found[:5])
        raise PublishError(f"the tables do not keep their own rules, nothing was published: {listed}")
    try:
        return _publish(out, declared, tables, excel, keep)
    except OSError as error:
        where = error.filename or out
        raise PublishError(
            f"cannot publish to {where}: {error.strerror or error}. The last release stays; "
            "check free space and rights of the folder and run again"
        ) from error


def _publish(
    out: Path, declared: Mapping[str, Table], tables: Mapping[str, pa.Table], excel: bool, keep: int
) -> Published:
    releases = out / "releases"
    releases.mkdir(parents=True, exist_ok=True)
    clean(out)
    stage = Path(tempfile.mkdtemp(prefix=_STAGING, dir=out))
    try:
        files = {name: _texts(stage, declared[name], table, excel) for name, table in tables.items()}
        identity = _identity(declared, files)
        target = releases / identity
        last = current_release(out)
        if not is_complete(target):
            _finish(stage, declared, tables, files, identity)
            if target.exists():  # somebody removed or cut files of it
                target.rename(releases / f"{identity}.old")
            stage.rename(target)
            sync(releases)
    finally:
        remove(stage)
    changed = last is None or last.name != identity
    order = _order(releases, identity, last)
    if changed:
        write_atomic(releases / "order", "".join(f"{name}\n" for name in order))
    _switch(out, target)
    _prune(releases, order, keep)
    return Published(identity, target, changed)


def _texts(stage: Path, table: Table, data: pa.Table, excel: bool) -> dict[str, Written]:
    written = {"csv": write_csv(stage, table, [data])}
    return written | ({"excel": write_excel_csv(stage, table, [data])} if excel else {})


def _finish(
    stage: Path,
    declared: Mapping[str, Table],
    tables: Mapping[str, pa.Table],
    files: dict[str, dict[str, Written]],
    identity: str,
) -> None:
    """The files that carry the release id; then everything is forced to the disk."""
    for name, data in tables.items():
        files[name]["parquet"] = write_parquet(stage, declared[name], [data], identity)
    (stage / PACKAGE).write_text(dump_json(data_package(declared, identity, files)), "utf-8", newline="\n")
    stage.chmod(0o755)  # mkdtemp made it private
    sync_tree(stage)


def _order(releases: Path, identity: str, last: Path | None) -> list[str]:
    """Release ids, oldest first and this one last; folders that the file does not know count as oldest."""
    path = releases / "order"
    noted = path.read_text("utf-8").split() if path.exists() else []
    there = sorted(folder.name for folder in releases.iterdir() if folder.is_dir() and not folder.name.endswith(".old"))
    known = [name for name in noted if name in there]
    strange = [name for name in there if name not in known]
    before = [name for name in (*strange, *known) if name != identity]
    if last is not None and last.name in before:  # a crash may have come between note and switch
        before.remove(last.name)
        before.append(last.name)
    return [*before, identity]


def _switch(out: Path, target: Path) -> None:
    """The one step after which readers see the new release; before it they see the whole last one."""
    names = sorted(path.name for path in target.iterdir())
    if not can_link(out):
        write_atomic(out / "current.json", dump_json({"release": target.name}))
        for name in names:
            replace_copy(target / name, out / name)
        return
    replace_link(out / "current", f"releases/{target.name}")
    for name in names:
        replace_link(out / name, f"current/{name}")
    for path in out.iterdir():
        if path.is_symlink() and str(path.readlink()).startswith("current/") and path.name not in names:
            path.unlink()  # a table or form that this release does not have
    sync(out)


def _prune(releases: Path, order: Sequence[str], keep: int) -> None:
    for name in order[: -max(keep, 1)]:
        remove(releases / name)
    for path in releases.glob("*.old"):
        remove(path)

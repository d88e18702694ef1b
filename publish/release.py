"""Releases: staged beside the last one, validated, switched in one step, old ones pruned.

    out/releases/<id>/    the files; id = hash of the tables' content and of their declaration; a table of very many rows
                          is a folder of parts
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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
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
from yusuan.publish.judge import judge, parquet_files
from yusuan.publish.package import data_package, parts_of
from yusuan.publish.seal import seal
from yusuan.publish.tables import Written, write
from yusuan.schemas import RULES, Table

PACKAGE = "datapackage.json"
_STAGING = ".staging-"
_FORMAT = "2"
"""Part of every id: to be raised when the same tables are to be written to different files."""


Tables = Mapping[str, pa.Table | Iterable[pa.Table]]
"""Table → its rows in order: at once, or in batches that are gone through once."""
Files = dict[str, dict[str, list[Written]]]
"""Table → kind → files."""


@dataclass(frozen=True, slots=True)
class Published:
    """`changed` is False when the result equals the last release, which stays. `path` is the release's own folder.

    `rows` by table.
    """

    id: str
    path: Path
    changed: bool
    rows: dict[str, int]


Before = Callable[[Path | None, Path], None]
"""Told of the last release and of the new one, complete and not yet in force."""


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
    """What is written of a table; the rules that a release must keep are none of it."""
    plain = Table("", "", "", (), ())
    rules = {key: getattr(plain, key) for key in RULES}
    return repr([replace(declared[name], **rules) for name in names])


def _identity(declared: Mapping[str, Table], files: Files) -> str:
    """Of what every CSV file says: texts are quoted and null is not, so it holds all that Parquet holds."""
    digest = hashlib.sha256(f"{_FORMAT}\n{_declaration(declared, list(files))}\n".encode())
    for name, kinds in files.items():
        for kind in ("csv", "excel"):
            for part in kinds.get(kind, ()):
                digest.update(f"{name} {kind} {part.sha256}\n".encode())
    return digest.hexdigest()[:16]


def is_complete(release: Path) -> bool:
    """Whether every file that the release's own package names is there with its size."""
    try:
        package: dict[str, Any] = json.loads((release / PACKAGE).read_text("utf-8"))
        return all((release / file["path"]).stat().st_size == file["bytes"] for file in parts_of(package))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def publish(
    out: Path,
    declared: Mapping[str, Table],
    tables: Tables,
    *,
    excel: bool = False,
    keep: int = 5,
    before: Before | None = None,
) -> Published:
    """Makes the tables the current release of `out`; raises PublishError, and then nothing has changed."""
    try:
        return _publish(out, declared, tables, excel, keep, before)
    except duckdb.Error as error:
        raise PublishError(
            f"the release could not be made or checked ({str(error).splitlines()[0]}). The last release stays; "
            f"check free space in {out} and run again"
        ) from error
    except OSError as error:
        where = error.filename or out
        raise PublishError(
            f"cannot publish to {where}: {error.strerror or error}. The last release stays; "
            "check free space and rights of the folder and run again"
        ) from error


def _publish(
    out: Path, declared: Mapping[str, Table], tables: Tables, excel: bool, keep: int, before: Before | None
) -> Published:
    releases = out / "releases"
    releases.mkdir(parents=True, exist_ok=True)
    clean(out)
    stage = Path(tempfile.mkdtemp(prefix=_STAGING, dir=out))
    try:
        files = {name: _written(stage, declared[name], data, excel) for name, data in tables.items()}
        identity = _identity(declared, files)
        target = releases / identity
        last = current_release(out)
        changed = last is None or last.name != identity
        whole = is_complete(target)
        if changed or not whole:
            _judged(stage, declared, files)
        if not whole:
            _finish(stage, declared, files, identity)
            if target.exists():  # somebody removed or cut files of it
                target.rename(releases / f"{identity}.old")
            stage.rename(target)
            sync(releases)
    finally:
        remove(stage)
    if changed and before is not None:
        before(last, target)
    order = _order(releases, identity, last)
    if changed:
        write_atomic(releases / "order", "".join(f"{name}\n" for name in order))
    _switch(out, target)
    _prune(releases, order, keep)
    return Published(
        identity, target, changed, {name: sum(p.rows for p in kinds["csv"]) for name, kinds in files.items()}
    )


def _written(stage: Path, table: Table, data: pa.Table | Iterable[pa.Table], excel: bool) -> dict[str, list[Written]]:
    return write(stage, table, [data] if isinstance(data, pa.Table) else data, excel=excel)


def _judged(stage: Path, declared: Mapping[str, Table], files: Files) -> None:
    if found := judge(stage, declared, parquet_files(stage, files)):
        listed = "; ".join(str(problem) for problem in found[:5])
        raise PublishError(f"the tables do not keep their rules, nothing was published: {listed}")


def _finish(stage: Path, declared: Mapping[str, Table], files: Files, identity: str) -> None:
    """The files that carry the release id; then everything is forced to the disk."""
    for kinds in files.values():
        kinds["parquet"] = seal(stage, kinds["parquet"], identity)
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

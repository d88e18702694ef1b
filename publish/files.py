"""Files that are whole or not there: fsync, atomic replacement, links, and a lock against a second run."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class PublishError(Exception):
    """Nothing was published and the last good release is in place; the message says what, where and what to do next."""


def sync(path: Path) -> None:
    """Forces a file or folder to the disk: a switched link must never name a file that a power cut can still empty."""
    if sys.platform == "win32" and path.is_dir():
        return  # Windows opens no folders
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync(Path(parent, name))
        sync(Path(parent))


def write_atomic(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, "utf-8", newline="\n")
    sync(temporary)
    temporary.replace(path)


def dump_json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def can_link(folder: Path) -> bool:
    """Whether this file system has symbolic links (FAT, some network shares and plain Windows accounts have none)."""
    probe = folder / ".link.new"
    probe.unlink(missing_ok=True)
    try:
        probe.symlink_to("current")
    except (OSError, NotImplementedError):
        return False
    probe.unlink()
    return True


def replace_link(link: Path, target: str) -> None:
    """Points `link` at `target` in one step, whatever file or link had the name before."""
    if link.is_symlink() and str(link.readlink()) == target:
        return
    temporary = link.with_name(f".{link.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)


def replace_copy(source: Path, target: Path) -> None:
    """The same for file systems without links: each file is replaced whole."""
    if source.is_dir():
        target.mkdir(exist_ok=True)
        for path in sorted(source.iterdir()):
            replace_copy(path, target / path.name)
        return
    temporary = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, temporary)
    sync(temporary)
    temporary.replace(target)


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _try_lock(file: IO[Any]) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Holds `out` for this process; raises PublishError when another run holds it. A dead run leaves no lock behind."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        opened = (out / ".lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise PublishError(f"cannot write to {out}: {error.strerror}; choose another folder with --out") from error
    with opened as file:
        if not _try_lock(file):
            file.seek(0)
            owner = file.read().strip()
            which = f" (process {owner})" if owner else ""
            raise PublishError(f"another run{which} is writing to {out}: wait until it ends, or choose another --out")
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield

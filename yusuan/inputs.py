"""Inputs → files with names: folders walked in order, what is no document skipped by the list in schemas/skip.toml.

A file is known by its location, its name in `sources.path` follows from the inputs of the run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from yusuan.schemas import skip


class InputError(Exception):
    """An input that cannot be used at all (wrong usage): the message says which, why and what to do next."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be read: `name` is its `sources.path`, `root` the input it came from; both paths absolute."""

    name: str
    location: Path
    root: Path


@dataclass(slots=True)
class Root:
    """One input: `files` are (relative name, location), in order; `complete`: every folder could be listed."""

    path: Path
    folder: bool
    files: list[tuple[str, Path]] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    skipped: int = 0
    complete: bool = True
    problems: list[str] = field(default_factory=list)


def printable(name: str) -> str:
    """A file name as text: names that are no UTF-8 (old Chinese archives) are read as GB18030, else escaped."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raw = os.fsencode(name)
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            return raw.decode("utf-8", "backslashreplace")
    return name


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern) for pattern in patterns)


def _entries(folder: Path, root: Root) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        root.complete = False
        root.problems.append(
            f"{folder}: cannot be listed ({error.strerror}); what was read from it before stays. "
            "Give read rights or take it out of the input, and run again"
        )
        return []


def _walk(root: Root, exclude: Path | None) -> None:
    """Each folder once: real ones first, then those behind links (so that a loop of links ends)."""
    patterns = skip()
    seen: set[tuple[int, int]] = set()
    if exclude is not None and exclude.is_dir():
        seen.add((exclude.stat().st_dev, exclude.stat().st_ino))
    linked: list[tuple[Path, str]] = []
    waiting = [(root.path, "")]
    while waiting or linked:
        folder, prefix = waiting.pop() if waiting else linked.pop(0)
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        root.folders.append(folder)
        for entry in _entries(folder, root):
            name = prefix + printable(entry.name)
            if entry.is_dir():
                if _matches(entry.name, patterns.folders):
                    root.skipped += 1
                else:
                    (linked if entry.is_symlink() else waiting).append((Path(entry.path), name + "/"))
            elif _matches(entry.name, patterns.files) or not (entry.is_file() or entry.is_symlink()):
                root.skipped += 1  # by name, or a pipe, socket or device
            else:
                root.files.append((name, Path(entry.path)))
    root.files.sort()


def discover(inputs: Sequence[Path], exclude: Path | None = None) -> list[Root]:
    """Lists each input, once; raises InputError where one is missing or is no file or folder that can be read.

    `exclude`: the folder of the results, which may stand inside an input.
    """
    roots = []
    for path in dict.fromkeys(Path(os.path.abspath(path)) for path in inputs):  # noqa: PTH100 - resolve() would follow links
        root = Root(path, path.is_dir())
        if root.folder:
            try:
                os.scandir(path).close()
            except OSError as error:
                raise InputError(f"{path}: the folder cannot be listed ({error.strerror}); give read rights") from error
            _walk(root, exclude)
        elif path.is_file():
            root.files.append((printable(path.name), path))
        elif path.exists():
            raise InputError(f"{path}: is neither a file nor a folder")
        else:
            raise InputError(f"{path}: there is no such file or folder; check the path, or put documents there")
        roots.append(root)
    return roots


# --- names ------------------------------------------------------------------------------------------------------------


def _labels(root: Root, several: bool) -> Iterator[str]:
    """Prefixes for the names of an input, the wanted one first; later ones only where names would collide."""
    if root.folder:
        name = printable(root.path.name) or "root"
        if not several:
            yield ""
        yield f"{name}/"
    else:
        name = printable(root.path.parent.name) or "root"
        yield ""
        yield f"{name}/"
    number = 2
    while True:
        yield f"{name}-{number}/"
        number += 1


def _unique(files: Sequence[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
    """Two names that are spelled the same only as text get a number."""
    count: dict[str, int] = {}
    for name, location in files:
        count[name] = count.get(name, 0) + 1
        yield (name if count[name] == 1 else f"{name} ({count[name]})"), location


def assign_names(
    roots: Sequence[Root], kept: Mapping[Path, str] | None = None, taken: Sequence[str] = ()
) -> list[Found]:
    """Every listed file once, by name. `kept`: locations that keep a name; `taken`: names of files not listed here."""
    kept = kept or {}
    used = {*taken, *kept.values()}
    found: dict[Path, Found] = {}
    for root in roots:
        files = [(name, path) for name, path in _unique(root.files) if path not in found]
        new = [(name, path) for name, path in files if path not in kept]
        label = next(
            label for label in _labels(root, len(roots) > 1) if used.isdisjoint(label + name for name, _ in new)
        )
        for name, path in files:
            found[path] = Found(kept.get(path, label + name), path, root.path)
            used.add(found[path].name)
    return sorted(found.values(), key=lambda file: file.name)

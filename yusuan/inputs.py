"""Inputs → their files: folders, patterns, archives and URLs listed in order, what is no document skipped by the list in
schemas/skip.toml.

A file is known by its location, its name in `sources.path` follows from the inputs of the run (`found`).
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pyarrow.fs as pafs

from yusuan.archives import Entry, listing
from yusuan.found import Item, Root, printable
from yusuan.members import MANIFEST, RefusedError, is_archive, is_manifest
from yusuan.opening import Place, filesystem, is_url
from yusuan.schemas import skip

Cache = Callable[[str, str], list[Entry] | None]
"""(location, stamp) → the entries of an archive that has not changed since they were noted."""


class InputError(Exception):
    """An input that cannot be used at all (wrong usage): the message says which, why and what to do next."""


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern) for pattern in patterns)


# --- one file ---------------------------------------------------------------------------------------------------------


def _add(root: Root, item: Item, cache: Cache | None) -> None:
    """Adds a file, or the entries of an archive."""
    entries = _entries_of(root, item, cache) if is_archive(item.name) else None
    if entries is None:
        root.files.append(item)
        return
    patterns = skip()
    seen: dict[str, int] = {}
    for entry in entries:
        *folders, last = entry.name.split("/")
        hidden = any(_matches(part, patterns.folders) for part in folders)
        if is_manifest(last) and not hidden:
            _add_manifest(root, "/".join((f"{item.location}!", *folders)), entry)
        if hidden or _matches(last, patterns.files):
            root.skipped += 1
            continue
        seen[entry.name] = seen.get(entry.name, 0) + 1
        name = entry.name if seen[entry.name] == 1 else f"{entry.name} ({seen[entry.name]})"
        place = Place(item.place.path, item.place.url, entry.inside)
        stamp = f"{item.stamp} {entry.mark}"
        root.files.append(
            Item(f"{item.name}!/{name}", f"{item.location}!/{name}", entry.size, stamp, place, entry.refused)
        )


def _add_manifest(root: Root, folder: str, entry: Entry) -> None:
    if entry.manifest is None:
        root.problems.append(
            f"{folder}/{MANIFEST}: is encrypted, damaged or too large, and not used; unpack the archive"
        )
    else:
        root.manifests.append((folder, entry.manifest))


def _entries_of(root: Root, item: Item, cache: Cache | None) -> list[Entry] | None:
    entries = cache(item.location, item.stamp) if cache else None
    if entries is None:
        try:
            entries = listing(item.place, item.name, item.size, printable)
        except RefusedError as error:
            root.unlisted.append(item.location)
            root.files.append(
                Item(item.name, item.location, item.size, item.stamp, item.place, (error.code, str(error)))
            )
            return []
    if entries is not None and not any(entry.refused and entry.refused[0] == "missing-tool" for entry in entries):
        root.archives[item.location] = (item.stamp, entries)
    return entries


def _local(name: str, path: str, status: os.stat_result | None) -> Item:
    """`status` None: a file that cannot even be looked at, to be reported by whoever reads it."""
    size, time = (status.st_size, status.st_mtime_ns) if status else (0, -1)
    return Item(name, path, size, f"{size}:{time}", Place(path))


# --- folders ----------------------------------------------------------------------------------------------------------


def _entries(folder: str, root: Root) -> list[os.DirEntry[str]]:
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


def _stat(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat()
    except OSError:
        return None


def _walk(root: Root, start: str, prefix: str, seen: set[tuple[int, int]], cache: Cache | None) -> None:
    """Each folder once: real ones first, then those behind links (so that a loop of links ends)."""
    patterns = skip()
    linked: list[tuple[str, str]] = []
    waiting = [(start, prefix)]
    while waiting or linked:
        folder, above = waiting.pop() if waiting else linked.pop(0)
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        for entry in _entries(folder, root):
            name = above + printable(entry.name)
            if entry.is_dir():
                if _matches(entry.name, patterns.folders):
                    root.skipped += 1
                else:
                    (linked if entry.is_symlink() else waiting).append((entry.path, name + "/"))
                continue
            if entry.name == MANIFEST:
                root.manifests.append((folder, Place(entry.path)))
            if _matches(entry.name, patterns.files) or not (entry.is_file() or entry.is_symlink()):
                root.skipped += 1  # by name, or a pipe, socket or device
            else:
                _add(root, _local(name, entry.path, _stat(entry)), cache)


def _folder(path: str, seen: set[tuple[int, int]], cache: Cache | None) -> Root:
    root = Root(path, path, folder=True)
    try:
        os.scandir(path).close()
    except OSError as error:
        raise InputError(f"{path}: the folder cannot be listed ({error.strerror}); give read rights") from error
    _walk(root, path, "", seen, cache)
    return root


def _pattern(path: str, seen: set[tuple[int, int]], cache: Cache | None) -> Root:
    parts = Path(path).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    top = str(Path(*parts[:fixed]))
    root = Root(path, top, folder=True)
    patterns = skip()
    for match in sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
        name = "/".join(map(printable, Path(match).relative_to(top).parts))
        if Path(match).is_dir():
            if not path.endswith("**"):
                _walk(root, match, name + "/", seen, cache)
        elif not Path(match).is_file() or _matches(Path(match).name, patterns.files):
            root.skipped += 1
        else:
            _add(root, _local(name, match, Path(match).stat()), cache)
    for folder in sorted({str(Path(item.location).parent) for item in root.files}):
        if Path(folder, MANIFEST).is_file():
            root.manifests.append((folder, Place(str(Path(folder, MANIFEST)))))
    return root


def _file(path: str, cache: Cache | None) -> Root:
    root = Root(path, str(Path(path).parent), folder=False)
    _add(root, _local(printable(Path(path).name), path, Path(path).stat()), cache)
    beside = Path(path).parent / MANIFEST
    if beside.is_file():
        root.manifests.append((root.top, Place(str(beside))))
    return root


# --- URLs -------------------------------------------------------------------------------------------------------------


def without_secrets(url: str) -> str:
    """A URL as it may be noted: no user, password or options of the connection."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")


def _remote(url: str, cache: Cache | None) -> Root:
    shown = without_secrets(url)
    root = Root(shown, shown, folder=True)
    try:
        files, path = filesystem(url)
        info = files.get_file_info(path)
        if info.type == pafs.FileType.NotFound:
            raise InputError(f"{shown}: there is no such object or folder; check the address")
        root.folder = info.type == pafs.FileType.Directory
        found = files.get_file_info(pafs.FileSelector(path, recursive=True)) if root.folder else [info]
    except ValueError as error:
        raise InputError(f"{shown}: is no address that can be read ({error})") from error
    except OSError as error:
        root.complete = False
        root.problems.append(
            f"{shown}: cannot be listed ({error}); what was read from it before stays. Check address, rights and network"
        )
        return root
    if not root.folder:
        root.top = shown.rpartition("/")[0]
    patterns = skip()
    for entry in sorted((entry for entry in found if entry.type == pafs.FileType.File), key=lambda entry: entry.path):
        name = entry.path.removeprefix(path).lstrip("/") if root.folder else PurePosixPath(path).name
        *folders, last = name.split("/")
        location = f"{shown}/{name}" if root.folder else shown
        place = Place(entry.path, url)
        if last == MANIFEST:
            root.manifests.append((location.rpartition("/")[0], place))
        if root.folder and (
            _matches(last, patterns.files) or any(_matches(part, patterns.folders) for part in folders)
        ):
            root.skipped += 1
        else:
            _add(root, Item(name, location, entry.size, f"{entry.size}:{entry.mtime_ns}", place), cache)
    return root


# --- all --------------------------------------------------------------------------------------------------------------


def absolute(text: str | os.PathLike[str]) -> str:
    """An input as it is known: an absolute path or pattern, or a URL that is no file."""
    path = os.fspath(text)
    if path.startswith("file://"):
        path = unquote(urlsplit(path).path)
    return path if is_url(path) else os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links


def check(inputs: Sequence[str | os.PathLike[str]]) -> None:
    """Raises InputError where a local input is missing, before anything is made."""
    for path in map(absolute, inputs):
        if not is_url(path) and not Path(path).exists() and not glob.has_magic(path):
            raise InputError(f"{path}: there is no such file or folder; check the path, or put documents there")


def discover(
    inputs: Sequence[str | os.PathLike[str]], exclude: Sequence[Path] = (), cache: Cache | None = None
) -> list[Root]:
    """Lists each input, once; raises InputError where one is missing or is nothing that can be read.

    `exclude`: folders of results, which may stand inside an input.
    """
    roots = []
    for path in dict.fromkeys(map(absolute, inputs)):
        outside = {(path.stat().st_dev, path.stat().st_ino) for path in exclude if path.is_dir()}
        if is_url(path):
            root = _remote(path, cache)
        elif Path(path).is_dir():
            root = _folder(path, outside, cache)
        elif Path(path).is_file():
            root = _file(path, cache)
        elif Path(path).exists():
            raise InputError(f"{path}: is neither a file nor a folder")
        elif glob.has_magic(path):
            root = _pattern(path, outside, cache)
        else:
            check([path])
            continue
        root.files.sort(key=lambda item: (item.name, item.location))
        roots.append(root)
    return roots

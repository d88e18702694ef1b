"""Files that the inputs of a run hold, and their names in `sources.path`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from yusuan.archives import Entry
from yusuan.opening import Place


@dataclass(frozen=True, slots=True)
class Item:
    """A listed file. `location` is its absolute path or URL, with `!/` behind an archive; `stamp` changes when it does.

    `refused`: (code, message) where it must not be read.
    """

    name: str
    location: str
    size: int
    stamp: str
    place: Place
    refused: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be read: `name` is its `sources.path`, `root` the input it came from."""

    name: str
    item: Item
    root: str

    @property
    def location(self) -> str:
        return self.item.location


@dataclass(slots=True)
class Root:
    """One input, `path` as an absolute path, pattern or URL: its files in order of name, and how far it could be listed.

    `top` is the folder that names are relative to. `unlisted`: folders and archives of it that could not be listed.
    `manifests`: each sources.csv by the location of its folder, or of its archive with `!`; what stands in an archive as bytes.
    """

    path: str
    top: str
    folder: bool
    files: list[Item] = field(default_factory=list)
    manifests: list[tuple[str, Place | bytes]] = field(default_factory=list)
    archives: dict[str, tuple[str, list[Entry]]] = field(default_factory=dict)
    skipped: int = 0
    complete: bool = True
    unlisted: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def speaks_for(self, location: str, root: str) -> bool:
        """Whether a file of the last release, found at `location` in input `root`, would be listed if it were there."""
        if not self.complete or any(location.startswith(closed + "!/") for closed in self.unlisted):
            return False
        if "*" in self.path or "?" in self.path or "[" in self.path:
            return root == self.path
        return location.startswith((self.path.rstrip("/") + "/", self.path + "!/"))


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


def _labels(root: Root, several: bool) -> Iterator[str]:
    """Prefixes for the names of an input, the wanted one first; later ones only where names would collide."""
    name = printable(PurePosixPath(root.top).name) or "root"
    if not root.folder or not several:
        yield ""
    yield f"{name}/"
    number = 2
    while True:
        yield f"{name}-{number}/"
        number += 1


def _unique(files: Sequence[Item]) -> Iterator[tuple[str, Item]]:
    """Two names that are spelled the same only as text get a number."""
    count: dict[str, int] = {}
    for item in files:
        count[item.name] = count.get(item.name, 0) + 1
        yield (item.name if count[item.name] == 1 else f"{item.name} ({count[item.name]})"), item


def assign_names(
    roots: Sequence[Root], kept: Mapping[str, str] | None = None, taken: Sequence[str] = ()
) -> list[Found]:
    """Every listed file once, by name. `kept`: locations that keep a name; `taken`: names of files not listed here."""
    kept = kept or {}
    used = {*taken, *kept.values()}
    found: dict[str, Found] = {}
    for root in roots:
        files = [(name, item) for name, item in _unique(root.files) if item.location not in found]
        new = [name for name, item in files if item.location not in kept]
        label = next(label for label in _labels(root, len(roots) > 1) if used.isdisjoint(label + name for name in new))
        for name, item in files:
            found[item.location] = Found(kept.get(item.location, label + name), item, root.path)
            used.add(found[item.location].name)
    return sorted(found.values(), key=lambda file: file.name)

"""Who stays in a release and who leaves it, and how the locations of files are noted in the store."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from yusuan.found import Found, Root, assign_names
from yusuan.opening import is_url


@dataclass(frozen=True, slots=True)
class Source:
    """A path of the last release; `location` and `root` (absolute) are None where nobody knows where it was found."""

    name: str
    location: str | None
    root: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """`files` are those of this run; `carried` and `gone` are names of the last release's sources."""

    files: tuple[Found, ...]
    carried: tuple[str, ...]
    gone: tuple[str, ...]


class Anchor:
    """Locations as the store notes them: relative to a folder, so that inputs and results that move together still know
    each other. URLs stay as they are."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._known: dict[str, str] = {}

    def note(self, location: str) -> str:
        """Absolute → noted."""
        if is_url(location):
            return location
        folder, _, name = location.rpartition("/")
        if folder not in self._known:
            try:
                self._known[folder] = PurePath(os.path.relpath(folder or "/", self._base)).as_posix()
            except ValueError:  # another drive
                self._known[folder] = folder
        return f"{self._known[folder]}/{name}"

    def find(self, noted: str) -> str:
        """Noted → absolute."""
        return noted if is_url(noted) else os.path.abspath(self._base / noted)  # noqa: PTH100 - links stay as they are


def make_plan(roots: Sequence[Root], earlier: Iterable[Source]) -> Plan:
    """Who stays: a source of the last release (`earlier`) leaves only when a completely listed input of this run no
    longer holds it. A file reached through a folder inside its known input keeps its name."""
    listed = {item.location: root for root in roots for item in root.files}
    kept: dict[str, str] = {}
    carried: list[str] = []
    gone: list[str] = []
    unknown: list[str] = []
    for source in earlier:
        if source.location is None or source.root is None:
            unknown.append(source.name)
        elif source.location in listed:
            inside = listed[source.location].path
            if inside.startswith(source.root.rstrip("/") + "/"):
                kept[source.location] = source.name
        elif any(root.speaks_for(source.location, source.root) for root in roots):
            gone.append(source.name)
        else:
            carried.append(source.name)
    files = assign_names(roots, kept, carried)
    names = {file.name for file in files}
    carried += [name for name in unknown if name not in names]
    return Plan(tuple(files), tuple(sorted(carried)), tuple(sorted(gone)))

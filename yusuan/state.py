"""What a release was made from: the location of every source, kept beside the releases (never inside: it names this
machine's folders). With it a run knows which of the last release's documents its own inputs speak for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yusuan.inputs import Found, Root, assign_names
from yusuan.publish.files import PublishError, dump_json, write_atomic

NAME = ".sources.json"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a source of a release was found, and the input that held it."""

    location: Path
    root: Path


@dataclass(frozen=True, slots=True)
class Plan:
    """`files` are to be read; `carried` and `gone` are names of the last release's sources."""

    files: tuple[Found, ...]
    carried: tuple[str, ...]
    gone: tuple[str, ...]


def _absolute(text: str, out: Path) -> Path:
    return Path(os.path.abspath(out / text))  # noqa: PTH100 - resolve() would follow links


def load_origins(out: Path) -> dict[str, Origin]:
    """Source name → origin; empty where nothing is known, and then every earlier source is somebody else's."""
    path = out / NAME
    if not path.exists():
        return {}
    try:
        noted = json.loads(path.read_text("utf-8"))
        return {
            name: Origin(_absolute(entry["location"], out), _absolute(entry["root"], out))
            for name, entry in noted.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PublishError(
            f"{path} is damaged ({error}): remove it and run again; documents of earlier runs then stay until --replace"
        ) from error


def save_origins(out: Path, origins: Mapping[str, Origin]) -> None:
    """Paths relative to `out`: inputs and results that move together still know each other."""

    def relative(path: Path) -> str:
        try:
            return Path(os.path.relpath(path, out)).as_posix()
        except ValueError:  # another drive
            return path.as_posix()

    noted = {
        name: {"location": relative(origin.location), "root": relative(origin.root)}
        for name, origin in sorted(origins.items())
    }
    write_atomic(out / NAME, dump_json(noted))


def make_plan(roots: Sequence[Root], earlier: Iterable[str], origins: Mapping[str, Origin]) -> Plan:
    """Who stays: a source of the last release (`earlier`: their names) leaves only when a completely listed folder of
    this run no longer holds it. A file reached through a folder inside its known input keeps its name."""
    listed = {location: root for root in roots for _, location in root.files}
    complete = [root.path for root in roots if root.folder and root.complete]
    kept: dict[Path, str] = {}
    carried: list[str] = []
    gone: list[str] = []
    unknown: list[str] = []
    for name in earlier:
        origin = origins.get(name)
        if origin is None:
            unknown.append(name)
        elif origin.location in listed:
            inside = listed[origin.location].path
            if origin.root != inside and origin.root in inside.parents:
                kept[origin.location] = name
        elif any(folder in origin.location.parents for folder in complete):
            gone.append(name)
        else:
            carried.append(name)
    files = assign_names(roots, kept, carried)
    names = {file.name for file in files}
    carried += [name for name in unknown if name not in names]
    return Plan(tuple(files), tuple(sorted(carried)), tuple(sorted(gone)))

"""What read a document: hashes of the code and the data that its grids, and its records, depend on.

A stored reading is used again only while its key is the same, so that results never depend on which version of the
program happened to read a document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

READERS = ("lxml", "pypdfium2")
"""Libraries that decide what is in a grid: another version may read otherwise."""

_EXTRACT = ("yusuan.extract",)
_NORMALIZE = ("yusuan.normalize", "yusuan.schemas")
_OF_GRIDS = ("codec.py",)
_OF_ROWS = ("convert.py", "work.py")


def _sources(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.is_dir():
            yield from _sources(path, f"{prefix}/{path.name}")
        elif path.name.endswith((".py", ".toml")):
            yield f"{prefix}/{path.name}", path.read_bytes()


def _digest(parts: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, data in parts:
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()[:16]


def _packages(names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        yield from _sources(files(name), name)


def _own(names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        yield name, files("yusuan").joinpath(name).read_bytes()


@cache
def extract_key() -> str:
    """Of the grids: the code of extract, the versions of the libraries behind it, and how grids are stored."""
    libraries = [(name, version(name).encode()) for name in READERS]
    return _digest([*_packages(_EXTRACT), *_own(_OF_GRIDS), *libraries])


@cache
def normalize_key() -> str:
    """Of the records: the code of normalize, layouts and lookups, and what makes rows of both."""
    return _digest([*_packages(_NORMALIZE), *_own(_OF_ROWS)])

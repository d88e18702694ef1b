"""Document ↔ bytes, for the store: everything that a reader handed over, exactly (places, edges, full lines, notes).

The layout follows the fields of the dataclasses, so a field added there is kept without a change here. Cells are
written by column, and a column of one value once: compact before compression, and quick to read in one pass.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import fields
from itertools import repeat
from operator import is_
from typing import Any

from yusuan.extract.grid import Cell, Document, Grid, Note

_GRID = tuple(field.name for field in fields(Grid) if field.name != "cells")
_DOCUMENT = tuple(field.name for field in fields(Document) if field.name not in ("grids", "notes"))


def _columns(items: Sequence[tuple[object, ...]]) -> list[list[Any]]:
    """One list for each field; [value] where all items have that value."""
    return [list(values[:1] if _are_one(values) else values) for values in zip(*items, strict=True)]


def _are_one(values: tuple[object, ...]) -> bool:
    """Whether all are the same value, by type and sign too: 0.0 equals -0.0, 0 and False."""
    if all(map(is_, values, repeat(values[0]))):
        return True
    if values.count(values[0]) < len(values):
        return False
    return set(map(type, values)) in ({int}, {str}) or len(set(map(repr, values))) == 1


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if type(value) is list else value


def _items(kind: type[Any], count: int, columns: Sequence[list[Any]]) -> tuple[Any, ...]:
    full = [column * count if len(column) != count else column for column in columns]
    return tuple(kind(*map(_frozen, values)) for values in zip(*full, strict=True))


def encode(document: Document) -> bytes:
    """Equal documents give equal bytes."""
    data = {
        "document": {name: getattr(document, name) for name in _DOCUMENT},
        "notes": [len(document.notes), _columns(document.notes)],
        "grids": [
            [{name: getattr(grid, name) for name in _GRID}, len(grid.cells), _columns(grid.cells)]
            for grid in document.grids
        ],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def decode(data: bytes) -> Document:
    """What `encode` was given, by value."""
    read = json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))
    grids = tuple(
        Grid(_items(Cell, count, columns), **{name: _frozen(value) for name, value in rest.items()})
        for rest, count, columns in read["grids"]
    )
    rest = {name: _frozen(value) for name, value in read["document"].items()}
    return Document(grids=grids, notes=_items(Note, *read["notes"]), **rest)

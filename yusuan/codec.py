"""Document ↔ bytes, for the store: everything that a reader handed over, exactly (places, edges, full lines, notes).

The layout follows the fields of the dataclasses, so a field added there is kept without a change here. Cells are
written by column: a column of one value once, columns of floats (boxes) as numbers behind the JSON of everything else:
compact before compression, and quick to read in one pass.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import chain, islice, repeat
from math import isnan, nan
from operator import is_
from typing import Any

import pyarrow as pa

from yusuan.extract.grid import Cell, Document, Grid, Note

_GRID = tuple(field.name for field in fields(Grid) if field.name != "cells")
_DOCUMENT = tuple(field.name for field in fields(Document) if field.name not in ("grids", "notes"))

_HEAD = struct.Struct("<II")  # bytes of the JSON, bytes of it and the numbers behind it
_ZSTD = pa.Codec("zstd", compression_level=1)
_WRITE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
Column = list[Any] | int
"""Values of one field for all items: one for each; [value] where all have that value; or how many numbers behind the JSON
each has: tuples of that many floats, or 0 for a float itself (None as NaN)."""
_MAYBE = {float, type(None)}


def _columns(items: Sequence[tuple[object, ...]], numbers: list[float]) -> list[Column]:
    return [_column(values, numbers) for values in zip(*items, strict=True)]


def _column(values: tuple[Any, ...], numbers: list[float]) -> Column:
    if _are_one(values):
        return list(values[:1])
    if type(values[0]) in (str, int):
        return list(values)  # texts and places: no numbers to be told from the rest
    kinds = set(map(type, values))
    if kinds <= _MAYBE and not any(map(_is_nan, values)):
        numbers += [nan if value is None else value for value in values]
        return 0
    if kinds == {tuple} and len(sizes := set(map(len, values))) == 1:
        flat = list(chain.from_iterable(zip(*values, strict=True)))
        if set(map(type, flat)) == {float}:
            numbers += flat
            return sizes.pop()
    return list(values)


def _is_nan(value: float | None) -> bool:
    return value is not None and isnan(value)


def _are_one(values: tuple[object, ...]) -> bool:
    """Whether all are the same value, by type and sign too: 0.0 equals -0.0, 0 and False."""
    if all(map(is_, values, repeat(values[0]))):
        return True
    if values[-1] != values[0] or values.count(values[0]) < len(values):
        return False
    return set(map(type, values)) in ({int}, {str}) or len(set(map(repr, values))) == 1


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if type(value) is list else value


def _values(column: Column, count: int, numbers: Iterator[float]) -> Sequence[Any]:
    if column == 0:
        return [None if isnan(value) else value for value in islice(numbers, count)]
    if isinstance(column, int):
        return list(zip(*[list(islice(numbers, count)) for _ in range(column)], strict=True))
    return list(map(_frozen, column)) * (1 if len(column) == count else count)


def _items(kind: type[Any], count: int, columns: Sequence[Column], numbers: Iterator[float]) -> tuple[Any, ...]:
    full = [_values(column, count, numbers) for column in columns]
    return tuple(map(kind, *full)) if full else ()


def encode(document: Document) -> bytes:
    """Equal documents give equal bytes."""
    numbers: list[float] = []
    data = {
        "document": {name: getattr(document, name) for name in _DOCUMENT},
        "notes": [len(document.notes), _columns(document.notes, numbers)],
        "grids": [
            [{name: getattr(grid, name) for name in _GRID}, len(grid.cells), _columns(grid.cells, numbers)]
            for grid in document.grids
        ],
    }
    text = _WRITE(data).encode("utf-8", "surrogatepass")
    packed = text + struct.pack(f"<{len(numbers)}d", *numbers)
    compressed: bytes = _ZSTD.compress(packed, asbytes=True)
    return _HEAD.pack(len(text), len(packed)) + compressed


def decode(data: bytes) -> Document:
    """What `encode` was given, by value."""
    end, size = _HEAD.unpack_from(data)
    packed = _ZSTD.decompress(data[_HEAD.size :], size, asbytes=True)
    read = json.loads(packed[:end].decode("utf-8", "surrogatepass"))
    numbers = iter(struct.unpack(f"<{(len(packed) - end) // 8}d", packed[end:]))
    count, columns = read["notes"]
    notes = _items(Note, count, columns, numbers)
    grids = tuple(
        Grid(_items(Cell, count, columns, numbers), **{name: _frozen(value) for name, value in rest.items()})
        for rest, count, columns in read["grids"]
    )
    rest = {name: _frozen(value) for name, value in read["document"].items()}
    return Document(grids=grids, notes=notes, **rest)

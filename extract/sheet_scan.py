"""The cells of a large worksheet at once: its XML as an array of bytes, parsed for all cells in step.

Only for XML written as the usual programs write it: `<c r="B2" s="1" t="s"><v>7</v></c>`, with shared strings and numbers and
nothing else. Whatever differs gives None, and the sheet is read cell by cell. No value is looked at here, only where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.signedinteger[Any]]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

_BANG, _SLASH, _COLON, _LESS, _MORE, _BLANK, _C = b"!/:<> c"
_NAME_ENDS = (9, 10, 13, _SLASH, _MORE)
_HEAD = 48
"""A cell begins at least so many bytes before the end of a complete worksheet, and its attributes are shorter."""
_STEP = 16_384
"""Cells parsed together: arrays of this length stay in the processor's cache."""

_LINE = re.compile(rb"""<(row|col)(?:\s(?:[^"'>]|"[^"]*"|'[^']*')*)?/?>""")
_SAID = re.compile(rb"""\s(r|min|max|hidden)\s*=\s*["']([^"']*)["']""")


@dataclass(frozen=True, slots=True)
class Scan:
    """Arrays of one length, in the order of the file: 0-based positions, style (-1: none), whether the value is the index
    of a shared string, and where the value stands in the XML (empty: `start == stop`). `index` is that number.
    """

    row: Ints
    col: Ints
    style: Ints
    shared: Bools
    index: Ints
    start: Ints
    stop: Ints


def scan(xml: bytes) -> Scan | None:
    """None where any cell is written in another way, or there is none."""
    text = np.frombuffer(xml, dtype=np.uint8)
    tag = np.flatnonzero(text == _LESS)
    if len(tag) < 8 or tag[-1] + len(b"</worksheet>") > len(text):
        return None
    first, second = text[1:][tag], text[2:][tag]
    colon = np.flatnonzero(text[:-1] == _COLON)
    if (first == _BANG).any() or (text[1:][colon] == _C).any():
        return None
    cells = np.flatnonzero(first == _C)
    behind = second[cells]
    own = cells[behind == _BLANK]
    if np.isin(behind[behind != _BLANK], _NAME_ENDS).any():
        return None
    if not len(own) or own[-1] + 3 >= len(tag) or tag[own[-1]] + _HEAD > len(text):
        return None
    parts = []
    for start in range(0, len(own), _STEP):
        some = own[start : start + _STEP]
        part = _parse(text, tag[some] + 3, tag[some + 2])
        if part is None:
            return None
        parts.append(part)
    return Scan(*map(np.concatenate, zip(*parts, strict=True)))


def _parse(text: Bytes, at: Ints, stop: Ints) -> tuple[Ints, Ints, Ints, Bools, Ints, Ints, Ints] | None:
    """`at`: behind `<c `; `stop`: the second `<` from there, where a value ends."""
    usual = _says(text, at, b'r="')
    col, at = _letters(text, at + 3)
    row, at = _digits(text, at, 7)
    usual &= _says(text, at, b'"') & (col > 0) & (row > 0)
    at = at + 1
    styled = _says(text, at, b' s="')
    style, after = _digits(text, at + 4, 5)
    usual &= ~styled | _says(text, after, b'"')
    at = np.where(styled, after + 1, at)
    shared, number = _says(text, at, b' t="s"'), _says(text, at, b' t="n"')
    at = np.where(shared | number, at + 6, at)
    empty = _says(text, at, b"/>") | _says(text, at, b"></c>")
    valued = _says(text, at, b"><v>") & _says(text, stop, b"</v></c>")
    if not (usual & (empty | valued)).all():
        return None
    start = np.where(valued, at + 4, 0)
    stop = np.where(valued, stop, 0)
    shared &= stop > start
    index, after = _digits(text, start, 8)
    if not (~shared | (after == stop)).all():
        return None
    return row - 1, col - 1, np.where(styled, style, -1), shared, index, start, stop


def _says(text: Bytes, at: Ints, what: bytes) -> Bools:
    """Whether these words (up to eight bytes) stand at the places."""
    mask, wanted = (np.frombuffer(each.ljust(8, b"\0"), "<u8")[0] for each in (b"\xff" * len(what), what))
    words = np.ndarray(len(text) - 7, dtype="<u8", buffer=text, strides=(1,))
    said: Bools = (words[at] & mask) == wanted
    return said


def _behind(text: Bytes, at: Ints, width: int) -> Bytes:
    """The `width` bytes that begin at each place, as `width` arrays: one look at the text instead of one for each byte."""
    windows = np.ndarray(len(text) - width + 1, dtype=f"V{width}", buffer=text, strides=(1,))
    return np.ascontiguousarray(windows[at].view(np.uint8).reshape(-1, width).T)


def _letters(text: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """The number that one to three capital letters write (A is 1), 0 without one, and where they end."""
    return _number(_behind(text, at, 3) - np.uint8(65), 26, 1, at)


def _digits(text: Bytes, at: Ints, most: int) -> tuple[Ints, Ints]:
    """The number that up to `most` digits write, and where they end."""
    return _number(_behind(text, at, most) - np.uint8(48), 10, 0, at)


def _number(symbols: Bytes, base: int, least: int, at: Ints) -> tuple[Ints, Ints]:
    """Symbols below `base` count from `least` on; the first that is not ends the number."""
    value = np.zeros(len(at), dtype=np.int32)
    length = np.zeros(len(at), dtype=np.uint8)
    more = np.ones(len(at), dtype=np.bool_)
    for symbol in symbols:
        more &= symbol < base
        if not more.any():
            break
        np.add(value * base, symbol + least, out=value, where=more, casting="unsafe")
        length += more
    return value, at + length


def lines_of(xml: bytes) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Rows and columns (`row`, `col`) with what says which they are and whether they are hidden. A tree takes 600 bytes a cell."""
    for line in _LINE.finditer(xml):
        said = {name.decode(): value.decode("ascii", "replace") for name, value in _SAID.findall(line[0])}
        yield line[1].decode(), said

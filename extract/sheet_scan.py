"""The cells of a large worksheet at once: its XML as an array of bytes, parsed for all cells in step.

Only for XML written as the usual programs write it: `<c r="B2" s="1" t="s"><v>7</v></c>`, with shared strings and numbers and
nothing else. Whatever differs gives None, and the sheet is read cell by cell. No value is looked at here, only where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

_QUOTE, _SLASH, _LESS, _EQUALS, _MORE, _BLANK = b'"/<=> '
_C, _N, _R, _S, _T, _V = b"cnrstv"
_HEAD = 48
"""A cell begins at least so many bytes before the end of a complete worksheet, and its attributes are shorter."""


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
    if len(tag) < 8 or tag[-1] + 4 > len(text):
        return None
    first, second = text[tag + 1], text[tag + 2]
    named_c = first == _C
    if (named_c & np.isin(second, (9, 10, 13, _SLASH, _MORE))).any() or b":c " in xml:
        return None
    own = np.flatnonzero(named_c & (second == _BLANK))
    if not len(own) or own[-1] + 3 >= len(tag) or tag[own[-1]] + _HEAD > len(text):
        return None
    return _parse(text, tag, first, second, own)


def _parse(text: Bytes, tag: Ints, first: Bytes, second: Bytes, own: Ints) -> Scan | None:
    at = tag[own] + 3
    usual = (text[at] == _R) & (text[at + 1] == _EQUALS) & (text[at + 2] == _QUOTE)
    col, at = _letters(text, at + 3)
    row, at = _digits(text, at, 7)
    usual &= (text[at] == _QUOTE) & (col > 0) & (row > 0)
    at = at + 1
    styled = (text[at] == _BLANK) & (text[at + 1] == _S) & (text[at + 2] == _EQUALS)
    style, after = _digits(text, at + 4, 5)
    usual &= ~styled | (text[after] == _QUOTE)
    at = np.where(styled, after + 1, at)
    typed = (text[at] == _BLANK) & (text[at + 1] == _T) & (text[at + 2] == _EQUALS)
    kind = text[at + 4]
    usual &= ~typed | (((kind == _S) | (kind == _N)) & (text[at + 5] == _QUOTE))
    at = np.where(typed, at + 6, at)
    closed = (text[at] == _SLASH) & (text[at + 1] == _MORE)
    ended = (text[at] == _MORE) & (tag[own + 1] == at + 1)
    empty = closed | (ended & (first[own + 1] == _SLASH) & (second[own + 1] == _C))
    valued = ended & (first[own + 1] == _V) & (second[own + 1] == _MORE)
    valued &= (
        (first[own + 2] == _SLASH) & (second[own + 2] == _V) & (first[own + 3] == _SLASH) & (second[own + 3] == _C)
    )
    if not (usual & (empty | valued)).all():
        return None
    start = np.where(valued, tag[own + 1] + 3, 0)
    stop = np.where(valued, tag[own + 2], 0)
    shared = typed & (kind == _S) & (stop > start)
    index, after = _digits(text, np.where(shared, start, 0), 8)
    if not (~shared | (after == stop)).all():
        return None
    return Scan(row - 1, col - 1, np.where(styled, style, -1), shared, index, start, stop)


def _letters(text: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """The number that one to three capital letters write (A is 1), 0 without one, and where they end."""
    value = np.zeros(len(at), dtype=np.int64)
    for _ in range(3):
        letter = text[at]
        more = (letter >= 65) & (letter <= 90)
        if not more.any():
            break
        value = np.where(more, value * 26 + letter - 64, value)
        at = at + more
    return value, at


def _digits(text: Bytes, at: Ints, most: int) -> tuple[Ints, Ints]:
    """The number that up to `most` digits write, and where they end."""
    value = np.zeros(len(at), dtype=np.int64)
    for _ in range(most):
        digit = text[at]
        more = (digit >= 48) & (digit <= 57)
        if not more.any():
            break
        value = np.where(more, value * 10 + digit - 48, value)
        at = at + more
    return value, at

"""The records of old Excel workbooks (MS-XLS; BIFF8 and, from Excel 5 and 95, BIFF5): where in the stream they stand.

A record is its kind, its length and its body; where one begins is known only from the one before it. A sheet has a million
of them, so most are found together: places where the head of a cell might stand are compared in bulk, and where one ends
exactly at the next, a whole run of them is certain as soon as its first is reached. Everything else is walked one by one.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from typing import Any

import numpy as np
import numpy.typing as npt

BOF, EOF, CONTINUE = 0x809, 0x0A, 0x3C
ROW, COLUMNS, MERGES = 0x208, 0x7D, 0xE5
SHARED, NUMBER, RK, MULTIPLE_RK, FORMULA, BOOLEAN = 0xFD, 0x203, 0x27E, 0xBD, 0x06, 0x205
LABEL, RICH_LABEL, STRING = 0x204, 0xD6, 0x207
_BLANK, _BLANKS, _ROW_ENDS = 0x201, 0xBE, 0xD7
_FIXED = {SHARED: 10, NUMBER: 14, RK: 10, BOOLEAN: 8, _BLANK: 6, ROW: 16}
"""Lengths of what most records of a sheet are."""
_VARIABLE = (FORMULA, STRING, LABEL, MULTIPLE_RK, _BLANKS, _ROW_ENDS)
_FIELDS = {
    **{"kind": ("<u2", 0), "length": ("<u2", 2), "row": ("<u2", 4), "col": ("<u2", 6), "style": ("<u2", 8)},
    **{"whole": ("<u4", 10), "double": ("<f8", 10), "flags": ("<u2", 16)},
}
RECORD = np.dtype({
    "names": list(_FIELDS),
    "formats": [kind for kind, _ in _FIELDS.values()],
    "offsets": [offset for _, offset in _FIELDS.values()],
    "itemsize": 18,
})  # fmt: skip
"""The first bytes of a record; which of the overlapping fields it has, depends on its kind."""
_HEAD = struct.Struct("<HH").unpack_from
_LENGTHS = np.zeros(0x10000, dtype=np.uint16)
_LENGTHS[list(_FIXED)] = list(_FIXED.values())
_OF_CELLS = np.zeros(0x10000, dtype=np.bool_)
_OF_CELLS[[*_FIXED, *_VARIABLE]] = True
_STEP = 1 << 16
"""Numbers compared together: arrays of this length stay in the processor's cache."""
Ints = npt.NDArray[np.int64]


class Records:
    """The records of one stream, by the places where they begin."""

    def __init__(self, stream: bytes) -> None:
        self.stream = stream
        padded = stream + bytes(RECORD.itemsize)
        self._windows: Any = np.ndarray(len(stream), dtype=f"V{RECORD.itemsize}", buffer=padded, strides=(1,))
        self._heads, self._ends = _likely(stream)
        breaks = np.flatnonzero(self._heads[1:] != self._ends[:-1]) + 1
        self._runs: list[int] = [0, *breaks.tolist(), len(self._heads)]
        self._begins: list[int] = self._heads[self._runs[:-1]].tolist() if len(self._heads) else []

    def heads(self, at: Ints) -> tuple[Ints, Ints]:
        """Kinds and lengths of the records at these places."""
        return _heads(self.stream, at)

    def read(self, at: Ints) -> Any:
        """Array of `RECORD`: what stands at these places; zeros behind the end of the stream."""
        return self._windows[at].view(RECORD)

    def head(self, at: int) -> tuple[int, int]:
        """Kind and length."""
        return _HEAD(self.stream, at)

    def body(self, at: int) -> bytes:
        return self.stream[at + 4 : at + 4 + self.head(at)[1]]

    def bodies(self, at: int) -> list[bytes]:
        """The body of a record and those of the CONTINUE records behind it."""
        found = [self.body(at)]
        while (at := at + 4 + len(found[-1])) <= len(self.stream) - 4 and self.head(at)[0] == CONTINUE:
            found.append(self.body(at))
        return found

    def places(self, start: int) -> Ints:
        """Where the records of the substream at `start` stand, without its BOF, its EOF and the charts inside of it.

        Raises ValueError where it does not begin with BOF, or runs over the end of the stream.
        """
        last = len(self.stream) - 4
        found: list[Ints | list[int]] = []
        at, depth = start, 0
        while at <= last:
            if depth == 1 and len(run := self._run(at)):
                found.append(self._heads[run.start : run.stop])
                at = int(self._ends[run.stop - 1])
                continue
            kind, length = _HEAD(self.stream, at)
            if kind == BOF:
                depth += 1
            elif depth == 0:
                break
            elif kind == EOF:
                depth -= 1
                if depth == 0:
                    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
            elif depth == 1:
                found.append([at])
            at += 4 + length
        raise ValueError("a substream without begin or end")

    def _run(self, at: int) -> range:
        """Indexes of the likely heads from this place on that follow each other without a gap."""
        which = bisect_right(self._begins, at) - 1
        if which < 0:
            return range(0)
        first, last = self._runs[which], self._runs[which + 1]
        if self._begins[which] != at:
            first += int(np.searchsorted(self._heads[first:last], at))
        return range(first, last) if first < last and self._heads[first] == at else range(0)


def _likely(stream: bytes) -> tuple[Ints, Ints]:
    """Where the heads of records with cells might stand, ascending, and where these records end."""
    heads, tails = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(stream), _STEP):
        part = stream[start : start + _STEP + 3]
        halves = (np.frombuffer(part, "<u2", (len(part) - odd) // 2, odd) for odd in (0, 1))
        found = [2 * np.flatnonzero(_OF_CELLS.take(each)) + odd for odd, each in enumerate(halves)]
        at = np.sort(np.concatenate(found))
        at = at[: np.searchsorted(at, len(part) - 4, "right")]
        kind, length = _heads(part, at)
        ends, wanted = at + 4 + length, _LENGTHS.take(kind)
        kept = (wanted == length) | (wanted == 0)
        doubtful = np.flatnonzero(kept & (wanted == 0))  # inside of records are many small numbers
        behind = at.take(np.searchsorted(at, ends[doubtful]), mode="clip") if len(doubtful) else doubtful
        kept[doubtful] = behind == ends[doubtful]
        heads.append(at[kept] + start)
        tails.append(ends[kept] + start)
    return np.concatenate(heads), np.concatenate(tails)


def _heads(stream: bytes, at: Ints) -> tuple[Ints, Ints]:
    """Kinds and lengths of the records at these places."""
    words: Any = np.ndarray(max(len(stream) - 3, 0), dtype="<u4", buffer=stream, strides=(1,))
    halves = words[at].view("<u2")
    return halves[::2], halves[1::2]

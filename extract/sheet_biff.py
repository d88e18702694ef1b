"""The records of old Excel workbooks (MS-XLS; BIFF8 and, from Excel 5 and 95, BIFF5): where they stand, and what they say
of the whole workbook.

A record is its kind, its length and its body; where one begins is known only from the one before it. A sheet has a million
of them, so most are found together: places where the head of a cell might stand are compared in bulk, and where one ends
exactly at the next, a whole run of them is certain as soon as its first is reached. Everything else is walked one by one.
"""

from __future__ import annotations

import codecs
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from yusuan.extract.sheet_format import BUILTIN, Formatter, formatter
from yusuan.extract.sheet_grid import plain
from yusuan.extract.sheet_struck import strike

BOF, EOF, CONTINUE = 0x809, 0x0A, 0x3C
ROW, COLUMNS, MERGES = 0x208, 0x7D, 0xE5
SHARED, NUMBER, RK, MULTIPLE_RK, FORMULA, BOOLEAN = 0xFD, 0x203, 0x27E, 0xBD, 0x06, 0x205
LABEL, RICH_LABEL, STRING = 0x204, 0xD6, 0x207
_FONT, _FORMAT, _STYLE, _SHEET, _STRINGS, _DATES, _CODE_PAGE, _PASSWORD = (
    0x31,
    0x41E,
    0xE0,
    0x85,
    0xFC,
    0x22,
    0x42,
    0x2F,
)
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
_DECODE = (codecs.latin_1_decode, codecs.utf_16_le_decode)
_HEAD = struct.Struct("<HH").unpack_from
_STRING_HEAD = struct.Struct("<HB").unpack_from
_LENGTHS = np.zeros(0x10000, dtype=np.uint16)
_LENGTHS[list(_FIXED)] = list(_FIXED.values())
_OF_CELLS = np.zeros(0x10000, dtype=np.bool_)
_OF_CELLS[[*_FIXED, *_VARIABLE]] = True
_CROSSED_OUT, _NO_FONT = 8, 4
"""A font's mark, and the number that none has."""
_STEP = 1 << 16
"""Numbers compared together: arrays of this length stay in the processor's cache."""
_BIFF5 = 0x500
_CODE_PAGES = {
    936: "gb18030",
    10008: "gb18030",
    10000: "mac-roman",
    32768: "mac-roman",
    32769: "cp1252",
    65001: "utf-8",
}

Ints = npt.NDArray[np.int64]


class EncryptedError(ValueError):
    """The workbook asks for a password to open."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A worksheet: where its records begin in the stream."""

    name: str
    hidden: bool
    start: int


@dataclass(slots=True)
class Book:
    """What holds for all sheets: for each style the function that shows a number, the shared strings, the sheets."""

    records: Records
    encoding: str | None = None
    """Of texts in BIFF5; None in BIFF8, whose texts are Unicode."""
    show: list[Formatter] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    struck_fonts: set[int] = field(default_factory=set)
    struck_styles: list[int] = field(default_factory=list)
    """Fonts that cross out, styles of cells with one, and the shared strings in such a cell."""
    struck_strings: list[str] = field(default_factory=list)
    tabs: list[Tab] = field(default_factory=list)

    def text(self, bodies: Sequence[bytes]) -> str:
        """The text that begins with a record's body and goes on in those of its CONTINUE records."""
        if self.encoding is None:
            return next(_unicode(bodies), "")
        length = struct.unpack_from("<H", bodies[0])[0]
        return b"".join(bodies)[2 : 2 + length].decode(self.encoding, "replace")


def read_book(stream: bytes) -> Book:
    """Raises EncryptedError, and ValueError, IndexError or struct.error for a damaged workbook."""
    records = Records(stream)
    book = Book(records)
    codes = {number: code for number, code in BUILTIN.items() if number < 164}
    styles: list[int] = []
    epoch_1904, fonts = False, 0
    if struct.unpack_from("<H", stream, 4)[0] == _BIFF5:
        book.encoding = "gb18030"
    wide = book.encoding is None
    for at in records.places(0).tolist():
        kind, body = records.head(at)[0], records.body(at)
        if kind == _PASSWORD:
            raise EncryptedError
        if kind == _CODE_PAGE and not wide:
            page = struct.unpack("<H", body)[0]
            book.encoding = _CODE_PAGES.get(page, f"cp{page}")
        elif kind == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = book.text([body[2:] if wide else _longer(body[2:])])
        elif kind == _FONT:
            fonts += fonts == _NO_FONT
            if body[2] & _CROSSED_OUT:
                book.struck_fonts.add(fonts)
            fonts += 1
        elif kind == _STYLE:
            if book.struck_fonts and struct.unpack_from("<H", body)[0] in book.struck_fonts:
                book.struck_styles.append(len(styles))
            styles.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _DATES:
            epoch_1904 = body[:1] == b"\1"
        elif kind == _STRINGS:
            first, *more = records.bodies(at)
            if book.struck_fonts:
                _read_struck(book, [first[8:], *more])
            else:
                book.strings = list(map(plain, _unicode([first[8:], *more])))
        elif kind == _SHEET and body[5] == 0:  # else a chart, a macro sheet or a module
            name = book.text([_longer(body[6:])]).replace("\0", "")
            book.tabs.append(Tab(name, body[4] & 3 != 0, struct.unpack_from("<I", body)[0]))
    if len({tab.start for tab in book.tabs}) < len(book.tabs):
        raise ValueError("two sheets at one place")
    made = {number: formatter(codes.get(number) or "General", epoch_1904) for number in set(styles)}
    book.show = [made[number] for number in styles]
    return book


def _longer(body: bytes) -> bytes:
    """A text with a length of one byte as one with a length of two."""
    return body[:1] + b"\0" + body[1:]


def _read_struck(book: Book, bodies: Sequence[bytes]) -> None:
    """The shared strings with the letters marked that their runs of fonts cross out. Before its first run, a string has the
    font of its cell.
    """
    found: list[bytes] = []
    for text in _unicode(bodies, found):
        runs = list(struct.iter_unpack("<2H", found.pop() if found else b""))
        ends = [*(begin for begin, _ in runs[1:]), len(text)]
        head = text[: runs[0][0]] if runs else text
        rest = [
            strike(text[begin:end]) if font in book.struck_fonts else text[begin:end]
            for (begin, font), end in zip(runs, ends, strict=False)
        ]
        book.strings.append(plain("".join([head, *rest])))
        book.struck_strings.append(plain("".join([strike(head), *rest])))


def _unicode(bodies: Sequence[bytes], found: list[bytes] | None = None) -> Iterator[str]:
    """Strings one behind the other (XLUnicodeRichExtendedString). What goes on in the next body begins there with the width
    of its letters again; the data of rich text and of phonetic guides, which follow a string, do not.

    `found` gets the data of a rich text just before its string is given.
    """
    rest = iter(bodies)
    body, at = next(rest), 0
    while True:
        while at >= len(body):
            at -= len(body)
            following = next(rest, None)
            if following is None:
                if at:
                    raise ValueError("the data behind a string are cut")
                return
            body = following
        count, flags = _STRING_HEAD(body, at)
        at += 3
        behind = runs = 0
        if flags & 8:
            behind = runs = 4 * struct.unpack_from("<H", body, at)[0]
            at += 2
        if flags & 4:
            behind += struct.unpack_from("<I", body, at)[0]
            at += 4
        wide = flags & 1
        end = at + (count << wide)
        if end <= len(body):
            if runs and found is not None:
                data, rest = _data(body[end : end + runs], runs, rest)
                found.append(data)
            yield _DECODE[wide](body[at:end], "replace")[0]
            at = end + behind
            continue
        letters = bytearray()
        while True:
            piece = body[at : at + (count << wide)]
            letters += piece if wide else piece.decode("latin-1").encode("utf-16-le")
            count -= len(piece) >> wide
            if not count:
                break
            body, at = next(rest, b""), 1
            if not body:
                raise ValueError("a string is cut")
            wide = body[0] & 1
        if runs and found is not None:
            data, rest = _data(body[at + len(piece) :], runs, rest)
            found.append(data)
        yield letters.decode("utf-16-le", "replace")
        at += len(piece) + behind


def _data(begin: bytes, length: int, rest: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """So many bytes, of which the last may stand in the next bodies; and these bodies."""
    if len(begin) < length:
        following = list(rest)
        begin, rest = begin + b"".join(following[: 1 + length // 8000]), iter(following)
    return begin[:length], rest


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

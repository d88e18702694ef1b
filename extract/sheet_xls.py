"""Old Excel workbooks (.xls, and .et of WPS, which is the same; Excel 5 to 2003) → grids, with numbers as shown.

The cells of a sheet are read by thousands, as arrays: the record of each has its row, its column and its style at the same
places. python-calamine is the second reader in the tests; it knows no number formats.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt

from yusuan.extract import sheet_biff as biff
from yusuan.extract.compound import compound_stream
from yusuan.extract.grid import Document, Note, encrypted
from yusuan.extract.package import corrupt
from yusuan.extract.sheet_biff import Ints
from yusuan.extract.sheet_flat import Sheet, plain
from yusuan.extract.sheet_format import Formatter, general
from yusuan.extract.sheet_grid import document_of
from yusuan.extract.sheet_struck import strike
from yusuan.extract.sheet_xls_book import Book, EncryptedError, read_book

_LAYOUT, _SHARED, _NUMBER, _SINGLE = 1, 2, 3, 4
"""How a record is read: it tells of merged cells or columns; or it is a cell, whose text is one of the workbook's, or which
is a number, or is looked at alone.
"""
_ROLES = np.zeros(1 << 16, dtype=np.uint8)
_ROLES[[biff.MERGES, biff.COLUMNS]] = _LAYOUT
_ROLES[biff.SHARED] = _SHARED
_ROLES[[biff.NUMBER, biff.RK, biff.MULTIPLE_RK, biff.FORMULA]] = _NUMBER
_ROLES[[biff.LABEL, biff.RICH_LABEL, biff.STRING, biff.BOOLEAN]] = _SINGLE
_LEAST = np.zeros(1 << 16, dtype=np.uint16)
_LEAST[[biff.SHARED, biff.NUMBER, biff.RK, biff.MULTIPLE_RK, biff.FORMULA, biff.BOOLEAN]] = 10, 14, 10, 12, 20, 8
_LEAST[[biff.LABEL, biff.RICH_LABEL, biff.STRING, biff.ROW, biff.COLUMNS, biff.MERGES]] = 8, 8, 2, 14, 10, 2
"""Shorter records are damage."""
_NO_NUMBER = 0xFFFF
"""In the last bytes of a formula's result: it is a text (which follows as STRING), a boolean, an error or nothing."""
_BOOLEAN, _ERROR = 1, 2
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x20, 1
_SHIFT = 20
_COLUMN = (1 << _SHIFT) - 1
"""A cell's place in the sheet: its row, and in these bits its column."""
_STEP = 1 << 15
"""Records read together: arrays of this length stay in the processor's cache."""

Roles = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


def read_xls(data: bytes) -> Document:
    """All sheets with cells, hidden ones marked. Raises UnreadableError: `corrupt`, `encrypted`."""
    stream = compound_stream(data, ("Workbook", "Book"))
    if stream is None:
        raise corrupt("里面没有完整的工作簿")
    sheets: list[Sheet] = []
    notes: list[Note] = []
    try:
        book = read_book(stream)
        for page, tab in enumerate(book.tabs, 1):
            sheets.append(Sheet(tab.name, tab.hidden, struck=bool(book.struck_fonts)))
            if lost := _fill(sheets[-1], book, tab.start):
                message = (
                    f"工作表“{tab.name}”有 {lost} 个单元格的文字在文件里缺失，读作空白：请用 Excel 或 WPS 打开核对。"
                )
                notes.append(Note("unread-part", message, page=page))
    except EncryptedError as error:
        raise encrypted("表格文件") from error
    except (struct.error, IndexError, ValueError, LookupError) as error:
        raise corrupt(f"工作簿无法读取（{error}）") from error
    return document_of("xls", sheets, notes)


def _fill(sheet: Sheet, book: Book, start: int) -> int:
    """Reads cells, merged ranges and what is hidden; gives how many cells point to a text that is not in the file."""
    at = book.records.places(start)
    reader = _Reader(sheet, book)
    parts = [reader.part(at[begin : begin + _STEP]) for begin in range(0, len(at), _STEP)]
    places, texts = np.concatenate([*parts, at[:0]]), reader.texts
    if (places[1:] <= places[:-1]).any():  # else in the order of the sheet, as all programs write them
        last = {place: index for index, place in enumerate(places.tolist())}
        places, texts = places[list(last.values())], [texts[index] for index in last.values()]
    sheet.add(places >> _SHIFT, places & _COLUMN, texts)
    return reader.lost


class _Reader:
    """Reads the records of one sheet, some thousands at a time."""

    def __init__(self, sheet: Sheet, book: Book) -> None:
        self.sheet, self.book, self.records = sheet, book, book.records
        self.texts: list[str] = []
        self.lost = 0
        self._strings = np.array([*book.strings, ""], dtype=object)
        self._shown = defaultdict(lambda: _Shown(general), enumerate(map(_Shown, book.show)))
        self._formula = np.int64(-1)
        """Place in the sheet of the last formula: the text that it gave comes behind it."""

    def part(self, at: Ints) -> Ints:
        """Adds the texts of the cells among these records, blank ones left out; gives their places in the sheet."""
        kind, length = self.records.heads(at)
        if (length < _LEAST.take(kind)).any():
            raise ValueError("a record is too short")
        role = _ROLES.take(kind)
        self._layout(at[kind == biff.ROW], at[role == _LAYOUT])
        cells = np.flatnonzero(role > _LAYOUT)
        at, kind, length, role = at[cells], kind[cells], length[cells], role[cells]
        read = self.records.read(at)
        places: Ints = (read["row"].astype(np.int64) << _SHIFT) + read["col"]
        formulas, results = np.flatnonzero(kind == biff.FORMULA), np.flatnonzero(kind == biff.STRING)
        role[formulas[read["flags"][formulas] == _NO_NUMBER]] = _SINGLE
        owners = np.append(self._formula, places[formulas])
        places[results] = owners[np.searchsorted(formulas, results)]
        if (places < 0).any():
            raise ValueError("the text of a formula without a formula")
        self._formula = owners[-1]
        if (several := kind == biff.MULTIPLE_RK).any():
            count = np.where(several, (length.astype(np.int64) - 6) // 6, 1)
            nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            at, places = np.repeat(at, count) + 6 * nth, np.repeat(places, count) + nth
            kind, role = np.repeat(kind, count), np.repeat(role, count)
            read = self.records.read(at)  # style and number of each stand as in a record of its own
        texts = self._texts_of(at, kind, role, read)
        filled = texts.astype(np.bool_)
        if not filled.all():
            places, texts = places[filled], texts[filled]
        self.texts += texts.tolist()
        return places

    def _layout(self, rows: Ints, others: Ints) -> None:
        sheet, lines = self.sheet, self.records.read(rows)
        hidden = lines["row"][(lines["flags"] & _HIDDEN_ROW) != 0].tolist()
        sheet.hidden_rows += zip(hidden, hidden, strict=True)
        for at in others.tolist():
            body = self.records.body(at)
            if self.records.head(at)[0] == biff.MERGES:
                ranges = struct.iter_unpack("<4H", body[2 : 2 + (len(body) - 2) // 8 * 8])
                sheet.merges += [(r0, c0, r1, c1) for r0, r1, c0, c1 in ranges]
            elif body[8] & _HIDDEN_COLUMN:
                sheet.hidden_cols.append(struct.unpack_from("<2H", body))

    def _texts_of(self, at: Ints, kind: Ints, role: Roles, read: Any) -> Any:
        shared, numeric = role == _SHARED, np.flatnonzero(role == _NUMBER)
        none = len(self._strings) - 1
        told = np.where(shared, read["whole"], none)
        self.lost += int((shared & (told >= none)).sum())
        texts = self._strings.take(told, mode="clip")
        styles, values = read["style"][numeric], _values(kind, read, numeric)
        for style in np.flatnonzero(np.bincount(styles)).tolist():
            own = np.flatnonzero(styles == style)
            distinct, which = np.unique(values[own], return_inverse=True)
            texts[numeric[own]] = np.array([*map(self._shown[style].__getitem__, distinct.tolist())], dtype=object)[
                which
            ]
        for each in np.flatnonzero(role == _SINGLE).tolist():
            texts[each] = _single(self.book, int(kind[each]), int(at[each]))
        if self.book.struck_styles:
            crossed_out = np.isin(read["style"], self.book.struck_styles) & (kind != biff.STRING)
            for each in np.flatnonzero(crossed_out).tolist():
                known = int(told[each])
                texts[each] = self.book.struck_strings[known] if known < none else strike(texts[each])
        return texts


class _Shown(dict[float, str]):
    """Numbers of one format → as they are shown. Weights and rates repeat."""

    def __init__(self, show: Formatter) -> None:
        self.show = show

    def __missing__(self, value: float) -> str:
        text = self[value] = self.show(repr(value))
        return text


def _values(kind: Ints, read: Any, which: Ints) -> Floats:
    """Doubles, and numbers of 30 bits (RK): integers or heads of doubles, perhaps in hundredths."""
    raw = read["whole"][which]
    integer = (raw.astype(np.int32) >> 2).astype(np.float64)
    head = ((raw & 0xFFFFFFFC).astype(np.uint64) << 32).view(np.float64)
    values: Floats = np.where(raw & 2, integer, head)
    with np.errstate(all="ignore"):
        values = np.where(raw & 1, values / 100, values)
    doubles = np.flatnonzero((kind[which] == biff.NUMBER) | (kind[which] == biff.FORMULA))
    values[doubles] = read["double"][which[doubles]]
    return values + 0.0  # no -0.0


def _single(book: Book, kind: int, at: int) -> str:
    first, *more = book.records.bodies(at)
    if kind == biff.BOOLEAN:
        return _logical(first[6], first[7] + _BOOLEAN)
    if kind == biff.FORMULA:
        return _logical(first[8], first[6])
    return plain(book.text([first if kind == biff.STRING else first[6:], *more]))


def _logical(value: int, what: int) -> str:
    if what == _BOOLEAN:
        return "TRUE" if value else "FALSE"
    return _ERRORS.get(value, "#VALUE!") if what == _ERROR else ""

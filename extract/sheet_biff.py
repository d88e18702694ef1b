"""What python-calamine does not tell about an old Excel file (.xls): the number format of each cell.

The compound file (MS-CFB) is opened, the records of BIFF8 (MS-XLS) that hold numbers are walked, and each number is given
as its format shows it. Nothing here raises on a damaged file: what is not found stays as calamine reads it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from yusuan.extract.sheet_format import BUILTIN, Formatter, formatter, general

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA
"""Sector numbers from here on are marks (end of chain, free …)."""
_MINI_STREAM = 4096
_BOF, _EOF, _SHEET, _FORMAT, _STYLE = 0x809, 0x0A, 0x85, 0x41E, 0xE0
_ROW, _COLUMNS = 0x208, 0x7D
_NUMBER, _RK, _MULTIPLE_RK, _FORMULA, _DATES, _PASSWORD = 0x203, 0x27E, 0xBD, 0x06, 0x22, 0x2F
_IN_BOOK = frozenset([_FORMAT, _STYLE, _SHEET, _DATES])
_IN_SHEET = frozenset([_NUMBER, _RK, _MULTIPLE_RK, _FORMULA, _ROW, _COLUMNS])
_BIFF8 = 0x600

Numbers = dict[tuple[int, int], str]


@dataclass(slots=True)
class Records:
    """What the records of one sheet tell: numbers as shown by row and column; rows and columns that are hidden."""

    numbers: Numbers = field(default_factory=dict)
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_cols: list[tuple[int, int]] = field(default_factory=list)


def compound_stream(data: bytes, names: tuple[str, ...]) -> bytes | None:
    """The first stream of one of these names (in this order); None if the compound file is damaged or has none."""
    try:
        return _Compound(data).stream(names)
    except (struct.error, IndexError, ValueError, UnicodeDecodeError):
        return None


class _Compound:
    def __init__(self, data: bytes) -> None:
        if not data.startswith(_SIGNATURE):
            raise ValueError
        self.data = data
        self.size = 1 << struct.unpack_from("<H", data, 30)[0]
        if self.size not in (512, 4096):
            raise ValueError
        count, first = struct.unpack_from("<I", data, 44)[0], struct.unpack_from("<I", data, 48)[0]
        mini_first, difat, difat_count = struct.unpack_from("<I", data, 60)[0], *struct.unpack_from("<II", data, 68)
        sectors = list(struct.unpack_from("<109I", data, 76))
        for _ in range(min(difat_count, len(data) // self.size)):
            if difat >= _END:
                break
            entries = struct.unpack(f"<{self.size // 4}I", self.sector(difat))
            sectors += entries[:-1]
            difat = entries[-1]
        used = [sector for sector in sectors[: max(count, 109)] if sector < _END]
        table = b"".join(map(self.sector, used))
        self.fat = struct.unpack(f"<{len(table) // 4}I", table)
        self.directory = self.chain(first)
        mini = self.chain(mini_first) if mini_first < _END else b""
        self.mini_fat = struct.unpack(f"<{len(mini) // 4}I", mini)

    def sector(self, number: int) -> bytes:
        return self.data[(number + 1) * self.size : (number + 2) * self.size].ljust(self.size, b"\0")

    def chain(self, number: int) -> bytes:
        parts: list[bytes] = []
        while number < _END and len(parts) <= len(self.fat):
            parts.append(self.sector(number))
            number = self.fat[number]
        return b"".join(parts)

    def stream(self, names: tuple[str, ...]) -> bytes | None:
        entries: dict[str, tuple[int, int]] = {}
        root = 0
        for at in range(0, len(self.directory) - 127, 128):
            length, kind = struct.unpack_from("<HB", self.directory, at + 64)
            first, size = struct.unpack_from("<II", self.directory, at + 116)
            if kind == 5:
                root = first
            elif kind == 2 and 2 <= length <= 64:
                entries.setdefault(self.directory[at : at + length - 2].decode("utf-16-le"), (first, size))
        for name in names:
            if name in entries:
                first, size = entries[name]
                return self.chain(first)[:size] if size >= _MINI_STREAM else self._mini(root, first)[:size]
        return None

    def _mini(self, root: int, number: int) -> bytes:
        container = self.chain(root)
        parts: list[bytes] = []
        while number < _END and len(parts) <= len(self.mini_fat):
            parts.append(container[number * 64 : number * 64 + 64])
            number = self.mini_fat[number]
        return b"".join(parts)


def is_encrypted(stream: bytes) -> bool:
    """Whether the workbook asks for a password to open (FILEPASS)."""
    return any(True for _ in _records(stream, 0, frozenset([_PASSWORD])))


def sheet_records(stream: bytes) -> list[Records]:
    """For each sheet in the order of the workbook. Empty for other than BIFF8."""
    try:
        if len(stream) < 8 or struct.unpack_from("<HHH", stream, 0)[::2] != (_BOF, _BIFF8):
            return []
        return _read(stream)
    except (struct.error, IndexError, ValueError):
        return []


def _records(stream: bytes, at: int, wanted: frozenset[int]) -> Iterator[tuple[int, bytes]]:
    """Wanted records up to the end of the substream that begins at `at`; charts inside of it are passed over."""
    depth = 0
    head, last = struct.Struct("<HH").unpack_from, len(stream) - 4
    while at <= last:
        kind, length = head(stream, at)
        if kind in wanted:
            if depth == 1:
                yield kind, stream[at + 4 : at + 4 + length]
        elif kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        at += 4 + length


def _read(stream: bytes) -> list[Records]:
    codes = {number: code for number, code in BUILTIN.items() if number < 164}
    styles: list[int] = []
    sheets: list[int] = []
    epoch_1904 = False
    for kind, body in _records(stream, 0, _IN_BOOK):
        if kind == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = _text(body[2:])
        elif kind == _STYLE:
            styles.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _SHEET:
            sheets.append(struct.unpack_from("<I", body)[0])
        elif kind == _DATES:
            epoch_1904 = body[:1] == b"\1"
    made = {number: formatter(codes.get(number) or "General", epoch_1904) for number in set(styles)}
    show = [made[number] for number in styles]
    return [_read_sheet(stream, start, show) for start in sheets]


def _text(body: bytes) -> str:
    """A unicode string with a count of two bytes, without rich text (formats have none)."""
    count, flags = struct.unpack_from("<HB", body)
    return body[3 : 3 + 2 * count].decode("utf-16-le") if flags & 1 else body[3 : 3 + count].decode("latin-1")


def _read_sheet(stream: bytes, start: int, show: list[Formatter]) -> Records:
    records = Records()
    numbers = records.numbers

    made: dict[tuple[int, float], str] = {}  # weights and rates repeat

    def put(row: int, col: int, style: int, value: float) -> None:
        text = made.get((style, value))
        if text is None:
            text = made[style, value] = (show[style] if style < len(show) else general)(repr(value))
        numbers[row, col] = text

    for kind, body in _records(stream, start, _IN_SHEET):
        if kind == _NUMBER:
            put(*struct.unpack_from("<HHHd", body))
        elif kind == _RK:
            row, col, style, raw = struct.unpack_from("<HHHI", body)
            put(row, col, style, _rk(raw))
        elif kind == _MULTIPLE_RK:
            row, first = struct.unpack_from("<HH", body)
            for index in range((len(body) - 6) // 6):
                style, raw = struct.unpack_from("<HI", body, 4 + 6 * index)
                put(row, first + index, style, _rk(raw))
        elif kind == _FORMULA and body[12:14] != b"\xff\xff":  # else the result is a text, a boolean or an error
            put(*struct.unpack_from("<HHHd", body))
        elif kind == _ROW and body[12] & 0x20:
            row = struct.unpack_from("<H", body)[0]
            records.hidden_rows.append((row, row))
        elif kind == _COLUMNS and body[8] & 1:
            records.hidden_cols.append(struct.unpack_from("<HH", body))
    return records


def _rk(raw: int) -> float:
    """A number of 30 bits: an integer or the head of a double, perhaps in hundredths."""
    if raw & 2:
        value = float((raw >> 2) - ((raw >> 31) << 30))
    else:
        value = float(struct.unpack("<d", struct.pack("<Q", (raw & 0xFFFFFFFC) << 32))[0])
    return value / 100 if raw & 1 else value

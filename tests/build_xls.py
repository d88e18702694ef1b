"""Grid notation → old Excel workbooks (.xls): BIFF8, or BIFF5 as Excel 95 wrote it, in a compound file."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.build_sheet import Number, Tab, rows_of, tabs_of

LONGEST = 8224
"""Bytes of the longest body of a record."""


@dataclass(frozen=True)
class Rich:
    """A shared string with so many runs of rich text and so many bytes of phonetic guides behind it."""

    text: str
    runs: int = 0
    phonetic: int = 0
    fonts: tuple[tuple[int, int], ...] = ()
    """What the runs say: from which letter on, which font; `runs` is their number."""


def build_xls(tabs: str | Iterable[Tab], *, filepass: bool = False, excel_95: bool = False) -> bytes:
    """Excel 95 has no merged cells and no Unicode: its texts are GBK."""
    tabs = tabs_of(tabs) if isinstance(tabs, str) else list(tabs)
    strings: dict[str, int] = {}
    codes: dict[str, int] = {"General": 0}
    for tab in tabs:
        for value in tab.values.values():
            if isinstance(value, Number):
                codes.setdefault(value.code, len(codes))
    head = record(0x2F, struct.pack("<HHH", 0, 1, 1)) if filepass else b""
    head += record(0x42, struct.pack("<H", 936 if excel_95 else 1200))
    font = struct.pack("<HHHHHBBBB", 220, 0, 0x7FFF, 400, 0, 0, 2, 134, 0) + _text("宋体", excel_95)
    head += record(0x31, font) * 5
    for code, index in codes.items():
        if index:
            own = _text(code, excel_95) if excel_95 else _text(code, excel_95, "<H")
            head += record(0x41E, struct.pack("<H", 163 + index) + own)
    for index in codes.values():
        number = 163 + index if index else 0
        rest = bytes(12) if excel_95 else struct.pack("<HBBBBIIH", 1, 0x20, 0, 0, 0, 0, 0, 0x20C0)
        head += record(0xE0, struct.pack("<HH", 0, number) + rest)
    sheets = [_sheet(tab, codes, None if excel_95 else strings) for tab in tabs]
    if strings:
        head += shared_strings(list(strings))
    return workbook(head, [(tab.name, tab.hidden, sheet) for tab, sheet in zip(tabs, sheets, strict=True)], excel_95)


def workbook(head: bytes, sheets: Sequence[tuple[str, bool, bytes]], excel_95: bool = False) -> bytes:
    """A file of these records: of the whole workbook, and of each sheet (its name, whether it is hidden, its records)."""
    version = 0x500 if excel_95 else 0x600
    begin = {kind: record(0x809, struct.pack("<HHHHII", version, kind, 0x0DBB, 0x07CC, 0x41, 6)) for kind in (5, 0x10)}
    end = record(0x0A, b"")
    names = [_text(name, excel_95) for name, _, _ in sheets]
    at = len(begin[5]) + len(head) + sum(10 + len(name) for name in names) + len(end)
    stream, bodies = begin[5] + head, b""
    for name, (_, hidden, records) in zip(names, sheets, strict=True):
        stream += record(0x85, struct.pack("<IBB", at + len(bodies), int(hidden), 0) + name)
        bodies += begin[0x10] + records + end
    return compound_file("Book" if excel_95 else "Workbook", stream + end + bodies)


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def shared_strings(texts: Sequence[str | Rich], longest: int = LONGEST) -> bytes:
    """The table of shared strings, cut into records of this length wherever it falls but in the head of a string."""
    bodies = [bytearray(struct.pack("<II", len(texts), len(texts)))]
    for each in texts:
        rich = each if isinstance(each, Rich) else Rich(each)
        wide = not rich.text.isascii()
        raw = rich.text.encode("utf-16-le" if wide else "ascii")
        head = struct.pack("<HB", len(raw) >> wide, wide | 8 * bool(rich.runs) | 4 * bool(rich.phonetic))
        head += struct.pack("<H", rich.runs) if rich.runs else b""
        head += struct.pack("<I", rich.phonetic) if rich.phonetic else b""
        if len(bodies[-1]) + len(head) > longest:
            bodies.append(bytearray())
        bodies[-1] += head
        while raw:
            room = (longest - len(bodies[-1])) >> wide << wide
            bodies[-1] += raw[:room]
            raw = raw[room:]
            if raw:
                if wide and not any(raw[1::2]):  # as Excel does: the rest is narrow
                    wide, raw = False, raw[::2]
                bodies.append(bytearray([wide]))
        fonts = b"".join(struct.pack("<2H", *each) for each in rich.fonts)
        behind = (fonts or b"\xfd\0\x0a\0" * rich.runs) + b"\1" * rich.phonetic
        while behind:
            room = longest - len(bodies[-1])
            bodies[-1] += behind[:room]
            behind = behind[room:]
            if behind:
                bodies.append(bytearray())
    return b"".join(record(0x3C if index else 0xFC, bytes(body)) for index, body in enumerate(bodies))


def number_record(row: int, col: int, style: int, value: float) -> bytes:
    """As Excel does: whole numbers and hundredths as RK, other numbers as doubles."""
    for scale, flag in ((1, 0), (100, 1)):
        scaled = value * scale
        if scaled == int(scaled) and abs(scaled) < 1 << 29 and int(scaled) / scale == value:
            return record(0x27E, struct.pack("<HHHI", row, col, style, (int(scaled) << 2 & 0xFFFFFFFC) | 2 | flag))
    return record(0x203, struct.pack("<HHHd", row, col, style, value))


def formula_record(row: int, col: int, style: int, result: bytes, token: bytes = b"\x1e\x01\x00") -> bytes:
    """What counts is the stored result (8 bytes), not the formula (by default 1)."""
    return record(0x06, struct.pack("<HHH", row, col, style) + result + struct.pack("<HIH", 0, 0, len(token)) + token)


def label_record(row: int, col: int, text: str, *, excel_95: bool = False, kind: int = 0x204) -> bytes:
    return record(kind, struct.pack("<HHH", row, col, 0) + _text(text, excel_95, "<H"))


def _text(text: str, excel_95: bool, count: str = "<B") -> bytes:
    if excel_95:
        raw = text.encode("gbk")
        return struct.pack(count, len(raw)) + raw
    raw = text.encode("utf-16-le")
    return struct.pack(count, len(raw) // 2) + b"\1" + raw


def _sheet(tab: Tab, codes: dict[str, int], strings: dict[str, int] | None) -> bytes:
    """Records of the sheet; texts are labels where there are no shared strings."""
    last_row, last_col = (max([place[axis] for place in tab.values], default=0) + 1 for axis in (0, 1))
    out = [record(0x200, struct.pack("<IIHHH", 0, last_row, 0, last_col, 0))]
    out += [record(0x7D, struct.pack("<HHHHHH", col, col, 2304, 15, 1, 0)) for col in tab.hidden_cols]
    out += [
        record(0x208, struct.pack("<HHHHHHI", row, 0, last_col, 255, 0, 0, 0x100 | 0x20)) for row in tab.hidden_rows
    ]
    for row, values in rows_of(tab):
        for col, value in values:
            if isinstance(value, str) and strings is not None:
                out.append(record(0xFD, struct.pack("<HHHI", row, col, 0, strings.setdefault(value, len(strings)))))
            elif isinstance(value, str):
                out.append(label_record(row, col, value, excel_95=True))
            elif isinstance(value, bool):
                out.append(record(0x205, struct.pack("<HHHBB", row, col, 0, int(value), 0)))
            elif value.formula:
                out.append(formula_record(row, col, codes[value.code], struct.pack("<d", value.value)))
            else:
                out.append(number_record(row, col, codes[value.code], value.value))
    for start in range(0, len(tab.merges), 1000):
        part = tab.merges[start : start + 1000]
        ranges = b"".join(struct.pack("<HHHH", r0, r1, c0, c1) for r0, c0, r1, c1 in part)
        out.append(record(0xE5, struct.pack("<H", len(part)) + ranges))
    return b"".join(out)


def compound_file(name: str, stream: bytes) -> bytes:
    """A compound file (MS-CFB) with one stream of at least 4,096 bytes."""
    size, free, end, fat_mark = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // size)
    fat_count = 1
    while fat_count * 128 < fat_count + 1 + count:
        fat_count += 1
    if fat_count > 109:
        raise ValueError("a test file of more than 6 MB")
    first = fat_count + 1
    fat = [fat_mark] * fat_count + [end] + [*range(first + 1, first + count), end]
    fat += [free] * (fat_count * 128 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, fat_count, fat_count, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", *(list(range(fat_count)) + [free] * (109 - fat_count)))
    entries = _entry("Root Entry", 5, end, 0, child=1) + _entry(name, 2, first, len(stream)) + bytes(256)
    return header + struct.pack(f"<{len(fat)}I", *fat) + entries + stream.ljust(count * size, b"\0")


def _entry(name: str, kind: int, first: int, length: int, child: int = 0xFFFFFFFF) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    head = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1)
    return head + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36) + struct.pack("<IQ", first, length)

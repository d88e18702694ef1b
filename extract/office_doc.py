"""The texts of table cells as a .doc file itself holds them: what a conversion is checked against.

LibreOffice turns the last table of some files into plain paragraphs without a word. This reads just enough of the format
(MS-CFB, MS-DOC: FIB, piece table) to tell which cell texts are missing afterwards; formatting and spans stay LibreOffice's.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

_SHIFTS = (9, 12)
_MINI_BELOW = 4096
_FAT_IN_HEADER = 109
_LAST_SECTOR = 0xFFFFFFFA
_CELL_MARK = "\x07"
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x15]*))?\x15")
_NESTED_MARK = "\x0d"
_TABLE_STREAM_1 = 0x0200
_ENCRYPTED = 0x0100
_CHARACTERS, _CLX = 0x4C, 0x01A2
_PIECE_TABLE = 2


class BrokenError(ValueError):
    """The file is not what MS-CFB or MS-DOC say."""


def cell_texts(data: bytes) -> list[str]:
    """The last paragraph of every cell of the main text, in order, empty ones and row ends included as "".

    Texts of fields are their results. Raises BrokenError.
    """
    try:
        text = _main_text(data)
    except (struct.error, IndexError, OverflowError) as error:
        raise BrokenError(str(error)) from error
    text = _FIELD.sub(lambda match: match[1] or "", text)
    return [part.rpartition(_NESTED_MARK)[2] for part in text.split(_CELL_MARK)[:-1]]


def _main_text(data: bytes) -> str:
    streams = _Compound(data)
    document = streams.read("WordDocument")
    flags = struct.unpack_from("<H", document, 10)[0]
    if flags & _ENCRYPTED:
        raise BrokenError("encrypted")
    count = struct.unpack_from("<I", document, _CHARACTERS)[0]
    start, size = struct.unpack_from("<II", document, _CLX)
    table = streams.read("1Table" if flags & _TABLE_STREAM_1 else "0Table")[start : start + size]
    return "".join(_pieces(document, table))[:count]


def _pieces(document: bytes, clx: bytes) -> Iterator[str]:
    at = 0
    while clx[at] != _PIECE_TABLE:
        if clx[at] != 1:
            raise BrokenError("no piece table")
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    count = (struct.unpack_from("<I", clx, at + 1)[0] - 4) // 12
    positions = struct.unpack_from(f"<{count + 1}I", clx, at + 5)
    first = at + 5 + 4 * (count + 1)
    for index in range(count):
        length = positions[index + 1] - positions[index]
        place = struct.unpack_from("<I", clx, first + 8 * index + 2)[0]
        offset = place & 0x3FFFFFFF
        if place & 0x40000000:  # one byte a character
            yield document[offset // 2 : offset // 2 + length].decode("cp1252", "replace")
        else:
            yield document[offset : offset + 2 * length].decode("utf-16-le", "replace")


class _Compound:
    """Streams of a compound file by name. Raises BrokenError or struct.error."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        shift = struct.unpack_from("<H", data, 30)[0]
        if shift not in _SHIFTS:
            raise BrokenError("no compound file")
        self.size = 1 << shift
        self.fat = [entry for sector in self._fat_sectors() for entry in self._numbers(self._sector(sector))]
        self.entries: dict[str, tuple[int, int]] = {}
        self.root = 0
        directory = self._chain(struct.unpack_from("<I", data, 48)[0], self.fat, self._sector)
        for offset in range(0, len(directory) - 127, 128):
            length, kind = struct.unpack_from("<HB", directory, offset + 64)
            start, size = struct.unpack_from("<II", directory, offset + 116)
            if kind == 5:
                self.root = start
            elif kind == 2 and 2 <= length <= 64:
                self.entries[directory[offset : offset + length - 2].decode("utf-16-le", "replace")] = (start, size)

    def read(self, name: str) -> bytes:
        if name not in self.entries:
            raise BrokenError(f"no stream {name}")
        start, size = self.entries[name]
        if size >= _MINI_BELOW:
            return self._chain(start, self.fat, self._sector)[:size]
        small = self._chain(self.root, self.fat, self._sector)
        minis = self._numbers(self._chain(struct.unpack_from("<I", self.data, 60)[0], self.fat, self._sector))
        return self._chain(start, minis, lambda sector: small[sector * 64 : sector * 64 + 64])[:size]

    def _sector(self, number: int) -> bytes:
        return self.data[(number + 1) * self.size : (number + 2) * self.size]

    @staticmethod
    def _numbers(data: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))

    def _fat_sectors(self) -> Iterator[int]:
        yield from (
            number for number in struct.unpack_from(f"<{_FAT_IN_HEADER}I", self.data, 76) if number < _LAST_SECTOR
        )
        following, seen = struct.unpack_from("<I", self.data, 68)[0], set[int]()
        while following < _LAST_SECTOR and following not in seen:
            seen.add(following)
            *numbers, following = self._numbers(self._sector(following)) or [_LAST_SECTOR]
            yield from (number for number in numbers if number < _LAST_SECTOR)

    @staticmethod
    def _chain(start: int, fat: list[int], sector: Callable[[int], bytes]) -> bytes:
        parts: list[bytes] = []
        number, seen = start, set[int]()
        while number < len(fat) and number not in seen:
            seen.add(number)
            parts.append(sector(number))
            number = fat[number]
        return b"".join(parts)

"""Fonts that a PDF names and does not carry: while text is read, a font of boxes stands for all of them.

pdfium measures letters on the font that the machine puts in their place, and leaves a piece of text out whose letters are
empty there: without a CJK font, or with one that has no digits, `≥`, `0` or `2` would be lost without a word. In the font made here
every letter is a box, so that what is read does not depend on the machine. Widths come from the PDF in any case. Fonts of
Latin letters and of symbols stay with pdfium's own, whose widths a PDF may rely on; for pages that are shown (`real_fonts`)
the machine's fonts are used.
"""

from __future__ import annotations

import ctypes
import secrets
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pypdfium2_raw as pdfium

from yusuan.extract.pdf_letters import SPACE, WIDE_BLANKS

_OWN_CHARSETS = (0, 2)
"""Windows' numbers of the character sets for which pdfium has fonts of its own: ANSI and symbols."""
_CHINESE = 134
BOXED = secrets.token_hex(3).encode() + b"_"
"""What the names of fonts begin with whose own letters are not looked at (`pdf_outlines`); drawn by lot, so that no file can name it."""
_BOX_FONT, _ALL_BOXES = 1, 2
"""The handles under which pdfium knows the font of boxes, and the one in which blanks are boxes too: there codes are not letters."""
_BLANKS = ((0, SPACE), *((first, past - 1) for first, past in WIDE_BLANKS))
_UNITS, _WIDTH, _HEIGHT = 1000, 499, 800
"""Of an em, of a box. Its end lies behind the middle of every letter, for pdfium forgets a clipping that does not cut a box."""
BOX_WIDTH = _WIDTH / _UNITS
"""What pdfium says of a letter's place holds the box as well: what is said to be exactly so wide, in ems, may be narrower."""


def box_font(blanks: Sequence[tuple[int, int]] = _BLANKS) -> bytes:
    """A TrueType font (OpenType specification 1.9) in which letters are boxes and blanks are empty."""
    points = bytes([1] * 4) + struct.pack(">8h", 0, _WIDTH, 0, -_WIDTH, 0, 0, _HEIGHT, 0)
    box = struct.pack(">5hHH", 1, 0, 0, _WIDTH, _HEIGHT, 3, 0) + points
    box += bytes(-len(box) % 4)
    groups = []
    start = 0
    for first, last in blanks:
        if start < first:
            groups.append((start, first - 1, 1))
        groups.append((first, last, 2))
        start = last + 1
    groups.append((start, 0x10FFFF, 1))
    mapping = b"".join(struct.pack(">3I", *group) for group in groups)
    tables = {
        b"OS/2": struct.pack(">HhHHH", 3, _UNITS, 400, 5, 0) + bytes(86),
        b"cmap": struct.pack(">4HI", 0, 1, 3, 10, 12)
        + struct.pack(">2H3I", 13, 0, 16 + len(mapping), 0, len(groups))
        + mapping,
        b"glyf": box + box,
        b"head": struct.pack(
            ">4I2H2Q4h2H3h", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, _UNITS, 0, 0, 0, 0, _WIDTH, _HEIGHT, 0, 8, 2, 1, 0
        ),
        b"hhea": struct.pack(">I3hH11hH", 0x10000, 900, -100, 0, _UNITS, 0, 0, _UNITS, 1, *[0] * 7, 3),
        b"hmtx": struct.pack(">HhHhHh", *[_UNITS, 0] * 3),
        b"loca": struct.pack(">4I", 0, len(box), 2 * len(box), 2 * len(box)),
        b"maxp": struct.pack(">I14H", 0x10000, 3, 4, 1, 0, 0, 2, *[0] * 8),
        b"name": struct.pack(">9H", 0, 1, 18, 3, 1, 0x409, 1, 6, 0) + "Box".encode("utf-16-be"),
        b"post": struct.pack(">2I2h5I", 0x30000, 0, 0, 0, *[0] * 5),
    }
    place = 12 + 16 * len(tables)
    directory, body = struct.pack(">I4H", 0x10000, len(tables), 128, 3, 16 * len(tables) - 128), b""
    for tag, data in tables.items():
        directory += tag + struct.pack(">3I", 0, place + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    return directory + body


class _Fonts:
    """What pdfium asks when it looks for a font; one for all of a process, for pdfium keeps it."""

    def __init__(self) -> None:
        self.real = False
        self.data = {_BOX_FONT: box_font(), _ALL_BOXES: box_font(())}
        self.system = pdfium.FPDF_GetDefaultSystemFontInfo()
        self.mapper: Any = None
        self.listed = False
        kinds = dict(pdfium.FPDF_SYSFONTINFO._fields_)
        self.info = pdfium.FPDF_SYSFONTINFO(
            version=1,
            Release=kinds["Release"](lambda _: None),
            EnumFonts=kinds["EnumFonts"](lambda _, *asked: self._enumerate(*asked)),
            MapFont=kinds["MapFont"](lambda _, *asked: self._map(*asked)),
            GetFont=kinds["GetFont"](lambda _, *asked: self._get(*asked)),
            GetFontData=kinds["GetFontData"](lambda _, *asked: self._data(*asked)),
            GetFaceName=kinds["GetFaceName"](lambda _, *asked: self._name(*asked)),
            GetFontCharset=kinds["GetFontCharset"](lambda _, *asked: self._charset(*asked)),
            DeleteFont=kinds["DeleteFont"](lambda _, *asked: self._delete(*asked)),
        )
        pdfium.FPDF_SetSystemFontInfo(self.info)

    def use_real(self, real: bool) -> None:
        self.real = real
        self._list()

    def _list(self) -> None:
        """The machine's fonts are looked for once, and not before a page is shown."""
        if self.real and not self.listed and self.mapper is not None:
            self.listed = True
            self.system.contents.EnumFonts(self.system, self.mapper)

    def _enumerate(self, mapper: Any) -> None:
        self.mapper = mapper
        self._list()

    def _map(self, weight: int, italic: int, charset: int, pitch: int, face: Any, exact: Any) -> Any:
        if self.real:
            return self.system.contents.MapFont(self.system, weight, italic, charset, pitch, face, exact)
        if face and ctypes.string_at(face, len(BOXED)) == BOXED:
            return _ALL_BOXES
        return None if charset in _OWN_CHARSETS else _BOX_FONT

    def _get(self, face: Any) -> Any:
        return self.system.contents.GetFont(self.system, face) if self.real else None

    def _data(self, font: Any, table: int, buffer: Any, size: int) -> int:
        if font not in self.data:
            return int(self.system.contents.GetFontData(self.system, font, table, buffer, size))
        if table:
            return 0
        data = self.data[font]
        if buffer and size >= len(data):
            ctypes.memmove(buffer, data, len(data))
        return len(data)

    def _name(self, font: Any, buffer: Any, size: int) -> int:
        if font not in self.data:
            return int(self.system.contents.GetFaceName(self.system, font, buffer, size))
        if buffer and size >= 5:
            ctypes.memmove(buffer, b"Box%d\0" % font, 5)
        return 5

    def _charset(self, font: Any) -> int:
        return int(self.system.contents.GetFontCharset(self.system, font)) if font not in self.data else _CHINESE

    def _delete(self, font: Any) -> None:
        if font not in self.data:
            self.system.contents.DeleteFont(self.system, font)


_fonts: list[_Fonts] = []


def start_pdfium() -> None:
    """Starts pdfium, once in a process."""
    pdfium.FPDF_InitLibrary()
    if not _fonts:
        _fonts.append(_Fonts())


@contextmanager
def real_fonts() -> Iterator[None]:
    """Documents opened in here show their letters in the machine's fonts."""
    start_pdfium()
    _fonts[0].use_real(True)
    try:
        yield
    finally:
        _fonts[0].use_real(False)

"""Outlines of letters, which a reader does not need: where a PDF says by itself which letter each code of a font is and how
wide, pdfium measures the font of boxes (`pdf_fonts`) instead of the font that the PDF carries.

pdfium follows the outline of every letter that a page uses, only to know its box: two thirds of what opening a page takes where
LibreOffice printed it. Only simple fonts count (ISO 32000-1, 9.6: codes of one byte), those of a subset whose `ToUnicode` (9.10.3)
names every code that has a width. pdfium takes letters, places and widths of such a font from the PDF alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import islice

from yusuan.extract.pdf_fonts import BOXED

LARGEST = 1 << 24
"""Bytes: a larger file holds pictures, and is read as it is."""
_LONGEST = 1 << 13
"""Bytes of a font's dictionary, widths included."""
_LONGEST_MAP = 1 << 16
_MOST = 256
"""Fonts: a file that names more is read as it is."""
_ALL_CAPS = 1 << 16
"""pdfium gives small letters of such a font the widths of capitals if it does not have the font's program."""

_REFERENCE = rb"\s+(\d{1,7})\s+0\s+R"
_DESCRIPTOR = re.compile(rb"/FontDescriptor" + _REFERENCE)
_TO_UNICODE = re.compile(rb"/ToUnicode" + _REFERENCE)
_PROGRAM = re.compile(rb"/FontFile[23]?" + _REFERENCE)
_FLAGS = re.compile(rb"/Flags\s+(\d{1,9})\b")
_MISSING_WIDTH = re.compile(rb"/MissingWidth\s+[^0\s]")
"""Codes without a width of their own have this one, and need no name."""
_SIMPLE = re.compile(rb"/Subtype\s*/(?:Type1|TrueType)\b")
_SUBSET = re.compile(rb"/BaseFont\s*/([A-Z]{6}\+)(?![^\s/]*(?:Narrow|Condensed|Script|AGaramondPro|ForteMT))")
"""Not the names that pdfium replaces by others before it asks for a font."""
_CODES = re.compile(rb"/FirstChar\s+(\d{1,3})\b.*?/LastChar\s+(\d{1,3})\b.*?/Widths\s*\[([\d.\s]*)\]", re.DOTALL)
_STREAM = re.compile(rb"\s*<<([^<>]*)>>\s*stream\r?\n")
_LENGTH = re.compile(rb"/Length\s+(\d{1,6})(?!\s+\d+\s+R)\b")
_DEFLATED = re.compile(rb"/Filter\s*/FlateDecode\s*(?:/Length\b|$)")
_LETTERS = rb"\s*<(?!(?:0+|00[Aa][Dd]|[Ee][0-9A-Fa-f]{3}|[Ff][0-8][0-9A-Fa-f]{2})>)[0-9A-Fa-f]{4,}>"
"""Not those that one font draws and the next one leaves empty: soft hyphens and private use."""
_CODE = re.compile(rb"<([0-9A-Fa-f]{2})>" + _LETTERS)
_RANGE = re.compile(rb"<([0-9A-Fa-f]{2})>\s*<([0-9A-Fa-f]{2})>" + _LETTERS)


def without_outlines(data: bytes) -> bytes:
    """The PDF, of the same length, in which the programs of such fonts are out of pdfium's sight; `data` itself if there are none."""
    updated = data.find(b"startxref", 0, data.rfind(b"startxref")) >= 0  # one number may then be two objects
    if len(data) > LARGEST or updated or b"/ObjStm" in data:  # a packed font may have the same descriptor
        return data
    fonts = list(islice(_fonts(data), _MOST + 1))
    if len(fonts) > _MOST:
        return data
    tags: dict[bytes, list[int | None]] = {}
    for descriptor, place in fonts:
        tags.setdefault(descriptor, []).append(_tag(data, place))
    edited = bytearray()
    for descriptor, places in tags.items():
        own = [place for place in places if place is not None]
        program = _program(data, descriptor, own[0]) if len(own) == len(places) else None
        if program is None:
            continue
        edited = edited or bytearray(data)
        edited[program : program + 1] = b"-"
        for place in own:
            edited[place : place + len(BOXED)] = BOXED
    return bytes(edited) if edited else data


def _fonts(data: bytes) -> Iterator[tuple[bytes, int]]:
    """For every font of the file the number of its descriptor and where it is named."""
    place = data.find(b"/FontDescriptor")
    while place >= 0:
        found = _DESCRIPTOR.match(data, place)
        if found:
            yield found[1], place
        place = data.find(b"/FontDescriptor", place + 1)


def _tag(data: bytes, place: int) -> int | None:
    """Where the tag of the subset stands, if the font around this place is one that explains itself."""
    begin = data.rfind(b" obj", max(0, place - _LONGEST), place)
    end = data.find(b"endobj", place, place + _LONGEST)
    font = data[begin:end] if begin >= 0 and end >= 0 else b""
    name, meaning, codes = _SUBSET.search(font), _TO_UNICODE.search(font), _CODES.search(font)
    if not (name and meaning and codes and _SIMPLE.search(font)):
        return None
    if b"endobj" in font or font.count(b"/BaseFont") > 1:
        return None
    first, widths = int(codes[1]), codes[3].split()
    if len(widths) != int(codes[2]) - first + 1:
        return None
    unnamed = {*range(first, first + len(widths))} - _named(data, meaning[1], place)
    return None if any(widths[code - first].strip(b"0.") for code in unnamed) else begin + name.start(1)


def _program(data: bytes, descriptor: bytes, near: int) -> int | None:
    """Where the last letter of the key stands that leads from a descriptor to the font's program."""
    begin = _object(data, descriptor, near)
    end = data.find(b"endobj", begin, begin + _LONGEST)
    own = data[begin:end] if 0 <= begin < end else b""
    found, flags = _PROGRAM.search(own), _FLAGS.search(own)
    plain = found is not None and flags is not None and not int(flags[1]) & _ALL_CAPS and not _MISSING_WIDTH.search(own)
    return begin + found.start() + len("/FontFil") if found and plain else None


def _object(data: bytes, number: bytes, near: int) -> int:
    """Where an object begins, behind its number: what belongs together mostly stands together. -1 if it does not stand in the file as such."""
    key = number + b" 0 obj"
    place = data.rfind(key, 0, near)
    if place < 0:
        place = data.find(key, near)
    return place + len(key) if place > 0 and data[place - 1 : place] in b"\r\n" else -1


def _named(data: bytes, number: bytes, near: int) -> set[int]:
    """The codes for which a `ToUnicode` map has letters."""
    begin = _object(data, number, near)
    stream = _STREAM.match(data, begin) if begin >= 0 else None
    length = stream and _LENGTH.search(stream[1])
    if not stream or not length:
        return set()
    text = data[stream.end() : stream.end() + int(length[1])]
    if b"/Filter" in stream[1]:
        if not _DEFLATED.search(stream[1]):
            return set()
        try:
            text = zlib.decompressobj().decompress(text, _LONGEST_MAP)
        except zlib.error:  # encrypted, say: the font stays as it is
            return set()
    found: set[int] = set()
    for section in text.split(b"beginbf")[1:]:
        body = section[: section.find(b"endbf")]
        if body.startswith(b"char"):
            found.update(bytes.fromhex(b"".join(_CODE.findall(body)).decode()))
        else:
            for low, high in _RANGE.findall(body):
                found.update(range(int(low, 16), int(high, 16) + 1))
    return found

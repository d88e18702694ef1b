"""What holds for all sheets of an old Excel workbook: shared strings, number formats, what is crossed out, where sheets begin."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from yusuan.extract.sheet_biff import Records
from yusuan.extract.sheet_flat import plain
from yusuan.extract.sheet_format import BUILTIN, Formatter, formatter
from yusuan.extract.sheet_struck import strike

_FONT, _FORMAT, _STYLE, _SHEET = 0x31, 0x41E, 0xE0, 0x85
_STRINGS, _DATES, _CODE_PAGE, _PASSWORD = 0xFC, 0x22, 0x42, 0x2F
_DECODE = (codecs.latin_1_decode, codecs.utf_16_le_decode)
_STRING_HEAD = struct.Struct("<HB").unpack_from
_CROSSED_OUT, _NO_FONT = 8, 4
"""A font's mark, and the number that none has."""
_BIFF5 = 0x500
_CODE_PAGES = {
    936: "gb18030",
    10008: "gb18030",
    10000: "mac-roman",
    32768: "mac-roman",
    32769: "cp1252",
    65001: "utf-8",
}


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

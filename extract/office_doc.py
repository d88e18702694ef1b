"""The texts of table cells as a .doc file itself holds them: what a conversion is checked against.

LibreOffice turns the last table of some files into plain paragraphs without a word. This reads just enough of the format
(MS-DOC: FIB, piece table) to tell which cell texts are missing afterwards; formatting and spans stay LibreOffice's.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from yusuan.extract.compound import compound_stream

_CELL_MARK = "\x07"
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x15]*))?\x15")
_NESTED_MARK = "\x0d"
_TABLE_STREAM_1 = 0x0200
_ENCRYPTED = 0x0100
_CHARACTERS, _CLX = 0x4C, 0x01A2
_PIECE_TABLE = 2


class BrokenError(ValueError):
    """The file is not what MS-CFB or MS-DOC say."""


class EncryptedError(BrokenError):
    """Its text is encrypted."""


def cell_texts(data: bytes) -> list[str]:
    """The last paragraph of every cell of the main text, in order, empty ones and row ends included as "".

    Texts of fields are their results. Raises BrokenError, or EncryptedError, which is one.
    """
    try:
        text = _main_text(data)
    except (struct.error, IndexError, OverflowError) as error:
        raise BrokenError(str(error)) from error
    text = _FIELD.sub(lambda match: match[1] or "", text)
    return [part.rpartition(_NESTED_MARK)[2] for part in text.split(_CELL_MARK)[:-1]]


def _main_text(data: bytes) -> str:
    document = _stream(data, "WordDocument")
    flags = struct.unpack_from("<H", document, 10)[0]
    if flags & _ENCRYPTED:
        raise EncryptedError
    count = struct.unpack_from("<I", document, _CHARACTERS)[0]
    start, size = struct.unpack_from("<II", document, _CLX)
    table = _stream(data, "1Table" if flags & _TABLE_STREAM_1 else "0Table")[start : start + size]
    return "".join(_pieces(document, table))[:count]


def _stream(data: bytes, name: str) -> bytes:
    found = compound_stream(data, (name,))
    if found is None:
        raise BrokenError(f"no stream {name}")
    return found


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

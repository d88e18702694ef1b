"""Bytes of a web page → text. What a page declares is a hint: many pages of offices declare GB2312 and are GB18030 or UTF-8."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?\b(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_WITHIN = 1 << 20
"""A declaration stands this near the beginning; browsers look at 1,024 bytes, and offices put scripts before it."""
_CHINESE = "gb18030"
_SUPERSETS = {
    "gb2312": _CHINESE,
    "gbk": _CHINESE,
    "cp936": _CHINESE,
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
}


def decode(data: bytes, declared: str | None = None) -> str:
    """Never raises; what no encoding explains becomes U+FFFD. `declared` comes from outside the page (a MIME header)."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if b"\0" in data[:256] and data[:2].strip(b"\0"):
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    found = [match.decode("ascii") for match in _CHARSET.findall(data[:_WITHIN])]
    named = [name for name in map(_known, [declared or "", *found]) if name]
    for encoding in ("utf-8", *named, _CHINESE):  # bytes that happen to be UTF-8 are UTF-8
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8" and _nearly_all(data, error):
                return data.decode("utf-8", "replace")
    encodings = ("utf-8", *named, _CHINESE)
    return min((data.decode(encoding, "replace") for encoding in encodings), key=lambda text: text.count("\ufffd"))


def _nearly_all(data: bytes, error: UnicodeDecodeError) -> bool:
    """Whether UTF-8 fails only in the last bytes of a page that broke off."""
    return error.start >= len(data) - 3 and not data[: error.start].isascii()


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    if found.startswith(("utf-16", "utf-32")) or found in ("utf-8", "utf-7", "idna", "punycode"):
        return None  # a page whose declaration could be read as ASCII is in none of these; UTF-8 is tried first
    return _SUPERSETS.get(found, found)

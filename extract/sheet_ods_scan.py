"""The usual rows of an OpenDocument spreadsheet, read from its XML without a tree, and the XML without them.

The XML is cut behind each cell. Most pieces repeat, so each distinct one is looked at once: whether it is a cell with a text
and nothing else, perhaps the first of its row. Rows of such pieces only are read here. In the XML one row stands for each
block of them; everything else (merged, hidden and repeated rows, rich texts) stays there as it is, for the tree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from xml.sax.saxutils import unescape

import numpy as np
import numpy.typing as npt

BLOCK = "yusuan-block"
"""Attribute of the row that stands for a block: its number. A document that has it itself is left to the tree."""

_CELL_END, _ROW = b"</table:table-cell>", b"<table:table-row"
_STAND_IN = b'%s %s="%%d"/>' % (_ROW, BLOCK.encode())
_ROOT = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*(?:<\?xml(?:(?!encoding)[^>])*(?:encoding=["']utf-8["'])?(?:(?!encoding)[^>])*\?>)?"""
    rb"\s*<office:document-content\s",
    re.IGNORECASE,
)
_PREFIX = re.compile(rb"""xmlns:(office|table|text)\s*=\s*["']([^"']*)""")
_PREFIXES = {
    (name, b"urn:oasis:names:tc:opendocument:xmlns:%s:1.0" % name): 1 for name in (b"office", b"table", b"text")
}
_STYLE = r' table:(?:style-name|content-validation-name)="[^"<]*"'
_SKIPPED = rf'<table:table-cell(?:{_STYLE}| table:number-columns-repeated="[0-9]{{1,5}}")*+/>'
_TURN = r'</table:table-row><table:table-row(?: table:(?:default-cell-)?style-name="[^"<]*")*+>'
_ATTRIBUTES = (  # (?(2)(?!)|…): not a second time
    r'(?: office:(?:(?(2)(?!)|value-type="([a-z]+)")|(?:[a-z]+-)?value="[^"<]*"|currency="[^"<]*")'
    rf'| calcext:value-type="[a-z]+"|{_STYLE}'
    r'| table:(?:(?(3)(?!)|number-columns-repeated="([0-9]{1,5})")|formula="[^"<]*"))*+'
)
_BLANK = re.compile(r'<text:s(?: text:c="([0-9]{1,3})")?/>')
_LETTERS = r"[^<&\x00-\x08\x0b-\x1f\ufffe\uffff]"
_MARK = r'</text:p><text:p>|<text:(?:tab|line-break)/>|<text:s(?: text:c="[0-9]{1,3}")?/>'
_TEXT = rf"(?:{_LETTERS}++|&(?:lt|gt|amp|quot|apos);|{_MARK})++"
_PIECE = re.compile(
    rf"((?:(?:{_SKIPPED})*+{_TURN})?(?:{_SKIPPED})*+<table:table-cell){_ATTRIBUTES}>"
    rf"(?:<text:p>({_TEXT})</text:p>|(?(2)(?!)))\0|[^\0]*\0"
)
"""A usual cell: what stands before it in its piece, its type, how often it is repeated, its text. One with a type and without
a text is not usual: its value stands in its attributes.
"""
_REPEATED = re.compile(r'repeated="([0-9]+)"')
_MARKS = {"</text:p><text:p>": "\n", "<text:line-break/>": "\n", "<text:tab/>": "\t"}
_ENTITIES = {"&quot;": '"', "&apos;": "'"}

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that follow each other. Arrays of one length, a cell each: its row, counted from the first one; its column; how
    many columns it repeats; its text, which is blank in cells that only take their place.
    """

    height: int
    rows: Ints
    cols: Ints
    wide: Ints
    texts: Any


def scan(xml: bytes) -> tuple[bytes, list[Block]]:
    """XML in which a row `<table:table-row yusuan-block="0"/>` stands for each block, and the blocks. None of them, and the
    XML as it was, where it is not written as the usual programs write it.
    """
    if not _ROOT.match(xml) or b"\0" in xml:
        return xml, []
    pieces = xml.split(_CELL_END)
    numbers = dict(zip(dict.fromkeys(pieces), count()))
    try:
        facts = _Facts(b"\0".join([*numbers, b""]).decode())
    except UnicodeDecodeError:
        return xml, []
    which = np.fromiter(map(numbers.__getitem__, pieces), np.int64, len(pieces))
    parts: list[bytes] = []
    blocks: list[Block] = []
    done = 0
    for first, last in facts.complete_rows(which):
        turn = pieces[first].index(_ROW)
        parts += [_CELL_END.join([*pieces[done:first], pieces[first][:turn]]), _STAND_IN % len(blocks)]
        blocks.append(facts.block(which[first:last]))
        done = last
        pieces[done] = pieces[done][pieces[done].index(_ROW) :]
    rest = b"".join([*parts, _CELL_END.join(pieces[done:])])
    usual = b"<!" not in rest and Counter(_PREFIX.findall(rest)) == _PREFIXES
    return (rest, blocks) if usual and rest.count(BLOCK.encode()) == len(blocks) else (xml, [])


class _Facts:
    """What the distinct pieces say, as arrays. `usual`: all of it is known here; `turn`: a new row begins in it; `skipped`:
    columns before its cell that hold nothing; `wide`: columns that the cell repeats.
    """

    def __init__(self, pieces: str) -> None:
        parts = _PIECE.split(pieces)  # flat: no million of tuples for the garbage collector to look at
        before, kinds, wide, texts = (parts[group :: 1 + _PIECE.groups] for group in range(1, 1 + _PIECE.groups))
        numbers = dict(zip(dict.fromkeys(before), count()))
        which = np.fromiter(map(numbers.__getitem__, before), np.int64, len(before))
        self.usual = np.array([each is not None for each in numbers])[which]
        self.turn = np.array(["</table:table-row>" in (each or "") for each in numbers])[which]
        self.skipped = np.array([_skipped(each or "") for each in numbers])[which]
        self.wide = np.array([_width(each) if each else 1 for each in wide])
        self.texts = np.array(list(map(_shown, texts, kinds)), dtype=object)

    def complete_rows(self, which: Ints) -> Iterator[tuple[int, int]]:
        """Runs of rows that are usual from end to end: the first piece of the first, and the one in which the last ends."""
        usual = self.usual[which]
        turns = np.flatnonzero(usual & self.turn[which])
        runs = np.searchsorted(np.flatnonzero(~usual), turns)
        first = np.flatnonzero(np.diff(runs, prepend=-1))
        last = np.flatnonzero(np.diff(runs, append=-1))
        for start, end in zip(turns[first].tolist(), turns[last].tolist(), strict=True):
            if start < end:
                yield start, end

    def block(self, which: Ints) -> Block:
        """The cells of these pieces, of which the first begins a row."""
        turn, wide, texts = self.turn[which], self.wide[which], self.texts[which]
        rows, step = np.cumsum(turn) - 1, self.skipped[which] + wide
        ends = np.cumsum(step)
        cols = ends - wide - (ends - step)[turn][rows]
        filled = texts.astype(np.bool_)
        return Block(int(rows[-1]) + 1, rows[filled], cols[filled], wide[filled], texts[filled])


def _skipped(before: str) -> int:
    """Columns that the blank cells before a cell take in its row."""
    cells = before.rpartition("<table:table-row")[2].split("<table:table-cell")[1:-1]
    return sum(_width(found[1]) if (found := _REPEATED.search(cell)) else 1 for cell in cells)


def _width(written: str) -> int:
    return max(1, int(written))


def _shown(text: str | None, kind: str | None) -> str:
    if not text:
        return ""
    if "<" in text:
        text = _BLANK.sub(lambda match: " " * int(match[1] or 1), text)
        for mark, char in _MARKS.items():
            text = text.replace(mark, char)
    if "&" in text:
        text = unescape(text, _ENTITIES)
    if kind and kind != "string":
        return text.strip()  # formats pad numbers with blanks
    return "" if text.isspace() else text

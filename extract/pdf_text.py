"""Characters → lines of text in cells and around tables, in reading order whatever the drawing order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from yusuan.extract.grid import maker
from yusuan.extract.pdf_api import Bools, Codes, Floats, Ints, places, some
from yusuan.extract.pdf_chars import Chars
from yusuan.extract.pdf_letters import BLANK, CJK_FROM, SPACE, are
from yusuan.extract.symbols import raised

WORD_GAP = 0.22
"""A gap between two Latin words without a space character, in heights of the font."""
NUMBER_GAP = 0.45
"""The same beside a digit: digits are set with more space, and a number must not fall apart."""
APART = 1.2
"""Outside of tables, what stands further apart (in heights of the font) is no line."""
MAX_SPACES = 200
_SMALL, _OFF_LINE = 0.8, 0.12
"""Raised letters are smaller than this part of those before them, and stand so much (in heights of the font) off their base line."""
SAME_LINE = 0.5
"""Middles of letters of one line differ by less than this part of the larger height (indices stand off by up to 0.35)."""


class Line(NamedTuple):
    """A visual line: `x0`, `x1` along the writing (of letters, not of blanks), `top`, `bottom` across it, in points."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    turn: int


_make_line = maker(Line)


def build_lines(chars: Chars, home: Ints, outside: int) -> dict[int, list[Line]]:
    """Lines by home (the number of a cell), from top to bottom.

    In the home `outside`, which is no cell, what stands more than a letter's height apart makes lines of its own: captions
    side by side, or set with tabs.
    """
    if not len(chars):
        return {}
    along, across = _axes(chars)
    line = _number_lines(chars, home * 5 + chars.turn, across)
    return _assemble(chars, home, along, across, line, _reading_order(line, along), outside)


def _reading_order(line: Ints, along: Floats) -> Ints:
    """The letters line by line, each line from left to right: most lines are drawn so, and only the others have to be sorted."""
    order = line.argsort(kind="stable")
    own, at = line[order], along[order]
    back = (at[1:] < at[:-1]) & (own[1:] == own[:-1])
    for number in set(own[1:][back].tolist()):
        begin, end = own.searchsorted((number, number + 1)).tolist()
        order[begin:end] = order[begin:end][at[begin:end].argsort(kind="stable")]
    return order


def _axes(chars: Chars) -> tuple[Floats, Floats]:
    """Places along the writing and across the lines, both growing in reading direction."""
    turn = chars.turn
    if not some(turn):
        return chars.x, chars.y
    along = np.choose(turn, (chars.x, -chars.y, -chars.x, chars.y, chars.x))
    across = np.choose(turn, (chars.y, chars.x, -chars.y, -chars.x, chars.y))
    return along, across


def _number_lines(chars: Chars, key: Ints, across: Floats) -> Ints:
    """The number of its line for each character; lines are numbered from top to bottom of each key."""
    new = np.empty(len(key), dtype=np.bool_)
    new[0] = True
    new[1:] = (
        (key[1:] != key[:-1])
        | (np.abs(across[1:] - across[:-1]) > 0.05 * chars.size[1:])
        | (chars.size[1:] != chars.size[:-1])
    )
    start = places(new)
    size = chars.size[start]
    middle = across[start] - 0.35 * size
    order = np.lexsort((middle, key[start]))
    numbers = []
    current, last_key, line_middle, line_size = -1, -1, 0.0, 0.0
    for own, at, height in zip(key[start][order].tolist(), middle[order].tolist(), size[order].tolist(), strict=True):
        if own != last_key or at - line_middle > SAME_LINE * max(line_size, height):
            current += 1
            last_key, line_middle, line_size = own, at, height
        elif height > line_size:
            line_middle, line_size = at, height
        numbers.append(current)
    number = np.empty(len(start), dtype=np.int64)
    number[order] = numbers
    return np.asarray(number[new.cumsum() - 1])


def _assemble(
    chars: Chars, home: Ints, along: Floats, across: Floats, line: Ints, order: Ints, outside: int
) -> dict[int, list[Line]]:
    line = line[order]
    code, at, width, size = chars.code[order], along[order], chars.width[order], chars.size[order]
    follows = np.zeros(len(order), dtype=np.bool_)
    follows[1:] = line[1:] == line[:-1]
    twice = _drawn_twice(code, at, width, follows, order, chars.source[order])
    if some(twice):
        kept = ~twice
        order, line, code, at = order[kept], line[kept], code[kept], at[kept]
        width, size = width[kept], size[kept]
        follows = np.zeros(len(order), dtype=np.bool_)
        follows[1:] = line[1:] == line[:-1]
    gap = np.zeros(len(order))
    gap[1:] = at[1:] - at[:-1] - width[:-1]
    small = follows[1:] & (size[1:] < _SMALL * size[:-1])
    if some(small):
        _tell_raised_digits(code, across[order], size, places(small).tolist())
    homes = home[order]
    if homes.max() == outside:
        follows &= (gap <= APART * size) | (homes != outside)
    blank = are(BLANK, chars.kind[order])
    text, offset = _spell(code, gap, width, size, follows, blank)
    start = places(~follows)
    base = across[order]
    left = np.minimum.reduceat(np.where(blank, np.inf, at), start)
    right = np.maximum.reduceat(np.where(blank, -np.inf, at + width), start)
    top = np.minimum.reduceat(base - 0.85 * size, start)
    bottom = np.maximum.reduceat(base + 0.15 * size, start)
    height = np.maximum.reduceat(size, start)
    begins = offset[start].tolist()
    contents = [text[begin:end].rstrip() for begin, end in pairwise([*begins, len(text)])]
    columns = (column.tolist() for column in (left, right, top, bottom, height, chars.turn[order[start]]))
    lines: dict[int, list[Line]] = {}
    for own, found in zip(homes[start].tolist(), map(_make_line, zip(contents, *columns, strict=True)), strict=True):
        if found[0]:
            lines.setdefault(own, []).append(found)
    return lines


def _drawn_twice(code: Codes, at: Floats, width: Floats, follows: Bools, order: Ints, source: Ints) -> Bools:
    """The second of two equal letters on (nearly) the same place: bold by double drawing, or a shadow.

    Two letters of one object side by side are a ligature that pdfium took apart, and stay.
    """
    twice = np.zeros(len(code), dtype=np.bool_)
    same = follows[1:] & (code[1:] == code[:-1]) & (at[1:] - at[:-1] < 0.3 * width[1:])
    if some(same):
        apart = (np.abs(order[1:] - order[:-1]) > 1) | (source[1:] != source[:-1])
        twice[1:] = same & apart
    return twice


def _tell_raised_digits(code: Codes, across: Floats, size: Floats, before: list[int]) -> None:
    """120 with a raised 1, the mark of a note, is not 1201: such digits, behind a digit at one of these places, become ¹ and the like."""
    for place in before:
        if chr(code[place]).isdecimal() and abs(across[place + 1] - across[place]) > _OFF_LINE * size[place]:
            at, level = place + 1, (across[place + 1], size[place + 1])
            while at < len(code) and (across[at], size[at]) == level and chr(code[at]).isdecimal():
                code[at] = ord(raised("0", chr(code[at])))
                at += 1


def _spell(code: Codes, gap: Floats, width: Floats, size: Floats, follows: Bools, blank: Bools) -> tuple[str, Ints]:
    """The characters as one string, with spaces where words stand apart, and the place of each character in it."""
    text = code.astype("<u4").tobytes().decode("utf-32-le", "replace")
    offset = np.arange(len(code))
    wide = places(follows & (gap > WORD_GAP * size))
    if not len(wide):
        return text, offset
    columns = (code[wide - 1], code[wide], blank[wide - 1] | blank[wide], gap[wide], width[wide - 1], size[wide])
    more = np.array(list(map(_spaces_between, *[column.tolist() for column in columns])))
    parts: list[str] = []
    end = 0
    for place, count in zip(wide.tolist(), more.tolist(), strict=True):
        parts += text[end:place], " " * count
        end = place
    spaces = np.zeros_like(offset)
    spaces[wide] = more
    return "".join(parts) + text[end:], offset + spaces.cumsum()


def _spaces_between(last: int, letter: int, blank: bool, gap: float, width: float, size: float) -> int:
    """How many spaces are missing between two letters of a line; `blank`: one of them is a space; `width` of the first, `size` of the second."""
    if (
        last == SPACE and width > 0
    ):  # pdfium keeps one of several in a row: as many more as fill the gap behind it exactly
        more = gap / max(width, 0.01)
        count = round(min(more, MAX_SPACES + 1))
        return count if 1 <= count <= MAX_SPACES and abs(more - count) <= 0.15 + 0.01 * count else 0
    if blank or last >= CJK_FROM or letter >= CJK_FROM:
        return 0
    words = not (0x21 <= last <= 0x40 or 0x21 <= letter <= 0x40)
    return 1 if words or gap > NUMBER_GAP * size else 0


def join_segments(segments: Sequence[Line]) -> list[str]:
    """Texts of lines from their parts (`build_lines` with `apart`), edge blanks dropped, one blank between parts."""
    texts: list[str] = []
    last: Line | None = None
    for segment in segments:
        middle = (segment.top + segment.bottom) / 2
        if last is not None and abs(middle - (last.top + last.bottom) / 2) < SAME_LINE * max(last.size, segment.size):
            texts[-1] = f"{texts[-1]} {segment.text.strip()}"
        else:
            texts.append(segment.text.strip())
        last = segment
    return texts

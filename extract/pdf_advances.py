"""Where the characters of a page stand and how far they reach.

Positions are character *origins*: the loose box of pdfium is not constant inside a font, so that a comma can move, and
`GetBoundedText` misplaces quotation marks.
"""

from __future__ import annotations

import ctypes
from itertools import repeat

import numpy as np
import pypdfium2_raw as pdfium

from yusuan.extract.pdf_api import Codes, Floats, Handle, Ints, Matrix, Out, as_handle, places, quick, some
from yusuan.extract.pdf_fonts import BOX_WIDTH
from yusuan.extract.pdf_letters import CJK_FROM
from yusuan.extract.pdf_objects import Texts, get_font

_LEAN = 0.01
"""From which slant on, in widths, boxes of letters are measured along their heads and feet (italics made of upright letters)."""
_ROUNDING = 0.0004
"""In widths of a CJK letter: how exactly pdfium says where a box ends."""

_char_origin = quick(pdfium.FPDFText_GetCharOrigin, None)
_loose_box = quick(pdfium.FPDFText_GetLooseCharBox, None)
_glyph_width = quick(pdfium.FPDFFont_GetGlyphWidth, ctypes.c_int)
_origins = Out(ctypes.c_double, np.float64, (0, 0))
_boxes = Out(ctypes.c_float, np.float32, (0, 0, 0, 0), packed=True, answer=np.float32)


def ask_turned(
    handle: Handle, code: Codes, asked: Ints, base: Matrix, texts: Texts, source: Ints
) -> tuple[Floats, Floats, Floats]:
    """Origins and advances on pages that are turned or where some text is: there loose boxes measure nothing.

    An advance reaches up to the next letter of the object, unless that is further off than such letters are wide.
    """
    origin = _origins.ask(_char_origin, len(asked), repeat(handle), asked.tolist())
    a, b, c, d, e, f = base
    x = a * origin[:, 0] + c * origin[:, 1] + e
    y = b * origin[:, 0] + d * origin[:, 1] + f
    return x, y, _estimate_widths(code, texts, source, x, y)


def _estimate_widths(code: Codes, texts: Texts, source: Ints, x: Floats, y: Floats) -> Floats:
    size = np.hypot(texts.matrix[:, 0], texts.matrix[:, 1])[source]
    usual = np.where(code >= CJK_FROM, size, size / 2)
    step = np.full(len(code), np.inf)
    step[:-1] = np.hypot(np.diff(x), np.diff(y))
    step[:-1][source[1:] != source[:-1]] = np.inf
    known = (step > 0.2 * usual) & (step < 1.02 * usual)
    open_ends = places(~known & (code < CJK_FROM))
    if len(open_ends):  # `≥`, `“` and `‰` are as wide as a CJK letter in one font and half of it in the next
        usual[open_ends] = size[open_ends] * _ask_advances(code[open_ends], texts, source[open_ends], 0.5)
    return np.where(known, step, usual)


def _ask_advances(code: Codes, texts: Texts, source: Ints, unknown: float) -> Floats:
    """How wide the fonts make these letters, in heights of the font; `unknown` where a font does not say."""
    fonts: dict[int, int | None] = {}
    widths: dict[tuple[int | None, int], float] = {}
    answer = ctypes.c_float()
    found = []
    for letter, own in zip(code.tolist(), source.tolist(), strict=True):
        if own not in fonts:
            fonts[own] = get_font(texts.handles[own])
        key = (fonts[own], letter)
        if key not in widths:
            said = _glyph_width(as_handle(fonts[own]), letter, ctypes.c_float(1.0), ctypes.byref(answer))
            widths[key] = answer.value if said and 0.0 < answer.value < 2.0 else unknown
        found.append(widths[key])
    return np.array(found)


def ask_level(
    handle: Handle, code: Codes, asked: Ints, base: Matrix, texts: Texts, source: Ints, size: Floats
) -> tuple[Floats, Floats, Floats]:
    """Origins and advances where all text runs level: from loose boxes, as long as each begins where the one before ends.

    A loose box holds the letter's outline as well, or the box in its place: where that may be the wider one, the font is asked. A box that does not may be glyph-tight (the trap of commas): there the origin itself is asked for,
    as where the font does not know the letter, which its code stands for by an `ActualText` only: then the box says nothing.
    """
    boxes = _boxes.ask(_loose_box, len(asked), repeat(handle), asked.tolist())
    x = base[0] * boxes[:, 0].astype(np.float64) + base[4]
    width = base[0] * (boxes[:, 2] - boxes[:, 0]).astype(np.float64)
    scale = texts.matrix[:, 0].take(source)
    wider = np.abs(width - BOX_WIDTH * scale) < _ROUNDING * scale
    wider |= (code >= CJK_FROM) & (width > (1 + _ROUNDING) * scale)
    lean = (np.abs(texts.matrix[:, 2]) > _LEAN * texts.matrix[:, 0]).take(source)
    wider |= lean
    if some(wider):
        said = scale[wider] * _ask_advances(code[wider], texts, source[wider], 0.0)
        width[wider] = np.minimum(width[wider], said)
    y = texts.matrix[:, 5].take(source)
    expected = texts.matrix[:, 4].take(source)
    np.copyto(expected[1:], (x + width)[:-1], where=source[1:] == source[:-1])
    odd = lean | (np.abs(x - expected) > 0.03 * size)
    odd |= (width < 0.05 * size) | (width > 2.5 * size)
    if some(odd):
        odd[:-1] |= odd[1:]
        doubted = places(odd)
        origin = _origins.ask(_char_origin, len(doubted), repeat(handle), asked[doubted].tolist())
        exact = base[0] * origin[:, 0] + base[4]
        tight = (np.abs(exact - x[doubted]) > 0.02 * size[doubted]) & ~lean[doubted]
        tight |= (width[doubted] < 0.05 * size[doubted]) | (width[doubted] > 2.5 * size[doubted])
        x[doubted] = exact
        y[doubted] = base[3] * origin[:, 1] + base[5]
        if some(tight):
            width[doubted[tight]] = _estimate_widths(code, texts, source, x, y)[doubted[tight]]
    return x, y, width


def turn_columns(x: Floats, y: Floats, size: Floats, turn: Ints, source: Ints) -> None:
    """Vertical writing (upright letters one below the other in one object) becomes turn 3, its origin like that of turned text."""
    same = (source[1:] == source[:-1]) & (turn[1:] == 0)
    dy = y[1:] - y[:-1]
    down = same & (dy > 0.4 * size[1:]) & (dy < 2.5 * size[1:])
    if not some(down):
        return
    dx = x[1:] - x[:-1]
    down &= np.abs(dx) < 0.15 * size[1:]
    if not some(down):
        return
    columns = np.setdiff1d(source[1:][down], source[1:][same & ~down & (np.abs(dx) > 0.15 * size[1:])])
    chosen = np.isin(source, columns) & (turn == 0)
    turn[chosen] = 3
    y[chosen] -= 0.88 * size[chosen]

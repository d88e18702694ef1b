"""Text of a page that no table holds, where it may be a form without lines: `Document.loose`."""

from __future__ import annotations

import ctypes

import numpy as np
import pypdfium2_raw as pdfium

from yusuan.extract.pdf_api import Out, places, quick
from yusuan.extract.pdf_objects import Group
from yusuan.extract.pdf_page import PageResult

_get_bounds = quick(pdfium.FPDFPageObj_GetBounds, ctypes.c_int)
_bounds = Out(ctypes.c_float, np.float32, (0, 0, 0, 0))
_MANY = 12
"""So many pieces of lines beside the tables of a page may be a form."""
_LINES, _APART, _GAP = 3, 3, 12.0
"""So many lines of so many pieces; points between two pieces that stand apart."""


def text_outside(result: PageResult) -> str:
    """The pieces of lines outside of the page's tables, each on a line of its own."""
    return "\n".join([line.text for line in result.outside])


def may_hold_form(result: PageResult) -> bool:
    """Whether much stands beside the tables of a page."""
    return len(result.outside) >= _MANY


def in_columns(texts: Group) -> bool:
    """Whether the texts of a page may be cells of a table without lines: on three lines or more, three stand apart."""
    if len(texts.handles) < _LINES * _APART:
        return False
    x, y = texts.matrix[:, 4:6].round().astype(int).T
    order = np.lexsort((x, y))
    line = y[order]
    lengths = np.diff(places(line[1:] != line[:-1]) + 1, prepend=0, append=len(line))
    several = lengths >= _APART
    if np.count_nonzero(several) < _LINES:
        return False
    chosen = several.repeat(lengths)
    line, handles = line[chosen], [texts.handles[place] for place in order[chosen].tolist()]
    x0, y0, x1, y1 = _bounds.ask(_get_bounds, len(handles), handles).T
    gap = np.maximum(np.maximum(x0[1:] - x1[:-1], y0[1:] - y1[:-1]), y0[:-1] - y1[1:])  # however the page is turned
    _, gaps = np.unique(line[1:][(gap > _GAP) & (line[1:] == line[:-1])], return_counts=True)
    return int(np.count_nonzero(gaps >= _APART - 1)) >= _LINES

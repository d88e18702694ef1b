"""Text of a page that no table holds, where it may be a form without lines: `Document.loose`."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter

import numpy as np
import pypdfium2_raw as pdfium

from yusuan.extract.pdf_api import Handle, Out, quick
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
    lines: dict[int, list[tuple[int, Handle]]] = {}
    for (x, y), handle in zip(texts.matrix[:, 4:6].round().astype(int).tolist(), texts.handles, strict=True):
        lines.setdefault(y, []).append((x, handle))
    several = [sorted(line, key=itemgetter(0)) for line in lines.values() if len(line) >= _APART]
    if len(several) < _LINES:
        return False
    handles = [handle for line in several for _, handle in line]
    boxes = iter(_bounds.ask(_get_bounds, len(handles), handles).tolist())
    return sum(_pieces([next(boxes) for _ in line]) >= _APART for line in several) >= _LINES


def _pieces(boxes: Sequence[Sequence[float]]) -> int:
    """How many pieces of a line stand apart from the one before, in whatever direction the page is turned."""
    gaps = (max(box[0] - before[2], box[1] - before[3], before[1] - box[3]) for before, box in pairwise(boxes))
    return 1 + sum(gap > _GAP for gap in gaps)

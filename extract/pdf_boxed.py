"""Which texts were measured on boxes, and whether their own font is needed after all (see `pdf_outlines`)."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable

import pypdfium2_raw as pdfium

from yusuan.extract.pdf_api import Handle, as_handle, quick
from yusuan.extract.pdf_fonts import BOXED
from yusuan.extract.pdf_objects import get_font

_BOXED = BOXED.decode()
_NAME_LENGTH = 256

_HIGHER = 1.3
_BOUNDS = tuple(ctypes.c_float() for _ in range(4))
_SIDES = tuple(map(ctypes.byref, _BOUNDS))

_get_bounds = quick(pdfium.FPDFPageObj_GetBounds, ctypes.c_int)
_font_name = quick(pdfium.FPDFFont_GetBaseFontName, ctypes.c_int)
_count_marks = quick(pdfium.FPDFPageObj_CountMarks, ctypes.c_int)
_get_mark = quick(pdfium.FPDFPageObj_GetMark, ctypes.c_void_p)
_get_string = quick(pdfium.FPDFPageObjMark_GetParamStringValue, ctypes.c_int)


def base_name(text: Handle) -> str:
    """The name of a text object's font; fonts drawn by the document itself (Type 3) have none."""
    buffer = ctypes.create_string_buffer(_NAME_LENGTH)
    _font_name(as_handle(get_font(text)), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace")


def need_outlines(silent: Iterable[Handle], unusual: Iterable[Handle]) -> bool:
    """Whether texts without letters, or texts with letters that forms do not use, have to be read with their own font.

    pdfium may have left a silent one out because of its box. The other may be nothing to see: an `ActualText` calls a glyph a
    soft hyphen, say, that is empty, and pdfium leaves out what is empty, but no box.
    """
    return any(map(_is_boxed, silent)) or any(_is_boxed(text) and _has_actual_text(text) for text in unusual)


def is_one_blank(text: Handle, upright: bool) -> bool:
    """Whether a text of which one blank is left is that blank on a box. With its own font pdfium leaves it out; several blanks it
    tells as one, and their box is wider than one blank's, which is higher than wide.
    """
    _get_bounds(text, *_SIDES)
    left, bottom, right, top = (side.value for side in _BOUNDS)
    along, across = (right - left, top - bottom) if upright else (top - bottom, right - left)
    return across > _HIGHER * along and _is_boxed(text)


def _is_boxed(text: Handle) -> bool:
    return base_name(text).startswith(_BOXED)


def _has_actual_text(text: Handle) -> bool:
    length = ctypes.c_ulong()
    marks = (_get_mark(text, number) for number in range(_count_marks(text)))
    return any(_get_string(as_handle(mark), b"ActualText", None, 0, ctypes.byref(length)) for mark in marks)

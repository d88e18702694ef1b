"""Which pages of a PDF are pictures of paper: told here without the recognition engine, which few installations have."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Collection
from typing import Any

import pypdfium2_raw as pdfium

from yusuan.extract.grid import Document
from yusuan.extract.pdf import LOCK, open_pdf

_COVERS = 0.6
"""So much of a page an image must cover to be the page."""
_STRAY_LETTERS = 120
"""A page of an image with fewer letters than this beside it (a stamp of the scanner, a page number) is a scan all the same."""
_MAX_OBJECTS = 2000


def scanned_pages(data: bytes, document: Document | None, pictures: Collection[int]) -> list[int]:
    """Numbers of the pages that only recognition can read; `document` is what the PDF reader read, None if no page has text.

    Pages without text, and those without a table on which an image lies that is nearly the whole page; `pictures` are the
    pages on which the reader saw an image.
    """
    if document is None:
        with LOCK, open_pdf(data) as opened:
            return list(range(1, pdfium.FPDF_GetPageCount(opened) + 1))
    pages = {note.page for note in document.notes if note.code == "no-text-layer" and note.page}
    without = set(pictures) - {grid.page for grid in document.grids} - pages
    if without:
        with LOCK, open_pdf(data) as opened:
            pages |= {number for number in without if on_page(opened, number - 1, _is_scan)}
    return sorted(pages)


def count_scans(data: bytes) -> int:
    """How many pages are pictures of paper, without reading any. Raises UnreadableError."""
    with LOCK, open_pdf(data) as opened:
        return sum(bool(on_page(opened, index, _is_scan)) for index in range(pdfium.FPDF_GetPageCount(opened)))


def on_page(opened: Any, index: int, ask: Callable[[Any], Any]) -> Any:
    """What `ask` says of a page; None where it does not load."""
    page = pdfium.FPDF_LoadPage(opened, index)
    if not page:
        return None
    try:
        return ask(page)
    finally:
        pdfium.FPDF_ClosePage(page)


def _is_scan(page: Any) -> bool:
    if not largest_image(page)[0] >= _COVERS:
        return False
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        return True
    try:
        return bool(pdfium.FPDFText_CountChars(text) < _STRAY_LETTERS)
    finally:
        pdfium.FPDFText_ClosePage(text)


def largest_image(page: Any) -> tuple[float, float]:
    """The part of the page that its largest image covers, and the resolution of that image (0 without one)."""
    area = pdfium.FPDF_GetPageWidthF(page) * pdfium.FPDF_GetPageHeightF(page)
    best, dpi = 0.0, 0.0
    for number in range(min(pdfium.FPDFPage_CountObjects(page), _MAX_OBJECTS)):
        item = pdfium.FPDFPage_GetObject(page, number)
        if pdfium.FPDFPageObj_GetType(item) != pdfium.FPDF_PAGEOBJ_IMAGE:
            continue
        sides = [ctypes.c_float() for _ in range(4)]
        if not pdfium.FPDFPageObj_GetBounds(item, *sides):
            continue
        left, bottom, right, top = (side.value for side in sides)
        width, height = ctypes.c_uint(), ctypes.c_uint()
        pdfium.FPDFImageObj_GetImagePixelSize(item, width, height)
        covered = (right - left) * (top - bottom) / area if area else 0.0
        if covered > best and right > left and top > bottom:
            pixels = math.sqrt(width.value * height.value / ((right - left) * (top - bottom)))
            best, dpi = covered, 72 * pixels
    return best, dpi

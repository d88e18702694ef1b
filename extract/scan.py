"""Scanned pages → grids: PDF pages without text and image files (png, jpeg, tiff, bmp, webp, gif).

The only reader that guesses letters: every cell has a confidence, and every document says that its text comes from a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pypdfium2_raw as pdfium

from yusuan.extract.grid import Document, Note, UnreadableError
from yusuan.extract.pdf import LOCK, open_pdf
from yusuan.extract.pdf_api import Floats, Matrix, multiply
from yusuan.extract.pdf_fonts import real_fonts
from yusuan.extract.scan_image import PageImage, prepare
from yusuan.extract.scan_join import joined, renumbered
from yusuan.extract.scan_page import ScanResult, read_page
from yusuan.extract.scan_source import Picture, frames, render
from yusuan.extract.scan_text import find_text

POOR_DPI = 140
"""Below this a page is reported: at 150 dpi with heavy noise a third of the cells came out wrong."""
_UPRIGHT = 0.5
"""A page lies on its side if more than this share of its long pieces of text are higher than wide."""
_READABLE = 0.75
"""A page that is read worse than this (mean confidence) may stand on its head."""


def read_image(data: bytes) -> Document:
    """Raises UnreadableError: `corrupt`, `too-large`, `no-text`."""
    results = [_read_picture(picture, number) for number, picture in enumerate(frames(data), 1)]
    if not any(result.lines for result in results):
        raise UnreadableError("no-text", "图片里没有识别出文字：请确认图片清晰、方向正确，或取得带文字的版本。")
    grids, notes = joined(dict(enumerate(results, 1)), ())
    message = "文字是从图片中识别的，可能有误，金额请对照原件核对。"
    return Document("image", grids, len(results), notes=(Note("text-from-scan", message), *notes), text_source="ocr")


def read_scanned(data: bytes, pages: Sequence[int], document: Document | None) -> Document:
    """The PDF with these pages read as well. `document` is what the PDF reader read; None if no page has text.

    Raises UnreadableError `no-text` if there is no text in the pictures either.
    """
    scanned: dict[int, ScanResult] = {}
    with LOCK, real_fonts(), open_pdf(data) as opened:
        count = pdfium.FPDF_GetPageCount(opened)
        for number in pages:
            picture = render(opened, number - 1)
            if picture is not None:
                scanned[number] = _read_picture(picture, number)
    found = [number for number, result in scanned.items() if result.lines]
    if document is None and not found:
        raise UnreadableError(
            "no-text", "PDF 的各页是图像，其中没有识别出文字：请确认扫描清晰、方向正确，或取得带文字的版本。"
        )
    if not found:
        assert document is not None
        return document
    before = document or Document("pdf", pages=count)
    grids, notes = joined(scanned, before.grids)
    kept = renumbered(before, scanned)
    unread = [
        Note("no-text-layer", f"第 {number} 页是图像，其中没有识别出文字。", page=number)
        for number, result in scanned.items()
        if not result.lines and document is not None
    ]
    whole = not before.grids and len(found) == count
    return replace(
        before,
        grids=grids,
        notes=(*_source_notes(found, whole=whole or document is None), *kept, *unread, *notes),
        text_source="ocr" if not before.grids else "mixed",
    )


def _source_notes(found: Sequence[int], *, whole: bool) -> list[Note]:
    if whole:
        return [Note("text-from-scan", "文件是扫描件，文字是从图像中识别的，可能有误，金额请对照原件核对。")]
    return [
        Note(
            "text-from-scan", f"第 {number} 页是扫描图像，文字是识别出来的，可能有误，金额请对照原件核对。", page=number
        )
        for number in found
    ]


# --- one page ---------------------------------------------------------------------------------------------------------


def _read_picture(picture: Picture, number: int) -> ScanResult:
    """A page, upright whichever way it was scanned."""
    result, image = _best(picture, number)
    if picture.factor != 1.0:
        scaled = [tuple(edge * picture.factor for edge in grid.edges) for grid in result.grids]
        result.grids = [replace(grid, edges=edges) for grid, edges in zip(result.grids, scaled, strict=True)]
    if result.lines and picture.dpi < POOR_DPI:
        message = (
            f"第{number}页的图像分辨率约 {picture.dpi:.0f} dpi，过低，识别结果可能有多处错误：请取得更清晰的版本。"
        )
        result.notes.insert(0, Note("low-confidence", message, page=number))
    if image.seals:
        message = f"第{number}页的红色印章（{len(image.seals)} 处）没有计入文字；印章盖住的内容请对照原件。"
        result.notes.append(Note("dropped-overlay", message, page=number))
    return result


def _best(picture: Picture, number: int) -> tuple[ScanResult, PageImage]:
    """Read as it lies; if its lines run upwards or hardly a word is sure, turned as well, and the surest reading kept."""
    image = _prepared(picture, 0)
    boxes = find_text(image.grey)
    sideways = _is_sideways(boxes)
    best = (ScanResult(), image) if sideways else (read_page(image, boxes, number), image)
    for turn in (1, 3) if sideways else (2,):
        if best[0].confidence >= _READABLE or not len(boxes):
            break
        image = _prepared(picture, turn)
        result = read_page(image, find_text(image.grey), number)
        if result.confidence > best[0].confidence:
            best = result, image
    return best


def _is_sideways(boxes: Floats) -> bool:
    """Whether most pieces of text are higher than wide."""
    if len(boxes) < 4:
        return False
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    long = np.maximum(width, height) > 2 * np.minimum(width, height)
    return bool(long.sum() >= 4 and (height > width)[long].mean() > _UPRIGHT)


def _prepared(picture: Picture, turn: int) -> PageImage:
    """The page turned by quarters (clockwise), with the way back to points of the page as it came."""
    rgb = np.ascontiguousarray(np.rot90(picture.rgb, -turn))
    height, width = picture.rgb.shape[:2]
    high = picture.width * height / width
    image = prepare(rgb, picture.width if turn % 2 == 0 else high)
    back: Matrix = (
        (1, 0, 0, 1, 0, 0),
        (0, -1, 1, 0, 0, high),
        (-1, 0, 0, -1, picture.width, high),
        (0, 1, -1, 0, picture.width, 0),
    )[turn]
    factor = picture.factor
    return replace(image, back=multiply(multiply(image.back, back), (factor, 0, 0, factor, 0, 0)))

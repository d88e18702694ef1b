"""Scanned pages → grids: PDF pages without text and image files (png, jpeg, tiff, bmp, webp, gif).

The only reader that guesses letters: every cell has a confidence, and every document says that its text comes from a picture.
"""

from __future__ import annotations

import ctypes
import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import pypdfium2_raw as pdfium
from PIL import Image as Pictures
from PIL import ImageOps, UnidentifiedImageError

from yusuan.extract.grid import Document, Grid, Note, UnreadableError
from yusuan.extract.pdf import LOCK, open_pdf
from yusuan.extract.pdf_api import Floats, Matrix, multiply
from yusuan.extract.pdf_fonts import real_fonts
from yusuan.extract.pdf_scanned import largest_image, on_page
from yusuan.extract.scan_image import DPI, Image, PageImage, prepare
from yusuan.extract.scan_page import ScanResult, read_page
from yusuan.extract.scan_text import find_text

POOR_DPI = 140
"""Below this a page is reported: at 150 dpi with heavy noise a third of the cells came out wrong."""
MAX_PIXELS = 150_000_000
MAX_FRAMES = 1000
_A4 = (595.0, 842.0)
_LONGER_SIDE = (400.0, 1700.0)
"""Points. A page that says it is smaller or larger (many scanners count a pixel as a point) is taken for A4."""
_SAME_WIDTH = 0.02
_UPRIGHT = 0.5
_READABLE = 0.75
"""A page that is read worse than this (mean confidence) may stand on its head."""


@dataclass(frozen=True, slots=True)
class _Picture:
    """One page as it came: `factor` is what a point of A4 is in points of the page, `dpi` what the scanner saw of it."""

    rgb: Image
    width: float
    factor: float
    dpi: float


def read_image(data: bytes) -> Document:
    """Raises UnreadableError: `corrupt`, `too-large`, `no-text`."""
    results = [_read_picture(picture, number) for number, picture in enumerate(_frames(data), 1)]
    if not any(result.lines for result in results):
        raise UnreadableError("no-text", "图片里没有识别出文字：请确认图片清晰、方向正确，或取得带文字的版本。")
    grids, notes = _joined(dict(enumerate(results, 1)), ())
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
            picture = _render(opened, number - 1)
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
    grids, notes = _joined(scanned, before.grids)
    kept = _renumbered(before, scanned)
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


# --- several pages ----------------------------------------------------------------------------------------------------


def _joined(scanned: dict[int, ScanResult], grids: Sequence[Grid]) -> tuple[tuple[Grid, ...], list[Note]]:
    """All grids in page order, and the notes of the scanned pages with the numbers of their grids among all."""
    order = _order(scanned, grids)
    place = {entry: index for index, entry in enumerate(order)}
    keys = [(page, index) for page, index in order if page is not None]
    aligned = dict(zip(keys, _aligned([scanned[page].grids[index] for page, index in keys]), strict=True))
    joined = []
    for page, index in order:
        if page is None:
            grid = grids[index]
            joined.append(grid if grid.parent is None else replace(grid, parent=place[None, grid.parent]))
        else:
            joined.append(aligned[page, index])
    notes = [
        note if note.grid is None else note._replace(grid=place[page, note.grid])
        for page, result in scanned.items()
        for note in result.notes
    ]
    return tuple(joined), notes


def _aligned(grids: Sequence[Grid]) -> list[Grid]:
    """The borders of a table that has those of the one before it, put where that one has them: no two pages lie alike on a scanner.

    Only `edges` are moved, which serve to tell that a table goes on over a page break; the boxes of the cells stay.
    """
    moved: list[Grid] = []
    for grid in grids:
        edges = grid.edges
        if moved and len(edges) > 1 and len(moved[-1].edges) > 1:
            above = moved[-1].edges
            width, own = above[-1] - above[0], edges[-1] - edges[0]
            if abs(width - own) <= _SAME_WIDTH * width:
                edges = tuple(round(above[0] + (edge - edges[0]) * width / own, 2) for edge in edges)
        moved.append(replace(grid, edges=edges))
    return moved


def _order(scanned: dict[int, ScanResult], grids: Sequence[Grid]) -> list[tuple[int | None, int]]:
    """(None, index in `grids`) or (page, index on the scanned page), in reading order."""
    entries = [(grid.page or 0, index, None) for index, grid in enumerate(grids)]
    pages = [(page, index, page) for page, result in scanned.items() for index in range(len(result.grids))]
    return [(page, index) for _, index, page in sorted([*entries, *pages], key=lambda entry: entry[:2])]


def _renumbered(document: Document, scanned: dict[int, ScanResult]) -> list[Note]:
    """The notes of the PDF reader without those about pages that were read now."""
    place = {index: number for number, (page, index) in enumerate(_order(scanned, document.grids)) if page is None}
    return [
        note if note.grid is None else note._replace(grid=place[note.grid])
        for note in document.notes
        if not (note.code == "no-text-layer" and note.page in scanned)
    ]


# --- one page ---------------------------------------------------------------------------------------------------------


def _read_picture(picture: _Picture, number: int) -> ScanResult:
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


def _best(picture: _Picture, number: int) -> tuple[ScanResult, PageImage]:
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


def _prepared(picture: _Picture, turn: int) -> PageImage:
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


# --- image files ------------------------------------------------------------------------------------------------------


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Pillow warns of broken metadata and large pictures: what is broken enough raises all the same, and size is checked here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _frames(data: bytes) -> Iterator[_Picture]:
    try:
        with _no_warnings(), Pictures.open(io.BytesIO(data)) as opened:
            count = getattr(opened, "n_frames", 1) if opened.format == "TIFF" else 1
            if count > MAX_FRAMES:
                raise UnreadableError("too-large", f"图片有 {count} 页，超过上限 {MAX_FRAMES} 页：请拆分后再放入。")
            for number in range(count):
                opened.seek(number)
                yield _frame(opened)
    except Pictures.DecompressionBombError as error:
        raise UnreadableError("too-large", "图片太大，没有读取：请缩小后再放入。") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnreadableError("corrupt", "图片打不开：文件不完整或已损坏，请重新下载。") from error


def _frame(opened: Any) -> _Picture:
    if opened.width * opened.height > MAX_PIXELS:
        raise UnreadableError(
            "too-large", f"图片有 {opened.width}×{opened.height} 像素，超过上限，没有读取：请缩小后再放入。"
        )
    declared = opened.info.get("dpi", (0, 0))[0]
    upright = ImageOps.exif_transpose(opened)
    if upright.mode in ("RGBA", "LA", "PA", "P"):
        upright = upright.convert("RGBA")
        paper = Pictures.new("RGBA", upright.size, (255, 255, 255, 255))
        upright = Pictures.alpha_composite(paper, upright)
    rgb = np.asarray(upright.convert("RGB"), dtype=np.uint8)
    height, width = rgb.shape[:2]
    dpi = float(declared) if 72 < float(declared) < 2400 else 72.0
    return _scaled(rgb, width * 72 / dpi, height * 72 / dpi, None)


def _scaled(rgb: Image, width: float, height: float, dpi: float | None) -> _Picture:
    """`width` and `height` are the page's in points, `dpi` the scanner's if the picture was drawn from another one."""
    factor = 1.0
    if not _LONGER_SIDE[0] <= max(width, height) <= _LONGER_SIDE[1] or min(width, height) < 100:
        factor = max(width, height) / _A4[1]
    seen = dpi * factor if dpi else rgb.shape[1] * 72 * factor / width
    return _Picture(rgb, width / factor, factor, seen)


# --- PDF pages --------------------------------------------------------------------------------------------------------


def _render(opened: Any, index: int) -> _Picture | None:
    picture: _Picture | None = on_page(opened, index, _drawn)
    return picture


def _drawn(page: Any) -> _Picture:
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    _, dpi = largest_image(page)
    blank = _scaled(np.zeros((1, 1, 3), np.uint8), width, height, dpi or float(DPI))
    scale = DPI / 72 / blank.factor
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    bitmap = pdfium.FPDFBitmap_CreateEx(*size, pdfium.FPDFBitmap_BGR, None, 0)
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, *size, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, *size, 0, pdfium.FPDF_ANNOT)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        buffer = pdfium.FPDFBitmap_GetBuffer(bitmap)
        raw = np.ctypeslib.as_array((ctypes.c_ubyte * (stride * size[1])).from_address(buffer))
        bgr = raw.reshape(size[1], stride)[:, : size[0] * 3].reshape(size[1], size[0], 3)
        rgb = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    return replace(blank, rgb=rgb)

"""Where the picture of a page comes from: the frames of an image file, or a page of a PDF drawn at one resolution."""

from __future__ import annotations

import ctypes
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import pypdfium2_raw as pdfium
from PIL import Image as Pictures
from PIL import ImageOps, UnidentifiedImageError

from yusuan.extract.grid import UnreadableError
from yusuan.extract.pdf_scanned import largest_image, on_page
from yusuan.extract.scan_image import DPI, Image

MAX_PIXELS = 150_000_000
"""Of one page of an image file: A2 at 600 dpi has 140 million."""
MAX_FRAMES = 1000
_A4 = (595.0, 842.0)
_LONGER_SIDE = (400.0, 1700.0)
"""Points. A page that says it is smaller or larger (many scanners count a pixel as a point) is taken for A4."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as it came: `rgb` has the shape (height, width, 3), `width` is the page's in points, as if it were of a usual size;
    `factor` is what such a point is in points of the page itself, `dpi` what the scanner saw of it.
    """

    rgb: Image
    width: float
    factor: float
    dpi: float


# --- image files ------------------------------------------------------------------------------------------------------


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Pillow warns of broken metadata and large pictures: what is broken enough raises all the same, and size is checked here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def frames(data: bytes) -> Iterator[Picture]:
    """The pages of an image file: one, or those of a TIFF. Raises UnreadableError: `corrupt`, `too-large`."""
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


def _frame(opened: Any) -> Picture:
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


def _scaled(rgb: Image, width: float, height: float, dpi: float | None) -> Picture:
    """`width` and `height` are the page's in points, `dpi` the scanner's if the picture was drawn from another one."""
    factor = 1.0
    if not _LONGER_SIDE[0] <= max(width, height) <= _LONGER_SIDE[1] or min(width, height) < 100:
        factor = max(width, height) / _A4[1]
    seen = dpi * factor if dpi else rgb.shape[1] * 72 * factor / width
    return Picture(rgb, width / factor, factor, seen)


# --- PDF pages --------------------------------------------------------------------------------------------------------


def render(opened: Any, index: int) -> Picture | None:
    """A page (0-based) of a document that pdfium has open, drawn at DPI; None where the page is damaged."""
    picture: Picture | None = on_page(opened, index, _drawn)
    return picture


def _drawn(page: Any) -> Picture:
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

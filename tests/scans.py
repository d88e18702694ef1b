"""The recipe of scans: a page of a PDF drawn, laid askew on the glass, stamped, and saved as a scanner would."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pypdfium2
from PIL import Image, ImageDraw

WHITE = (255, 255, 255)
SEAL = (215, 40, 45)
_FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


@dataclass(frozen=True)
class Scanner:
    """How a page is scanned: `noise` is the standard deviation of the sensor's, `quality` JPEG's, `skew` in degrees."""

    dpi: int = 200
    skew: float = 1.0
    noise: float = 6.0
    quality: int = 40
    seed: int = 1


def joined(*parts: bytes) -> bytes:
    """One PDF with the pages of several."""
    whole = pypdfium2.PdfDocument.new()
    for part in parts:
        opened = pypdfium2.PdfDocument(part)
        whole.import_pages(opened)
        opened.close()
    target = io.BytesIO()
    whole.save(target)
    whole.close()
    return target.getvalue()


def drawn(pdf: bytes, dpi: int) -> list[Image.Image]:
    """The pages as they look."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def stamped(page: Image.Image, x: float, y: float, radius: float, *, opaque: bool) -> Image.Image:
    """The page with a round red seal: a ring and a star. `opaque` ink hides the print below it."""
    seal = Image.new("RGB", page.size, WHITE)
    draw = ImageDraw.Draw(seal)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=SEAL, width=max(round(radius * 0.07), 1))
    turns = [math.pi * number / 5 - math.pi / 2 for number in range(10)]
    reach = [radius * (0.45 if number % 2 == 0 else 0.18) for number in range(10)]
    star = [(x + far * math.cos(turn), y + far * math.sin(turn)) for turn, far in zip(turns, reach, strict=True)]
    draw.polygon(star, fill=SEAL)
    below, ink = np.asarray(page, dtype=np.float64), np.asarray(seal, dtype=np.float64)
    mixed = np.where((ink.min(axis=2) < 150)[:, :, None], ink, below) if opaque else below * ink / 255
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))


def scanned(page: Image.Image, scanner: Scanner) -> Image.Image:
    """Askew and noisy."""
    turned = page.rotate(scanner.skew, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)
    values: npt.NDArray[np.float64] = np.asarray(turned, dtype=np.float64)
    if scanner.noise:
        values = values + np.random.default_rng(scanner.seed).normal(0, scanner.noise, values.shape)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def encoded(page: Image.Image, kind: str, scanner: Scanner) -> bytes:
    """An image file (`JPEG`, `PNG`, `TIFF`, `BMP` …) that says its resolution."""
    target = io.BytesIO()
    page.save(target, kind, quality=scanner.quality, dpi=(scanner.dpi, scanner.dpi))
    return target.getvalue()


def scan_pdf(pdf: bytes, scanner: Scanner | None = None) -> bytes:
    """A PDF of pictures of the pages of a PDF."""
    scanner = scanner or Scanner()
    return picture_pdf([scanned(page, scanner) for page in drawn(pdf, scanner.dpi)], scanner)


def picture_pdf(pages: Sequence[Image.Image], scanner: Scanner, *, text: str = "", part: float = 1.0) -> bytes:
    """A PDF with one JPEG a page, as scanners write it; it is as wide and high as this `part` of the page. `text` (ASCII) lies over it."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for page in pages:
        number = len(objects) + 1
        kids.append(f"{number} 0 R")
        width, height = (side * 72 / scanner.dpi for side in page.size)
        show = (
            f"q {width * part:.2f} 0 0 {height * part:.2f} 0 0 cm /I Do Q BT /F 9 Tf 20 20 Td ({text}) Tj ET".encode()
        )
        data = encoded(page, "JPEG", scanner)
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.2f} {height:.2f}] /Contents {number + 1} 0 R "
            f"/Resources << /XObject << /I {number + 2} 0 R >> /Font << /F {_FONT} >> >> >>".encode(),
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(show), show),
            b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 "
            b"/Filter /DCTDecode /Length %d >>\nstream\n%b\nendstream" % (*page.size, len(data), data),
        ]
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + table + trailer

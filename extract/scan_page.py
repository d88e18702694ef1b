"""A straight page image → grids: the pieces of lines that stand in each cell (scan_pieces.py) are read and put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from yusuan.extract.grid import Cell, Grid, Note
from yusuan.extract.pdf_api import Floats, Ints, transform_box
from yusuan.extract.pdf_cells import Lattice, find_lattices
from yusuan.extract.pdf_page import drop_frames
from yusuan.extract.pdf_text import Line
from yusuan.extract.pdf_wrap import full_lines, paddings, text_width
from yusuan.extract.scan_image import PIXEL, Image, PageImage
from yusuan.extract.scan_pieces import Piece, find_pieces
from yusuan.extract.scan_text import Reading, recognize

DOUBTFUL = 0.75
"""Below this confidence a cell is reported."""
DOUBTED = 0.5
"""The confidence, at most, of a number that two looks read differently, of one that is not well formed, and of what a seal covers."""
_SIGN_LETTERS = 4
"""A sign is read as so many letters at the most."""
_DOT = 12
"""Pixels of the side of a dot, at the most."""
_HIDING = 600
"""So many pixels of a seal's ink may hide a letter (of 10 points: 42 by 42)."""
_STAMPED = 0.02
"""A line is below a seal if so much of its box is the seal's ink."""
_BEARING = 0.1
"""Of a letter's width: so much before its end its ink ends."""
_DIGITS = re.compile(r"\d")
_DIGITS_ONLY = re.compile(r"[^0-9.]")
_BROKEN_NUMBER = re.compile(
    r"\d\.\d{3}(?!\d)|\d[,，]\d{1,2}(?!\d)|\d[,，]\d{4}|\d[,，.][,，.]|\d\s+[,，.]|\d[oOlI]|[oOlI]\d{2}"
)


@dataclass(slots=True)
class ScanResult:
    """`confidence` is the mean over the page's lines, 0 where nothing was read; notes count grids from 0 on this page."""

    grids: list[Grid] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    confidence: float = 0.0
    lines: int = 0


def read_page(image: PageImage, boxes: Floats, page: int | None) -> ScanResult:
    """The ruled tables of a page in reading order, with confidences and notes. `boxes` as `find_text` gives them."""
    lattices = drop_frames(find_lattices(image.horizontal, image.vertical))
    first = [0]
    for lattice in lattices:
        first.append(first[-1] + len(lattice.cells))
    pieces = find_pieces(image.ink, boxes, lattices, first)
    _read(image.grey, pieces)
    if image.stamped is not None:
        _doubt_stamped(image.stamped, pieces)
    result = ScanResult()
    read = [piece.reading.confidence for piece in pieces if piece.reading.text]
    result.lines = len(read)
    result.confidence = sum(read) / len(read) if read else 0.0
    outside = _lines([piece for piece in pieces if piece.home < 0 and piece.reading.text], apart=True)
    by_home: dict[int, list[Piece]] = {}
    for piece in pieces:
        by_home.setdefault(piece.home, []).append(piece)
    for index, lattice in enumerate(lattices):
        own = [by_home.get(number, []) for number in range(first[index], first[index + 1])]
        if not any(own) and (len(lattice.xs) <= 2 or len(lattice.ys) <= 2):
            continue
        context = _context(outside, lattice, lattices)
        cells = _cells(lattice, own, page, image)
        for number, (cell, parts) in enumerate(zip(cells, own, strict=True)):
            hidden = not parts and _is_hidden(image.stamped, lattice, number)
            if hidden or (cell.confidence is not None and cell.confidence < DOUBTFUL):
                result.notes.append(_doubt(cell, len(result.grids)))
        result.grids.append(Grid(cells, context=context, page=page, edges=tuple(lattice.xs)))
    return result


# --- pieces → readings ------------------------------------------------------------------------------------------------


def _read(grey: Image, pieces: list[Piece]) -> None:
    """Reads all pieces; those with digits a second time, blurred and with other margins: what is read twice the same is seldom wrong."""
    for piece, reading in zip(pieces, recognize([_picture(grey, piece) for piece in pieces]), strict=True):
        piece.reading = Reading(reading.text.strip(), reading.confidence)
        sign = drawn_sign(piece.blots, grey) if len(piece.reading.text) <= _SIGN_LETTERS else ""
        if sign:
            piece.reading = Reading(sign, 1.0)
    numbers = [piece for piece in pieces if _DIGITS.search(piece.reading.text)]
    again = recognize([_softened(_picture(grey, piece, 3)) for piece in numbers])
    for piece, second in zip(numbers, again, strict=True):
        text, confidence = piece.reading
        other = _DIGITS_ONLY.sub("", second.text)
        if _DIGITS_ONLY.sub("", text) != other or is_doubtful_number(text):
            piece.reading = Reading(text, min(confidence, DOUBTED))


def drawn_sign(blots: Ints, grey: Image) -> str:
    """What a piece is that is nothing but a drawn sign, which the engine takes for letters: `……` (mm), `＝` (二), `——` (一一), `/` (1); else ""."""
    widths, heights = blots[:, 2], blots[:, 3]
    y0, y1 = int(blots[:, 1].min()), int((blots[:, 1] + heights).max())
    if len(blots) >= 3 and int(blots[:, 2:4].max()) <= _DOT and y1 - y0 <= 2 * _DOT:
        return "…" * max(round(len(blots) / 3), 1)
    flat = bool((widths >= 2.5 * heights).all())
    if len(blots) == 2 and flat:
        if y1 - y0 >= 2.5 * int(heights.max()):
            return "=" if int(widths.min()) >= 0.85 * int(widths.max()) else ""
        return "——"
    if len(blots) == 1 and 0.2 < widths[0] / heights[0] < 1.1 and _is_slash(blots[0], grey):
        return "/"
    return ""


def _is_slash(blot: Ints, grey: Image) -> bool:
    """Whether a blot is one thin stroke that rises to the right."""
    x, y, w, h = (int(value) for value in blot[:4])
    rows, columns = np.nonzero(grey[y : y + h, x : x + w] < 128)
    if len(rows) < 20 or len(rows) > 0.45 * w * h:
        return False
    return bool(np.corrcoef(rows, columns)[0, 1] < -0.93)


def is_doubtful_number(text: str) -> bool:
    """Whether a text holds a number that nobody writes so: `660.000` (a comma read as a point), `12,3456`, `3O0`."""
    return bool(_BROKEN_NUMBER.search(text))


def _doubt_stamped(stamped: Image, pieces: list[Piece]) -> None:
    """Letters below a seal may be gone without a trace: the engine is as sure of what is left."""
    for piece in pieces:
        if float((stamped[piece.y0 : piece.y1, piece.x0 : piece.x1] > 0).mean()) > _STAMPED:
            piece.reading = Reading(piece.reading.text, min(piece.reading.confidence, DOUBTED))


def _softened(picture: Image) -> Image:
    """Another look at the same line: softer, at another size."""
    soft = cv2.GaussianBlur(picture, (5, 5), 0)
    return np.asarray(cv2.resize(soft, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _picture(grey: Image, piece: Piece, extra: int = 0) -> Image:
    """The piece with a margin of white paper, nothing of its neighbours in it."""
    margin = max(3, round(0.12 * (piece.y1 - piece.y0))) + extra
    own = grey[piece.y0 : piece.y1, piece.x0 : piece.x1]
    height = own.shape[0]
    least = max(0, 34 - height) // 2  # a dash alone would be blown up to a bar
    return np.asarray(
        cv2.copyMakeBorder(
            own, margin + least, margin + least, 2 * margin, 2 * margin, cv2.BORDER_CONSTANT, value=(255,)
        ),
        dtype=np.uint8,
    )


# --- readings → cells -------------------------------------------------------------------------------------------------


def _lines(pieces: Sequence[Piece], *, apart: bool = False) -> list[Line]:
    """Lines from top to bottom in points; pieces side by side are one, outside of tables (`apart`) only near ones."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.y0 + piece.y1, piece.x0)):
        for row in reversed(rows[-3:]):
            top, bottom = max(part.y0 for part in row), min(part.y1 for part in row)
            if min(bottom, piece.y1) - max(top, piece.y0) > 0.5 * min(bottom - top, piece.y1 - piece.y0):
                row.append(piece)
                break
        else:
            rows.append([piece])
    lines = []
    for row in rows:
        run: list[Piece] = []
        for piece in sorted(row, key=lambda piece: piece.x0):
            if apart and run and piece.x0 - run[-1].x1 > 1.2 * (piece.y1 - piece.y0):
                lines.append(_line(run))
                run = []
            run.append(piece)
        lines.append(_line(run))
    return lines


def _line(pieces: Sequence[Piece]) -> Line:
    text = ""
    for piece in pieces:
        latin = text and text[-1].isascii() and piece.reading.text[:1].isascii() and text[-1].isalnum()
        text += (" " if latin and piece.reading.text[:1].isalnum() else "") + piece.reading.text
    x0, x1 = min(piece.x0 for piece in pieces) * PIXEL, max(piece.x1 for piece in pieces) * PIXEL
    top, bottom = min(piece.y0 for piece in pieces) * PIXEL, max(piece.y1 for piece in pieces) * PIXEL
    ems = text_width(text, 1.0)
    high = (bottom - top) * 1.1
    size = min(max((x1 - x0) / ems, 0.8 * high), 1.3 * high) if ems >= 3 else high
    return Line(text, x0, x1, top, bottom, max(size, 4.0), 0)


def _cells(lattice: Lattice, own: Sequence[Sequence[Piece]], page: int | None, image: PageImage) -> tuple[Cell, ...]:
    xs, ys = lattice.xs, lattice.ys
    texts = [_lines([piece for piece in pieces if piece.reading.text]) for pieces in own]
    shown_by, usual = paddings(lattice, texts)
    cells = []
    for number, ((r0, c0, r1, c1), lines, pieces) in enumerate(zip(lattice.cells, texts, own, strict=True)):
        box = (xs[c0], ys[r0], xs[c1], ys[r1])
        shown = transform_box(box, image.back)
        x0, y0, x1, y1 = (round(value, 2) for value in shown)
        cell = Cell(r0, c0, r1 - r0, c1 - c0, "\n".join(line.text for line in lines), page, (x0, y0, x1, y1))
        if pieces:
            cell = cell._replace(confidence=min(piece.reading.confidence for piece in pieces))
        if lines:
            full = full_lines(lines, xs[c1] - shown_by.get(number, usual))
            room = round((box[2] - usual - lines[-1].x1) / lines[-1].size - _BEARING, 3)
            cell = cell._replace(full_lines=full, room=room)
        cells.append(cell)
    return tuple(cells)


def _context(outside: Sequence[Line], lattice: Lattice, lattices: Sequence[Lattice]) -> tuple[str, ...]:
    """Lines above the table and below the one before it; parts of a line joined by a blank."""
    above = [other.ys[-1] for other in lattices if other is not lattice and other.ys[-1] <= lattice.ys[0] + 1]
    top = max(above, default=0.0)
    own = [line for line in outside if top - 1 <= (line.top + line.bottom) / 2 <= lattice.ys[0]]
    texts: list[str] = []
    last: Line | None = None
    for line in own:
        if last is not None and min(last.bottom, line.bottom) - max(last.top, line.top) > 0.3 * line.size:
            texts[-1] += f" {line.text}"
        else:
            texts.append(line.text)
        last = line
    return tuple(texts)


def _is_hidden(stamped: Image | None, lattice: Lattice, number: int) -> bool:
    """Whether there may have been a text below the ink of a seal."""
    if stamped is None:
        return False
    r0, c0, r1, c1 = lattice.cells[number]
    x0, x1 = (round(lattice.xs[c] / PIXEL) for c in (c0, c1))
    y0, y1 = (round(lattice.ys[r] / PIXEL) for r in (r0, r1))
    return int((stamped[y0:y1, x0:x1] > 0).sum()) > _HIDING


def _doubt(cell: Cell, grid: int) -> Note:
    place = f"{f'第{cell.page}页' if cell.page else ''}第{grid + 1}个表格第{cell.row + 1}行第{cell.col + 1}列"
    if cell.text:
        shown = cell.text[:40].replace("\n", "")
        message = f"{place}的“{shown}”识别置信度低（{cell.confidence:.2f}），可能有误，请对照原件核对。"
    else:
        message = f"{place}没有识别出文字（可能被印章遮盖或字迹不清），请对照原件核对。"
    return Note("low-confidence", message, cell.page, grid, cell.row, cell.col, cell.text[:200] or None)

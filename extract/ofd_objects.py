"""Objects of an OFD page → the arrays of characters and paths that the PDF reader's geometry works on.

OFD measures in millimetres from the top left, y downwards; the arrays are in points, in the same direction. An object has a
boundary (where it lies, and its clipping), a matrix inside of it, and what it draws in coordinates of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from yusuan.extract.ofd_attributes import Color, color_of, deltas_of, matrix_of, number_of, numbers_of, opaque
from yusuan.extract.ofd_path import Point, parse_path
from yusuan.extract.package import Element, Package, part_name
from yusuan.extract.pdf_advances import turn_columns
from yusuan.extract.pdf_api import Box, Codes, Floats, Ints, Matrix, multiply
from yusuan.extract.pdf_chars import Chars, on_ground, plain_radicals, turns_of
from yusuan.extract.pdf_letters import kinds_of
from yusuan.extract.pdf_lines import Marks
from yusuan.extract.pdf_objects import Paths, Texts, are_rectangles

POINTS = 72 / 25.4
"""Points in a millimetre."""
MAX_CHARS = 400_000
MAX_DEPTH = 20
LATIN_UP_TO = 0x590
LINE_WIDTH = 0.353
"""The standard's default, in millimetres."""
_BLACK: Color = (0.0, 0.0, 0.0, 255.0)


@dataclass(frozen=True, slots=True)
class _Style:
    """What objects inherit from drawing parameters."""

    width: float = LINE_WIDTH
    fill: Color | None = None
    stroke: Color | None = None


class Resources:
    """Drawing parameters and composite graphics of a document, by id."""

    def __init__(self, package: Package, document: Element, main: str) -> None:
        """`document`: the root of the part `main`."""
        self.styles: dict[str, Element] = {}
        self.composites: dict[str, Element] = {}
        for item in (
            *document.iterfind("{*}CommonData/{*}PublicRes"),
            *document.iterfind("{*}CommonData/{*}DocumentRes"),
        ):
            part = part_name(main, item.text or "")
            if part in package:
                root = package.parse(part)
                self.styles |= {each.get("ID", ""): each for each in root.iter("{*}DrawParam")}
                self.composites |= {each.get("ID", ""): each for each in root.iter("{*}CompositeGraphicUnit")}

    def style(self, number: str | None, base: _Style, depth: int = 0) -> _Style:
        element = self.styles.get(number or "")
        if element is None or depth > MAX_DEPTH:
            return base
        base = self.style(element.get("Relative"), base, depth + 1)
        return _with_own(element, base)


def _with_own(element: Element, base: _Style) -> _Style:
    return _Style(
        number_of(element.get("LineWidth"), base.width),
        color_of(element.find("{*}FillColor"), base.fill),
        color_of(element.find("{*}StrokeColor"), base.stroke),
    )


@dataclass(slots=True)
class _Text:
    matrix: Matrix
    color: Color
    clip: Box


@dataclass(slots=True)
class _Path:
    points: list[Point]
    joined: list[bool]
    closing: list[bool]
    fill: Color | None
    stroke: Color | None
    width: float
    clip: Box


@dataclass(slots=True)
class Canvas:
    """Everything drawn on a page, in drawing order. `box`: the physical box of the page, in millimetres."""

    resources: Resources
    box: tuple[float, float, float, float]
    drawn: int = 0
    codes: list[int] = field(default_factory=list)
    places: list[Point] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    _texts: list[_Text] = field(default_factory=list)
    _text_order: list[int] = field(default_factory=list)
    _paths: list[_Path] = field(default_factory=list)
    _path_order: list[int] = field(default_factory=list)

    @property
    def height(self) -> float:
        return self.box[3] * POINTS

    def has_text(self) -> bool:
        return any(code > 32 for code in self.codes)

    def draw_page(self, page: Element) -> None:
        x, y, _, _ = self.box
        base: Matrix = (POINTS, 0.0, 0.0, POINTS, -x * POINTS, -y * POINTS)
        for layer in page.iterfind("{*}Content/{*}Layer"):
            self._draw(layer, base, self.resources.style(layer.get("DrawParam"), _Style()), 0)

    def _draw(self, parent: Element, base: Matrix, style: _Style, depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        for item in parent:
            name = item.tag.rpartition("}")[2] if isinstance(item.tag, str) else ""
            if item.get("Visible") in ("false", "0"):
                continue
            if name == "PageBlock":
                self._draw(item, base, style, depth + 1)
            elif name in ("TextObject", "PathObject", "CompositeObject", "ImageObject"):
                self.drawn += 1
                own = _with_own(item, self.resources.style(item.get("DrawParam"), style))
                boundary = numbers_of(item.get("Boundary"))
                if len(boundary) != 4:
                    continue
                inner = multiply(matrix_of(item.get("CTM")), multiply((1, 0, 0, 1, boundary[0], boundary[1]), base))
                clip = _clip(boundary, base)
                if name == "TextObject":
                    self._draw_text(item, inner, own, clip)
                elif name == "PathObject":
                    self._draw_path(item, inner, own, clip)
                elif name == "CompositeObject":
                    self._draw_composite(item, inner, own, depth)

    def _draw_composite(self, item: Element, inner: Matrix, style: _Style, depth: int) -> None:
        unit = self.resources.composites.get(item.get("ResourceID", ""))
        content = None if unit is None else unit.find("{*}Content")
        if content is not None:
            self._draw(content, inner, style, depth + 1)

    # --- text

    def _draw_text(self, item: Element, inner: Matrix, style: _Style, clip: Box) -> None:
        size = number_of(item.get("Size"), 0.0)
        if size <= 0 or (item.get("Fill") == "false" and item.get("Stroke") != "true"):
            return
        a, b, c, d, _, _ = inner
        across = size * number_of(item.get("HScale"), 1.0)
        turned = math.radians(number_of(item.get("CharDirection"), 0.0))
        cos, sin = math.cos(turned), math.sin(turned)
        vector = (a * cos + c * sin, b * cos + d * sin, a * sin - c * cos, b * sin - d * cos)
        color = opaque(style.fill or _BLACK, item)
        number = len(self._texts)
        matrix = (vector[0] * across, vector[1] * across, vector[2] * size, vector[3] * size, inner[4], inner[5])
        self._texts.append(_Text(matrix, color, clip))
        self._text_order.append(self.drawn)
        down = item.get("ReadDirection") in ("90", "270")
        x = y = 0.0
        for code in item.iterfind("{*}TextCode"):
            text = code.text or ""
            x, y = number_of(code.get("X"), x), number_of(code.get("Y"), y)
            along = deltas_of(code.get("DeltaX"), len(text) - 1)
            below = deltas_of(code.get("DeltaY"), len(text) - 1)
            at_x, at_y = x, y
            for index, letter in enumerate(text):
                if len(self.codes) >= MAX_CHARS:
                    return
                self.codes.append(ord(letter))
                self.places.append((a * at_x + c * at_y + inner[4], b * at_x + d * at_y + inner[5]))
                self.sources.append(number)
                if index < len(text) - 1:
                    usual = across if ord(letter) >= LATIN_UP_TO else across / 2
                    at_x += along[index] if along else 0.0 if below or down else usual
                    at_y += below[index] if below else usual if down and not along else 0.0

    def characters(self, ground: Marks) -> tuple[Chars, Texts]:
        """The visible characters and their text objects."""
        texts = Texts(
            np.array([text.matrix for text in self._texts], dtype=np.float64).reshape(-1, 6),
            np.zeros(len(self._texts), dtype=np.int64),
            np.array([text.color for text in self._texts], dtype=np.float64).reshape(-1, 4),
            np.array([text.clip for text in self._texts], dtype=np.float64).reshape(-1, 4),
            np.array(self._text_order, dtype=np.int64),
            {},
            [],
        )
        code = np.array(self.codes, dtype=np.uint32)
        place = np.array(self.places, dtype=np.float64).reshape(-1, 2)
        x, y = place[:, 0].copy(), place[:, 1].copy()
        source = np.array(self.sources, dtype=np.int64)
        turn = turns_of(texts)[source]
        size = np.hypot(texts.matrix[:, 2], texts.matrix[:, 3])[source]
        width = _widths(code, np.hypot(texts.matrix[:, 0], texts.matrix[:, 1])[source], source, x, y)
        turn_columns(x, y, size, turn, source)
        code = plain_radicals(code)
        chars = Chars(code, kinds_of(code), x, y, width, size, turn, source, np.zeros(len(code), dtype=np.bool_))
        chars = chars.take(texts.color[source, 3] > 0)
        middle = np.stack((chars.x, chars.y), axis=1)
        return on_ground(chars, texts, ground, middle[:, 0] + chars.width / 2, middle[:, 1] - 0.3 * chars.size), texts

    # --- paths

    def _draw_path(self, item: Element, inner: Matrix, style: _Style, clip: Box) -> None:
        fill = opaque(style.fill or _BLACK, item) if item.get("Fill") in ("true", "1") else None
        stroke = opaque(style.stroke or _BLACK, item) if item.get("Stroke") not in ("false", "0") else None
        data = item.find("{*}AbbreviatedData")
        if data is None or (fill is None and stroke is None):
            return
        points, joined, closing = parse_path(data.text or "")
        if len(points) < 2:
            return
        a, b, c, d, e, f = inner
        moved = [(a * x + c * y + e, b * x + d * y + f) for x, y in points]
        width = style.width * math.sqrt(abs(a * d - b * c))
        half = width / 2 + 0.5  # a boundary is as wide as the path, without half of its stroke
        around = (clip[0] - half, clip[1] - half, clip[2] + half, clip[3] + half)
        self._paths.append(_Path(moved, joined, closing, fill, stroke, width, around))
        self._path_order.append(self.drawn)

    def paths(self) -> Paths | None:
        """The paths that paint something; None if there is none."""
        paths = self._paths
        if not paths:
            return None
        points = np.array([point for path in paths for point in path.points], dtype=np.float64).reshape(-1, 2)
        first = np.concatenate(([0], np.cumsum([len(path.points) for path in paths]))).astype(np.int64)
        low = np.minimum.reduceat(points, first[:-1])
        high = np.maximum.reduceat(points, first[:-1])
        clear = (0.0, 0.0, 0.0, 0.0)
        return Paths(
            np.array([path.fill is not None for path in paths], dtype=np.bool_),
            np.array([path.stroke is not None for path in paths], dtype=np.bool_),
            np.array([path.fill or clear for path in paths], dtype=np.float64),
            np.array([path.stroke or clear for path in paths], dtype=np.float64),
            np.array([path.width for path in paths], dtype=np.float64),
            np.array([path.clip for path in paths], dtype=np.float64),
            np.array(self._path_order, dtype=np.int64),
            first,
            points,
            np.array([flag for path in paths for flag in path.joined], dtype=np.bool_),
            np.array([flag for path in paths for flag in path.closing], dtype=np.bool_),
            np.concatenate((low, high), axis=1),
            are_rectangles(points, first, low, high),
            False,
        )


def _widths(code: Codes, size: Floats, source: Ints, x: Floats, y: Floats) -> Floats:
    """Advances: up to the next letter of the object where that is near enough to be one, else as wide as such letters are.

    Signs that are neither Latin nor CJK (quotation marks, dashes, ≥) are as wide as they are high in Chinese fonts.
    """
    usual = np.where(code < LATIN_UP_TO, size / 2, size)
    step = np.full(len(code), np.inf)
    step[:-1] = np.hypot(np.diff(x), np.diff(y))
    step[:-1][source[1:] != source[:-1]] = np.inf
    return np.where((step > 0.15 * size) & (step < 1.1 * size), step, usual)


def _clip(boundary: list[float], base: Matrix) -> Box:
    x, y, width, height = boundary
    a, b, c, d, e, f = base
    corners = [(a * px + c * py + e, b * px + d * py + f) for px in (x, x + width) for py in (y, y + height)]
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return (min(xs), min(ys), max(xs), max(ys))

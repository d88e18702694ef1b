"""The objects of one page in the coordinates of the reader: paths and text objects, with colours and clipping.

The page is walked through its form XObjects once (`collect`); then each property is asked for all objects in one go.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, compress, repeat
from typing import Any

import numpy as np
import pypdfium2_raw as pdfium

from yusuan.extract.pdf_api import (
    Bools,
    Box,
    Floats,
    Handle,
    Ints,
    Matrix,
    Out,
    as_handle,
    compose,
    every,
    handle_of,
    multiply,
    places,
    quick,
    some,
)
from yusuan.extract.pdf_clips import Level, clip_boxes

TEXT, PATH, IMAGE, SHADING, FORM = 1, 2, 3, 4, 5
LINE_TO, BEZIER_TO, MOVE_TO = 0, 1, 2
MAX_OBJECTS = 200_000
MAX_SEGMENTS = 1_000_000
MAX_DEPTH = 12
NO_TEXT = -1
"""Instead of a mode of rendering, of what is no text."""
_PAINTS_NO_TEXT = frozenset((3, 7, NO_TEXT))

_count_objects = quick(pdfium.FPDFPage_CountObjects, ctypes.c_int)
_get_object = quick(pdfium.FPDFPage_GetObject, ctypes.c_void_p)
_form_count = quick(pdfium.FPDFFormObj_CountObjects, ctypes.c_int)
_form_object = quick(pdfium.FPDFFormObj_GetObject, ctypes.c_void_p)
_get_type = quick(pdfium.FPDFPageObj_GetType, ctypes.c_int)
_get_matrix = quick(pdfium.FPDFPageObj_GetMatrix, None)
_draw_mode = quick(pdfium.FPDFPath_GetDrawMode, None)
_fill_color = quick(pdfium.FPDFPageObj_GetFillColor, ctypes.c_int)
_stroke_color = quick(pdfium.FPDFPageObj_GetStrokeColor, ctypes.c_int)
_stroke_width = quick(pdfium.FPDFPageObj_GetStrokeWidth, None)
_count_segments = quick(pdfium.FPDFPath_CountSegments, ctypes.c_int)
_get_segment = quick(pdfium.FPDFPath_GetPathSegment, ctypes.c_void_p)
_segment_point = quick(pdfium.FPDFPathSegment_GetPoint, None)
_segment_type = quick(pdfium.FPDFPathSegment_GetType, ctypes.c_int)
_segment_close = quick(pdfium.FPDFPathSegment_GetClose, ctypes.c_int)
_render_mode = quick(pdfium.FPDFTextObj_GetTextRenderMode, ctypes.c_int)
get_font = quick(pdfium.FPDFTextObj_GetFont, ctypes.c_void_p)
"""The address of a text object's font."""
_font_size = quick(pdfium.FPDFTextObj_GetFontSize, None)

_matrices = Out(ctypes.c_float, np.float32, (1, 0, 0, 1, 0, 0), packed=True)
_points = Out(ctypes.c_float, np.float32, (0, 0))
_colors = Out(ctypes.c_uint, np.uint32, (0, 0, 0, 255))
_modes = Out(ctypes.c_int, np.int32, (0, 0))
_numbers = Out(ctypes.c_float, np.float32, (1,))


@dataclass(slots=True)
class Objects:
    """The texts and paths of a page in drawing order; `truncated` if there is more than will be looked at.

    `owners[i]` is an index into `levels`, `modes[i]` the mode of rendering of a text and `NO_TEXT` for a path; `seen` counts
    what is drawn of any kind.
    """

    levels: list[Level]
    addresses: list[int] = field(default_factory=list)
    handles: list[Handle] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    modes: list[int] = field(default_factory=list)
    seen: int = 0
    picture: bool = False
    truncated: bool = False

    def has_visible_text(self) -> bool:
        """Whether some text object paints letters (a scan with recognised text under the image paints none)."""
        return not _PAINTS_NO_TEXT.issuperset(self.modes)


@dataclass(slots=True)
class Group:
    """Objects of one kind; `order` are their places in `Objects`, `matrix` (n, 6) leads to reader coordinates."""

    handles: list[Handle]
    owners: list[int]
    modes: Ints
    order: Ints
    matrix: Floats

    def take(self, chosen: Bools) -> Group:
        """The chosen ones."""
        own, place = chosen.tolist(), places(chosen)
        handles, owners = list(compress(self.handles, own)), list(compress(self.owners, own))
        return Group(handles, owners, self.modes[place], self.order[place], self.matrix.take(place, axis=0))


def collect(page: Any, base: Matrix, page_box: Box) -> Objects:
    """Walks a page; `base` leads from user space to reader coordinates, `page_box` is in the latter."""
    handle = handle_of(page)
    found = Objects([Level(base, page_box)])
    number = _count_objects(handle)
    _walk(list(map(_get_object, repeat(handle), range(min(number, MAX_OBJECTS)))), 0, found, 0)
    found.truncated |= number > MAX_OBJECTS
    return found


def _walk(addresses: list[int], level: int, found: Objects, depth: int) -> None:
    handles = list(map(as_handle, addresses))
    modes = list(map(_render_mode, handles))
    kinds = [_get_type(handle) if mode == NO_TEXT else TEXT for handle, mode in zip(handles, modes, strict=True)]
    others = {*kinds} - {TEXT, PATH}
    found.picture |= IMAGE in others
    if FORM in others:
        for address, handle, kind, mode in zip(addresses, handles, kinds, modes, strict=True):
            if kind == FORM:
                _enter(handle, level, found, depth)
            elif kind in (TEXT, PATH):
                _add([address], [handle], [mode], level, found)
        return
    found.seen += len(handles)
    if others:
        own = [kind not in others for kind in kinds]
        addresses, handles, modes = (list(compress(column, own)) for column in (addresses, handles, modes))
    _add(addresses, handles, modes, level, found)


def _add(addresses: list[int], handles: list[Handle], modes: list[int], level: int, found: Objects) -> None:
    found.addresses += addresses
    found.handles += handles
    found.modes += modes
    found.owners += repeat(level, len(handles))


def _enter(handle: Handle, level: int, found: Objects, depth: int) -> None:
    """Walks one use of a form XObject."""
    found.seen += 1
    number = _form_count(handle)
    if depth >= MAX_DEPTH or found.seen + number > MAX_OBJECTS:
        found.truncated = True
        return
    a, b, c, d, e, f = _matrices.ask(_get_matrix, 1, [handle])[0].tolist()
    x0, y0, x1, y1 = clip_boxes([handle], [level], found.levels)[0].tolist()
    found.levels.append(Level(multiply((a, b, c, d, e, f), found.levels[level].matrix), (x0, y0, x1, y1)))
    _walk(list(map(_form_object, repeat(handle), range(number))), len(found.levels) - 1, found, depth + 1)


def texts_and_paths(found: Objects) -> tuple[Group, Group]:
    """The objects of a page by kind; the matrices of texts are those without the size of the font."""
    own = _matrices.ask(_get_matrix, len(found.handles), found.handles)
    outer = np.array([level.matrix for level in found.levels], dtype=np.float64)
    matrix = compose(own, outer[0] if len(outer) == 1 else outer.take(found.owners, axis=0))
    modes = np.array(found.modes, dtype=np.int64)
    everything = Group(found.handles, found.owners, modes, np.arange(len(modes)), matrix)
    is_path = modes == NO_TEXT
    return everything.take(~is_path), everything.take(is_path)


def _ask_colors(function: Callable[..., Any], handles: list[Handle]) -> Floats:
    """RGBA in 0–255; what has no colour counts as black."""
    return _colors.ask(function, len(handles), handles)


# --- text objects -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Texts:
    """Arrays over the text objects of a page, in reader coordinates.

    `matrix`: (n, 6), its first four numbers times `size` are the vectors along the text and up its letters; `mode`: PDF's
    rendering mode; `color`: RGBA of the fill; `clip`: the box that may show.
    """

    matrix: Floats
    mode: Ints
    color: Floats
    clip: Floats
    order: Ints
    number: dict[int, int]
    """Address of the text object → its index."""
    handles: list[Handle]


def ask_texts(found: Objects, texts: Group) -> Texts:
    """Everything about the text objects but their text."""
    handles, number = texts.handles, len(texts.handles)
    matrix = texts.matrix
    matrix[:, :4] *= _numbers.ask(_font_size, number, handles)
    return Texts(
        matrix,
        texts.modes,
        _ask_colors(_fill_color, handles),
        clip_boxes(handles, texts.owners, found.levels),
        texts.order,
        dict(zip(map(found.addresses.__getitem__, texts.order.tolist()), range(number), strict=True)),
        handles,
    )


# --- paths --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Paths:
    """Arrays over the painted paths of a page, in reader coordinates; points of path i are `first[i]` to `first[i + 1]`.

    `joined`: a straight line leads from the point before to this one; `closing`: the subpath is closed behind this point;
    `box` is around them and `rectangle` says that they are the four corners of an upright rectangle (of filled paths only).
    """

    fill: Bools
    stroke: Bools
    fill_color: Floats
    stroke_color: Floats
    width: Floats
    clip: Floats
    order: Ints
    first: Ints
    points: Floats
    joined: Bools
    closing: Bools
    box: Floats
    rectangle: Bools
    truncated: bool


def ask_paths(found: Objects, group: Group) -> Paths | None:
    """The paths that paint something; None if there is none."""
    number = np.array(list(map(_count_segments, group.handles)))
    fill, stroke = _modes.ask(_draw_mode, len(group.handles), group.handles).T != 0
    used = (fill | stroke) & (number >= 2)
    past = (number * used).cumsum()
    truncated = bool(past[-1] > MAX_SEGMENTS)
    if truncated:
        used &= past <= MAX_SEGMENTS
    if not every(used):
        group = group.take(used)
        fill, stroke, number, past = fill[used], stroke[used], number[used], past[used]
    handles, matrix = group.handles, group.matrix
    if not handles:
        return None
    first = np.zeros(len(handles) + 1, dtype=np.int64)
    first[1:] = past
    points, joined, closing = _ask_points(handles, number, first, matrix)
    fill_color, stroke_color, box = np.zeros((3, len(handles), 4))
    width = np.zeros(len(handles))
    rectangle = np.zeros(len(handles), dtype=np.bool_)
    if some(fill):
        low = np.minimum.reduceat(points, first[:-1])
        high = np.maximum.reduceat(points, first[:-1])
        box = np.concatenate((low, high), axis=1)
        fill_color[fill] = _ask_colors(_fill_color, list(compress(handles, fill.tolist())))
        rectangle = are_rectangles(points, first, low, high)
    if some(stroke):
        stroked = list(compress(handles, stroke.tolist()))
        stroke_color[stroke] = _ask_colors(_stroke_color, stroked)
        scale = np.sqrt(np.abs(matrix[:, 0] * matrix[:, 3] - matrix[:, 1] * matrix[:, 2]))
        width[stroke] = _numbers.ask(_stroke_width, len(stroked), stroked)[:, 0] * scale[stroke]
    return Paths(
        fill,
        stroke,
        fill_color,
        stroke_color,
        width,
        clip_boxes(handles, group.owners, found.levels),
        group.order,
        first,
        points,
        joined,
        closing,
        box,
        rectangle,
        truncated,
    )


def _ask_points(handles: list[Handle], number: Ints, first: Ints, matrix: Floats) -> tuple[Floats, Bools, Bools]:
    """Points in reader coordinates, `joined` and `closing` (see `Paths`).

    Kinds of segments are asked only where they can matter: two points are a line, five whose last is the first an outline.
    """
    total = int(first[-1])
    numbers = number.tolist()
    owners = chain.from_iterable(map(repeat, handles, numbers))
    segments = list(map(as_handle, map(_get_segment, owners, chain.from_iterable(map(range, numbers)))))
    raw = _points.ask(_segment_point, total, segments)
    own = matrix.repeat(number, axis=0)
    points = own[:, :2] * raw[:, :1] + own[:, 2:4] * raw[:, 1:] + own[:, 4:]
    joined = np.ones(total, dtype=np.bool_)
    joined[first[:-1]] = False
    closing = np.zeros(total, dtype=np.bool_)
    plain = number == 2
    if not every(plain):
        plain |= (number == 5) & (raw[first[:-1]] == raw[first[1:] - 1]).all(axis=1)
        odd = places(~plain.repeat(number)).tolist()
        chosen = [segments[index] for index in odd]
        joined[odd] &= np.fromiter(map(_segment_type, chosen), dtype=np.int64, count=len(odd)) == LINE_TO
        closing[odd] = np.fromiter(map(_segment_close, chosen), dtype=np.int64, count=len(odd)) != 0
    return points, joined, closing


def are_rectangles(points: Floats, first: Ints, low: Floats, high: Floats) -> Bools:
    """Four or five points, all at corners of the box around them, one at each of two opposite corners."""
    number = np.diff(first)
    rectangle = np.zeros(len(number), dtype=np.bool_)
    for corners in (4, 5):
        chosen = places(number == corners)
        if not len(chosen):
            continue
        own = points[first[chosen][:, None] + np.arange(corners)]
        left, right = own - low[chosen][:, None], high[chosen][:, None] - own
        at_corner = (np.minimum(left, right) < 0.1).all(axis=(1, 2))
        opposite = (np.abs(own[:, 0] - own[:, 2]) >= (high - low)[chosen] - 0.2).all(axis=1)
        rectangle[chosen] = at_corner & opposite
    return rectangle


def subpaths(paths: Paths, index: int) -> Iterator[list[tuple[float, float]]]:
    """The straight parts of one path, each a list of at least two points; a closed one ends where it begins."""
    begin, end = int(paths.first[index]), int(paths.first[index + 1])
    part: list[tuple[float, float]] = []
    for number in range(begin, end):
        x, y = paths.points[number].tolist()
        if not paths.joined[number]:
            if len(part) > 1:
                yield part
            part = []
        part.append((x, y))
        if paths.closing[number] and len(part) > 2 and part[0] != part[-1]:
            part.append(part[0])
    if len(part) > 1:
        yield part

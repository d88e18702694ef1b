"""Ruling lines of a page: what its paths draw, as seen by an eye.

Producers draw borders as strokes (LibreOffice, Acrobat), as thin filled rectangles with corner squares (Word, Excel), as
filled and stroked cell rectangles (WPS) or as polygons. All of these become `Rule`s. A line that nobody sees makes no row:
white on white, transparent, clipped away, painted over. Everything here is in reader coordinates (points, y downwards).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from yusuan.extract.pdf_api import Bools, Box, Floats, Ints, every, places, some
from yusuan.extract.pdf_objects import Paths, subpaths
from yusuan.extract.pdf_polygons import SLOPE, THIN, Point, take_apart

Rule = tuple[float, float, float]
"""Position, from, to: (y, x0, x1) of a horizontal rule, (x, y0, y1) of a vertical one."""

THICK = 6.5
"""A filled rectangle is a rule up to `THIN` points, up to this thickness if it is dark and long (Word's thickest border is 6 pt)."""
JOIN = 3.0
"""Gap between two pieces of one line, in points (the same as pdfplumber's join tolerance)."""
DASH_JOIN = 9.0
"""Gap between two dashes that are no longer than `DASH`."""
DASH = 14.0
CONTRAST = 12
"""Difference of a colour channel (of 255) from its ground that an eye still sees."""
MAX_PAIRS = 20_000_000


@dataclass(slots=True)
class Marks:
    """Things painted: their boxes (n, 4), colours (n, 4: RGBA) and drawing order."""

    box: Floats
    color: Floats
    order: Ints

    def __len__(self) -> int:
        return len(self.order)

    def take(self, chosen: Ints) -> Marks:
        """Those with these numbers."""
        return Marks(self.box.take(chosen, axis=0), self.color.take(chosen, axis=0), self.order[chosen])

    def keep(self, chosen: Bools) -> Marks:
        """The chosen ones."""
        return self if every(chosen) else self.take(places(chosen))


@dataclass(slots=True)
class Ruling:
    """The visible rules of a page, the visible filled areas, and all filled areas in drawing order (the ground of its text)."""

    horizontal: list[Rule]
    vertical: list[Rule]
    blocks: Marks
    ground: Marks


def contrasts(color: Floats, under: Floats | float = 255.0) -> Bools:
    """Whether an eye tells the colours (n, 4: RGBA), with their transparency, from what is under them (n, 3)."""
    red, green, blue = np.abs(color[:, :3] - under).T
    seen: Bools = np.maximum(np.maximum(red, green), blue) * color[:, 3] > CONTRAST * 255
    return seen


def colors_under(box: Floats, order: Ints, ground: Marks) -> Floats | float:
    """The colour (n, 3) painted last, before `order`, under the middle of each box; 255.0 where all paper is white."""
    if not len(ground) or len(box) * len(ground) > MAX_PAIRS or not some(contrasts(ground.color)):
        return 255.0
    x, y = (box[:, 0] + box[:, 2])[:, None] / 2, (box[:, 1] + box[:, 3])[:, None] / 2
    under = (ground.box[:, 0] <= x) & (x <= ground.box[:, 2]) & (ground.box[:, 1] <= y) & (y <= ground.box[:, 3])
    under &= ground.order < order[:, None]
    last = len(ground) - 1 - under[:, ::-1].argmax(axis=1)
    color = ground.color[last, :3]
    color[~under.any(axis=1)] = 255.0
    return color


def find_rules(paths: Paths) -> Ruling:
    """The rules of a page from its paths."""
    lines, bands = _stroked(paths)
    areas, polygons = _filled(paths)
    strips, ground = _split_areas(areas)
    ground = _concatenate(ground, bands)
    ground = ground.take(ground.order.argsort(kind="stable")) if len(ground) else ground
    blocks = ground
    if len(ground):
        blocks = ground.keep(contrasts(ground.color, colors_under(ground.box, ground.order, ground)))
    found = [pieces for pieces in (lines, strips, polygons) if len(pieces.marks)]
    if not found:
        return Ruling([], [], blocks, ground)
    pieces = found[0] if len(found) == 1 else _put_together(found)
    marks, horizontal, vertical = pieces.marks, pieces.horizontal, pieces.vertical
    kept = contrasts(marks.color, colors_under(marks.box, marks.order, ground))
    if len(ground):
        kept &= ~_is_shading(marks, blocks) & ~_is_painted_over(marks, ground)
    drawn = kept & (pieces.width > 0.0)
    if np.count_nonzero(drawn & horizontal) >= 2 and np.count_nonzero(drawn & vertical) >= 2:
        kept = drawn  # elsewhere zero-width lines are all the lines there are, and show as hairlines
    rows = [((y0 + y1) / 2, x0, x1) for x0, y0, x1, y1 in marks.box[kept & horizontal].tolist()]
    columns = [((x0 + x1) / 2, y0, y1) for x0, y0, x1, y1 in marks.box[kept & vertical].tolist()]
    return Ruling(join_pieces(rows), join_pieces(columns), blocks, ground)


@dataclass(slots=True)
class _Pieces:
    """Pieces of rules with their widths; what is as high as wide may be a piece of both a horizontal and a vertical one."""

    marks: Marks
    width: Floats
    horizontal: Bools
    vertical: Bools


def _straight(marks: Marks, width: Floats) -> _Pieces:
    """Pieces that run along the longer side of their boxes."""
    size = marks.box[:, 2:] - marks.box[:, :2]
    flat: Bools = size[:, 1] <= size[:, 0]
    return _Pieces(marks, width, flat, ~flat)


def _put_together(parts: list[_Pieces]) -> _Pieces:
    return _Pieces(
        _concatenate(*[part.marks for part in parts]),
        np.concatenate([part.width for part in parts]),
        np.concatenate([part.horizontal for part in parts]),
        np.concatenate([part.vertical for part in parts]),
    )


def _concatenate(*marks: Marks) -> Marks:
    found = [mark for mark in marks if len(mark)]
    if len(found) < 2:
        return found[0] if found else marks[0]
    return Marks(
        np.concatenate([mark.box for mark in found]),
        np.concatenate([mark.color for mark in found]),
        np.concatenate([mark.order for mark in found]),
    )


NO_MARKS = Marks(np.empty((0, 4)), np.empty((0, 4)), np.empty(0, dtype=np.int64))
_NO_PIECES = _straight(NO_MARKS, np.empty(0))


# --- strokes ------------------------------------------------------------------------------------------------------------


def _stroked(paths: Paths) -> tuple[_Pieces, Marks]:
    """Upright segments, and the areas that wider strokes paint."""
    if not some(paths.stroke):
        return _NO_PIECES, NO_MARKS
    stroked = paths.stroke.repeat(paths.first[1:] - paths.first[:-1])
    end = places(paths.joined & stroked)
    start = end - 1
    if some(paths.closing):
        closing = places(paths.closing & stroked)
        heads = places(~paths.joined)  # a subpath begins at the last point to which no line leads
        start = np.concatenate((start, closing))
        end = np.concatenate((end, heads[heads.searchsorted(closing, side="right") - 1]))
    owner = paths.first.searchsorted(start, side="right") - 1
    return _upright(
        paths.points.take(start, axis=0),
        paths.points.take(end, axis=0),
        paths.width[owner],
        Marks(paths.clip, paths.stroke_color, paths.order).take(owner),
    )


def _upright(start: Floats, end: Floats, width: Floats, style: Marks) -> tuple[_Pieces, Marks]:
    """Segments that are upright within `SLOPE`, cut to `style.box` (their clipping), and the areas of very wide ones."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    size = high - low
    along = size[:, ::-1] <= size * SLOPE  # whether it runs along x, along y: a point does both
    half = width[:, None] / 2
    middle = (low + high) / 2
    clip = style.box
    near = (clip[:, :2] - half - 0.5 <= middle) & (middle <= clip[:, 2:] + half + 0.5)
    cut_low, cut_high = np.maximum(low, clip[:, :2]), np.minimum(high, clip[:, 2:])
    across = along[:, ::-1]
    shown = (along > across) & near[:, ::-1] & (cut_high > cut_low)
    chosen = np.asarray(shown[:, 0] | shown[:, 1])
    low, high = np.where(across, low, cut_low), np.where(across, high, cut_high)
    wide = chosen & (width > THICK)
    bands = NO_MARKS
    if some(wide):
        chosen &= ~wide
        bands = Marks(
            np.concatenate((low - half * across, high + half * across), axis=1), style.color, style.order
        ).keep(wide)
    segments = Marks(np.concatenate((low, high), axis=1), style.color, style.order).keep(chosen)
    return _straight(segments, width[chosen]), bands


# --- fills --------------------------------------------------------------------------------------------------------------


def _split_areas(areas: Marks) -> tuple[_Pieces, Marks]:
    """Filled rectangles that are thin enough for rules, and the others."""
    if not len(areas):
        return _NO_PIECES, NO_MARKS
    size = areas.box[:, 2:] - areas.box[:, :2]
    low, high = size.min(axis=1), size.max(axis=1)
    dark = (areas.color[:, :3].max(axis=1) < 128) & (high >= 10 * low)
    thin = size <= np.where(dark, THICK, THIN)[:, None]
    strip = np.asarray(thin.any(axis=1))
    return _Pieces(areas.keep(strip), low[strip], thin[strip, 1], thin[strip, 0]), areas.keep(~strip)


def _filled(paths: Paths) -> tuple[Marks, _Pieces]:
    """Filled upright rectangles, and the rules that filled polygons make."""
    if not some(paths.fill):
        return NO_MARKS, _NO_PIECES
    plain = paths.fill & paths.rectangle
    boxes: list[Box] = []
    owners: list[int] = []
    polygons: list[tuple[Point, Point, float, int]] = []
    for index in places(paths.fill & ~paths.rectangle).tolist():
        take_apart(list(subpaths(paths, index)), index, boxes, owners, polygons)
    owner = np.concatenate((places(plain), np.array(owners, dtype=np.int64)))
    box = np.concatenate((paths.box[plain], np.array(boxes, dtype=np.float64).reshape(-1, 4)))
    clip = paths.clip[owner]
    cut = np.concatenate((np.maximum(box[:, :2], clip[:, :2]), np.minimum(box[:, 2:], clip[:, 2:])), axis=1)
    left = (cut[:, 2:] >= cut[:, :2]).all(axis=1)
    cut, owner = cut[left], owner[left]
    # no longer a rule's area but a rest of it at the edge of the clipping: as invisible as what was cut away
    sliver = ((box[left, 2:] - box[left, :2] > THICK) & (cut[:, 2:] - cut[:, :2] < 0.5)).any(axis=1)
    areas = Marks(cut[~sliver], paths.fill_color[owner[~sliver]], paths.order[owner[~sliver]])
    if not polygons:
        return areas, _NO_PIECES
    own = np.array([polygon[3] for polygon in polygons])
    style = Marks(paths.clip[own], paths.fill_color[own], paths.order[own])
    start = np.array([polygon[0] for polygon in polygons])
    end = np.array([polygon[1] for polygon in polygons])
    rules, _ = _upright(start, end, np.array([polygon[2] for polygon in polygons]), style)
    return areas, rules


# --- what only looks like a rule ----------------------------------------------------------------------------------------


def _is_shading(pieces: Marks, blocks: Marks) -> Bools:
    """Thin strips along an area of their own colour: parts of a shading (Word paints it in strips)."""
    shading = np.zeros(len(pieces), dtype=np.bool_)
    if not len(blocks) or len(pieces) * len(blocks) > MAX_PAIRS:
        return shading
    x0, y0, x1, y1 = (pieces.box[:, column][:, None] for column in range(4))
    bx0, by0, bx1, by1 = blocks.box.T
    flat = x1 - x0 >= y1 - y0
    beside = np.where(
        flat,
        ((np.abs(y1 - by0) < 0.3) | (np.abs(y0 - by1) < 0.3))
        & (np.minimum(x1, bx1) - np.maximum(x0, bx0) > 0.5 * (x1 - x0)),
        ((np.abs(x1 - bx0) < 0.3) | (np.abs(x0 - bx1) < 0.3))
        & (np.minimum(y1, by1) - np.maximum(y0, by0) > 0.5 * (y1 - y0)),
    )
    piece, block = beside.nonzero()
    same = (np.abs(pieces.color[piece] - blocks.color[block]) < 1).all(axis=1)
    shading[piece[same]] = True
    return shading


def _is_painted_over(pieces: Marks, ground: Marks) -> Bools:
    """Pieces that lie wholly inside an opaque area painted later."""
    hidden = np.zeros(len(pieces), dtype=np.bool_)
    if not len(pieces):
        return hidden
    covers = ground.keep((ground.color[:, 3] >= 255) & (ground.order > pieces.order.min()))
    if not len(covers) or len(pieces) * len(covers) > MAX_PAIRS:
        return hidden
    x0, y0, x1, y1 = covers.box.T
    box = pieces.box[:, :, None]
    inside = (x0 + 1 < box[:, 0]) & (y0 + 1 < box[:, 1]) & (box[:, 2] < x1 - 1) & (box[:, 3] < y1 - 1)
    hidden |= (inside & (covers.order > pieces.order[:, None])).any(axis=1)
    return hidden


# --- pieces of one line -------------------------------------------------------------------------------------------------


def join_pieces(pieces: Iterable[Rule]) -> list[Rule]:
    """Joins collinear pieces over small gaps and short dashes over larger ones; drops dots."""
    ordered = sorted(pieces, key=itemgetter(0))
    joined: list[Rule] = []
    start = 0
    while start < len(ordered):
        end = start + 1
        limit = ordered[start][0] + 2.0
        while end < len(ordered) and ordered[end][0] - ordered[end - 1][0] <= 1.0 and ordered[end][0] <= limit:
            end += 1
        if end - start == 1:
            joined.append(ordered[start])
        else:
            joined.extend(_join_collinear(sorted(ordered[start:end], key=itemgetter(1))))
        start = end
    return [rule for rule in joined if rule[2] - rule[1] > THIN]


def _join_collinear(pieces: list[Rule]) -> list[Rule]:
    joined: list[Rule] = []
    position = low = high = weight = last = 0.0
    for at, begin, end in pieces:
        length = end - begin
        gap = begin - high
        if weight and gap > JOIN and not (gap <= DASH_JOIN and length <= DASH and last <= DASH):
            joined.append((position, low, high))
            weight = 0.0
        if not weight:
            position, low, high = at, begin, end
        position = (position * weight + at * length) / (weight + length) if weight + length else at
        weight += length or 1e-6
        high = max(high, end)
        last = length
    joined.append((position, low, high))
    return joined

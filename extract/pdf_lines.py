"""Ruling lines of a page: what its paths draw, as seen by an eye.

Producers draw borders as strokes (LibreOffice, Acrobat), as thin filled rectangles with corner squares (Word, Excel), as
filled and stroked cell rectangles (WPS) or as polygons. All of these become `Rule`s. A line that nobody sees makes no row:
white on white, transparent, clipped away, painted over. Everything here is in reader coordinates (points, y downwards).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from yusuan.extract.pdf_api import Bools, Box, Floats, Ints, box_around
from yusuan.extract.pdf_objects import Paths, subpaths

Rule = tuple[float, float, float]
"""Position, from, to: (y, x0, x1) of a horizontal rule, (x, y0, y1) of a vertical one."""
Point = tuple[float, float]

THIN = 3.0
"""A filled rectangle is a rule up to this thickness, in points."""
THICK = 6.5
"""Up to this one if it is dark and long (Word's thickest border is 6 pt)."""
JOIN = 3.0
"""Gap between two pieces of one line, in points (the same as pdfplumber's join tolerance)."""
DASH_JOIN = 9.0
"""Gap between two dashes that are no longer than `DASH`."""
DASH = 14.0
SLOPE = 0.035
"""Two degrees: what is steeper is no ruling line."""
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

    def take(self, chosen: Bools | Ints) -> Marks:
        """The chosen ones."""
        return Marks(self.box[chosen], self.color[chosen], self.order[chosen])


@dataclass(slots=True)
class Ruling:
    """The visible rules of a page, the visible filled areas, and all filled areas in drawing order (the ground of its text)."""

    horizontal: list[Rule]
    vertical: list[Rule]
    blocks: Marks
    ground: Marks


def contrasts(color: Floats, under: Floats | float = 255.0) -> Bools:
    """Whether an eye tells the colours (n, 4: RGBA), with their transparency, from what is under them (n, 3)."""
    difference = np.abs(color[:, :3] - under).max(axis=1)
    seen: Bools = difference * color[:, 3] > CONTRAST * 255
    return seen


def colors_under(box: Floats, order: Ints, ground: Marks) -> Floats | float:
    """The colour (n, 3) painted last, before `order`, under the middle of each box; 255.0 where all paper is white."""
    if not len(ground) or len(box) * len(ground) > MAX_PAIRS or not contrasts(ground.color).any():
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
    segments, segment_width, bands = _stroked(paths)
    areas, odd, odd_width = _filled(paths)
    size = areas.box[:, 2:] - areas.box[:, :2]
    low, high = size.min(axis=1), size.max(axis=1)
    dark = (areas.color[:, :3].max(axis=1) < 128) & (high >= 10 * low)
    limit = np.where(dark, THICK, THIN)[:, None]
    thick = np.asarray((size > limit).all(axis=1))
    ground = _concatenate(areas.take(thick), bands)
    ground = ground.take(np.argsort(ground.order, kind="stable"))
    blocks = ground.take(contrasts(ground.color, colors_under(ground.box, ground.order, ground)))
    thin = np.logical_not(thick)
    strips = areas.take(thin)
    pieces = _concatenate(segments, strips, odd)
    flat = size[thin] <= limit[thin]
    horizontal = np.concatenate((_is_flat(segments.box), flat[:, 1], _is_flat(odd.box)))
    vertical = np.concatenate((~_is_flat(segments.box), flat[:, 0], ~_is_flat(odd.box)))
    hairline = np.concatenate((segment_width <= 0.0, low[thin] <= 0.0, odd_width <= 0.0))
    kept = contrasts(pieces.color, colors_under(pieces.box, pieces.order, ground))
    kept &= ~_is_shading(pieces, blocks) & ~_is_painted_over(pieces, ground)
    drawn = kept & ~hairline
    if (drawn & horizontal).sum() >= 2 and (drawn & vertical).sum() >= 2:
        kept = drawn  # elsewhere zero-width lines are all the lines there are, and show as hairlines
    box = pieces.box
    middle = (box[:, :2] + box[:, 2:]) / 2
    rows = np.stack((middle[:, 1], box[:, 0], box[:, 2]), axis=1)[kept & horizontal]
    columns = np.stack((middle[:, 0], box[:, 1], box[:, 3]), axis=1)[kept & vertical]
    return Ruling(join_pieces(rows), join_pieces(columns), blocks, ground)


def _is_flat(box: Floats) -> Bools:
    flat: Bools = box[:, 3] - box[:, 1] <= box[:, 2] - box[:, 0]
    return flat


def _concatenate(*marks: Marks) -> Marks:
    return Marks(
        np.concatenate([mark.box for mark in marks]),
        np.concatenate([mark.color for mark in marks]),
        np.concatenate([mark.order for mark in marks]),
    )


def _no_marks() -> Marks:
    return Marks(np.empty((0, 4)), np.empty((0, 4)), np.empty(0, dtype=np.int64))


# --- strokes ------------------------------------------------------------------------------------------------------------


def _stroked(paths: Paths) -> tuple[Marks, Floats, Marks]:
    """Upright segments, their widths, and the areas that wider strokes paint."""
    if not paths.stroke.any():
        return _no_marks(), np.empty(0), _no_marks()
    count = np.diff(paths.first)
    end = np.flatnonzero(paths.joined & np.repeat(paths.stroke, count))
    start = end - 1
    closing = np.flatnonzero(paths.closing & np.repeat(paths.stroke, count))
    if len(closing):
        heads = np.flatnonzero(~paths.joined)  # a subpath begins at the last point to which no line leads
        start = np.concatenate((start, closing))
        end = np.concatenate((end, heads[np.searchsorted(heads, closing, side="right") - 1]))
    owner = np.searchsorted(paths.first, start, side="right") - 1
    return _upright(
        paths.points[start],
        paths.points[end],
        paths.width[owner],
        Marks(paths.clip[owner], paths.stroke_color[owner], paths.order[owner]),
    )


def _upright(start: Floats, end: Floats, width: Floats, style: Marks) -> tuple[Marks, Floats, Marks]:
    """Segments that are upright within `SLOPE`, cut to `style.box` (their clipping), and the areas of very wide ones."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    size = high - low
    flat, steep = size[:, 1] <= size[:, 0] * SLOPE, size[:, 0] <= size[:, 1] * SLOPE
    half = width[:, None] / 2
    middle = (low + high) / 2
    clip = style.box
    near = (clip[:, :2] - half - 0.5 <= middle) & (middle <= clip[:, 2:] + half + 0.5)
    cut_low, cut_high = np.maximum(low, clip[:, :2]), np.minimum(high, clip[:, 2:])
    left = cut_high > cut_low
    chosen = (flat & ~steep & near[:, 1] & left[:, 0]) | (steep & ~flat & near[:, 0] & left[:, 1])
    across = np.stack((steep, flat), axis=1)
    low, high = np.where(across, low, cut_low), np.where(across, high, cut_high)
    wide = chosen & (width > THICK)
    thin = chosen & ~wide
    segments = Marks(np.concatenate((low, high), axis=1)[thin], style.color[thin], style.order[thin])
    bands = np.concatenate((low - half * across, high + half * across), axis=1)[wide]
    return segments, width[thin], Marks(bands, style.color[wide], style.order[wide])


# --- fills --------------------------------------------------------------------------------------------------------------


def _filled(paths: Paths) -> tuple[Marks, Marks, Floats]:
    """Filled upright rectangles, and the rules (with widths) that filled polygons make."""
    plain = paths.fill & paths.rectangle
    boxes: list[Box] = []
    owners: list[int] = []
    polygons: list[tuple[Point, Point, float, int]] = []
    for index in np.flatnonzero(paths.fill & ~paths.rectangle).tolist():
        _take_apart(list(subpaths(paths, index)), index, boxes, owners, polygons)
    owner = np.concatenate((np.flatnonzero(plain), np.array(owners, dtype=np.int64)))
    box = np.concatenate((paths.box[plain], np.array(boxes, dtype=np.float64).reshape(-1, 4)))
    clip = paths.clip[owner]
    cut = np.concatenate((np.maximum(box[:, :2], clip[:, :2]), np.minimum(box[:, 2:], clip[:, 2:])), axis=1)
    left = (cut[:, 2:] >= cut[:, :2]).all(axis=1)
    cut, owner = cut[left], owner[left]
    # no longer a rule's area but a rest of it at the edge of the clipping: as invisible as what was cut away
    sliver = ((box[left, 2:] - box[left, :2] > THICK) & (cut[:, 2:] - cut[:, :2] < 0.5)).any(axis=1)
    areas = Marks(cut[~sliver], paths.fill_color[owner[~sliver]], paths.order[owner[~sliver]])
    if not polygons:
        return areas, _no_marks(), np.empty(0)
    own = np.array([polygon[3] for polygon in polygons])
    style = Marks(paths.clip[own], paths.fill_color[own], paths.order[own])
    start = np.array([polygon[0] for polygon in polygons])
    end = np.array([polygon[1] for polygon in polygons])
    rules, width, _ = _upright(start, end, np.array([polygon[2] for polygon in polygons]), style)
    return areas, rules, width


def _take_apart(
    parts: list[list[Point]],
    index: int,
    boxes: list[Box],
    owners: list[int],
    polygons: list[tuple[Point, Point, float, int]],
) -> None:
    """The rectangles, outlined borders and polygons of one filled path."""
    bounds = [box_around(part) for part in parts]
    rings = _rings(bounds)
    for outer, inner in rings:
        boxes += [
            (outer[0], outer[1], outer[2], inner[1]),
            (outer[0], inner[3], outer[2], outer[3]),
            (outer[0], outer[1], inner[0], outer[3]),
            (inner[2], outer[1], outer[2], outer[3]),
        ]
        owners += [index] * 4
    taken = {box for ring in rings for box in ring}
    for part, box in zip(parts, bounds, strict=True):
        if box in taken:
            continue
        if _is_rectangle(part, box) or min(box[2] - box[0], box[3] - box[1]) <= THIN:
            boxes.append(box)
            owners.append(index)
            continue
        rules = _polygon_rules(part)
        polygons += [(start, end, width, index) for start, end, width in rules]
        if not rules and len(part) <= 6:
            boxes.append(box)
            owners.append(index)


def _is_rectangle(points: list[Point], bounds: Box) -> bool:
    x0, y0, x1, y1 = bounds
    return 4 <= len(points) <= 6 and all(
        (x - x0 < 0.3 or x1 - x < 0.3) and (y - y0 < 0.3 or y1 - y < 0.3) for x, y in points
    )


def _rings(boxes: list[Box]) -> list[tuple[Box, Box]]:
    """Pairs (outer, inner) of rectangles of one path with a border's distance between them: an outlined border."""
    if not 2 <= len(boxes) <= 400:
        return []
    rings = []
    for inner in boxes:
        for outer in boxes:
            gaps = (inner[0] - outer[0], inner[1] - outer[1], outer[2] - inner[2], outer[3] - inner[3])
            if all(0 < gap <= THIN for gap in gaps):
                rings.append((outer, inner))
    return rings


def _polygon_rules(part: list[Point]) -> list[tuple[Point, Point, float]]:
    """A filled polygon: each pair of parallel edges with a border's thickness between them is one rule (start, end, width).

    So are read: rules slightly askew, frames drawn as one polygon, L-shaped corners.
    """
    if len(part) > 400:
        return []
    points = part if part[0] == part[-1] else [*part, part[0]]
    edges = list(itertools.pairwise(points))
    rules = []
    for number, ((ax, ay), (bx, by)) in enumerate(edges):
        flat, steep = abs(by - ay) <= abs(bx - ax) * SLOPE, abs(bx - ax) <= abs(by - ay) * SLOPE
        if flat == steep:
            continue
        along = 0 if flat else 1
        first = sorted(((ax, ay), (bx, by)), key=itemgetter(along))
        for other in edges[number + 1 :]:
            second = sorted(other, key=itemgetter(along))
            overlap = min(first[1][along], second[1][along]) - max(first[0][along], second[0][along])
            distance = abs(sum(point[1 - along] for point in first) - sum(point[1 - along] for point in second)) / 2
            if overlap > THIN and 0 < distance <= THIN:
                (px, py), (qx, qy) = first[0], second[0]
                (rx, ry), (sx, sy) = first[1], second[1]
                rules.append((((px + qx) / 2, (py + qy) / 2), ((rx + sx) / 2, (ry + sy) / 2), distance))
    return rules


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
    same = (np.abs(pieces.color[:, None, :] - blocks.color[None]) < 1).all(axis=2)
    shading |= (beside & same).any(axis=1)
    return shading


def _is_painted_over(pieces: Marks, ground: Marks) -> Bools:
    """Pieces that lie wholly inside an opaque area painted later."""
    hidden = np.zeros(len(pieces), dtype=np.bool_)
    if not len(pieces):
        return hidden
    covers = ground.take((ground.color[:, 3] >= 255) & (ground.order > pieces.order.min()))
    if not len(covers) or len(pieces) * len(covers) > MAX_PAIRS:
        return hidden
    x0, y0, x1, y1 = covers.box.T
    box = pieces.box[:, :, None]
    inside = (x0 + 1 < box[:, 0]) & (y0 + 1 < box[:, 1]) & (box[:, 2] < x1 - 1) & (box[:, 3] < y1 - 1)
    hidden |= (inside & (covers.order > pieces.order[:, None])).any(axis=1)
    return hidden


# --- pieces of one line -------------------------------------------------------------------------------------------------


def join_pieces(pieces: Floats) -> list[Rule]:
    """Joins collinear pieces (n, 3: position, from, to) over small gaps and short dashes over larger ones; drops dots."""
    ordered = pieces[np.argsort(pieces[:, 0], kind="stable")].tolist()
    joined: list[Rule] = []
    start = 0
    while start < len(ordered):
        end = start + 1
        limit = ordered[start][0] + 2.0
        while end < len(ordered) and ordered[end][0] - ordered[end - 1][0] <= 1.0 and ordered[end][0] <= limit:
            end += 1
        if end - start == 1:
            at, low, high = ordered[start]
            joined.append((at, low, high))
        else:
            joined.extend(_join_collinear(sorted(ordered[start:end], key=itemgetter(1))))
        start = end
    return [rule for rule in joined if rule[2] - rule[1] > THIN]


def _join_collinear(pieces: list[list[float]]) -> list[Rule]:
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

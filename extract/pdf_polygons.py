"""Filled paths that are no rectangles: outlined borders, frames and corners drawn as polygons, several rectangles in one path."""

from __future__ import annotations

from itertools import pairwise
from operator import itemgetter

from yusuan.extract.pdf_api import Box, box_around

Point = tuple[float, float]

THIN = 3.0
"""A filled rectangle is a rule up to this thickness, in points."""
SLOPE = 0.035
"""Two degrees: what is steeper is no ruling line."""


def take_apart(
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
    edges = list(pairwise(points))
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

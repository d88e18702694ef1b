"""The abbreviated path data of OFD (GB/T 33190, 9.1): letters with numbers → points."""

from __future__ import annotations

import math

Point = tuple[float, float]
_ARGUMENTS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
MAX_POINTS = 100_000


def parse_path(text: str) -> tuple[list[Point], list[bool], list[bool]]:
    """Points; whether a straight line leads to each; whether the figure is closed behind it.

    Of a curve only the end is kept, without a line to it. What cannot be read ends the path.
    """
    points: list[Point] = []
    joined: list[bool] = []
    closing: list[bool] = []
    parts = text.replace(",", " ").split()
    at = 0
    start: Point | None = None
    while at < len(parts) and len(points) < MAX_POINTS:
        operator = parts[at].upper()
        count = _ARGUMENTS.get(operator)
        if count is None:
            break
        try:
            numbers = [float(part) for part in parts[at + 1 : at + 1 + count]]
        except ValueError:
            break
        if len(numbers) < count or not all(map(math.isfinite, numbers)):
            break
        at += 1 + count
        if operator == "C":
            if closing:
                closing[-1] = True
                if start is not None and at < len(parts) and parts[at].upper() not in ("M", "S"):
                    points.append(start)
                    joined.append(False)
                    closing.append(False)
            continue
        points.append((numbers[-2], numbers[-1]))
        joined.append(operator == "L" and len(points) > 1)
        closing.append(False)
        if operator in ("M", "S"):
            start = points[-1]
    return points, joined, closing

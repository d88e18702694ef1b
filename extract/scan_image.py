"""An image of a page → clean grey, straight, at one resolution, with its ink and its ruling lines.

Order matters: seals go first (red ink would otherwise be rules and letters), then paper and shadows, then the skew, which is measured
on what is left; rules are looked for in the straight image, because a long thin line a degree askew is no line of pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import itemgetter

import cv2
import numpy as np
import numpy.typing as npt

from yusuan.extract.pdf_api import Box, Matrix

Image = npt.NDArray[np.uint8]
Rule = tuple[float, float, float]

DPI = 300
"""Everything below is measured at this resolution, whatever the scanner's was."""
PIXEL = 72 / DPI
"""Points a pixel."""
_SEAL_SIDE = 50.0
"""A red blot at least this large both ways (in points) is a seal; smaller red things are print and stay."""
_RED = 35
"""By so much red outshines green and blue in the ink of a seal, pale and compressed ones included."""
_DARKEST = 130
"""The ink of a seal is at least this bright in the red channel; darker is brown or blue."""
_SKEW_DEGREES = 6.0
_LONG = {"rule": 300, "piece": 36, "stroke": 36, "gap": 15, "seal": 331}
"""In pixels: a rule by its length alone; the shortest between two crossing rules; the shortest piece of one;
a gap that a scanner leaves in one; a gap that the ink of a seal leaves."""
_GROWTH = 60
"""Pixels by which a rule is carried on below the edge of a seal, at the most."""
_SHORTEST_ROW, _UNBROKEN = 24, 0.93
_REACH, _SHORT = 9, 2
"""Pixels by which a rule may reach past the middle of the one it ends at, and stay short of it: a letter's stroke stays away."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A straight page in pixels of `DPI`: `grey` is white paper (255) with dark ink, `ink` is 255 where ink is, rules left out.

    `back` leads from points of this image to points of the page as it came; `seals` are boxes of seals in points of this image.
    """

    grey: Image
    ink: Image
    horizontal: list[Rule]
    vertical: list[Rule]
    back: Matrix
    seals: tuple[Box, ...]
    stamped: Image | None = None
    """Pixels of the ink of seals."""


def prepare(rgb: Image, width: float) -> PageImage:
    """`rgb` is the page as it came, `width` its width in points."""
    scale = width / PIXEL / rgb.shape[1]
    if abs(scale - 1) > 0.01:
        way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
        rgb = _as_image(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=way))
    grey, stamped, seals = _without_seals(rgb)
    grey = _without_paper(grey)
    angle = find_skew(grey)
    grey, back, ahead = _straight(grey, angle)
    if seals:
        height, width = grey.shape
        turn = np.array([ahead[0::2], ahead[1::2]], dtype=np.float64)
        stamped = _as_image(cv2.warpAffine(stamped, turn, (width, height), flags=cv2.INTER_NEAREST))
    level, _ = cv2.threshold(cv2.GaussianBlur(grey, (3, 3), 0), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    level = min(max(level, 90.0), 200.0)
    pale = _as_image((grey < (level + 255) / 2).astype(np.uint8) * 255)
    horizontal, vertical, mask = find_rules(pale, stamped if seals else None)
    ink = _as_image((grey < level).astype(np.uint8) * 255)
    ink[mask > 0] = 0
    grey[mask > 0] = 255
    boxes = tuple(_moved(seal, ahead) for seal in seals)
    return PageImage(grey, ink, horizontal, vertical, back, boxes, stamped if seals else None)


def _as_image(array: object) -> Image:
    return np.asarray(array, dtype=np.uint8)


# --- seals and paper --------------------------------------------------------------------------------------------------


def _without_seals(rgb: Image) -> tuple[Image, Image, list[Box]]:
    """Grey without the ink of red seals, the pixels of that ink, and the boxes of the seals in pixels.

    In the red channel the ink of a seal is nearly as bright as paper and print below it as dark as before; brightened until the
    ink is white, it leaves print alone.
    """
    grey = _as_image(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    red = rgb[:, :, 0].astype(np.int16) - np.maximum(rgb[:, :, 1], rgb[:, :, 2])
    mask = _as_image((red > _RED).astype(np.uint8))
    ink = np.zeros_like(grey)
    if int(mask.sum()) < (_SEAL_SIDE / PIXEL) ** 2 * 0.03:
        return grey, ink, []
    side = _SEAL_SIDE / PIXEL
    whole = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((31, 31), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(whole)
    seals = []
    for number in range(1, count):
        x, y, w, h, _ = (int(value) for value in stats[number])
        own = mask[y : y + h, x : x + w]  # with the star, which the ring surrounds
        if w < side or h < side or int(own.sum()) < 0.04 * w * h:
            continue
        channel = rgb[y : y + h, x : x + w, 0]
        brightness = max(float(np.median(channel[own > 0])), float(_DARKEST))
        bright = np.minimum(channel * (255 / brightness), 255).astype(np.uint8)
        near = cv2.dilate(own, np.ones((9, 9), np.uint8)) > 0
        grey[y : y + h, x : x + w][near] = np.maximum(grey[y : y + h, x : x + w], bright)[near]
        ink[y : y + h, x : x + w][own > 0] = 255
        seals.append((float(x), float(y), float(x + w), float(y + h)))
    return grey, ink, seals


def _without_paper(grey: Image) -> Image:
    """Divided by the paper's own brightness: shadows at a spine, yellow paper and grey scans become white."""
    height, width = grey.shape
    small = cv2.resize(grey, (max(width // 12, 1), max(height // 12, 1)), interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 21)
    paper = cv2.resize(np.maximum(paper, 40), (width, height), interpolation=cv2.INTER_LINEAR)
    return _as_image(cv2.divide(grey, paper, scale=255))


# --- skew -------------------------------------------------------------------------------------------------------------


def find_skew(grey: Image) -> float:
    """By how many degrees (counter-clockwise positive) the lines of a page rise: the angle at which its rows are most distinct."""
    small = cv2.resize(255 - grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    center = (width / 2, height / 2)

    def distinct(angle: float) -> float:
        turned = cv2.warpAffine(small, cv2.getRotationMatrix2D(center, -angle, 1.0), (width, height))
        profile = cv2.reduce(turned, 1, cv2.REDUCE_SUM, dtype=cv2.CV_64F).ravel()
        return float(np.square(np.diff(profile)).sum())

    best, step = 0.0, 0.5
    candidates = np.arange(-_SKEW_DEGREES, _SKEW_DEGREES + step, step)
    while step >= 0.02:
        best = max((float(angle) for angle in candidates), key=distinct)
        step /= 4
        candidates = best + step * np.arange(-4, 5)
    return round(best, 3)


def _straight(grey: Image, angle: float) -> tuple[Image, Matrix, Matrix]:
    """The page turned back, with the matrix from its points to those of the page as it came, and the one of pixels ahead."""
    height, width = grey.shape
    if abs(angle) < 0.03:
        return grey.copy(), (1, 0, 0, 1, 0, 0), (1, 0, 0, 1, 0, 0)
    turn = math.radians(angle)
    cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
    size = (math.ceil(width * cos + height * sin), math.ceil(height * cos + width * sin))
    ahead = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    ahead[:, 2] += ((size[0] - width) / 2, (size[1] - height) / 2)
    straight = cv2.warpAffine(grey, ahead, size, flags=cv2.INTER_CUBIC, borderValue=(255,))
    return _as_image(straight), _matrix(cv2.invertAffineTransform(ahead), PIXEL), _matrix(ahead, 1.0)


def _matrix(rows: npt.NDArray[np.float64], unit: float) -> Matrix:
    (a, c, e), (b, d, f) = rows.tolist()
    return (a, b, c, d, e * unit, f * unit)


def _moved(box: Box, matrix: Matrix) -> Box:
    a, b, c, d, e, f = matrix
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    x, y = a * x + c * y + e, b * x + d * y + f
    w, h = (box[2] - box[0]) / 2, (box[3] - box[1]) / 2
    return ((x - w) * PIXEL, (y - h) * PIXEL, (x + w) * PIXEL, (y + h) * PIXEL)


# --- rules ------------------------------------------------------------------------------------------------------------


def find_rules(ink: Image, stamped: Image | None = None) -> tuple[list[Rule], list[Rule], Image]:
    """Horizontal and vertical rules (position, from, to) in points, and the pixels they cover.

    A stroke of a letter is no rule: what is short must end at a rule of the other direction on both sides. Below the ink of a seal
    (`stamped`) a rule goes on that can be seen on both sides.
    """
    across, across_mask = _segments(ink, stamped)
    down, down_mask = _segments(_as_image(ink.T), None if stamped is None else _as_image(stamped.T))
    covered = ink if stamped is None else _as_image(ink | stamped)
    kept_across, kept_down = _long(across), _long(down)
    for _ in range(4):  # a short rule may end at a short one
        before = len(kept_across) + len(kept_down)
        kept_across, kept_down = (
            _supported(across, kept_down, covered),
            _supported(down, kept_across, _as_image(covered.T)),
        )
        if len(kept_across) + len(kept_down) == before:
            break
    mask = _drawn(kept_across, across_mask) | _as_image(_drawn(kept_down, down_mask).T)
    return [_points(rule) for rule in kept_across], [_points(rule) for rule in kept_down], mask


def _segments(ink: Image, stamped: Image | None) -> tuple[list[Rule], Image]:
    """Straight horizontal pieces in pixels, and the image of them."""
    strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, _LONG["stroke"]), np.uint8))
    closed = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((3, _LONG["gap"]), np.uint8))
    count, _, stats, centers = cv2.connectedComponentsWithStats(closed, connectivity=8)
    rules = []
    for number in range(1, count):
        x, _, w, h, area = (int(value) for value in stats[number])
        if w >= _LONG["piece"] and h <= 0.2 * w and area / w <= 14:  # thicker is a bar, a photo or a blot
            rules.append((float(centers[number][1]), float(x), float(x + w)))
    if stamped is not None:
        covered = _as_image(ink | stamped)
        rules = [_grown(rule, covered, stamped) for rule in _bridged(rules, covered)]
    return rules, _as_image(closed)


def _bridged(rules: list[Rule], covered: Image) -> list[Rule]:
    """Pieces of one rule joined where nothing but ink and seal (`covered`) lies between them."""
    joined: list[Rule] = []
    for at, low, high in sorted(rules, key=itemgetter(1)):
        for index, (other, begin, end) in enumerate(joined):
            if abs(at - other) > 4 or not end < low <= end + _LONG["seal"]:
                continue
            row = round((at + other) / 2)
            strip = covered[max(row - 3, 0) : row + 4, round(end) : round(low)]
            if (strip.max(axis=0) > 0).mean() >= 0.8:
                joined[index] = ((at + other) / 2, begin, high)
                break
        else:
            joined.append((at, low, high))
    return joined


def _grown(rule: Rule, covered: Image, stamped: Image) -> Rule:
    """The rule carried on through a seal that its end runs into, as far as ink follows."""
    at, low, high = rule
    rows = slice(max(round(at) - 2, 0), round(at) + 3)
    blank = np.flatnonzero(covered[rows].max(axis=0) == 0)
    before, after = blank[blank < low], blank[blank >= high]
    left = int(before[-1]) + 1 if len(before) else 0
    right = int(after[0]) if len(after) else covered.shape[1]
    left, right = max(left, round(low) - _GROWTH), min(right, round(high) + _GROWTH)
    if left < low and stamped[rows, left : round(low)].any():
        low = float(left)
    if right > high and stamped[rows, round(high) : right].any():
        high = float(right)
    return (at, low, high)


def _long(rules: list[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule[2] - rule[1] >= _LONG["rule"]]


def _supported(rules: list[Rule], crossing: list[Rule], covered: Image) -> list[Rule]:
    """Long rules, and of the others what lies between two crossing ones without a gap: the rest may be strokes of letters."""
    if not crossing:
        return _long(rules)
    at, low, high = np.array(crossing).T
    kept = []
    for rule in rules:
        place, begin, end = rule
        if end - begin >= _LONG["rule"]:
            kept.append(rule)
            continue
        beside = (low - _REACH <= place) & (place <= high + _REACH)
        met = at[beside & (begin - _SHORT <= at) & (at <= end + _SHORT)]
        if len(met) < 2:
            continue
        first, last = float(met.min()), float(met.max())
        strip = covered[max(round(place) - 2, 0) : round(place) + 3, round(first) : round(last)]
        if last - first >= _SHORTEST_ROW and (strip.max(axis=0) > 0).mean() >= _UNBROKEN:
            kept.append((place, max(begin, first - _REACH), min(end, last + _REACH)))
    return kept


def _drawn(rules: list[Rule], image: Image) -> Image:
    """The pixels of these rules with the grey at their sides."""
    mask = np.zeros_like(image)
    for at, low, high in rules:
        top, bottom = max(round(at) - 9, 0), round(at) + 10
        left, right = round(low), round(high)
        mask[top:bottom, left:right] |= image[top:bottom, left:right]
    return _as_image(cv2.dilate(mask, np.ones((5, 3), np.uint8)))


def _points(rule: Rule) -> Rule:
    return (round(rule[0] * PIXEL, 2), round(rule[1] * PIXEL, 2), round(rule[2] * PIXEL, 2))

"""Clippings: the box that they leave of each object of a page."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np
import pypdfium2_raw as pdfium

from yusuan.extract.pdf_api import (
    Bools,
    Box,
    Codes,
    Floats,
    Handle,
    Matrix,
    Out,
    as_handle,
    box_around,
    intersect,
    quick,
)

MAX_POINTS = 4000
_MANY = 8
"""So many paths are faster asked together."""

_STOPS = np.array([ord(letter) for letter in "、。，．：；！？）〕】》」』〉］｝’”"])
"""CJK letters drawn in the left half of their place."""

_clip_path = quick(pdfium.FPDFPageObj_GetClipPath, ctypes.c_void_p)
_count_paths = quick(pdfium.FPDFClipPath_CountPaths, ctypes.c_int)
_count_segments = quick(pdfium.FPDFClipPath_CountPathSegments, ctypes.c_int)
_get_segment = quick(pdfium.FPDFClipPath_GetPathSegment, ctypes.c_void_p)
_segment_point = quick(pdfium.FPDFPathSegment_GetPoint, None)

_points = Out(ctypes.c_float, np.float32, (0, 0))
_point = (ctypes.c_float * 2)()
_to_x, _to_y = ctypes.byref(_point), ctypes.byref(_point, 4)


@dataclass(slots=True)
class Level:
    """The page or one use of a form XObject: its matrix to reader coordinates, the box that may show, its known clips."""

    matrix: Matrix
    box: Box
    clips: dict[int, Box] = field(default_factory=dict)
    """Boxes around the clipping paths read so far, by the address of the path."""


def clip_boxes(handles: Sequence[Handle], owners: Sequence[int], levels: Sequence[Level]) -> Floats:
    """For each object the box that its clipping paths leave; `owners` are indexes into `levels`.

    Objects drawn under one clipping share its paths in pdfium's memory, whose addresses therefore name them.
    """
    clips = list(map(as_handle, map(_clip_path, handles)))
    counts = list(map(_count_paths, clips))
    if len(levels) == 1 and max(counts, default=0) <= 0:
        return np.full((len(handles), 4), levels[0].box)
    keys = list(map(_get_segment, clips, map((-1).__add__, counts), repeat(0)))
    if len(levels) > 1:
        keys = [key or owner for key, owner in zip(keys, owners, strict=True)]
    distinct = dict(zip(keys, range(len(keys)), strict=True))
    _read_rectangles(
        ((owners[place], clips[place], index) for place in distinct.values() for index in range(counts[place])), levels
    )
    boxes: list[Box] = []
    for place in distinct.values():
        level = levels[owners[place]]
        box = level.box
        for index in range(counts[place]):
            box = intersect(box, _read_path(clips[place], index, level))
        boxes.append(box)
    number = dict(zip(distinct, range(len(distinct)), strict=True))
    return np.array(boxes, dtype=np.float64).reshape(-1, 4).take(list(map(number.__getitem__, keys)), axis=0)


def shown_stops(code: Codes, x: Floats, y: Floats, width: Floats, clip: Floats) -> Bools:
    """Which letters are stops (or brackets that close) that show within their clipping although the middle of their place does not."""
    ink = x + width / 4
    inside = (ink >= clip[:, 0]) & (ink <= clip[:, 2]) & (y >= clip[:, 1]) & (y <= clip[:, 3])
    return np.asarray(inside & (width > 0) & np.isin(code, _STOPS))


def _read_rectangles(paths: Iterable[tuple[int, Handle, int]], levels: Sequence[Level]) -> None:
    """Notes the boxes of many clipping paths that are rectangles, by three of their corners."""
    unknown = {
        (owner, address): (clip, index)
        for owner, clip, index in paths
        if (address := _get_segment(clip, index, 0)) not in levels[owner].clips
    }
    unknown = {key: path for key, path in unknown.items() if _count_segments(*path) in (4, 5)}
    if len(unknown) < _MANY:
        return
    corners = [as_handle(_get_segment(*path, number)) for path in unknown.values() for number in range(3)]
    raw_x, raw_y = _points.ask(_segment_point, len(corners), corners).T
    a, b, c, d, e, f = np.array([levels[owner].matrix for owner, _ in unknown]).repeat(3, axis=0).T
    x, y = (a * raw_x + c * raw_y + e).reshape(-1, 3), (b * raw_x + d * raw_y + f).reshape(-1, 3)
    box = np.stack((x.min(axis=1), y.min(axis=1), x.max(axis=1), y.max(axis=1)), axis=1)
    upright = (x[:, 0] == x[:, 1]) & (y[:, 1] == y[:, 2]) | (y[:, 0] == y[:, 1]) & (x[:, 1] == x[:, 2])
    upright &= np.isfinite(box).all(axis=1)
    for (owner, address), (x0, y0, x1, y1), found in zip(unknown, box.tolist(), upright.tolist(), strict=True):
        if found:
            levels[owner].clips[address] = (x0, y0, x1, y1)


def _read_path(clip: Handle, index: int, level: Level) -> Box:
    """The box around one clipping path (of a rectangle, three corners tell it)."""
    address = _get_segment(clip, index, 0)
    known = level.clips.get(address)
    if known is not None:
        return known
    a, b, c, d, e, f = level.matrix
    total = _count_segments(clip, index)
    points = []
    for number in range(min(total, MAX_POINTS)):
        _segment_point(as_handle(_get_segment(clip, index, number)), _to_x, _to_y)
        x, y = _point
        points.append((a * x + c * y + e, b * x + d * y + f))
        if number == 2 and total in (4, 5):
            (px, py), (qx, qy), (rx, ry) = points
            if (px == qx and qy == ry) or (py == qy and qx == rx):
                break
    box = level.clips[address] = box_around(points) if points else level.box
    return box

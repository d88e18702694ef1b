"""pdfium's functions, called as cheaply as ctypes allows.

A page of a form asks pdfium a few thousand questions, and what they cost is the call, not the answer. Called without
declared argument types, without releasing the interpreter lock and from `map`, a call takes 0.12 µs instead of 0.5:
handles (`as_handle`) and out-parameters (`byref`) are made once and used again. pdfium is not safe for threads: see
`pdf.LOCK`.
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]

CHUNK = 4096
_SCALES, _CROSSES, _SWAPPED = np.array([(0, 3, 0, 3, 0, 3), (2, 1, 2, 1, 2, 1), (1, 0, 3, 2, 5, 4)])


def some(flags: npt.NDArray[Any]) -> bool:
    """`flags.any()` in a fifth of its time: a page asks that so often, and of so few, that the question is what it costs."""
    return bool(np.count_nonzero(flags))


def every(flags: Bools) -> bool:
    """`flags.all()` likewise."""
    return bool(np.count_nonzero(flags) == flags.size)


def places(flags: npt.NDArray[Any]) -> Ints:
    """`np.flatnonzero(flags)` of one dimension likewise."""
    return flags.nonzero()[0]


Handle = Any
"""An opaque pointer of pdfium as ctypes passes it, None for none: made once from an address, it is not converted in each call."""
as_handle: Callable[[int | None], Handle] = ctypes.c_void_p.from_param


def handle_of(pointer: Any) -> Handle:
    """The handle of what a declared function of pdfium gave back."""
    return as_handle(ctypes.c_void_p.from_buffer(pointer).value)


def quick(function: Any, result: Any) -> Callable[..., Any]:
    """The same C function without argument types: pass `Handle`s, small ints and `byref`s only."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return ctypes.PYFUNCTYPE(result)(address)


class Out:
    """Out-parameters of one function for many calls: each number of a row has its own pointer or (`packed`) the row has one.

    A call that fails leaves the `default` row. Answers come as `answer`.
    """

    def __init__(
        self, ctype: Any, dtype: Any, default: Sequence[float], packed: bool = False, answer: Any = np.float64
    ) -> None:
        self.ctype, self.dtype, self.packed, self.answer = ctype, dtype, packed, answer
        self.default = np.array(default, dtype=dtype)
        self.columns = columns = len(default)
        self.size = 0
        self.array: npt.NDArray[Any] = np.empty((0, columns), dtype=dtype)
        self.pointers: list[list[Any]] = []

    def _grow(self, count: int) -> None:
        self.size = min(CHUNK, max(256, 1 << (count - 1).bit_length()))
        buffer = (self.ctype * (self.size * self.columns))()
        width = ctypes.sizeof(self.ctype)
        self.array = np.frombuffer(buffer, dtype=self.dtype).reshape(-1, self.columns)
        self.pointers = [
            [ctypes.byref(buffer, width * (row * self.columns + column)) for row in range(self.size)]
            for column in range(1 if self.packed else self.columns)
        ]

    def ask(self, function: Callable[..., Any], count: int, *arguments: Iterable[Any]) -> npt.NDArray[Any]:
        """An array of `count` rows: what `function(*arguments, pointers…)` wrote; one argument at least ends after `count`."""
        if count > CHUNK:
            iterators = [iter(argument) for argument in arguments]
            sizes = [min(CHUNK, count - begin) for begin in range(0, count, CHUNK)]
            return np.concatenate(
                [self.ask(function, size, *[list(islice(iterator, size)) for iterator in iterators]) for size in sizes]
            )
        if count > self.size:
            self._grow(count)
        rows = self.array[:count]
        rows[:] = self.default
        deque(map(function, *arguments, *self.pointers), 0)
        return rows.astype(self.answer)


def multiply(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that applies `first` and `then` in this order (PDF's row vectors)."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def compose(first: Floats, then: Floats) -> Floats:
    """`multiply` row by row, for arrays of matrices of the shape (n, 6); `then` may be a single one of the shape (6,)."""
    composed: Floats = first * then.take(_SCALES, axis=-1)
    crossed = then.take(_CROSSES, axis=-1)
    if some(crossed):
        composed += first.take(_SWAPPED, axis=1) * crossed
    composed[:, 4] += then[..., 4]
    composed[:, 5] += then[..., 5]
    return composed


def transform_box(box: Box, matrix: Matrix) -> Box:
    """The upright box around the transformed corners."""
    a, b, c, d, e, f = matrix
    x0, y0, x1, y1 = box
    xs = (a * x0 + c * y0 + e, a * x1 + c * y0 + e, a * x0 + c * y1 + e, a * x1 + c * y1 + e)
    ys = (b * x0 + d * y0 + f, b * x1 + d * y0 + f, b * x0 + d * y1 + f, b * x1 + d * y1 + f)
    return (min(xs), min(ys), max(xs), max(ys))


def invert(matrix: Matrix) -> Matrix:
    """Raises ZeroDivisionError for a matrix that flattens the plane."""
    a, b, c, d, e, f = matrix
    det = a * d - b * c
    return (d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det)


def intersect(first: Box, second: Box) -> Box:
    """May be empty: then x1 < x0 or y1 < y0."""
    return (max(first[0], second[0]), max(first[1], second[1]), min(first[2], second[2]), min(first[3], second[3]))


def box_around(points: Sequence[tuple[float, float]]) -> Box:
    """The upright box around one or more points."""
    xs = [point[0] for point in points]
    ys = [point[1] for point in points]
    return (min(xs), min(ys), max(xs), max(ys))

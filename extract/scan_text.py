"""The recognition engine: where text stands in a picture, and what a picture of one line says.

RapidOCR with the models inside its package; nothing is downloaded. One thread, so that the same picture gives the same text
everywhere and several workers do not fight for the cores.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from rapidocr import RapidOCR

from yusuan.extract.scan_image import Image

DETECTION = 0.4
"""Text is looked for in a smaller picture: at 120 dpi the same boxes are found as at 300, in a sixth of the time and a third of the memory."""
_PER_MILLE = re.compile("[%％][oO]")
"""How the engine spells ‰, which it does not know."""
_LINE_HEIGHT = 48
"""Of the pictures that the model takes, in pixels."""
_MAX_RATIO = 40.0
_SETTINGS = {
    "Global.use_cls": False,
    "Global.max_side_len": 6000,
    "Global.log_level": "critical",
    "Det.limit_side_len": 32,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class Reading(NamedTuple):
    """What a picture of a line says, and how sure the model is (0–1)."""

    text: str
    confidence: float


@cache
def _engine() -> Any:
    return RapidOCR(params=dict(_SETTINGS))


def find_text(grey: Image) -> npt.NDArray[np.float64]:
    """Upright boxes (x0, y0, x1, y1) around pieces of text, in pixels of the picture, of the shape (n, 4)."""
    small = cv2.resize(grey, None, fx=DETECTION, fy=DETECTION, interpolation=cv2.INTER_AREA)
    found = _engine()(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), use_det=True, use_cls=False, use_rec=False)
    if found.boxes is None or not len(found.boxes):
        return np.empty((0, 4))
    corners = np.asarray(found.boxes, dtype=np.float64) / DETECTION
    return np.concatenate((corners.min(axis=1), corners.max(axis=1)), axis=1)


def recognize(pictures: Sequence[Image]) -> list[Reading]:
    """What each picture of one line of text says ("" where it says nothing)."""
    if not pictures:
        return []
    result = _engine().recognize_txt([_as_line(picture) for picture in pictures])
    read = zip(result.txts, result.scores, strict=True)
    return [Reading(_PER_MILLE.sub("‰", str(text)), round(float(score), 4)) for text, score in read]


def _as_line(picture: Image) -> Image:
    """Three channels, at the model's height, and no longer than it can be squeezed into."""
    height, width = picture.shape
    ratio = min(width / height, _MAX_RATIO)
    size = (max(round(_LINE_HEIGHT * ratio), 8), _LINE_HEIGHT)
    way = cv2.INTER_AREA if height > _LINE_HEIGHT else cv2.INTER_CUBIC
    return np.asarray(cv2.cvtColor(cv2.resize(picture, size, interpolation=way), cv2.COLOR_GRAY2BGR), dtype=np.uint8)

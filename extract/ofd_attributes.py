"""The attributes of OFD objects (GB/T 33190): numbers, matrices, colours, advances. What cannot be read is as if it were not there."""

from __future__ import annotations

import math
from collections.abc import Iterator

from yusuan.extract.package import Element
from yusuan.extract.pdf_api import Matrix

Color = tuple[float, float, float, float]


def number_of(text: str | None, default: float) -> float:
    """A finite number, else the default."""
    try:
        value = float(text) if text else default
    except ValueError:
        return default
    return value if math.isfinite(value) else default


def numbers_of(text: str | None) -> list[float]:
    """Finite numbers between blanks or commas; none where one of them is no number."""
    try:
        values = [float(part) for part in (text or "").replace(",", " ").split()]
    except ValueError:
        return []
    return values if all(map(math.isfinite, values)) else []


def matrix_of(text: str | None) -> Matrix:
    """Six numbers, else the matrix that changes nothing."""
    values = numbers_of(text)
    if len(values) != 6:
        return (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    a, b, c, d, e, f = values
    return (a, b, c, d, e, f)


def color_of(element: Element | None, default: Color | None) -> Color | None:
    """RGBA of a colour element; one value is grey, four are CMYK. Without a value it is black, as the standard has it."""
    if element is None:
        return default
    alpha = number_of(element.get("Alpha"), 255.0)
    parts = []
    for part in (element.get("Value") or "").split():
        try:
            parts.append(float(int(part[1:], 16)) if part.startswith("#") else float(part))
        except ValueError:
            return (0.0, 0.0, 0.0, alpha)
    if len(parts) == 1:
        return (parts[0], parts[0], parts[0], alpha)
    if len(parts) == 3:
        return (parts[0], parts[1], parts[2], alpha)
    if len(parts) == 4:
        red, green, blue = (255 * (1 - part / 255) * (1 - parts[3] / 255) for part in parts[:3])
        return (red, green, blue, alpha)
    return (0.0, 0.0, 0.0, alpha)


def opaque(color: Color, item: Element) -> Color:
    """The colour with the transparency of the object."""
    return (*color[:3], color[3] * number_of(item.get("Alpha"), 255.0) / 255)


def deltas_of(text: str | None, count: int) -> list[float]:
    """Advances between characters: numbers, and `g n v` for n times v. The last one goes on; empty where none are given."""
    values: list[float] = []
    parts: Iterator[str] = iter((text or "").split())
    for part in parts:
        if len(values) >= count:
            break
        try:
            if part in ("g", "G"):
                times, value = int(next(parts, "0")), float(next(parts, "0"))
                values += [value] * min(times, max(count - len(values), 0))
            else:
                values.append(float(part))
        except ValueError:
            break
    if values and len(values) < count:
        values += values[-1:] * (count - len(values))
    return values if all(map(math.isfinite, values)) else []

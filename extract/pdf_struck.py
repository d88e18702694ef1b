"""Lines drawn through the text of a cell: it is read as it stands, and told, since nobody may believe a figure that was crossed out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from yusuan.extract.pdf_cells import Lattice
from yusuan.extract.pdf_lines import Rule
from yusuan.extract.pdf_text import Line

_ABOVE, _BELOW = 0.3, 0.8
"""Where between the top (0) and the bottom (1) of its letters a line crosses them out: above a line that underlines."""
_BESIDE = 2.0
"""Points by which it may begin before its letters and end behind them."""
_SHORT = 0.4
"""In heights of the letters: what is shorter is a sign."""


def stray_rules(horizontal: Sequence[Rule], lattices: Sequence[Lattice]) -> list[Rule]:
    """The horizontal rules near which no row begins or ends."""
    rows = {round(y) for lattice in lattices for y in lattice.ys}
    return [rule for rule in horizontal if (y := round(rule[0])) not in rows and rows.isdisjoint((y - 1, y + 1))]


def struck_cells(strays: Sequence[Rule], texts: Sequence[Sequence[Line]]) -> Iterator[tuple[int, str]]:
    """The cells (by number) of which a line of text is crossed out, each with that line."""
    for number, lines in enumerate(texts):
        for text, x0, x1, top, bottom, size, turn in lines:
            upper, lower = top + _ABOVE * (bottom - top), top + _BELOW * (bottom - top)
            if not turn and any(
                upper < y < lower and x0 - _BESIDE <= begin and end <= x1 + _BESIDE and end - begin > _SHORT * size
                for y, begin, end in strays
            ):
                yield number, text
                break

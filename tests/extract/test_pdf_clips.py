"""What clippings leave of a page: one by one and many at once."""

from __future__ import annotations

import pytest

from tests.extract.pdf_writer import ruled, text, write_pdf
from yusuan.extract.pdf import read_pdf


def rectangle(y: float) -> str:
    return f"55 {y - 5} 35 16 re"


def slanted(y: float) -> str:
    """Four corners that are no upright rectangle: the box around them is wider."""
    return f"55 {y - 5} m 90 {y - 5} l 97 {y + 11} l 62 {y + 11} l h"


@pytest.mark.parametrize("rows", [1, 12])
@pytest.mark.parametrize("matrix", ["", "0 1 -1 0 800 0 cm "])
def test_each_text_shows_what_its_own_clipping_leaves(rows: int, matrix: str) -> None:
    places = [735 - 30 * row for row in range(rows)]
    frame = ruled((50, 250, 450), tuple(750 - 30 * row for row in range(rows + 1)))
    clipped = "".join(
        f"q {(slanted if row % 3 else rectangle)(y)} W n " + text(60, y, "看见的隐去了") + "Q "
        for row, y in enumerate(places)
    )
    outer = "q 52 0 400 800 re W n " + clipped + "Q "
    (grid,) = read_pdf(write_pdf(matrix + frame + outer)).grids
    shown = [cell.text for cell in grid.cells if cell.text]
    assert shown == ["看见的隐" if row % 3 else "看见的" for row in range(rows)]

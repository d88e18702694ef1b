"""Hypothesis strategies for grids: any tiling by merged cells, any text, rows that start late and end early."""

from __future__ import annotations

from hypothesis import strategies as st

from yusuan.extract.grid import Cell, Grid

_ODD = "|\\»^∅␀⏎\n\t\r ><#　\u00a0“”□√\ue5e5\uf0fe０，。、年1a"
TEXTS = st.text(
    st.one_of(
        st.sampled_from(_ODD),
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
    ),
    max_size=8,
)
"""Text as XML can hold it."""
LINES = TEXTS.filter(lambda text: bool(text.strip()) and text.splitlines() == [text] and "\r" not in text)


@st.composite
def grids(draw: st.DrawFn, *, gaps: bool = True, text: st.SearchStrategy[str] = TEXTS) -> Grid:
    n_rows, n_cols = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    free = {(row, col) for row in range(n_rows) for col in range(n_cols)}
    if gaps:
        for row in range(n_rows):
            start, end = draw(st.sampled_from([(0, 0), (0, 0), (0, 0), (1, 0), (0, 1), (2, 1)]))
            if start + end < n_cols:
                free -= {(row, col) for col in [*range(start), *range(n_cols - end, n_cols)]}
    cells = []
    for row in range(n_rows):
        for col in range(n_cols):
            if (row, col) not in free:
                continue
            right = col + draw(st.integers(1, 3))
            while not all((row, other) in free for other in range(col, right)):
                right -= 1
            bottom = row + draw(st.integers(1, 3))
            while not all((down, other) in free for down in range(row, bottom) for other in range(col, right)):
                bottom -= 1
            free -= {(down, other) for down in range(row, bottom) for other in range(col, right)}
            cells.append(Cell(row, col, bottom - row, right - col, draw(text)))
    context = draw(st.lists(LINES, max_size=2)) if gaps else []
    return Grid(tuple(cells), context=tuple(context))

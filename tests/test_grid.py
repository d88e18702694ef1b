"""The grid and its notation: what is printed reads back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.build import build_docx
from tests.strategies import TEXTS, grids
from yusuan.extract import read
from yusuan.extract.grid import Cell, Grid, parse_grid, parse_grids, print_grid, print_grids, print_text


def without_places(grid: Grid) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    return grid.cells, grid.context


@given(grids())
def test_notation_reads_back(grid: Grid) -> None:
    shown = print_grids([grid])
    assert without_places(parse_grid(shown)) == without_places(grid)
    assert print_grids([parse_grid(shown)]) == shown


@given(grids(), grids())
def test_notation_of_several_grids_reads_back(one: Grid, two: Grid) -> None:
    assert [without_places(grid) for grid in parse_grids(print_grids([one, two]))] == [
        without_places(one),
        without_places(two),
    ]


@given(TEXTS)
def test_printed_text_stays_in_its_cell(text: str) -> None:
    shown = print_text(text)
    assert not shown[0].isspace()
    assert "\n" not in shown
    (cell,) = parse_grid(shown).cells
    assert cell == Cell(0, 0, 1, 1, text)


@given(grids())
def test_word_documents_read_back(grid: Grid) -> None:
    (got,) = read(build_docx([grid])).grids
    assert without_places(got) == without_places(grid)
    (got,) = read(build_docx([grid], breaks=True)).grids
    assert without_places(got) == without_places(grid)


@given(grids())
def test_expanded_view_covers_each_cell(grid: Grid) -> None:
    covered = [(row, col) for row in range(grid.n_rows) for col in range(grid.n_cols) if grid.at(row, col)]
    assert len(covered) == sum(cell.row_span * cell.col_span for cell in grid.cells)
    seen = [cell for row in range(grid.n_rows) for cell in grid.row(row) if cell.row == row]
    assert seen == list(grid.cells)
    assert grid.at(grid.n_rows, 0) is None
    assert grid.at(-1, 0) is None


def test_marks() -> None:
    grid = parse_grid("> 表（一）\na | » | ∅\n^ | » | b⏎c\n␀ | \\» | \\ d\\ ")
    assert grid.context == ("表（一）",)
    assert grid.cells == (
        Cell(0, 0, 2, 2, "a"),
        Cell(0, 2, 1, 1, ""),
        Cell(1, 2, 1, 1, "b\nc"),
        Cell(2, 1, 1, 1, "»"),
        Cell(2, 2, 1, 1, " d "),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("» | a", "row 0, column 0"),
        ("a\nb | ^", "row 1, column 1"),
        ("a | »\n^ | b", "no rectangle"),
        ("a\\", "backslash"),
    ],
)
def test_wrong_notation_says_where(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_grid(text)


def test_comments_and_blank_lines_between_grids() -> None:
    assert [print_grid(grid) for grid in parse_grids("# note\na | b\n\n  \n\n# more\nc\n")] == ["a | b", "c"]

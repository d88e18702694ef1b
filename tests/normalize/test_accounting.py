"""Whatever stands in a table: nothing raises, every cell has a role, every row has its place, and every issue its code."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.golden import cases
from yusuan.extract.grid import Cell, Document, Grid, parse_grids
from yusuan.normalize import normalize
from yusuan.normalize.finder import Finder
from yusuan.normalize.join import sheets_of
from yusuan.normalize.layout_file import catalogue, layouts
from yusuan.schemas import issue_codes, tables

FORMS = [grid for case in cases() for grid in parse_grids(case.form)]
WORDS = sorted({cell.text for grid in FORMS for cell in grid.cells if 0 < len(cell.text) < 30})
FINDER = Finder((*layouts(), catalogue()))
ROLES = next(column.enum for column in tables()["cells"].columns if column.name == "role")


Damage = tuple[int, list[tuple[int, str]], bool]
"""Which form, which cells get which texts, and whether a cell goes."""

damages = st.tuples(
    st.integers(0, len(FORMS) - 1),
    st.lists(
        st.tuples(st.integers(0, 10_000), st.one_of(st.just(""), st.sampled_from(WORDS), st.text(max_size=8))),
        max_size=8,
    ),
    st.booleans(),
)


def damaged(damage: Damage) -> Grid:
    number, changes, one_gone = damage
    cells = list(FORMS[number].cells)
    for at, text in changes:
        cells[at % len(cells)] = cells[at % len(cells)]._replace(text=text)
    if one_gone:
        del cells[len(changes) % len(cells)]
    return Grid(tuple(cells), context=FORMS[number].context)


def _first_places(document: Document) -> list[tuple[int, int, int]]:
    sheets = sheets_of(document, FINDER).sheets
    return [sheet.places[cell.row, cell.col][0][1:] for sheet in sheets for cell in sheet.grid.cells]


def check(document: Document) -> None:
    result = normalize(document, "0" * 64)
    cells = {(row.grid, row.row, row.col): row for row in result.cells}
    assert len(cells) == sum(len(grid.cells) for grid in document.grids)
    assert {row.role for row in result.cells} <= set(ROLES)
    unread = {here for here, row in cells.items() if row.role == "unread"}
    reported = [(row["grid"], row["row"], row["col"]) for row in result.issues if row["code"] == "unread-cell"]
    if result.projects:
        # of a cell that stands on several pages (cut in two, or in a repeated header) the first is named
        assert sorted(reported) == sorted(first for first in _first_places(document) if first in unread)
    for row in (*result.funds, *result.indicators, *result.fields):
        assert (row["grid"], row["row"], row["col"]) in cells
    assert {row["code"] for row in result.issues} <= set(issue_codes())
    keys = [(row["project_id"], row["period"], row["seq"]) for row in result.indicators]
    assert len(keys) == len(set(keys))


@settings(max_examples=150, deadline=None)
@given(st.lists(damages, min_size=1, max_size=3))
def test_damaged_forms_are_accounted_for(found: list[Damage]) -> None:
    check(Document("docx", tuple(damaged(damage) for damage in found)))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), min_size=1, max_size=7),
        min_size=1,
        max_size=12,
    )
)
def test_any_table_is_accounted_for(rows: list[list[str]]) -> None:
    cells = tuple(Cell(row, col, 1, 1, text) for row, texts in enumerate(rows) for col, text in enumerate(texts))
    check(Document("docx", (Grid(cells),)))


@settings(max_examples=60, deadline=None)
@given(damages, st.integers(1, 40), st.integers(10, 200))
@example((0, [(0, "%"), (1, "%")], False), 1, 10)  # a first row of no known word that the second page repeats
def test_pages_of_damaged_forms_are_accounted_for(damage: Damage, at: int, width: int) -> None:
    grid = damaged(damage)
    pages = []
    for page, keep in ((1, lambda row: row < at), (2, lambda row: row >= at)):
        first = 0 if page == 1 else at
        cells = [cell for cell in grid.cells if keep(cell.row)]
        placed = tuple(
            cell._replace(
                row=cell.row - first,
                row_span=1,
                page=page,
                bbox=(cell.col * width, 0.0, (cell.col + cell.col_span) * width, 20.0),
                room=0.5,
            )
            for cell in cells
        )
        edges = tuple(float(col * width) for col in range(grid.n_cols + 1))
        if placed:
            pages.append(Grid(placed, page=page, edges=edges))
    check(Document("pdf", tuple(pages), pages=2))

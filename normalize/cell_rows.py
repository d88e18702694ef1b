"""The lossless layer: every cell as it was read, with the role and the field that normalizing gave it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from yusuan.extract.grid import Document, Note, maker
from yusuan.normalize.facts import Reading, Role
from yusuan.normalize.issues import Row

Said = tuple[str, str | None, str | None]
"""Role and field of a cell, and the project to which it belongs."""
Roles = dict[int, dict[tuple[int, int], Said]]
"""What is said of the cells of each grid of the document (by number), by their row and column."""

OTHER: Said = ("other", None, None)
_UNREAD, _IGNORED = Role("unread"), Role("ignored")
_NO_BOX = (None, None, None, None)


class CellRow(NamedTuple):
    """A row of `cells`, its columns in the order of schemas/tables.toml. A tuple, since a document has hundreds of them."""

    document_id: str
    grid: int
    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    page: int | None
    x0: float | None
    y0: float | None
    x1: float | None
    y1: float | None
    confidence: float | None
    role: str
    field: str | None
    project_id: str | None


_cell_row = maker(CellRow)


def note_roles(roles: Roles, reading: Reading, ids: Sequence[str]) -> None:
    """Adds what a block's reading says of its cells; `ids` are the projects of the reading."""
    places, cells = reading.block.places, reading.block.grid.cells
    own = {cell[:2]: _IGNORED for cell in cells if not cell.text}
    own |= {cell[:2]: _UNREAD for cell in reading.unread}
    own |= reading.roles
    owners: dict[int | None, str | None] = dict(enumerate(ids))
    owners[None] = ids[0] if len(reading.projects) == 1 and ids else None
    said = {role: (role.role, role.field, owners.get(role.project)) for role in set(own.values())}
    if places.grid is not None:
        roles[places.grid].update({here: said[role] for here, role in own.items()})
        return
    for here, grid, there in places.behind(cells):
        roles[grid][there] = said[own[here]]


def note_owners(rows: Sequence[Row], notes: Sequence[Note], roles: Roles) -> None:
    """What the reader noted about a cell (low confidence, garbled text) gets the project and the field that the cell turned out to hold."""
    for row, note in zip(rows, notes, strict=True):
        found = None if note.grid is None else roles[note.grid].get((note.row or 0, note.col or 0))
        if found is not None:
            _, row["field"], row["project_id"] = found


def cell_rows(document: Document, document_id: str, roles: Roles) -> list[CellRow]:
    rows: list[CellRow] = []
    for number, grid in enumerate(document.grids):
        own = roles[number]
        for row, col, row_span, col_span, text, page, box, confidence, _, _ in grid.cells:
            role, field, owner = own.get((row, col), OTHER)
            x0, y0, x1, y1 = box or _NO_BOX
            values = (
                document_id, number, row, col, row_span, col_span, text, page, x0, y0, x1, y1, confidence,
                role, field, owner,
            )  # fmt: skip
            rows.append(_cell_row(values))
    return rows

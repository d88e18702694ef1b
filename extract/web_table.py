"""The rows of an HTML table → cells with places, as the HTML standard forms a table (section 4.9.12)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from yusuan.extract.grid import MAX_POSITIONS, UnreadableError
from yusuan.extract.package import Element

MAX_COLUMN_SPAN, MAX_ROW_SPAN = 1000, 65_534
"""The standard's own limits."""
_HIDDEN = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all)", re.IGNORECASE
)
_GROUPS = ("tbody", "thead", "tfoot")
_WHOLE = re.compile(r"\s*\+?(\d+)")


@dataclass(slots=True)
class Written:
    """A `td` or `th` and the positions that it covers."""

    element: Element
    row: int
    col: int
    row_span: int
    col_span: int


@dataclass(slots=True)
class Rows:
    """The cells of a table in row-major order, and its captions."""

    cells: list[Written] = field(default_factory=list)
    captions: list[Element] = field(default_factory=list)
    n_rows: int = 0
    n_cols: int = 0


def is_shown(element: Element) -> bool:
    """False for what the page itself hides: `display: none`, `hidden`. Style sheets are not looked at."""
    return element.get("hidden") is None and not _HIDDEN.search(element.get("style") or "")


def place_cells(table: Element) -> Rows:
    """No two cells overlap: where the standard lets them, the later one is cut. Rows without any cell are left out."""
    found = Rows(captions=[item for item in table.iterchildren("caption") if is_shown(item)])
    for group in _row_groups(table):
        _place_group(group, found)
    found.n_cols = max((cell.col + cell.col_span for cell in found.cells), default=0)
    found.cells.sort(key=lambda cell: (cell.row, cell.col))
    return found


def _row_groups(table: Element) -> Iterator[list[Element]]:
    """Rows between which a row span may reach: those of one `tbody`, or those that stand in the table itself; a `tfoot` ends the table."""
    bare: list[Element] = []
    for child in sorted(table, key=lambda child: child.tag == "tfoot"):
        if child.tag == "tr":
            bare.append(child)
        elif child.tag in _GROUPS and is_shown(child):
            if bare:
                yield bare
                bare = []
            yield list(child.iterchildren("tr"))
    if bare:
        yield bare


def _place_group(lines: list[Element], found: Rows) -> None:
    rows = [row for line in lines if is_shown(line) and (row := _cells_of(line)) is not None]
    open_until: dict[int, int] = {}  # column → the row past the end of the cell that reaches into it from above
    first = found.n_rows
    for number, row in enumerate(rows):
        here = first + number
        col = 0
        for element in row:
            while open_until.get(col, 0) > here:
                col += 1
            span = min(max(_span(element, "colspan"), 1), MAX_COLUMN_SPAN)
            for width in range(1, span):
                if open_until.get(col + width, 0) > here:
                    span = width
                    break
            down = _span(element, "rowspan")
            end = first + len(rows) if down == 0 else min(here + min(down, MAX_ROW_SPAN), first + len(rows))
            if (col + span) * (here + 1) > MAX_POSITIONS:  # before the next row walks past all these columns
                raise UnreadableError("too-large", f"网页里的一个表格超过 {MAX_POSITIONS:,} 个单元格，没有读取。")
            for covered in range(col, col + span):
                open_until[covered] = end
            found.cells.append(Written(element, here, col, end - here, span))
            col += span
    found.n_rows = first + len(rows)


def _cells_of(line: Element) -> list[Element] | None:
    """The cells that a row shows; None for a row in which none is written (hidden ones count for nothing)."""
    cells = [cell for cell in line.iterchildren("td", "th") if is_shown(cell)]
    return cells or None


def _span(element: Element, name: str) -> int:
    match = _WHOLE.match(element.get(name) or "")
    return int(match[1][:9]) if match else 1

"""Document → sheets: texts repaired, tables that a page break cut in two made one again, places kept.

A table goes on at the top of the next page when both have the same outer borders and the lower one has no title and no beginning of a
form of its own. Repeated header rows go, a cell merged over the break is one again, and so is a row that the break cut through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from yusuan.extract.grid import Cell, Document, Grid
from yusuan.normalize.block import Place, Sheet, cell_keys
from yusuan.normalize.cutting import Finder
from yusuan.normalize.lookups import level1_code, level2_code
from yusuan.normalize.repair import begins_item, unwrap
from yusuan.normalize.text import is_filler, label_key, label_stem

EDGE_TOLERANCE = 3.0
"""Points by which the same border may differ between two pages: writers round, scans and askew lines do worse."""
_MERGE_TOLERANCE = 1.5
_HEADER_ROWS = 4
"""So many first rows of a table can be its repeated header; forms repeat a title, a caption and two rows of column labels at most."""
_CONTINUED = re.compile(
    r"^[-—–\s(（]*(?:第?\s*\d+\s*[页頁]?(?:\s*[/共,，]\s*\d+\s*[页頁]?)?|续\s*(?:表|上表|前表)?.{0,8})[)）\s—–-]*$"
)
_LINE_HEIGHT = 26.0
"""Points a line of a form takes at the most; a cell that has room for another line was not cut by the page."""
_WORDS_OF_NAMES = ("指标", "目标", "分", "绩效")
_SATISFACTION = re.compile(r"(?:社会公众或?)?(?:服务对象|公众|群众)?满意度(?:指标)?(?:\(.*\)分?)?$")
_UNIT = re.compile(r"[（〔【《“‘(\[]*(?:[!-~]+.?|.)[，。、；：？！）〕】》”’％,.;:?!)\]%]*")
_TOLERANCE = 0.35
"""Heights of letters: what an estimate of widths may miss, and the blank that went with the line."""
_PARAGRAPH = 20
"""Characters from which a text counts as a paragraph, which a page may cut though nothing beside it has ended."""
_CJK = re.compile(r"[一-鿿]")
_BREAKABLE = ("，", "、", "。", "；", "：", ",", ";", ":")

Position = tuple[int, int]
Places = dict[Position, tuple[Place, ...]]


@dataclass(frozen=True, slots=True)
class JoinedRow:
    """A row that a page break had cut in two: where its second half stands."""

    place: Place
    text: str


@dataclass(frozen=True)
class Sheets:
    """The tables of a document as they are read on, and the rows that were made one."""

    sheets: tuple[Sheet, ...]
    joined_rows: tuple[JoinedRow, ...]


def sheets_of(document: Document, finder: Finder) -> Sheets:
    """All tables of a document in reading order, those cut by a page break joined."""
    joined: list[tuple[Grid, Places]] = []
    last_page: int | None = None
    rows: list[JoinedRow] = []
    for number, grid in enumerate(document.grids):
        places: Places = {(cell.row, cell.col): (Place(cell.page, number, cell.row, cell.col),) for cell in grid.cells}
        if joined and grid.page is not None and last_page is not None and grid.page == last_page + 1:
            above = joined[-1][0]
            if _goes_on(above, grid, document.headers, finder):
                joined[-1] = _join(joined[-1], (grid, places), finder, rows)
                last_page = grid.page
                continue
        joined.append((grid, places))
        last_page = grid.page
    return Sheets(tuple(_repaired(grid, places) for grid, places in joined), tuple(rows))


def _repaired(grid: Grid, places: Places) -> Sheet:
    return Sheet(replace(grid, cells=tuple(_unwrapped(cell) for cell in grid.cells)), places)


def _unwrapped(cell: Cell) -> Cell:
    text = unwrap(cell.text, cell.full_lines)
    return cell if text == cell.text else replace(cell, text=text)


# --- does it go on? ---------------------------------------------------------------------------------------------------


def _goes_on(above: Grid, below: Grid, headers: Sequence[str], finder: Finder) -> bool:
    if not above.edges or not below.edges or not below.cells:
        return False
    if abs(above.edges[0] - below.edges[0]) > EDGE_TOLERANCE or abs(above.edges[-1] - below.edges[-1]) > EDGE_TOLERANCE:
        return False
    if any(line not in headers and not _CONTINUED.match(line) for line in below.context):
        return False
    rest = _repeated_rows(above, below, finder)
    if rest == below.n_rows:
        return False
    seen = _last_form(above, finder)
    labelled, named = any(map(finder.is_label, seen)), any(map(finder.is_anchor, seen))
    keys = cell_keys(below)
    for row in range(rest, min(rest + 2, below.n_rows)):
        texts = [keys[cell.row, cell.col] for cell in below.cells if cell.row == row and cell.text]
        if labelled and len(texts) <= 2 and any(finder.is_title(text) for text in texts):
            return False
        if named and any(finder.is_anchor(text) for text in texts) and not finder.is_header(texts):
            return False
    return True


def _last_form(grid: Grid, finder: Finder) -> list[str]:
    """The texts of a table from its last title on: what the form at its end has said so far."""
    keys = cell_keys(grid)
    start = max((cell.row for cell in grid.cells if finder.is_title(keys[cell.row, cell.col])), default=0)
    return [key for (row, _), key in keys.items() if row >= start]


def _row_texts(grid: Grid, row: int) -> list[str]:
    return [label_key(cell.text) for cell in grid.cells if cell.row == row]


def _repeated_rows(above: Grid, below: Grid, finder: Finder) -> int:
    """How many rows at the top of the lower table only repeat header rows of the upper one."""
    first = [_row_texts(above, row) for row in range(min(_HEADER_ROWS, above.n_rows))]
    headers = [texts for row in range(above.n_rows) if finder.is_header(texts := _row_texts(above, row))]
    count = 0
    while count < min(_HEADER_ROWS, below.n_rows):
        texts = [text for text in _row_texts(below, count) if text]
        known = [[text for text in row if text] for row in (first[count : count + 1] + headers)]
        if not texts or texts not in known:
            break
        if (
            count == 0
            and texts not in [[text for text in row if text] for row in headers]
            and len(texts) > 2
            and not _all_labels(texts, finder)
        ):
            break
        count += 1
    return count


def _all_labels(texts: Sequence[str], finder: Finder) -> bool:
    return all(finder.is_label(text) for text in texts)


# --- joining ----------------------------------------------------------------------------------------------------------


def _join(
    above: tuple[Grid, Places], below: tuple[Grid, Places], finder: Finder, joined: list[JoinedRow]
) -> tuple[Grid, Places]:
    skipped = _repeated_rows(above[0], below[0], finder)
    edges = _all_edges(above[0].edges, below[0].edges)
    upper, upper_places = _on_edges(above[0], above[1], edges, 0, 0)
    shift = above[0].n_rows - skipped
    lower, lower_places = _on_edges(below[0], below[1], edges, skipped, shift)
    places = {**upper_places, **lower_places}
    for (row, col), repeated in below[1].items():
        if row < skipped:  # the repeated header stands behind the first one
            home = next(
                (
                    cell
                    for cell in upper
                    if cell.row <= row and cell.col <= _moved(col, below[0].edges, edges) < cell.col + cell.col_span
                ),
                None,
            )
            if home is not None:
                places[home.row, home.col] += repeated
    seam = above[0].n_rows
    grid = Grid(tuple(sorted((*upper, *lower), key=lambda cell: (cell.row, cell.col))))
    merged, places = _close_seam(grid, places, seam, finder, joined)
    return replace(above[0], cells=merged, edges=edges), places


def _all_edges(a: Sequence[float], b: Sequence[float]) -> tuple[float, ...]:
    edges = list(a)
    for x in b:
        if min(abs(x - edge) for edge in edges) > _MERGE_TOLERANCE:
            edges.append(x)
    return tuple(sorted(edges))


def _moved(col: int, own: Sequence[float], edges: Sequence[float]) -> int:
    x = own[min(col, len(own) - 1)]
    return min(range(len(edges)), key=lambda number: abs(edges[number] - x))


def _on_edges(
    grid: Grid, places: Places, edges: Sequence[float], skipped: int, shift: int
) -> tuple[list[Cell], Places]:
    """The cells with their columns counted on the borders of both tables, rows moved below the upper table."""
    cells: list[Cell] = []
    moved: Places = {}
    for cell in grid.cells:
        if cell.row < skipped:
            continue
        first, last = _moved(cell.col, grid.edges, edges), _moved(cell.col + cell.col_span, grid.edges, edges)
        here = replace(cell, row=cell.row + shift, col=first, col_span=max(1, last - first))
        cells.append(here)
        moved[here.row, here.col] = places[cell.row, cell.col]
    return cells, moved


def _close_seam(
    grid: Grid, places: Places, seam: int, finder: Finder, joined: list[JoinedRow]
) -> tuple[tuple[Cell, ...], Places]:
    """Makes the cells one that belong together above and below the seam (the first row of the lower page)."""
    upper = {(cell.col, cell.col_span): cell for cell in grid.row(seam - 1)}
    lower = list(grid.row(seam))
    pairs = [(upper.get((cell.col, cell.col_span)), cell) for cell in lower]
    gone: dict[Position, Cell] = {}
    grown: dict[Position, Cell] = {}
    merged = _merged_pairs(pairs, finder)
    tall = {number for number, (top, bottom) in enumerate(pairs) if top and top.row_span + bottom.row_span > 2}
    split = tall <= merged and _is_split_row(pairs, finder)
    for number, (top, bottom) in enumerate(pairs):
        if top is None or not (split or number in merged):
            continue
        grown[top.row, top.col] = _both(top, bottom, top.row_span + bottom.row_span - split)
        gone[bottom.row, bottom.col] = top
    for (row, col), top in gone.items():
        places[top.row, top.col] += places.pop((row, col))
    cells = [grown.get((cell.row, cell.col), cell) for cell in grid.cells if (cell.row, cell.col) not in gone]
    if not split:
        return tuple(cells), places
    first = min((cell for cell in lower if cell.text), key=lambda cell: cell.col, default=lower[0])
    top = gone[first.row, first.col]
    joined.append(JoinedRow(places[top.row, top.col][-1], first.text))
    up = {(cell.row, cell.col): (cell.row - 1, cell.col) for cell in cells if cell.row > seam - 1 and cell.row >= seam}
    cells = [replace(cell, row=cell.row - 1) if (cell.row, cell.col) in up else cell for cell in cells]
    return tuple(cells), {up.get(here, here): where for here, where in places.items()}


def _both(top: Cell, bottom: Cell, row_span: int) -> Cell:
    lines = top.text.count("\n") + 1
    text = "\n".join(part for part in (top.text, bottom.text) if part)
    below = tuple(line + lines for line in bottom.full_lines) if top.text else bottom.full_lines
    return replace(
        top,
        room=bottom.room if bottom.text else top.room,
        row_span=row_span,
        text=text,
        full_lines=(*top.full_lines, *below) if bottom.text else top.full_lines,
    )


def _merged_pairs(pairs: Sequence[tuple[Cell | None, Cell]], finder: Finder) -> set[int]:
    """Which pairs (by number) are one cell merged over the break: more than one row on one page, and the text on one of them or cut.

    From the first pair on that is two cells with a text each, everything to the right belongs to two groups of rows.
    """
    merged: set[int] = set()
    header = finder.is_header([label_key(bottom.text) for _, bottom in pairs])
    for number, (top, bottom) in enumerate(pairs):
        if top is None:
            continue
        if _is_cut_name(top, bottom, finder):
            merged.add(number)
        elif top.row_span > 1 or bottom.row_span > 1:
            both = bool(top.text and bottom.text)
            if both and (_is_complete(label_key(bottom.text), finder) or not _ends_open(top, bottom)):
                break
            merged.add(number)
        elif (
            top.text
            and not bottom.text
            and (finder.is_area(label_key(top.text)) or (header and finder.is_label(label_key(top.text))))
        ):
            merged.add(number)
    return merged


def _is_cut_name(top: Cell, bottom: Cell, finder: Finder) -> bool:
    """Whether two texts are one label or level cut in two: `社会效` + `益指标`, `经济` + `成本指标`, `效益指标` + `（30分）`, but not two names."""
    if not top.text or not _CJK.search(bottom.text) or is_filler(bottom.text):
        return False
    above, below, whole = label_key(top.text), label_key(bottom.text), label_key(top.text + bottom.text)
    if not _is_name(whole, finder) or (_is_complete(above, finder) and _is_complete(below, finder)):
        return False
    return not (_is_name(above, finder) and _is_name(below, finder)) or whole.endswith("指标")


def _is_name(key: str, finder: Finder) -> bool:
    """Whether a text is a label or a level of indicators by itself. Any text with 满意度 has a level's code: here it must be one."""
    if label_stem(key) in _WORDS_OF_NAMES:
        return False
    if finder.is_label(key):
        return True
    if "指标" in label_stem(key)[:-2] or ("满意度" in key and not _SATISFACTION.match(key)):
        return False
    return level1_code(key) is not None or level2_code(key) is not None


def _is_complete(key: str, finder: Finder) -> bool:
    """Whether a name needs nothing more: `经济` may go on to `经济成本指标`, `经济效益指标` may not."""
    return _is_name(key, finder) and (finder.is_label(key) or label_stem(key).endswith("指标"))


def _is_split_row(pairs: Sequence[tuple[Cell | None, Cell]], finder: Finder) -> bool:
    """Whether the first row below the break is the rest of the last row above it, by its cells of one row.

    Against it, each alone enough: other columns; a text below an empty cell (but a label that is printed in the lower half); a text
    below one that had room to go on, or below a complete name; a template's filler below a short text. For it, beside at least one
    text that goes on: a name cut in two (`社会效` + `益指标`), a cell with nothing below it, a paragraph. The label of a row cut in two
    is proof, wherever its author had ended the lines beside it.
    """
    cut = [
        label_key(top.text + bottom.text)
        for top, bottom in pairs
        if top and top.row_span == 1 and _is_cut_name(top, bottom, finder)
    ]
    certain = any(finder.is_label(name) for name in cut)  # the label of a row; a level may be merged over several
    evidence, goes_on = bool(cut), False
    for top, bottom in pairs:
        if top is None:
            return False
        if top.row_span > 1 or bottom.row_span > 1:
            continue
        if not bottom.text:
            evidence |= bool(top.text)
            certain |= bottom is pairs[0][1] and finder.is_label(label_key(top.text))
        elif not top.text:
            if bottom.col > 0 or not finder.is_label(label_key(bottom.text)):
                return False
        elif _is_cut_name(top, bottom, finder) or finder.is_label(label_key(top.text + bottom.text)):
            goes_on = True
        elif (
            _is_complete(label_key(top.text), finder)
            or (is_filler(bottom.text) and len(top.text) < _PARAGRAPH)
            or (not certain and not _ends_open(top, bottom))
        ):
            return False
        else:
            goes_on = True
            evidence |= len(top.text) >= _PARAGRAPH
    return goes_on and evidence


def _has_room(cell: Cell) -> bool:
    """Whether a cell is higher than its lines by one line at least, so that nothing of its text had to move to the next page."""
    lines = cell.text.count("\n") + 1
    return cell.bbox is not None and cell.bbox[3] - cell.bbox[1] > (lines + 1) * _LINE_HEIGHT


def _ends_open(top: Cell, bottom: Cell) -> bool:
    """Whether the text above can go on below: it fills the height of its cell, and its last line the width, or an item follows."""
    if _has_room(top):
        return False
    item = begins_item(bottom.text) and not is_filler(bottom.text)
    return _is_full(top, bottom) or item or top.text.rstrip().endswith(_BREAKABLE)


def _is_full(top: Cell, bottom: Cell) -> bool:
    """Whether what begins the text below had no room behind the last line above."""
    if top.room is None:
        return top.text.count("\n") in top.full_lines
    return top.room < _first_width(bottom.text) + _TOLERANCE


def _first_width(text: str) -> float:
    """The width of what moves to the next line together, in heights of letters: a character or Latin word with its closing marks."""
    unit = _UNIT.match(text.lstrip())
    return sum(1.0 if ord(letter) > 0x2E7F or letter in "%@mwMW" else 0.58 for letter in unit[0]) if unit else 1.0

"""Cuts the filled forms out of a document's tables.

A block is a stretch of rows, from one table or several. It begins at a form's title (a row of the table, or a line before it), or
where a form's first label comes a second time; it goes on in the next table when that one has form labels but no beginning of its own. A
stretch is a form only if it has a header row of indicators, or a form's title above a project's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from yusuan.extract.grid import Cell, Grid, make_cell
from yusuan.normalize.block import Block, Places, Sheet, first_filled
from yusuan.normalize.column_content import with_content
from yusuan.normalize.columns import Column
from yusuan.normalize.finder import HEADINGS, Finder, Word, is_header, known_words
from yusuan.normalize.lookups import level1_code, level2_code
from yusuan.normalize.text import label_key, label_of, label_stem

_TOTALS = ("总分", "合计", "总计", "总得分")
_CONTEXT_LINES = 12
"""So many lines above a table are looked at for its title and caption; forms print three or four."""


class _Segment(NamedTuple):
    """Rows of one sheet between two beginnings, and what they hold."""

    sheet: int
    first: int
    last: int
    titled: bool
    labels: int
    anchors: int
    headers: int
    name: str = ""
    """The label of a field that stands first in it."""
    words: Sequence[Word] = ()
    loose: bool = False
    """Rows of indicators that go on without a header, and not in the columns above."""


class _Row(NamedTuple):
    at: int
    words: Sequence[Word]
    title: bool
    caption: bool
    labels: int
    anchor: bool
    header: bool
    field: str
    """The label of a field that begins it."""


def cut_blocks(sheets: Sequence[Sheet], finder: Finder) -> Iterator[Block]:
    """The forms among the sheets, in reading order."""
    groups: list[list[_Segment]] = []
    for number, sheet in enumerate(sheets):
        for segment in _segments(number, sheet.grid, finder):
            if groups and _goes_on(groups[-1], segment):
                groups[-1].append(segment)
            elif groups and (rest := _rest_of_table(sheets, groups[-1], segment, finder)) is not None:
                groups[-1].append(segment._replace(loose=rest))
            else:
                groups.append([segment])
    for group in groups:
        if _is_form(group):
            yield _stack([sheets[part.sheet] for part in group], group)


def _look(grid: Grid, finder: Finder) -> Iterator[_Row]:
    """The rows of a table in which something is known; the others tell nothing."""
    for at, cells in enumerate(grid.rows):
        words = known_words(cells, finder)
        if not words:
            continue
        texts = [cell.text for cell in cells if cell.text]
        alone = len(texts) <= 2
        first = finder.words[texts[0]]
        columns = {word.column for word in words}
        yield _Row(
            at,
            words,
            title=alone and any(word.title for word in words),
            caption=alone and first.caption,
            labels=sum([word.label for word in words]),
            anchor=any(word.anchor for word in words),
            header=is_header(columns) or (bool(columns) and _heads_by_content(grid, at, finder)),
            field=label_of(texts[0]) if first.field else "",
        )


def _heads_by_content(grid: Grid, at: int, finder: Finder) -> bool:
    """Whether a row with a heading or two of indicators heads a table of them by what stands below the others."""

    columns = _with_content(grid, at, _headings(grid, at, finder), finder)
    return is_header({column.target for column in columns})


def _headings(grid: Grid, at: int, finder: Finder) -> list[Column]:
    """The headings of indicators in a row that are known by their words."""
    words = finder.words
    return [Column(target, None, cell) for cell in grid.rows[at] if cell.text and (target := words[cell.text].column)]


def _with_content(grid: Grid, at: int, found: Sequence[Column], finder: Finder) -> list[Column]:
    """These and the headings that what stands below them tells."""
    words = finder.words
    columns = with_content(grid, at, found, lambda cell: words[cell.text].column, lambda cell: words[cell.text].label)
    return [column for column in columns if column.target in HEADINGS]


def _segments(number: int, grid: Grid, finder: Finder) -> Iterator[_Segment]:
    titled = any(finder.is_title(label_key(line)) for line in grid.context[-_CONTEXT_LINES:])
    first = labels = anchors = headers = 0
    name = ""
    words: list[Word] = []
    seen: set[tuple[str, ...]] = set()
    rows = list(_look(grid, finder))
    last = max((row.at for row in rows if row.header), default=-1)
    for row in rows:
        at = row.at
        begins = (row.title or row.caption) and labels > 0
        again = (row.anchor and anchors > 0) or (row.field != "" and row.field == name and at < last)
        begins = begins or (again and headers > 0 and not _repeats(grid, at, row, seen))
        if begins:
            yield _Segment(number, first, at, titled, labels, anchors, headers, name, words)
            first, labels, anchors, headers, titled, name, words = at, 0, 0, 0, False, "", []
        if not labels and not row.header:
            name = row.field
        titled = titled or row.title
        words += row.words
        labels += row.labels
        anchors += row.anchor
        headers += row.header
        if row.header:
            seen.add(tuple(cell.text for cell in grid.rows[at]))
    yield _Segment(number, first, grid.n_rows, titled, labels, anchors, headers, name, words)


def _repeats(grid: Grid, at: int, row: _Row, seen: set[tuple[str, ...]]) -> bool:
    """Whether a row is a header with names of projects that was printed before, in a list."""
    return row.header and tuple(cell.text for cell in grid.rows[at]) in seen


def _goes_on(group: Sequence[_Segment], segment: _Segment) -> bool:
    last = group[-1]
    heading = all(part.labels == 0 for part in group) and any(part.titled for part in group)
    if heading and segment.sheet == last.sheet + 1 and not segment.titled and segment.first == 0:
        return segment.labels > 0  # a table that holds nothing but the title of the form below it
    if segment.first > 0 or segment.titled or segment.anchors or segment.sheet != last.sheet + 1:
        return False
    started = any(part.titled or part.anchors for part in group)
    complete = any(part.headers for part in group)
    if complete and segment.headers and segment.name and segment.name == group[0].name:
        return False  # the first label of a form a second time: another department's
    return started and (segment.headers > 0 or (segment.labels >= 2 and not complete))


def _rest_of_table(
    sheets: Sequence[Sheet], group: Sequence[_Segment], segment: _Segment, finder: Finder
) -> bool | None:
    """Whether a table without a header, right behind a form, holds the rest of its indicators; True where its columns are others.

    Its cells name levels (`社会效益指标`), and each of them stands in a column that the last header above gives to levels.
    """
    grid = sheets[segment.sheet].grid
    if (
        segment.first > 0
        or segment.titled
        or segment.anchors
        or segment.headers
        or segment.sheet != group[-1].sheet + 1
    ):
        return None
    named = [cell.col for cell in grid.cells if cell.text and _is_level(cell.text)]
    above = next((part for part in reversed(group) if part.headers), None)
    first = first_filled(grid.cells)
    if first is not None and label_of(first.text) in _TOTALS and not grid.context and grid.n_rows == 1:
        return False if above is not None and grid.n_cols == sheets[above.sheet].grid.n_cols else None
    if not named or above is None:
        return None
    levels = _levels_of(sheets[above.sheet].grid, range(above.first, above.last), finder)
    if grid.n_cols == sheets[above.sheet].grid.n_cols and levels.issuperset(named):
        return False
    return None if grid.context else True


def _levels_of(grid: Grid, rows: range, finder: Finder) -> set[int]:
    """The columns that the last header among these rows gives to levels, by words or by what stands below."""
    for at in reversed(rows):
        columns = _headings(grid, at, finder)
        if not is_header({column.target for column in columns}):
            columns = _with_content(grid, at, columns, finder) if columns else []
        if is_header({column.target for column in columns}):
            return {column.cell.col for column in columns if column.target in ("level1", "level2")}
    return set()


def _is_level(text: str) -> bool:
    """Whether a text is the name of a level; 服务对象满意度 without 指标 may as well be that of an indicator."""
    code = level1_code(text) or level2_code(text)
    return code is not None and (code != "satisfaction" or label_stem(text).endswith("指标"))


def _is_form(group: Sequence[_Segment]) -> bool:
    if any(part.headers for part in group):
        return True
    titled = any(part.titled for part in group)
    return titled and any(part.anchors for part in group) and sum(part.labels for part in group) >= 2


def _stack(sheets: Sequence[Sheet], group: Sequence[_Segment]) -> Block:
    """One block of the rows of its segments; a cell merged beyond a segment ends with it."""
    context = sheets[0].grid.context[-_CONTEXT_LINES:] if group[0].first == 0 else ()
    labels = frozenset[str]().union(*(word.keys for part in group for word in part.words if word.label))
    if len(group) == 1 and group[0].first == 0 and group[0].last == sheets[0].grid.n_rows:
        return Block(sheets[0].grid, sheets[0].places, labels, context)
    cells: list[Cell] = []
    places = Places()
    pieces: list[int] = []
    loose: list[int] = []
    start = 0
    for sheet, part in zip(sheets, group, strict=True):
        pieces.append(start)
        if part.loose:
            loose.append(start)
        down = start - part.first
        own = [cell for cells in sheet.grid.rows[part.first : part.last] for cell in cells]
        cells += [_cut(cell, part.last, down) for cell in own]
        if not places.go_on(start, sheet.places, down):
            places |= {(cell.row + down, cell.col): sheet.places[cell[:2]] for cell in own}
        start += part.last - part.first
    return Block(Grid(tuple(cells)), places, labels, context, tuple(pieces), tuple(loose))


def _cut(cell: Cell, end: int, down: int) -> Cell:
    """The cell `down` rows lower, without what stands from row `end` on."""
    if not down and cell.row + cell.row_span <= end:
        return cell
    row, col, row_span, *rest = cell
    return make_cell((row + down, col, min(row_span, end - row), *rest))

"""Every declared spelling has a document that uses it, and that document is misread without it.

`tests/spellings.tsv` lists the spellings of all layouts (layout, kind, target, period, spelling); after a change of layouts write it again with
`python -m tests.normalize.test_spellings`. The document of a spelling is a golden form of the family with a label of the same
meaning spelled so, or with one more row where no golden form has such a label.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.golden import cases
from yusuan.extract.grid import Cell, Document, Grid, parse_grids
from yusuan.normalize import layouts
from yusuan.normalize.block import Block
from yusuan.normalize.cutting import cut_blocks
from yusuan.normalize.facts import Reading
from yusuan.normalize.finder import Finder
from yusuan.normalize.join import sheets_of
from yusuan.normalize.layout import Layout, Meaning
from yusuan.normalize.layout_file import catalogue
from yusuan.normalize.reader import choose, read_block
from yusuan.normalize.text import label_key, label_of, label_stem

LIST = Path(__file__).parent.parent / "spellings.tsv"
LAYOUTS = {layout.id: layout for layout in layouts()}
FINDER = Finder((*LAYOUTS.values(), catalogue()))
KINDS = (
    "field",
    "other",
    "funds",
    "funds_column",
    "area",
    "goal",
    "indicator",
    "indicator_total",
    "subtable",
    "ignore",
)
Entry = tuple[str, str, str, str, str]


def declared() -> list[Entry]:
    return [
        (layout.id, meaning.kind, meaning.target, meaning.period or "", layout.spellings[key])
        for layout in LAYOUTS.values()
        for key, meanings in layout.labels.items()
        for meaning in meanings
    ]


def listed() -> list[Entry]:
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return [(a, b, c, d, e) for a, b, c, d, e in (line.split("\t") for line in lines)]


def forms() -> Iterator[tuple[str, Block]]:
    """(layout that reads it, block) for every form of the golden documents."""
    for case in cases():
        document = Document("docx", tuple(parse_grids(case.form)))
        for block in cut_blocks(sheets_of(document, FINDER).sheets, FINDER):
            yield choose(block, list(LAYOUTS.values()), catalogue(), FINDER).layout.id, block


FORMS = list(forms())


def read(grid: Grid, layout: Layout) -> Reading:
    block = next(iter(cut_blocks(sheets_of(Document("docx", (grid,)), FINDER).sheets, FINDER)))
    return read_block(block, layout, FINDER)


def stated(reading: Reading) -> tuple[object, ...]:
    """What a reading says, without the words of the labels."""
    return (
        [(fact.target, fact.text) for project in reading.projects for fact in project.fields],
        [(fact.source, fact.period, fact.stage, fact.text) for project in reading.projects for fact in project.funds],
        [(fact.target, fact.text) for project in reading.projects for fact in project.goals],
        [
            (fact.period, {name: cell.text for name, cell in fact.cells.items()})
            for project in reading.projects
            for fact in project.indicators
        ],
        [cell.text for cell in reading.unread],
    )


def respelled(layout: Layout, meaning: Meaning, spelling: str) -> Iterator[tuple[Grid, Grid]]:
    """(form, the same form with one label of this meaning spelled so), for every such label of the family's golden forms."""
    for layout_id, block in FORMS:
        for cell in block.grid.cells if layout_id == layout.id else ():
            key = label_of(cell.text)
            spelled = label_key(spelling)
            found = layout.find(key, meaning.kind) if spelled not in (key, label_stem(key)) else None
            if meaning.kind == "other" and layout.find(key, "indicator") is not None:
                continue  # a heading of indicators here, a field of its own elsewhere
            same_area = found is not None and found.kind == "area" and found.target == meaning.target
            if found == meaning or (same_area and not meaning.period and found.period in (None, layout.default_period)):
                changed = tuple(other._replace(text=spelling) if other is cell else other for other in block.grid.cells)
                whole = replace(block.grid, context=block.context)
                yield whole, replace(whole, cells=changed)


def using(layout: Layout, spelling: str) -> Iterator[Grid]:
    """The golden forms of the family that use the spelling as they stand."""
    for layout_id, block in FORMS:
        if layout_id == layout.id and label_key(spelling) in {
            form for cell in block.grid.cells if (key := label_of(cell.text)) for form in (key, label_stem(key))
        }:
            yield replace(block.grid, context=block.context)


def with_row(layout: Layout, spelling: str, value: str) -> Grid:
    """A golden form of the family with one more row at its end: the label and a value over the rest of the width."""
    block = next(block for layout_id, block in FORMS if layout_id == layout.id)
    row, width = block.grid.n_rows, block.grid.n_cols
    added = (Cell(row, 0, 1, 1, spelling), Cell(row, 1, 1, width - 1, value))
    return replace(block.grid, cells=(*block.grid.cells, *added), context=block.context)


def with_column(layout: Layout, spelling: str) -> Grid:
    """A golden form of the family whose table of indicators has one more column at its right."""
    block = next(block for layout_id, block in FORMS if layout_id == layout.id)
    names = (cell for cell in block.grid.cells if (found := layout.find(label_of(cell.text), "indicator")) is not None
             and found.target == "level3")  # fmt: skip
    header, width = next(names), block.grid.n_cols
    body = range(header.row + header.row_span, block.grid.n_rows)
    added = (Cell(header.row, width, header.row_span, 1, spelling), *(Cell(row, width, 1, 1, "见说明") for row in body))
    return replace(
        block.grid,
        cells=tuple(sorted((*block.grid.cells, *added), key=lambda c: (c.row, c.col))),
        context=block.context,
    )


def test_the_list_is_complete() -> None:
    assert sorted(listed()) == sorted(declared()), "run: python -m tests.normalize.test_spellings"


@pytest.mark.parametrize("entry", listed(), ids=lambda entry: f"{entry[0]}-{entry[1]}-{entry[2]}-{entry[4]}")
def test_a_document_with_this_spelling_is_read(entry: Entry) -> None:
    layout_id, kind, target, period, spelling = entry
    layout, meaning = LAYOUTS[layout_id], Meaning(kind, target, period or None)
    pairs = list(respelled(layout, meaning, spelling))
    for form, changed in pairs:
        assert stated(read(changed, layout)) == stated(read(form, layout)), spelling
    added = with_column(layout, spelling) if kind == "indicator" else with_row(layout, spelling, "12.00")
    forms_with_it = [] if pairs else list(using(layout, spelling)) or [added]
    for form in forms_with_it:
        assert [cell.text for cell in read(form, layout).unread] == [], spelling


if __name__ == "__main__":
    LIST.write_text("".join("\t".join(entry) + "\n" for entry in sorted(declared())), encoding="utf-8")

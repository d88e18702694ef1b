"""Titles and captions: `表（一）  （2022年度）  单位：元`, in rows of the table or in the lines before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Block
from yusuan.normalize.dates import parse_fiscal_year
from yusuan.normalize.facts import FieldFact, Reading
from yusuan.normalize.finder import Finder
from yusuan.normalize.inline import inline_pairs
from yusuan.normalize.layout import Layout
from yusuan.normalize.money import parse_money_unit
from yusuan.normalize.repair import unwrap_label
from yusuan.normalize.text import label_key, label_of

_LABEL = re.compile(
    r"^[(（【\[]?(?:附\s*)?表\s*(?:[(（]\s*[一二三四五六七八九十百零\d]{1,4}\s*[)）]|[一二三四五六七八九十\d]{1,3}(?:-\d{1,2})?(?![一-鿿]))[】\])）]?[:：]?"
)
_YEAR = re.compile(
    r"[(（【\[]?\s*(?:[2２][0０]\d\d\s*年\s*度?|二[〇○零][〇○零一二三四五六七八九]{2}\s*年\s*度?|(?:\s|_|　)*年\s*度)\s*[)）】\]]?"
)
_MONEY = r"(?:人民币\s*[/／]?\s*)?[千万百亿]{0,2}\s*元"
_UNIT = re.compile(
    rf"[(（【\[]?\s*(?:金额|货币|计量)?\s*单\s*位\s*[:：]?\s*{_MONEY}(?!\s*[/／]|\s*[、,，或和及]\s*{_MONEY})\s*[)）】\]]?"
)
_ATTACHMENT = re.compile(r"^附\s*(?:件|表|录)\s*[\d一二三四五六七八九十]*(?:-\d+)?\s*[:：]?$")
_FORM_NUMBER = re.compile(r"^(?:报表编[号码]|监督索引号|表号|编号)\s*[:：]?\s*[\w-]*$")
_PROSE = re.compile(r"[，,。；;]|.{81}")
_UNIT_LABELS = ("单位", "金额单位", "货币单位", "计量单位")
_LONGEST_UNIT = 20
"""Longest text of a cell that can be a declared unit and nothing more, in characters with white space."""
_GAPS = re.compile(r"\s{2,}|\t|\u3000+|\n")


@dataclass
class Caption:
    """What one line says; `rest` is what could not be placed."""

    title: str | None = None
    label: str | None = None
    fiscal_year: int | None = None
    money_unit: str | None = None
    pairs: list[tuple[str, str, str]] = field(default_factory=list)
    rest: str = ""
    marks: int = 0


def is_attachment(text: str) -> bool:
    """Whether a text only counts an attachment or a form: `附件2：`, `报表编号：12`."""
    return bool(_ATTACHMENT.match(text.strip()) or _FORM_NUMBER.match(text.strip()))


def read_caption(text: str, layout: Layout, finder: Finder) -> Caption:
    """Takes a line apart: number of the form, year, unit of money, `label：value` pairs of known labels, title."""
    caption = Caption()
    rest = text.strip()
    found = _LABEL.search(rest)
    if found:
        caption.label = re.sub(r"[\s:：]", "", found[0])
        rest = rest[found.end() :]
    unit = _UNIT.search(rest) if "位" in rest else None
    if unit:
        caption.money_unit = parse_money_unit(unit[0])
        rest = rest[: unit.start()] + "  " + rest[unit.end() :]
    if finder.is_title(label_key(rest)):
        caption.title = unwrap_label(rest)
        caption.fiscal_year = parse_fiscal_year(rest)
        rest = ""
    year = _YEAR.search(rest) if "年" in rest else None
    if year and (
        year[0].strip()[0] in "(（【[" or (not rest[: year.start()].strip() and not rest[year.end() :].strip())
    ):
        caption.fiscal_year = parse_fiscal_year(year[0])
        caption.marks += 1
        rest = rest[: year.start()] + "  " + rest[year.end() :]
    left = []
    for part in _GAPS.split(rest):
        if not part.strip() or is_attachment(part):
            caption.marks += bool(part.strip())
        elif finder.is_title(label_key(part)) and caption.title is None:
            caption.title = unwrap_label(part)
            caption.fiscal_year = caption.fiscal_year or parse_fiscal_year(part)
        else:
            left.append(part.strip())
    whole = "  ".join(left)
    for part in (whole,) if inline_pairs(whole, layout) is not None else left:
        pairs = inline_pairs(part, layout)
        if pairs is None:
            caption.rest = f"{caption.rest}  {part}".strip()
        else:
            caption.pairs += pairs
    caption.marks += sum(item is not None for item in (caption.title, caption.label, caption.money_unit)) + len(
        caption.pairs
    )
    return caption


def read_captions(reading: Reading, finder: Finder) -> int:
    """Title, number, year and unit of a block: from its first rows, then from the lines before it. Gives the first row of the form itself."""
    block, layout = reading.block, reading.layout
    first = 0
    for cells in block.rows:
        filled = _without_unit(reading, [cell for cell in cells if cell.text])
        if len(filled) > 3 or any(_is_label(cell, layout) for cell in filled):
            break
        captions = [(cell, read_caption(cell.text, layout, finder)) for cell in filled]
        if filled and not any(caption.marks for _, caption in captions):
            if not _is_heading(block, filled, finder):
                break
            reading.claim(filled[0], "title")
            reading.fiscal_year = reading.fiscal_year or parse_fiscal_year(filled[0].text)
            captions = []
        for cell, caption in captions:
            _take(reading, caption)
            if not caption.rest:
                reading.claim(cell, "title" if caption.title or caption.label else "label")
            for key, label, value in caption.pairs:
                _take_pair(reading, key, label, value, cell)
        first += 1
    for line in reversed(block.context):
        caption = read_caption(line, layout, finder)
        if caption.rest and not caption.title:
            if _PROSE.search(line):
                continue
            caption.label = None
        _take(reading, caption)
        for key, _, value in caption.pairs:
            meaning = layout.meaning(key, "field")
            if meaning is not None and value:
                reading.stated.setdefault(meaning.target, value)
    return first


def _without_unit(reading: Reading, cells: list[Cell]) -> list[Cell]:
    """The cells of a row without `单位： | 万元` in two of them, which is taken."""
    for label, value in pairwise(cells):
        if takes_unit(reading, label, value):
            return [cell for cell in cells if cell not in (label, value)]
    return cells


def takes_unit(reading: Reading, label: Cell, value: Cell) -> bool:
    """Whether two cells are `单位： | 万元`, which is taken then."""
    unit = parse_money_unit(value.text) if label_of(label.text) in _UNIT_LABELS else None
    if unit is None:
        return False
    reading.claim(label, "label")
    reading.claim(value, "value", "projects.money_unit")
    reading.money_unit = reading.money_unit or unit
    return True


def states_unit(reading: Reading, cell: Cell) -> bool:
    """Whether a cell of the form is `单位：万元` and nothing more, which is taken; not where another unit was declared above it."""
    match = _UNIT.search(cell.text) if len(cell.text) < _LONGEST_UNIT else None
    unit = (
        parse_money_unit(match[0])
        if match is not None and not (cell.text[: match.start()] + cell.text[match.end() :]).strip()
        else None
    )
    if unit is None or reading.money_unit not in (None, unit):
        return False
    reading.claim(cell, "label")
    reading.money_unit = unit
    return True


def _is_heading(block: Block, filled: Sequence[Cell], finder: Finder) -> bool:
    """Whether a row holds nothing but a line over the whole width, with the form's title still to come (`某县2022年部门预算公开`)."""
    cell = filled[0]
    if len(filled) > 1 or cell.col_span < block.grid.n_cols:
        return False
    return any(finder.is_title(label_of(other.text)) for other in block.grid.cells if other.row > cell.row)


def _is_label(cell: Cell, layout: Layout) -> bool:
    return layout.find(cell.text, "field", "funds", "area", "goal", "indicator", "other") is not None


def _take(reading: Reading, caption: Caption) -> None:
    """The first statement holds: rows of the table come before lines above it, near lines before far ones."""
    reading.title = reading.title or caption.title
    reading.label = reading.label or caption.label
    reading.fiscal_year = reading.fiscal_year or caption.fiscal_year
    reading.money_unit = reading.money_unit or caption.money_unit


def _take_pair(reading: Reading, key: str, label: str, value: str, cell: Cell) -> None:
    meaning = reading.layout.meaning(key, "field", "other", "ignore")
    if meaning is None or meaning.kind == "ignore":
        return
    target = meaning.target if meaning.kind == "field" else None
    reading.heading.append(FieldFact(target, label, value, cell))


def document_context(lines: Sequence[str], layout: Layout, finder: Finder) -> Caption:
    """Year and unit that page headers and headings of the document state, for blocks that say nothing themselves."""
    caption = Caption()
    for line in lines:
        found = read_caption(line, layout, finder)
        caption.fiscal_year = caption.fiscal_year or found.fiscal_year or parse_fiscal_year(line)
        caption.money_unit = caption.money_unit or found.money_unit
    return caption

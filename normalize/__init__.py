"""Grids → records. Knows forms and nothing of file formats.

`normalize` is a pure function of a document and a set of layouts: the run, the notebook, the tests and every engine call this one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from yusuan.extract.grid import Document
from yusuan.normalize.block import Place
from yusuan.normalize.caption import Caption, document_context
from yusuan.normalize.cell_rows import OTHER, CellRow, Roles, cell_rows, note_owners, note_roles
from yusuan.normalize.checks import RULES
from yusuan.normalize.cutting import cut_blocks
from yusuan.normalize.facts import Project, Reading
from yusuan.normalize.finder import Finder
from yusuan.normalize.finding import Facts
from yusuan.normalize.funds_state import is_amount
from yusuan.normalize.issues import Issues, Row, where
from yusuan.normalize.join import sheets_of
from yusuan.normalize.layout import Layout
from yusuan.normalize.layout_file import catalogue, layouts
from yusuan.normalize.loose import labels_outside, unread_rests, unruled_forms
from yusuan.normalize.reader import choose
from yusuan.normalize.records import ProjectRows, project_rows
from yusuan.normalize.text import is_blank, is_dash, is_filler

__all__ = ["BlockReading", "CellRow", "Layout", "Normalized", "layouts", "normalize"]


@dataclass(frozen=True)
class BlockReading:
    """How one block was read: for `yusuan explain`."""

    block: int
    layout: str
    label: str | None
    title: str | None
    project_ids: tuple[str, ...]
    coverage: float
    unread: int


@dataclass
class Normalized:
    """The rows of one document for the contract's tables, in reading order."""

    projects: list[Row] = field(default_factory=list)
    funds: list[Row] = field(default_factory=list)
    indicators: list[Row] = field(default_factory=list)
    fields: list[Row] = field(default_factory=list)
    issues: list[Row] = field(default_factory=list)
    cells: list[CellRow] = field(default_factory=list)
    blocks: list[BlockReading] = field(default_factory=list)
    coverage: float | None = None
    status: str = "empty"
    title: str | None = None


@cache
def _shipped_finder() -> Finder:
    return Finder((*layouts(), catalogue()))


def normalize(document: Document, document_id: str, known: Sequence[Layout] | None = None) -> Normalized:
    """The records and issues of a document; `known` are the layouts to read with (the shipped ones by default)."""
    declared = tuple(layouts() if known is None else known)
    generic = catalogue()
    finder = _shipped_finder() if known is None else Finder((*declared, generic))
    issues = Issues(document_id)
    result = Normalized(issues=issues.rows)
    for note in document.notes:
        place = None if note.grid is None else Place(note.page, note.grid, note.row or 0, note.col or 0)
        issues.add(note.code, note.message, place=place, text=note.text)
        issues.rows[-1]["page"] = note.page
    heading = [line for line in (document.title, *document.headers) if line]
    context = document_context(heading, generic, finder)
    roles: Roles = defaultdict(dict)
    filled = unread = 0
    sheets = sheets_of(document, finder)
    before: tuple[Reading, Caption] | None = None
    for number, block in enumerate(cut_blocks(sheets.sheets, finder), 1):
        reading = choose(block, declared, generic, finder)
        said = Caption() if reading.strange_list else context
        if before is not None and _follows(reading, before[0]):
            said = before[1]
        reading.fiscal_year = reading.fiscal_year or said.fiscal_year
        before = (
            reading,
            Caption(fiscal_year=reading.fiscal_year, money_unit=reading.money_unit or said.money_unit),
        )
        ids = _add_block(result, reading, number, document_id, issues, said.money_unit)
        left = reading.unread
        filled, unread = filled + len(block.filled), unread + len(left)
        note_roles(roles, reading, ids)
        result.blocks.append(_block_reading(reading, number, ids, len(left)))
    for joined in sheets.joined_rows:
        *_, owner = roles[joined.place.grid].get(joined.place[2:], OTHER)
        if owner is not None:
            message = f"{where(joined.place)}的内容与上一页最后一行属于同一行，已合并为一行。"
            issues.add("split-row-joined", message, place=joined.place, project_id=owner, text=joined.text)
    for part in sheets.wide_parts:
        owner = _owner(roles, part.place.grid)
        if owner is not None:
            message = f"第{part.place.page}页的表格是第{part.beside}页表格右边的列（打印时超出页宽），已接在其右侧。"
            issues.add("split-table-joined", message, place=part.place, project_id=owner)
    for place in sheets.open_seams:
        owner = _owner(roles, place.grid) or _owner(roles, place.grid - 1)
        if owner is not None:
            message = f"{where(place)}的上方是换页处，表格没有外框线，无法确定这一行与上一页最后一行是否为同一行，请核对这两行。"
            issues.add("open-seam", message, place=place, project_id=owner)
    for place in sheets.cut_off:
        *_, owner = roles[place.grid].get(place[2:], OTHER)
        if owner is not None:
            message = f"{where(place)}等单元格的右边没有边线，表格可能超出了页宽，内容可能不完整，请核对原件。"
            issues.add("cut-columns", message, place=place, project_id=owner)
    _tell_loose(document, finder, roles, issues)
    note_owners(issues.rows[: len(document.notes)], document.notes, roles)
    result.cells = cell_rows(document, document_id, roles)
    result.coverage = (filled - unread) / filled if filled else None
    result.title = document.title or next((str(row["title"]) for row in result.projects if row.get("title")), None)
    troubled = unread or any(row["severity"] == "error" for row in issues.rows)
    result.status = "partial" if troubled else "ok" if result.projects else "empty"
    return result


def _owner(roles: Roles, grid: int) -> str | None:
    """The first project of which a grid holds a cell."""
    return next((owner for *_, owner in roles[grid].values() if owner is not None), None)


def _tell_loose(document: Document, finder: Finder, roles: Roles, issues: Issues) -> None:
    """What pages show of forms and no block holds."""
    for page, labels in unruled_forms(document.loose, finder):
        message = f"第{page}页有绩效表的标签，但表格没有框线，无法区分单元格，没有读取：请取得带框线的版本或原 Word、Excel 文件。"
        issues.add("unruled-form", message, text=labels)
        issues.rows[-1]["page"] = page
    for number, cell in unread_rests(document.grids, roles):
        place = Place(cell.page, number, cell.row, cell.col)
        owner = next((owner for at in range(number, -1, -1) for _, _, owner in roles[at].values() if owner), None)
        message = (
            f"第{place.page}页第{number + 1}个表格像是前面绩效表的一部分，但没有读入任何项目，请核对：{cell.text[:40]}"
        )
        issues.add("unread-table", message, place=place, project_id=owner, text=cell.text)
    for number, line in labels_outside(document.grids, finder):
        owner = _owner(roles, number)
        if owner is not None:
            place = Place(document.grids[number].page, number, *document.grids[number].cells[0][:2])
            message = f"{where(place)}上方的“{line}”是绩效表的标签，但那一行没有框线，没有读入，请核对原表。"
            issues.add("unread-cell", message, place=place, project_id=owner, text=line)


def _follows(reading: Reading, before: Reading) -> bool:
    """Whether a form without a line above it stands right behind another one on the page: what is said above that one holds for both."""
    if reading.block.context or reading.title or reading.label or reading.strange_list:
        return False
    first, last = (item.block.places.first(item.block.grid.cells[at][:2]) for item, at in ((reading, 0), (before, -1)))
    return first.page == last.page


def _block_reading(reading: Reading, number: int, ids: Sequence[str], unread: int) -> BlockReading:
    filled = len(reading.block.filled)
    coverage = (filled - unread) / filled if filled else 1.0
    return BlockReading(number, reading.layout.id, reading.label, reading.title, tuple(ids), coverage, unread)


# --- projects of a block ----------------------------------------------------------------------------------------------


def is_unfilled(project: Project) -> bool:
    """Whether a form is a template that nobody filled in: no name, no amount, no indicator with more than a filler."""
    return all(
        is_blank(text) or is_filler(text) or is_dash(text) or text == "0" or _BLOTTED.search(text)
        for text in _stated(project)
    )


def _stated(project: Project) -> Iterator[str]:
    """The texts that a person writes in any form."""
    for fact in project.fields:
        if fact.target in ("project_name", "department", "implementing_unit"):
            yield fact.text
    yield from (fact.text for fact in project.funds)
    yield from (goal.text for goal in project.goals)
    for indicator in project.indicators:
        yield from (cell.text for name, cell in indicator.cells.items() if name in ("value", "level3"))


_BLOTTED = re.compile(r"[×✕]{2}|\*{2}|[xX]{2}|〇〇|○○|…")
"""What templates print in the place of a word: `××局`, `**项目`, `目标1：……`."""


def _add_block(
    result: Normalized, reading: Reading, number: int, document_id: str, issues: Issues, money_unit: str | None
) -> list[str]:
    """Adds the rows of a block's projects to the result; gives their ids."""
    ids: list[str] = []
    block = reading.block
    first = block.places.first(block.grid.cells[0][:2])
    if not reading.unread and all(is_unfilled(project) for project in reading.projects):
        name = reading.title or reading.label or "绩效目标表"
        message = f"第{number}张表（{name}）是没有填写的空白模板，没有读取项目。"
        issues.add("placeholder-form", message, place=first)
        return ids
    if not reading.projects:
        reading.projects.append(Project())  # a filled form of which nothing could be read says so in a row of its own
    shared = _block_row(reading, number)
    for facts in reading.projects:
        project = len(result.projects) + 1
        project_id = f"{document_id[:16]}-{project:04d}"
        ids.append(project_id)
        base = {"project_id": project_id, "document_id": document_id, "project": project, **shared}
        rows = project_rows(reading, facts, base, issues, money_unit)
        _check(rows, reading, issues, first)
        result.projects.append(rows.project)
        result.funds += rows.funds
        result.indicators += rows.indicators
        result.fields += rows.fields
    for remark in reading.remarks:
        issues.add(remark.code, remark.message, about=remark.field, project_id=ids[0],
                   place=block.places.first(remark.cell[:2]), text=remark.cell.text)  # fmt: skip
    _report_unread(reading, issues, ids)
    return ids


def _block_row(reading: Reading, number: int) -> Row:
    """What all projects of a block have in common."""
    pages = reading.block.places.pages()
    left, filled = len(reading.unread), len(reading.block.filled)
    return {
        "block": number,
        "block_label": reading.label,
        "layout": reading.layout.id,
        "form_kind": reading.layout.form_kind,
        "title": reading.title,
        "fiscal_year": reading.fiscal_year,
        "page_first": min(pages, default=None),
        "page_last": max(pages, default=None),
        "coverage": (filled - left) / filled if filled else 1.0,
    }


def _check(rows: ProjectRows, reading: Reading, issues: Issues, first: Place) -> None:
    project_id = str(rows.project["project_id"])
    if not reading.layout.declared:
        message = "这张表的版式尚未收录，已按通用规则读取，请核对；可用 yusuan layouts draft 生成版式草稿。"
        issues.add("unknown-layout", message, about="projects.layout", place=first, project_id=project_id)
    facts = Facts(rows, reading.layout, _unread_figures(reading), reading.listed)
    for code, rule in RULES:
        for finding in rule(facts):
            place = first
            if finding.row is not None:
                place = Place(*(finding.row[name] for name in ("page", "grid", "row", "col")))  # type: ignore[arg-type]
            issues.add(code, finding.message, about=finding.about, place=place, project_id=project_id,
                       severity=finding.severity, expected=finding.expected, actual=finding.actual)  # fmt: skip


def _unread_figures(reading: Reading) -> frozenset[tuple[int, int]]:
    places = (place for cell in reading.unread if is_amount(cell) for place in reading.block.places[cell.row, cell.col])
    return frozenset((place.grid, place.row) for place in places)


def _report_unread(reading: Reading, issues: Issues, ids: Sequence[str]) -> None:
    for cell in reading.unread:
        place = reading.block.places.first(cell[:2])
        message = f"{where(place)}的内容没有对应的规则，未读入任何字段：{cell.text[:40]}"
        issues.add("unread-cell", message, place=place, project_id=ids[0] if len(ids) == 1 else None, text=cell.text)

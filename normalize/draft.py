"""A layout file proposed from a form that no layout declares: a person completes it in minutes, `yusuan layouts check` tells what is left.

What the catalogue read certainly is filled in with the spellings of the document; every text it could not place follows as a comment,
with its place and what stands beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from yusuan.extract.grid import Cell, Document
from yusuan.normalize.block import Block
from yusuan.normalize.cutting import cut_blocks
from yusuan.normalize.facts import Reading, label_text
from yusuan.normalize.finder import Finder
from yusuan.normalize.indicator_table import find_tables, rows_of
from yusuan.normalize.inline import KINDS as INLINE_KINDS
from yusuan.normalize.inline import inline_pairs
from yusuan.normalize.issues import where
from yusuan.normalize.join import sheets_of
from yusuan.normalize.layout import FORM_KINDS, Layout, Meaning
from yusuan.normalize.layout_file import catalogue, layouts
from yusuan.normalize.lists import is_list
from yusuan.normalize.meanings import KINDS, meaning_of
from yusuan.normalize.reader import read_block

_YEAR = re.compile(r"[（(]?\s*20\d\d\s*年度?\s*[)）]?")
Spellings = dict[str, dict[str, list[str]]]
"""Section of the file → key → spellings."""


class NothingToDraftError(Exception):
    """The document holds no form from which a layout could be drafted."""


def draft_layout(document: Document, known: Sequence[Layout] | None = None) -> str:
    """The text of a layout file for the forms of a document that no known layout reads without a rest (for all, if each is read)."""
    declared = tuple(layouts() if known is None else known)
    generic = catalogue()
    finder = Finder((*declared, generic))
    blocks = list(cut_blocks(sheets_of(document, finder).sheets, finder))
    if not blocks:
        raise NothingToDraftError("文件中没有找到绩效目标表：没有一行同时出现指标名称和指标值等表头。")
    strange = [
        block for block in blocks if not any(not read_block(block, layout, finder).unread for layout in declared)
    ] or blocks
    readings = [read_block(block, generic, finder) for block in strange]
    return "\n".join(_lines(readings)) + "\n"


def _lines(readings: Sequence[Reading]) -> Iterator[str]:
    sections: Spellings = {}
    for reading in readings:
        for section, key, text in _spellings(reading):
            texts = sections.setdefault(section, {}).setdefault(key, [])
            if text not in texts:
                texts.append(text)
    title = _YEAR.sub("", next((reading.title for reading in readings if reading.title), ""))
    yield "# Draft of a layout. Complete the lines marked TODO, look at the texts nobody placed (below), then run"
    yield "#   yusuan layouts check THIS.toml   and   yusuan explain DOCUMENT --layout THIS.toml"
    yield f"name = {_toml(title or '未命名的版式')}  # TODO: what people call this form"
    yield f'form_kind = "{_form_kind(readings, sections)}"  # TODO: one of {", ".join(FORM_KINDS)}'
    yield 'notice = "文号未载明"  # TODO: the notice that introduced the form, or who publishes it'
    yield f"titles = [{_toml(title)}]" if title else "titles = []  # TODO: how the form is headed, without the year"
    if any(_is_double(reading) for reading in readings):
        yield 'column_periods = ["implementation", "annual"]  # TODO: the periods of the value columns, from left to right'
    for key in ("other", "subtables"):
        if key in sections:
            yield f"{key} = [{', '.join(_toml(text) for text in sections[key][''])}]"
    for section in (
        "fields",
        "funds",
        "funds.sources",
        "funds.columns",
        "goals",
        "indicators",
        "indicators.columns",
        "ignore",
    ):
        if section in sections:
            yield ""
            yield f"[{section}]"
            yield from _entries(sections[section])
    yield from _rest(readings)


def _entries(entries: dict[str, list[str]]) -> Iterator[str]:
    """`key = [...]`, or `key = { period = [...] }` where periods were said."""
    grouped: dict[str, dict[str, list[str]]] = {}
    for key, texts in entries.items():
        name, _, period = key.partition("@")
        grouped.setdefault(name, {})[period or "none"] = texts
    for name, periods in grouped.items():
        lists = {period: f"[{', '.join(_toml(text) for text in texts)}]" for period, texts in periods.items()}
        if set(lists) == {"none"}:
            yield f"{name} = {lists['none']}"
        else:
            yield f"{name} = {{ {', '.join(f'{period} = {texts}' for period, texts in lists.items())} }}"


def _toml(text: str | None) -> str:
    return json.dumps(text or "", ensure_ascii=False)


def _form_kind(readings: Sequence[Reading], sections: Spellings) -> str:
    if any(is_list(table, reading) for reading in readings for table in find_tables(reading)):
        return "list"
    if "actual" in sections.get("indicators.columns", {}):
        return "self_evaluation"
    return "target" if "project_name" in sections.get("fields", {}) else "department"


def _is_double(reading: Reading) -> bool:
    return any(
        sum(column.target == "value" for column in table.columns) > 1
        and not any(column.period for column in table.columns)
        for table in find_tables(reading)
    )


# --- which label is declared where ------------------------------------------------------------------------------------


def _spellings(reading: Reading) -> Iterator[tuple[str, str, str]]:
    """(section, key, spelling) of every label that the reading used."""
    inside: dict[tuple[int, int], Meaning] = {}
    tables = find_tables(reading)
    rows = set(rows_of(tables))
    for table in tables:
        for column in table.columns:
            inside[column.cell.row, column.cell.col] = Meaning("indicator", column.target, column.period)
    for cell in reading.block.grid.cells:
        role = reading.roles.get((cell.row, cell.col))
        if not cell.text or role is None:
            continue
        meaning = None
        if role.role in ("label", "header", "ignored"):
            meaning = inside.get((cell.row, cell.col)) or meaning_of(
                reading, cell, *(("indicator_total",) if cell.row in rows else ()), *_kinds(role.role)
            )
        if meaning is None:
            yield from _inline(reading, cell)
        else:
            section, key = _home(meaning)
            yield section, key, _spelling(cell)


def _inline(reading: Reading, cell: Cell) -> Iterator[tuple[str, str, str]]:
    """The labels of `label：value` pairs inside a cell."""
    for key, label, _ in inline_pairs(cell.text, reading.layout) or ():
        meaning = reading.layout.meaning(key, *INLINE_KINDS)
        if meaning is not None:
            yield (*_home(meaning), label.removeprefix("其中：").removeprefix("其中:"))


def _kinds(role: str) -> tuple[str, ...]:
    if role == "header":
        return ("subtable", "funds_column", "field", "funds", "goal", "other", "ignore")
    return (*KINDS, "indicator_total", "subtable")


def _spelling(cell: Cell) -> str:
    return label_text(cell).strip("：: ").removeprefix("其中：").removeprefix("其中:")


def _home(meaning: Meaning) -> tuple[str, str]:
    period = f"@{meaning.period}" if meaning.period else ""
    match meaning.kind:
        case "field":
            return "fields", meaning.target
        case "funds":
            return "funds.sources", meaning.target + period
        case "funds_column":
            column = meaning.period if meaning.target == "declared" and meaning.period else meaning.target + period
            return "funds.columns", column
        case "area":
            return meaning.target, "area" + period
        case "goal":
            return "goals", "actual" if meaning.target == "actual" else meaning.period or "none"
        case "indicator":
            return "indicators.columns", meaning.target + period
        case "indicator_total":
            return "indicators", "totals"
        case "subtable":
            return "subtables", ""
        case _:
            return ("ignore", "labels") if meaning.kind == "ignore" else ("other", "")


def _rest(readings: Sequence[Reading]) -> Iterator[str]:
    """The texts nobody placed, as comments."""
    unread = [(reading.block, cell) for reading in readings for cell in reading.unread]
    if not unread:
        return
    yield ""
    yield "# TODO: texts that no rule placed. Add each label to a list above (`other` keeps a label and its value without a column), or below"
    yield "# [ignore] labels = [...]. The text behind an arrow stands beside the label and needs no entry of its own."
    shown: set[Cell] = set()
    for block, cell in unread:
        if cell in shown:
            continue
        right = block.right_of(cell)
        if right is not None:
            shown.add(right)
        yield f"#   {where(block.places.first(cell[:2]))}: {_toml(label_text(cell)[:40])}{_beside(block, cell)}"


def _beside(block: Block, cell: Cell) -> str:
    right = block.right_of(cell)
    return f"  → {_toml(label_text(right)[:30])}" if right is not None and right.text else ""

"""Rows of a table of indicators whose cells are not those of its header: values in several cells, and rows that lack a cell."""

from __future__ import annotations

from collections.abc import Sequence

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Block, same_columns
from yusuan.normalize.columns import Column
from yusuan.normalize.facts import Reading, Remark, label_text
from yusuan.normalize.grammar import grammar
from yusuan.normalize.numbers import fold
from yusuan.normalize.values import parse_operator


def parted_values(block: Block, columns: Sequence[Column], body: int, limit: int) -> list[Column]:
    """The columns with those below one heading of values over several cells: `≥ | 10 | 个`, or `≥ | 10个`."""
    found: list[Column] = []
    for column in columns:
        if column.target != "value" or column.cell.col_span == 1:
            found.append(column)
            continue
        below = [cell for cell in block.grid.row(body) if column.overlap(cell) > 0]
        parts = ("operator", "value", "unit")[: len(below)]
        if not 1 < len(below) < 4 or not _are_signs(block, below[0], body, limit):
            found.append(column)
            continue
        for target, cell in zip(parts, below, strict=True):
            heading = column.cell._replace(col=cell.col, col_span=cell.col_span)
            found.append(Column(target, column.period, heading))
    return found


def _are_signs(block: Block, first: Cell, body: int, limit: int) -> bool:
    """Whether the cells from one downwards are signs, 定性 or empty, or are merged with those beside them."""
    rows = (block.grid.at(row, first.col) for row in range(body, limit))
    texts = [cell.text for cell in rows if cell is not None and cell.text and same_columns(cell, first)]
    return bool(texts) and all(parse_operator(text) or fold(text) in grammar().qualitative for text in texts)


def tell_ragged(reading: Reading, columns: Sequence[Column], body: int, end: int) -> None:
    """Reports rows that end before the last column while others do not: a cell is missing, and those behind it may stand one column too far left.

    Not on pages, whose cells are found by their lines, and not where no row has a cell there: programs leave out empty ends.
    """
    grid, last = reading.block.grid, columns[-1].last
    if grid.edges:
        return
    rows = [(row, grid.row(row)) for row in range(body, end)]
    rows = [(row, cells) for row, cells in rows if any(cell.text for cell in cells)]
    short = [(row, cells) for row, cells in rows if cells[-1].col + cells[-1].col_span <= last]
    for row, cells in short if len(short) < len(rows) else ():
        anchor = next((cell for cell in cells if cell.row == row and cell.text), None)
        if anchor is not None:
            message = f"“{label_text(anchor)}”一行比表头少单元格，其后的内容可能错位，请核对原表。"
            reading.remarks.append(Remark("ragged-row", "indicators.value_text", message, anchor))

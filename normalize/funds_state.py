"""What the rows of the funds have said so far, and which cells may be amounts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from yusuan.extract.grid import Cell
from yusuan.normalize.block import share_columns
from yusuan.normalize.facts import Reading
from yusuan.normalize.inline import inline_pairs
from yusuan.normalize.layout import Meaning
from yusuan.normalize.meanings import meaning_of
from yusuan.normalize.money import parse_money
from yusuan.normalize.text import label_key

_WORD = re.compile(r"[一-鿿]{2}")
COMMON_LABELS = ("合计", "小计", "总额", "其他", "其它", "总计")
"""Words that any list may have."""
PARTS_OF_FISCAL = (
    "central", "provincial", "municipal_county", "superior", "local", "government_fund", "state_capital", "fiscal",
)  # fmt: skip
"""Sources that fiscal money is made of."""
UNKNOWN = Meaning("funds_column", "unknown")
"""A heading over amounts that nobody knows: what stands below it stays unread, and its neighbours do not."""


@dataclass(frozen=True, slots=True)
class FundsColumn:
    meaning: Meaning
    cell: Cell

    def covers(self, cell: Cell) -> bool:
        return share_columns(self.cell, cell)


@dataclass(slots=True)
class FundsState:
    """What rows above said about the columns of the funds: header cells, and the period of each column of labels."""

    columns: list[FundsColumn]
    groups: list[tuple[Cell, str | None]]
    area: Cell | None = None
    last_row: int = -2
    headings: str = ""
    """The texts of the header row together: one of them may name the unit of all."""
    untold: bool = False
    """Whether a row had several amounts under headers that nobody knows."""
    units: dict[tuple[int, int], str] = field(default_factory=dict)
    """The unit in the cell behind an amount, by the place of the amount."""
    stages: list[FundsColumn] = field(default_factory=list)
    """Stages that stand as labels beside their totals (`预算数 | 300 | 执行数 | 285`): their parts stand below them."""


def is_amount(cell: Cell) -> bool:
    return bool(cell.text) and not parse_money(cell.text, "元").unreadable


def figure(cell: Cell | None) -> Decimal | None:
    """The amount of a cell, counted in 元 where it names no unit; an empty cell and a dash have none."""
    return parse_money(cell.text, "元").amount_yuan if cell is not None else None


def may_be_amount(cell: Cell) -> bool:
    """Whether a text could be an amount, also a damaged one: it begins with no word."""
    return is_amount(cell) or not _WORD.match(label_key(cell.text))


def is_next_label(reading: Reading, cell: Cell) -> bool:
    """Whether a cell behind an amount is the next label of the row, alone or with its own value (`年度资金总额：90,000`)."""
    if meaning_of(reading, cell, "funds", "field", "area", "goal") is not None:
        return True
    return inline_pairs(cell.text, reading.layout) is not None

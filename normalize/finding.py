"""What the rules of checks.py and score_checks.py see and say."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from yusuan.normalize.issues import Row
from yusuan.normalize.layout import Layout
from yusuan.normalize.records import ProjectRows

PERIODS = {"implementation": "实施期", "annual": "年度", "prior": "以前年度"}
STAGES = {"declared": "", "initial": "年初预算", "budget": "全年预算", "executed": "全年执行"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: the field and the row (of funds, rates or indicators; None: the project itself) it is about."""

    about: str
    message: str
    row: Row | None = None
    severity: str | None = None
    expected: str | None = None
    actual: str | None = None


@dataclass(frozen=True)
class Facts:
    """The rows of one project and the layout that read them."""

    rows: ProjectRows
    layout: Layout
    unread: frozenset[tuple[int, int]] = frozenset()
    """Rows (grid, row) that hold a figure which nothing read: whatever a sum over them lacks may be that."""
    listed: bool = False
    """Whether the project is one of a list: such a table need not have amounts."""

    @property
    def project(self) -> Row:
        return self.rows.project

    @property
    def funds(self) -> list[Row]:
        return self.rows.funds

    @property
    def indicators(self) -> list[Row]:
        return self.rows.indicators


def yuan(amount: Decimal) -> str:
    """An amount as people write it: `1,234,500 元`, with 分 only where there are some."""
    return f"{amount:,.2f}".removesuffix(".00") + " 元"


def amount_of(row: Row | None) -> Decimal | None:
    value = row["amount"] if row is not None else None
    return value if isinstance(value, Decimal) else None


def printed_decimals(text: object) -> int:
    """The number of decimals of the figure in a text: 2 in `95.21%`, 0 in `10`."""
    figure = str(text or "").rstrip("元万千亿%％分 ")
    return len(figure.rpartition(".")[2]) if "." in figure else 0

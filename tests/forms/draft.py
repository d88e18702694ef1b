"""A form while it is made: rows and truth grow together, so that neither can say what the other does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random

from tests.forms.content import Content
from tests.forms.dialect import Dialect, damaged, labelled, wrapped
from tests.forms.sheet import WIDTH, Row, row
from tests.forms.truth import ExpectedIssue, Item, ProjectTruth, RowTruth
from tests.forms.values import Amount, quantum

LABEL = 30  # the right border of the first label column

STRANGE: dict[str, tuple[str, ...]] = {
    "项目名称": ("事项名目", "课题与工程"), "主管部门": ("归口管理处室",), "主管部门及代码": ("归口管理处室及编号",),
    "实施单位": ("承办科室",), "项目实施单位": ("承办科室",), "项目属性": ("延续情况",), "项目期": ("起讫",), "项目资金": ("经费盘子",),
    "实施期资金总额": ("全周期经费",), "中期资金总额": ("三年滚动经费",), "年度资金总额": ("今年经费", "本轮拨付"),
    "项目资金总额": ("全周期经费",), "年度资金申请总额": ("今年经费",), "资金总额": ("经费盘子合计",),
    "中央财政资金": ("国家层面安排",), "省级财政资金": ("省里安排",), "财政拨款": ("国库安排",), "其他资金": ("别的渠道",),
    "上年结转资金": ("去年没花完的钱",), "实施期金额": ("全周期", "三年合计数"), "年度金额": ("今年数",),
    "项目概况": ("工作简述",), "立项依据": ("有何文件支持",), "实施期目标": ("三年愿景",), "年度目标": ("今年要办成的事",),
    "年度总体目标": ("今年要办成的事",), "总体目标": ("愿景",), "预期目标": ("原先想达到",), "实际完成情况": ("做到了什么",),
    "一级指标": ("指标大类",), "二级指标": ("指标中类",), "三级指标": ("指标小类", "看什么"), "指标值": ("达到多少",),
    "年初预算数": ("年头安排",), "全年预算数": ("调后安排",), "全年执行数": ("实付",), "实际完成值": ("做到多少",),
    "分值": ("满分",), "得分": ("评定",), "指标性质": ("比较",), "度量单位": ("量词",),
}  # fmt: skip
"""Spellings that no list knows: forms that nobody has declared use such words."""

NUMERALS = "一二三四五六七八九十"


@dataclass
class Draft:
    """One form in work. `fault` is the inconsistency that it gets on purpose; `cuts` are rows where a table may end."""

    rng: Random
    dialect: Dialect
    content: Content
    truth: ProjectTruth
    fault: str | None = None
    rows: list[Row] = field(default_factory=list)
    context: list[str] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    one_sided: bool = False
    """Only the year is filled in, though the form has both periods."""

    def label(self, text: str, *, colon: bool = False, dots: bool = False) -> str:
        if self.rng.random() < self.dialect.strange:
            text = self.rng.choice(STRANGE.get(text, (text,)))
        if dots and self.rng.random() < self.dialect.damage:
            return damaged(text, self.rng, self.dialect, dots=True)
        return labelled(text, self.rng, self.dialect, colon=colon)

    def pick(self, *spellings: str) -> str:
        return self.rng.choice(spellings)

    def text(self, lines: Sequence[str]) -> str:
        return wrapped(lines, self.rng, self.dialect)

    def expect(self, code: str, *items: Item) -> None:
        self.truth.expected.append(ExpectedIssue(code, items))

    def cut(self) -> None:
        """The form may go on in another table from here."""
        self.cuts.append(len(self.rows))


# --- captions ---------------------------------------------------------------------------------------------------------


def caption(
    draft: Draft, title: str, *, number: int | None = None, unit: bool = True, blank_year: bool = False
) -> None:
    """Title, 表（n）, year and unit of money: in rows of the table, in cells of one row, or in the lines before it."""
    rng, dialect, truth = draft.rng, draft.dialect, draft.truth
    year = draft.content.year
    marks = []
    if number is not None:
        marks.append(f"表（{NUMERALS[number % 10]}）")
        truth.state("block_label", marks[0])
    in_title = not blank_year and dialect.title_at == "context" and rng.random() < 0.3
    if in_title:
        title = rng.choice((f"{year}年{title}", f"{title}（{year}年度）"))
    else:
        marks.append(
            "（    年度）" if blank_year else rng.choice((f"（{year}年度）", f"（ {year}年度）", f"（   {year}年度）"))
        )
    truth.state("fiscal_year", None if blank_year else year)
    if unit and dialect.unit_at != "label":
        marks.append(rng.choice((f"单位：{dialect.unit}", f"单位:{dialect.unit}", f"金额单位：{dialect.unit}")))
    if rng.random() < 0.2:
        first = rng.choice(("附件2", "附件1：", f"{draft.content.place}{year}年部门预算公开", "附表3"))
        draft.context.append(first)
        if number is None and first == "附表3":
            truth.open.add("block_label")  # the number of a table, or of an enclosure
    one_line = rng.choice(("      ", "  ", "\u3000\u3000\u3000")).join(marks)
    if dialect.title_at == "context":
        draft.context.append(title)
        if dialect.caption == "context":
            draft.context += marks
        elif marks:
            draft.context.append(one_line)
        return
    draft.rows.append([Item(title, 0, WIDTH)])
    if not marks:
        return
    if dialect.caption == "cells" and len(marks) > 1:
        borders = [0, *(WIDTH * at // len(marks) for at in range(1, len(marks))), WIDTH]
        draft.rows.append(row(borders, marks))
    else:
        draft.rows.append([Item(one_line, 0, WIDTH)])


def funds_label(draft: Draft, text: str) -> str:
    """The label of the block of funds, with the unit of money where the form has it there."""
    if draft.dialect.unit_at == "caption":
        return draft.label(text)
    return draft.label(text) + draft.pick("", "\n") + f"（{draft.dialect.unit}）"


# --- fields -----------------------------------------------------------------------------------------------------------


def pair(draft: Draft, column: str | None, label: str, text: str, value: object = ...) -> tuple[Item, Item]:
    """A label and its value; `column` of projects (None: a record of `fields` only), `value` what the column must hold."""
    name, item = Item(draft.label(label)), Item(text)
    if column is None:
        draft.truth.fields.append(RowTruth({"label": label, "text": text or None}, item))
    else:
        draft.truth.state(column, (text or None) if value is ... else value, item)
    return name, item


def field_row(draft: Draft, *pairs: tuple[Item, Item], middle: int = WIDTH // 2, width: int = LABEL) -> None:
    """One or more label–value pairs in one row."""
    count = len(pairs)
    starts = [0, middle, WIDTH] if count == 2 else [WIDTH * at // count for at in range(count + 1)]
    borders = [0]
    for start, end in pairwise(starts):
        borders += [start + width, end]
    draft.rows.append(row(borders, [item for both in pairs for item in both]))


def narrative(draft: Draft, column: str, label: str, lines: Sequence[str]) -> None:
    """A long text beside its label; `lines` are its true lines."""
    name, item = pair(draft, column, label, draft.text(lines), "\n".join(lines))
    field_row(draft, (name, item))


def department(draft: Draft, label: str, *, code: str | None = None, mark: str = "") -> tuple[Item, Item]:
    name = draft.content.department
    found = pair(draft, "department", label, f"{code}-{name}{mark}" if code else name + mark, name)
    if code:
        draft.truth.state("department_code", code, found[1])
    return found


def term(draft: Draft, label: str) -> tuple[Item, Item]:
    """The term of the project in one of the ways people write it. What the contract leaves open is not compared."""
    content, rng = draft.content, draft.rng
    end = content.start + content.years - 1
    how = rng.choice(("years", "years", "months", "range", "days"))
    open_columns = draft.truth.open
    if how == "years":
        text = f"{content.years}年"
        draft.truth.state("term_years", float(content.years))
    elif how == "months":
        text = rng.choice((f"{content.start}.03-{end}.12", f"{content.start}年1月-{end}年12月"))
        open_columns |= {"term_years", "start_date", "end_date"}
    elif how == "range":
        text = f"{content.start}年-{end}年" if content.years > 1 else f"{end}年度"
        open_columns |= {"term_years", "start_date", "end_date"}
    else:
        text = rng.choice(
            (f"{content.start}年1月1日-{end}年12月31日", f"{content.start} 年 1 月1 日 —— {end} 年 12 月 31 日")
        )
        draft.truth.state("start_date", date(content.start, 1, 1))
        draft.truth.state("end_date", date(end, 12, 31))
        open_columns.add("term_years")
    return pair(draft, "term_text", label, text)


# --- money ------------------------------------------------------------------------------------------------------------


def fund(
    draft: Draft,
    money: Amount,
    *,
    source: str,
    label: str,
    period: str | None = "annual",
    stage: str = "declared",
    depth: int = 1,
    item: Item | None = None,
    open_columns: frozenset[str] = frozenset(),
) -> Item:
    """A cell of money and its record."""
    item = item or Item(money.text)
    if money.text.endswith("万"):
        draft.truth.allowed.add("unit-conflict")
    values: dict[str, object] = {
        "period": period, "stage": stage, "source": source, "source_label": label, "depth": depth, "amount": money.yuan,
    }  # fmt: skip
    draft.truth.funds.append(RowTruth(values, item, open_columns))
    column = {"implementation": "total_implementation", "annual": "total_annual"}.get(period or "")
    if source == "total" and column and stage in ("declared", "budget"):
        draft.truth.state(column, money.yuan, item)
    return item


def shares(draft: Draft, totals: Sequence[Decimal], count: int) -> list[list[Decimal]]:
    """Splits each of the totals over `count` sources in the same way; the parts of each add up to it. Zero sources stay zero."""
    rng = draft.rng
    step = quantum(draft.dialect)
    used = sorted(rng.sample(range(count), min(count, rng.choice((1, 1, 2, 3)))))
    fractions = [Decimal(rng.randint(10, 40)) / 100 for _ in used[1:]]
    parts: list[list[Decimal]] = [[Decimal(0)] * len(totals) for _ in range(count)]
    for number, total in enumerate(totals):
        rest = total
        for place, fraction in zip(used[1:], fractions, strict=False):
            part = (total * fraction / len(fractions) / step).to_integral_value() * step
            parts[place][number] = part
            rest -= part
        parts[used[0]][number] = rest
    return parts


def spoil(draft: Draft, parts: list[list[Decimal]], period: int) -> None:
    """Where the form's fault is a wrong sum: one part of this total is printed greater than it should be."""
    if draft.fault != "funds-sum":
        return
    place = next(at for at, part in enumerate(parts) if part[period])
    parts[place][period] += Decimal(20000) if draft.dialect.unit == "万元" else Decimal(draft.rng.choice((100, 1000)))
    draft.expect("funds-sum")

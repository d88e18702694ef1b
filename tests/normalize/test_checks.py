"""Every rule in both directions: it fires on the wrong form and stays quiet on the right one."""

from __future__ import annotations

import pytest

from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import Normalized, normalize
from yusuan.normalize.checks import RULES
from yusuan.schemas import issue_codes

FORM = """
项目支出绩效目标申报表 | » | » | » | »
（2022年度） | » | » | 单位：{unit} | »
项目名称 | {name} | » | 项目期 | {term}
项目资金 | 实施期资金总额： | {total} | 年度资金总额： | {annual}
^ | 其中：中央财政资金 | {part1} | 其中：中央财政资金 | {annual}
^ | 其他资金 | {part2} | 其他资金 | ∅
∅ | 实施期目标 | » | 年度目标 | »
总体目标 | 完成购置 | » | 完成购置 | »
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
^ | 产出指标 | 数量指标 | 购置数量 | {value}
"""
RIGHT = {
    "unit": "元", "name": "设备购置", "term": "3年", "total": "900", "part1": "900", "part2": "∅", "annual": "300", "value": "≥23台",
}  # fmt: skip


def read(**change: str) -> Normalized:
    grids = parse_grids(FORM.format(**{**RIGHT, **change}))
    return normalize(Document("docx", tuple(grids)), "0" * 64)


def codes(result: Normalized) -> list[tuple[str, str]]:
    return [(str(row["severity"]), str(row["code"])) for row in result.issues]


def test_a_right_form_is_quiet() -> None:
    assert codes(read()) == []


@pytest.mark.parametrize(
    ("change", "severity", "code"),
    [
        ({"part1": "800"}, "warning", "funds-sum"),
        ({"part1": "800", "part2": "99.99"}, "warning", "funds-sum"),
        ({"total": "0", "part1": "90", "term": "∅", "annual": "∅"}, "warning", "funds-sum"),
        ({"annual": "1000"}, "warning", "annual-exceeds-total"),
        ({"term": "2年"}, "info", "term-total"),
        ({"annual": "20"}, "warning", "term-total"),
        ({"name": "∅"}, "error", "missing-field"),
        ({"total": "∅", "part1": "∅", "annual": "—"}, "error", "missing-field"),
        ({"term": "2023年1月1日至2022年12月31日"}, "warning", "date-order"),
        ({"term": "2018年1月1日至2020年12月31日"}, "warning", "year-outside-term"),
        ({"value": "∅"}, "warning", "missing-value"),
        ({"value": "XX"}, "warning", "missing-value"),
        ({"part2": "见附件"}, "warning", "unparsed-value"),
        ({"unit": "万元", "annual": "300元"}, "warning", "unit-conflict"),
        ({"unit": "个", "term": "∅"}, "warning", "missing-unit"),
        ({"total": "900.001", "part1": "900.001", "term": "∅"}, "warning", "inexact-amount"),
    ],
)
def test_a_wrong_form_is_reported(change: dict[str, str], severity: str, code: str) -> None:
    assert (severity, code) in codes(read(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"part1": "400", "part2": "500"},
        {"part1": "∅"},  # no part is filled: unknown, not 0
        {
            "unit": "万元",
            "total": "1.01",
            "part1": "0.51",
            "part2": "0.51",
            "annual": "0.34",
            "term": "∅",
        },  # printed rounding
        {"term": "2022年1月1日至2024年12月31日"},
        {"term": "长期"},
        {"unit": "万元", "annual": "300万元"},
    ],
)
def test_the_rules_stay_quiet(change: dict[str, str]) -> None:
    assert codes(read(**change)) == []


def test_a_figure_is_never_changed_by_a_rule() -> None:
    result = read(total="0", part1="90")
    assert [str(row["amount"]) for row in result.funds][:4] == ["0.00", "300.00", "90.00", "300.00"]


def test_a_second_level_below_the_wrong_first_level_is_told_once() -> None:
    wrong = FORM.replace("数量指标 | 购置数量 | {value}", "社会效益指标 | 受益人数 | {value}")
    wrong += "^ | ^ | 社会效益指标 | 就业人数 | 3人\n^ | ^ | 服务对象满意度指标 | 满意度 | ≥90%\n"
    result = normalize(Document("docx", tuple(parse_grids(wrong.format(**RIGHT)))), "0" * 64)
    assert codes(result) == [("warning", "level-conflict")]


def test_every_code_is_documented() -> None:
    assert {code for code, _ in RULES} <= set(issue_codes())

"""Forms whose unknown words mean something else than their place makes likely: what is read by them has an issue that names the label."""

from __future__ import annotations

import pytest

from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import Normalized, normalize

FUNDS = "年度资金总额 | » | 100 | » | » | »"
INDICATORS = """
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | »
^ | 产出指标 | 数量指标 | 管护公厕 | ≥86座 | »
"""


def read(rows: str, title: str = "项目支出绩效目标表") -> Normalized:
    lines = "\n".join(line.strip() for line in rows.strip().splitlines())
    form = f"> {title}\n> （2022年度）  单位：万元\n项目名称 | 城区公厕管护 | » | » | » | »\n{lines}"
    return normalize(Document("docx", tuple(parse_grids(form))), "0" * 64)


def inferred(result: Normalized) -> dict[object, object]:
    return {row["text"]: row["field"] for row in result.issues if row["code"] == "inferred-meaning"}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            f"""{FUNDS}
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 扣分线 | 分值
            ^ | 产出指标 | 数量指标 | 管护公厕 | <80座 | 50
            ^ | ^ | 质量指标 | 保洁达标率 | <90% | 30
            ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | <85% | 20""",
            {"扣分线": "indicators.value_text"},
        ),
        (
            f"""项目资金 | 政府采购额度 | » | 100 | » | »
            ^ | 其中：财政拨款 | » | 100 | » | »
            ^ | 其他资金 | » | 0 | » | »{INDICATORS}""",
            {"政府采购额度": "funds.source"},
        ),
        (
            f"""项目资金 | 实施期资金总额 | » | 300 | 年度资金总额 | 100
            总体目标 | 实施期目标 | » | » | 明后两阶段打算 | »
            ^ | 公厕干净无异味。 | » | » | 建设公厕12座。 | »{INDICATORS}""",
            {"明后两阶段打算": "projects.goal_annual"},
        ),
    ],
    ids=["threshold", "procurement", "next stages"],
)
def test_what_is_read_by_an_unknown_label_has_an_issue(rows: str, told: dict[str, str]) -> None:
    assert inferred(read(rows)) == told


def test_names_of_a_list_under_an_unknown_heading_have_an_issue() -> None:
    form = """
> 项目绩效目标表
单位名称 | 经费用途 | 预算数 | 一级指标 | 二级指标 | 三级指标 | 指标值
某局 | 环境卫生设施维修改造 | 100 | 产出指标 | 数量指标 | 公厕 | ≥86座
^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 满意度 | ≥90%
某馆 | 图书购置与活动补助 | 60 | 产出指标 | 数量指标 | 活动 | ≥23场
^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 满意度 | ≥95%
"""
    result = normalize(Document("docx", tuple(parse_grids(form.strip()))), "0" * 64)
    assert inferred(result) == {"经费用途": "projects.project_name"}


def test_known_labels_and_unread_ones_are_not_inferred() -> None:
    assert inferred(read(FUNDS + INDICATORS)) == {}
    assert inferred(read("项目资金 | 某总数 | » | 110 | » | »\n^ | 其中：财政拨款 | » | 80 | » | »" + INDICATORS)) == {}

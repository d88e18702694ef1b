"""Small documents for tests of everything behind reading: a form with the facts that a test asks for."""

from __future__ import annotations

from pathlib import Path

from tests.build import build_docx

FORM = """\
项目支出绩效目标申报表 | » | » | » | » | » | » | »
（2023年度） 单位：元 | » | » | » | » | » | » | »
项目名称 | {name} | » | » | » | » | » | »
主管部门及代码 | 013-清河市档案馆[部门] | » | » | » | 实施单位 | 清河市档案馆 | »
项目属性 | 一次性项目 | » | » | » | 项目期 | 1年 | »
项目资金（元） | 实施期资金总额： | » | {amount} | » | 年度资金总额： | {amount} | »
^ | 其中：中央财政资金 | » | 0 | » | 其中：中央财政资金 | 0 | »
^ | 市县（区）财政资金 | » | {amount} | » | 市县（区）财政资金 | {amount} | »
项目概况 | {overview} | » | » | » | » | » | »
∅ | 实施期目标 | » | » | » | 年度目标 | » | »
总体目标 | 完成扫描。 | » | » | » | 完成扫描。 | » | »
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | 二级指标 | 三级指标 | 指标值
^ | 产出指标 | 数量指标 | 扫描页数 | 21000页 | 数量指标 | 扫描页数 | 21000页
^ | 满意度指标 | 服务对象满意度指标 | 利用者满意度 | ≥95% | 服务对象满意度指标 | 利用者满意度 | ≥95%
"""


def form(name: str = "档案扫描", amount: str = "315,600", overview: str = "扫描馆藏档案。") -> bytes:
    """A DOCX with one form of one project: 6 funds rows, 4 indicators, read without an issue."""
    return build_docx(FORM.format(name=name, amount=amount, overview=overview))


def formless() -> bytes:
    """A DOCX with a table that is no form."""
    return build_docx("收入 | 支出\n100 | 90")


def content(out: Path) -> dict[str, bytes]:
    """Every file of the release in force."""
    folder = (out / "current").resolve()
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }

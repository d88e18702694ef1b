"""Labels as they are compared, fillers, and the lookups of levels and fund sources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.normalize.layout_file import catalogue
from yusuan.normalize.lookups import level1_code, level2_code, lookup
from yusuan.normalize.text import is_blank, is_dash, is_filler, label_key, label_of, label_stem

LABELS = [
    ("其中：中央财政资金", "中央财政资金", "中央财政资金"),
    ("  省级财政资金：", "省级财政资金", "省级财政资金"),
    ("项目资金\n（元）", "项目资金(元)", "项目资金"),
    ("总体\n\n目标", "总体目标", "总体目标"),
    ("绩 效 目 标", "绩效目标", "绩效目标"),
    ("生态效益.指标", "生态效益指标", "生态效益指标"),
    ("市县（区）财政资金", "市县(区)财政资金", "市县(区)财政资金"),
    ("年度(/项目)指标值", "年度(/项目)指标值", "年度(/项目)指标值"),
    ("产出指标（40-50）分", "产出指标(40-50)分", "产出指标"),
    ("产出指标（50分）", "产出指标(50分)", "产出指标"),
    ("产出指标50分", "产出指标50分", "产出指标"),
    ("项目总体目标 (2024 年-2026 年)", "项目总体目标(2024年-2026年)", "项目总体目标"),
    ("全年预算数（A）", "全年预算数(A)", "全年预算数"),
    ("【必填】项目名称", "项目名称", "项目名称"),
    ("〔万元〕", "(万元)", "(万元)"),
    ("1.项目名称", "1项目名称", "项目名称"),
    ("一、项目概况", "一、项目概况", "项目概况"),
    ("★其中：工资", "工资", "工资"),
    ("其中", "其中", "其中"),
    ("PM2.5浓度", "PM2.5浓度", "PM2.5浓度"),
    ("满分100分", "满分100分", "满分"),
    ("", "", ""),
]


@pytest.mark.parametrize(("text", "key", "stem"), LABELS)
def test_labels(text: str, key: str, stem: str) -> None:
    assert (label_key(text), label_stem(text)) == (key, stem)


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("其中：.()（）【】1、★ 分50项")), max_size=20))
def test_the_compared_forms_are_stable(text: str) -> None:
    key, stem = label_key(text), label_stem(text)
    assert label_key(key) == key
    assert label_stem(stem) == stem
    assert bool(stem) == bool(key)
    assert not (is_blank(text) and (is_filler(text) or is_dash(text)))


@pytest.mark.parametrize("text", ["……", "...", "…", "××", "XX", "x", "**", "*", "____", "指标1：", "目标：", "指标1：\n指标2：\n……", "1.\n2.\n……", "指标1：××", "单击此处输入文字。", "单击或点击此处输入文字。", "单击或点按此处输入日期。", "选择一项。"])  # fmt: skip
def test_fillers(text: str) -> None:
    assert is_filler(text)


@pytest.mark.parametrize("text", ["", " ", "—", "/", "0", "1", "10", "1.", "3.14.", "12个", "三", "目标1：加强", "指标", "服务对象满意度", "XX村道路", "x%", "点击率", "选择一项技术"])  # fmt: skip
def test_no_fillers(text: str) -> None:
    assert not is_filler(text)


def test_dashes_and_blanks() -> None:
    assert all(map(is_dash, ("—", "——", "-", "－", "/", " / ", "\\", "--")))
    assert not any(map(is_dash, ("", " ", "0", "-5", "a/b")))
    assert all(map(is_blank, (None, "", " ", "　", "\n\t", "\u200b", "\ufeff")))
    assert not is_blank("0")


LEVELS = [
    ("产出指标", "output", None),
    ("产出", "output", None),
    ("产\n出\n指\n标\n（50分）", "output", None),
    ("产出（工作量）指标", "output", None),
    ("产出指标（0-20）分", "output", None),
    ("效益指标(30分)", "benefit", None),
    ("效果指标（20-30）分", "benefit", None),
    ("成本指标", "cost", "cost"),
    ("满意度指标10", "satisfaction", "satisfaction"),
    ("服务对象满意度指标", "satisfaction", "satisfaction"),
    ("社会公众或服务对象满意度指标", "satisfaction", "satisfaction"),
    ("数量指标", None, "quantity"),
    ("产出数量指标", None, "quantity"),
    ("质量", None, "quality"),
    ("时效指标", None, "timeliness"),
    ("经济成本指标", None, "economic_cost"),
    ("社会成本指标", None, "social_cost"),
    ("生态环境成本指标", None, "environmental_cost"),
    ("经济效益指标", None, "economic_benefit"),
    ("社会效益\n\n指标", None, "social_benefit"),
    ("生态效益.指标", None, "ecological_benefit"),
    ("环境效益指标", None, "ecological_benefit"),
    ("可持续\n影响指标", None, "sustainability"),
    ("经济效益、社会效益指标", None, None),
    ("其他", None, None),
    ("", None, None),
]


@pytest.mark.parametrize(("label", "level1", "level2"), LEVELS)
def test_levels(label: str, level1: str | None, level2: str | None) -> None:
    assert (level1_code(label), level2_code(label)) == (level1, level2)


SOURCES = [
    ("实施期资金总额：", "total"),
    ("年度资金总额：", "total"),
    ("资金总额(万元)", "total"),
    ("其中：中央财政资金", "central"),
    (" 省级财政资金", "provincial"),
    ("市县（区）财政资金", "municipal_county"),
    ("区级财政资金", "local"),
    ("其中：中央、省、市补助", "superior"),
    ("该项目支出上级资金", "superior"),
    ("地方资金", "local"),
    ("其中：当年财政拨款", "fiscal"),
    ("政府性基金拨款", "government_fund"),
    ("国有资本经营预算", "state_capital"),
    ("财政专户管理资金", "fiscal_account"),
    ("单位资金", "unit"),
    ("单位自筹", "self_raised"),
    ("经营性收入", "business_income"),
    ("上年结转资金", "carry_over"),
    ("银行贷款", "loan"),
    ("社会投入资金", "social"),
    ("其它资金", "other"),
    ("中央财政", "central"),
    ("执行率", None),
    ("", None),
]


@pytest.mark.parametrize(("label", "source"), SOURCES)
def test_fund_sources(label: str, source: str | None) -> None:
    meaning = catalogue().find(label_of(label), "funds")
    assert (meaning.target if meaning else None) == source


def test_no_source_spelling_is_declared_twice() -> None:
    declared = [
        label_key(spelling) for code in lookup("fund_sources").values() if isinstance(code, list) for spelling in code
    ]
    assert len(declared) == len(set(declared)) > 100

"""Codes joined to names, and check boxes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.normalize.marks import Ticks, split_code_name, ticked

CODED = [
    ("001-中共大同市委办公室[部门]", "001", "中共大同市委办公室"),
    ("51000021R000000019951-工资性支出", "51000021R000000019951", "工资性支出"),
    ("51000021T000000019951-2023年农业补贴", "51000021T000000019951", "2023年农业补贴"),
    ("917001-某某局（本级）", "917001", "某某局（本级）"),
    ("219 — 某馆【单位】", "219", "某馆"),
    ("219001－某馆-分馆", "219001", "某馆-分馆"),
    ("Z155110010012-中央财政衔接资金", "Z155110010012", "中央财政衔接资金"),
    ("某某局[单位]", None, "某某局"),
    ("某某局", None, "某某局"),
    ("2022-2023年度项目", None, "2022-2023年度项目"),
    ("2022-春节慰问", None, "2022-春节慰问"),
    ("202301-202312运行费", None, "202301-202312运行费"),
    ("5G-网络建设", None, "5G-网络建设"),
    ("G108-国道改造", None, "G108-国道改造"),
    ("A01-1地块", None, "A01-1地块"),
    ("COVID-19防控", None, "COVID-19防控"),
    ("001", None, "001"),
    ("", None, None),
    ("  ", None, None),
]


@pytest.mark.parametrize(("text", "code", "name"), CODED)
def test_codes_and_names(text: str, code: str | None, name: str | None) -> None:
    assert split_code_name(text) == (code, name)


TICKED = [
    ("新增项目□ 延续项目√", "延续项目"),
    ("□新增 ☑延续", "延续"),
    ("☐新增 ☒延续", "延续"),
    ("\uf0a8新增 \uf0fe延续", "延续"),
    ("新增项目（√） 延续项目（ ）", "新增项目"),
    ("（√）新增（ ）延续", "新增"),
    ("[x]新增 [ ]延续", "新增"),
    ("是√ 否□", "是"),
    ("是√ 否", "是"),
    ("是 √否", "否"),
    ("1.重大课题□ 2.网络运行维护☑", "网络运行维护"),
    ("1.重大课题□\n2.网络运行维护☑\n3.其他□", "网络运行维护"),
    ("■新增 □延续", "新增"),
    ("●新增 ○延续", "新增"),
    ("新增□√ 延续□", "新增"),
    ("是否新增：是√ 否□", "是"),
    ("项目类型：□新增 ☑延续", "延续"),
    ("新增□ 延续√（请在相应□内打√）", "延续"),
    ("□新增 √延续 √其他", "延续、其他"),
    ("经常性 项目□ 延续 项目√", "延续项目"),
]


@pytest.mark.parametrize(("text", "chosen"), TICKED)
def test_ticked_options(text: str, chosen: str) -> None:
    assert ticked(text) == Ticks(True, chosen)


@pytest.mark.parametrize("text", ["新增□ 延续□", "□新增 □延续", "□", "√", "☑"])
def test_nothing_ticked(text: str) -> None:
    assert ticked(text) == Ticks(has_boxes=True)


@pytest.mark.parametrize("text", ["新增 延续√", "□新增 延续√", "√ 新增 □", "新增√延续"])
def test_ticks_that_may_belong_to_two_options_choose_none(text: str) -> None:
    assert ticked(text) == Ticks(has_boxes=True, certain=False)


@pytest.mark.parametrize(
    "text", ["经常性项目（长期开展）", "", "二○二二年", "● 一是保障运转", "■ 工作", "阶段性项目（ ）"]
)
def test_texts_without_boxes(text: str) -> None:
    assert ticked(text) == Ticks()


OPTIONS = st.lists(
    st.text(alphabet="新增延续项目经常一次", min_size=1, max_size=6), min_size=2, max_size=5, unique=True
)


@given(OPTIONS, st.data(), st.sampled_from([("□", "☑"), ("□", "√"), ("（ ）", "（√）"), ("○", "●")]), st.booleans())
def test_the_ticked_option_is_found(
    options: list[str], data: st.DataObject, signs: tuple[str, str], before: bool
) -> None:
    index = data.draw(st.integers(0, len(options) - 1))
    marked = [signs[number == index] for number in range(len(options))]
    pairs = [mark + option if before else option + mark for mark, option in zip(marked, options, strict=True)]
    assert ticked(" ".join(pairs)) == Ticks(True, options[index])


@given(st.text(alphabet="□☑√○●■（）() 新增延续项目：、", max_size=30) | st.text(max_size=30))
def test_any_text_is_read(text: str) -> None:
    ticks = ticked(text)
    assert ticks.chosen is None or (ticks.has_boxes and ticks.certain and ticks.chosen)
    code, name = split_code_name(text)
    assert code is None or code.isascii()
    assert name is None or name in text

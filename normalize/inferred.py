"""Labels that were understood by their place or by what stands beside them: each has an issue, for nobody declared what it means."""

from __future__ import annotations

from yusuan.normalize.facts import Reading, Remark, label_text
from yusuan.normalize.finding import PERIODS
from yusuan.normalize.funds_state import UNKNOWN
from yusuan.normalize.layout import Meaning
from yusuan.normalize.meanings import GOAL_FIELDS

_NAMES = {
    "funds": "资金部分", "goals": "绩效目标部分", "goal": "绩效目标", "actual": "目标实际完成情况", "project_name": "项目名称",
    "total": "资金总额", "declared": "预算金额", "initial": "年初预算数", "budget": "全年预算数", "executed": "全年执行数",
    "rate": "执行率", "weight": "分值", "score": "得分", "level1": "一级指标", "level2": "二级指标", "level3": "三级指标",
    "value": "指标值", "operator": "比较符", "unit": "计量单位",
}  # fmt: skip
_INDICATORS = {"value": "value_text", "actual": "actual_text", "weight": "weight_text", "score": "score_text"}


def report_inferred(reading: Reading) -> None:
    """An issue for each label of `Reading.told` by which something was read."""
    for cell in reading.block.filled if reading.told else ():
        meaning = reading.told.get(cell[:2])
        if meaning is None or meaning == UNKNOWN or not reading.claimed(cell):
            continue
        name = f"{PERIODS.get(meaning.period or '', '')}{_NAMES.get(meaning.target, '资金来源')}"
        message = f"“{label_text(cell)}”没有收录，按所在位置和内容推断为“{name}”，由此读出的内容请核对原表。"
        reading.remarks.append(Remark("inferred-meaning", _field(meaning), message, cell))


def _field(meaning: Meaning) -> str:
    """The column that the label decides: of the amounts their source, stage or section, of the indicators their own."""
    if meaning.kind == "indicator":
        return f"indicators.{_INDICATORS.get(meaning.target, meaning.target)}"
    if meaning.kind == "goal":
        return f"projects.{'goal_actual' if meaning.target == 'actual' else GOAL_FIELDS.get(meaning.period or '', 'goal_annual')}"
    if meaning.kind == "field":
        return f"projects.{meaning.target}"
    if meaning.kind == "area":
        return "funds.amount" if meaning.target == "funds" else "projects.goal_annual"
    return "funds.source" if meaning.kind == "funds" else "funds.stage"

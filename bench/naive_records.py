"""What an analyst does with the cells of a form, in pandas: labels and the cell beside them, rows with money, the table below 三级指标."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

FIELDS = {
    "项目名称": "project_name",
    "主管部门": "department",
    "主管部门及代码": "department",
    "实施单位": "implementing_unit",
    "项目实施单位": "implementing_unit",
    "项目属性": "attribute",
    "项目期": "term",
    "项目负责人": "leader",
    "联系电话": "phone",
}
COLUMNS = {
    "一级指标": "level1",
    "二级指标": "level2",
    "三级指标": "level3",
    "指标值": "value",
    "年度指标值": "value",
    "指标内容": "level3",
    "权重": "weight",
    "分值": "weight",
}
MONEY = "资金|拨款|总额|收入|合计"
AMOUNT = re.compile(r"(-?[\d,]+(?:\.\d+)?)(?:万?元)?")


def tidy(text: str) -> str:
    return re.sub(r"\s|：|:", "", text)


def records(frame: pd.DataFrame, source: dict[str, object]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """(projects, funds, indicators) of one table of texts."""
    labels = frame.map(tidy)
    project = dict(source)
    for row, col in zip(*labels.isin(list(FIELDS)).to_numpy().nonzero(), strict=True):
        beside = frame.iloc[row, col + 1 :]
        beside = beside[labels.iloc[row, col + 1 :] != labels.iloc[row, col]]
        if len(beside):
            project.setdefault(FIELDS[labels.iloc[row, col]], beside.iloc[0])
    amounts = []
    for row in labels.itertuples(index=False):
        label = next((text for text in row if re.search(MONEY, text)), None)
        found = [AMOUNT.fullmatch(text) for text in dict.fromkeys(row)] if label else []
        amounts += [{**source, "label": label, "amount": float(match[1].replace(",", ""))} for match in found if match]
    funds = pd.DataFrame(amounts)
    heads = labels.index[labels.eq("三级指标").any(axis=1)]
    if not len(heads):
        return pd.DataFrame([project]), funds, pd.DataFrame()
    named = labels.loc[heads[0]].map(COLUMNS).dropna()
    indicators = frame.loc[heads[0] + 1 :, named.index].set_axis(named, axis=1)
    indicators = indicators.loc[:, ~indicators.columns.duplicated()].replace("", pd.NA)
    levels = [name for name in ("level1", "level2") if name in indicators]
    indicators[levels] = indicators[levels].ffill()
    if "value" in indicators:
        parts = (
            indicators["value"]
            .astype("string")
            .str.extract(r"(?P<operator>[≥≤<>＝=]?)\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>.*)")
        )
        indicators = indicators.join(parts)
    return pd.DataFrame([project]), funds, indicators.dropna(how="all").assign(**source)


def written(cells: Callable[[Path], list[pd.DataFrame]], paths: list[str]) -> int:
    """Length of the three CSV texts with the records of these files."""
    made = [
        records(frame, {"file": Path(path).name, "table": number})
        for path in paths
        for number, frame in enumerate(cells(Path(path)))
    ]
    return sum(len(pd.concat(frames).to_csv(index=False)) for frames in zip(*made, strict=True))

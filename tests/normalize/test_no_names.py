"""Forms are data: no layout's name, no province and no text of the sample stands in code."""

from __future__ import annotations

from pathlib import Path

import pytest

from yusuan.normalize import layouts

ROOT = Path(__file__).parent.parent.parent
CODE = sorted(
    path for folder in ("extract", "normalize", "publish", "yusuan") for path in (ROOT / folder).glob("**/*.py")
)
PROVINCES = (
    "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南",
    "广东", "广西", "海南", "重庆", "四川", "贵州", "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆", "大同",
)  # fmt: skip
SAMPLE = ("办公设备购置", "市委办公室", "离退休干部", "今日大同", "1,053,300", "1053300", "27,100")


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_knows_no_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    names = [
        f'"{layout.id}"' for layout in layouts()
    ]  # a quoted id; some are words like annual, which is also a period
    words = [
        name for name in names if name not in ('"annual"', '"department"', '"list"', '"self_evaluation"', '"transfer"')
    ]
    found = [word for word in (*words, *PROVINCES, *SAMPLE) if word in text]
    assert found == []

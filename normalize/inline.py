"""`label：value` inside one cell or line, also several without a gap: `资金总额：100财政拨款：80自有资金：20`."""

from __future__ import annotations

import re
from functools import lru_cache

from yusuan.normalize.layout import Layout
from yusuan.normalize.repair import unwrap_label
from yusuan.normalize.text import label_key, label_stem

KINDS = ("field", "other", "ignore", "funds")
_MARK = re.compile(r"[:：]")
_HANGING = r"(?:\s*[(（][^()（）:：]{0,12}[)）])?"


@lru_cache(maxsize=64)
def _labels(keys: frozenset[str]) -> re.Pattern[str]:
    """Finds a known label with its colon; blanks and either width of brackets may stand inside the label."""
    parts = []
    for key in sorted(keys, key=lambda key: (-len(key), key)):
        letters = (f"[{letter}{wide}]" if (wide := _WIDE.get(letter)) else re.escape(letter) for letter in key)
        parts.append(r"[\s\u3000]*".join(letters))
    return re.compile(rf"(?:其中\s*[:：]\s*)?(?:{'|'.join(parts)}){_HANGING}\s*[:：]")


_WIDE = {"(": "（", ")": "）", "/": "／", ",": "，"}
_NARROW = str.maketrans({wide: narrow for narrow, wide in _WIDE.items()})
_HANGS = re.compile(rf"{_HANGING}$")


def _may_begin(text: str, colon: int, keys: frozenset[str]) -> bool:
    """Whether a known label may end at the first colon: few texts need the long expression, which takes a while to make."""
    head = "".join(text[:colon].split()).translate(_NARROW)
    return head in keys or head == "其中" or _HANGS.sub("", head, count=1) in keys


def inline_pairs(text: str, layout: Layout) -> list[tuple[str, str, str]] | None:
    """(key, label, value) for a text that consists of such pairs of labels the layout knows; None for any other text."""
    mark = _MARK.search(text)
    if mark is None or not _may_begin(text, mark.start(), layout.inline_keys):
        return None
    found = list(_labels(layout.inline_keys).finditer(text))
    if not found or text[: found[0].start()].strip():
        return None
    pairs = []
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        label = match[0].rstrip().rstrip(":：")
        key = label_key(label)
        if not layout.meaning(key, *KINDS):
            key = label_stem(key)
        pairs.append((key, unwrap_label(label), text[match.end() : end].strip()))
    return pairs

"""Grid → Grid: what the page did to a table is undone, and every change keeps its places.

Two repairs: line ends that the layout (or a nervous typist) put inside words and sentences, and tables that a page break cut in
two (join.py). Neither adds, drops or moves a character other than white space.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

_LIST_ITEM = re.compile(
    r"""\s*(?:
      [(（]\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3}|[a-zA-Zⅰ-ⅹⅠ-Ⅹ])\s*[)）]  # （1） （一） (a)
    | \d{1,2}\s*[、)）]                                          # 1、 1)
    | \d{1,2}\s*[.．](?!\d) | \d{1,2}[.．](?=\d{4}年)            # 1. but not 1.5; 1.2022年…
    | [一二三四五六七八九十]{1,3}\s*[、.．]                        # 一、
    | 第[一二三四五六七八九十]{1,3}[，、：:,]                      # 第一，
    | [a-zA-Z][、.．)）](?![a-zA-Z])                              # A、
    | [①-⓿❶-➓㈠-㈩㊀-㊉⑴-⒛⒈-⒛]                               # ① ⑴ ⒈ ㈠
    | (?:目标|指标|任务|内容|项目)\s*(?:\d{1,2}|[一二三四五六七八九十])\s*[：:、.．]  # 目标1：
    | [●○◆◇■□▲△★☆※•·▪►➢✓√☑☐]\s*\S                               # bullets and check boxes
    | (?:…|⋯|\.{3,}|。{3,})+\s*$                                  # …… alone: a template's empty item
    | [-–—]\s+\S                                                 # - item
    )""",
    re.VERBOSE,
)
_FIGURE = re.compile(r"[≥≤＞＜><=＝±+\-–—]?(?:[\d\s]*\d[\d\s,，]*)(?:[.．][\d\s]+)?\s*[%％‰]?\s*")
_WHOLE_FIGURE = re.compile(r"(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:[.．]\d+)?")
_SENTENCE_END = re.compile(r"[。；！？;!?][”’』」）)】》\"']*$")
_LATIN_END = re.compile(r"[A-Za-zÀ-ÿ][,.;:!?)\]'’\"”]?$")
_LATIN_START = re.compile(r"[(\[\"“'‘]?[A-Za-zÀ-ÿ]")
_EDGES = " \t\r\n\f\v\u00a0\u3000\u2002\u2003\u2009\u200b\ufeff"
_CJK = "\u2e80-\u2fdf\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_BLANKS = re.compile(r"[ \t\u00a0\u3000]{2,}|[\t\u00a0]")
_BLANK_BETWEEN_CJK = re.compile(rf"(?<=[{_CJK}])\s+(?=[{_CJK}])")


@lru_cache(maxsize=4096)
def unwrap(text: str, full_lines: tuple[int, ...] = (), *, typed: bool = False) -> str:
    """Joins the lines of a cell that are one sentence, word or number; lines that are items or sentences of their own stay lines.

    CONTRACT: a line end is kept where the next line begins a list item, or where the line ends with 。；！？ (unless the line is
    one of `full_lines`: in a PDF a line that fills its cell was ended by the page). Otherwise the lines are joined, with a blank
    between Latin words only. Blank lines and blanks at the edges of lines go. `typed`: no page ended the lines, their author did.
    """
    if "\n" not in text:
        return text.strip(_EDGES)
    lines = [(number, line.strip(_EDGES)) for number, line in enumerate(text.split("\n"))]
    lines = [(number, line) for number, line in lines if line]
    if not lines:
        return ""
    if _FIGURE.fullmatch(text):
        typed = typed or not any(number in full_lines for number, _ in lines[:-1])
        return _one_figure([line for _, line in lines], typed)  # in a narrow column: `1⏎0.⏎5` holds no list
    parts = [lines[0][1]]
    for (number, line), (_, following) in pairwise(lines):
        if _LIST_ITEM.match(following) or (_SENTENCE_END.search(line) and number not in full_lines):
            parts.append("\n")
        elif _LATIN_END.search(line) and _LATIN_START.match(following):
            parts.append(" ")
        parts.append(following)
    return "".join(parts)


def _one_figure(lines: Sequence[str], typed: bool) -> str:
    """The lines of a cell that are one figure. Typed lines that are whole figures each may be two (in a PDF: lines that had room
    for more): they stay, so that nobody believes their digits in a row; a figure written downwards, digit by digit, is one.
    """
    several = typed and any(len(line) > 1 for line in lines) and all(map(_WHOLE_FIGURE.fullmatch, lines))
    return ("\n" if several else "").join(lines)


def one_blank(text: str) -> str:
    """Runs of blanks as one: they only push words apart, and a page prints them differently from Word."""
    return text if text.isprintable() and "  " not in text else _BLANKS.sub(" ", text)


def begins_item(text: str) -> bool:
    """Whether a text begins with the mark of a list item: `1.`, `（一）`, `①`, `目标1：`, a bullet."""
    return _LIST_ITEM.match(text) is not None


def unwrap_label(text: str) -> str:
    """A label as one line: also `绩 效 目 标` and `产⏎出⏎指⏎标`, whose blanks only stretch or stack the word."""
    if text.isprintable() and " " not in text:
        return text
    return _BLANK_BETWEEN_CJK.sub("", unwrap(text)).replace("\n", " ")

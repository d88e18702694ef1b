"""The forms of a text that are compared: labels without what damages them, and the marks of cells nobody filled in.

Nothing here changes what is published: the verbatim text stays in `cells`, `label` and `value_text`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
"""Characters without a glyph that Word, WPS and PDF writers leave inside words; `\\s` knows none of them."""

_VOID = re.compile(rf"[\s{INVISIBLE}]+")
_COLONS_DOTS = re.compile(r"[:：∶︰。·・•]+|(?<!\d)[.．]+|[.．]+(?!\d)")
_BRACKETS = str.maketrans(dict.fromkeys("[{【〔〖「『", "(") | dict.fromkeys("]}】〕〗」』", ")"))
_NOTICE = re.compile(r"【[^【】]*】")
_OF_WHICH = re.compile(r"^(?:[★☆*]*其中)+(?=.)")

_NUMBERED = re.compile(r"^\s*(?:\d{1,2}[.．]\s*)+(?=[^\W\d])")
_STEM_HEAD = re.compile(
    r"^(?:[★☆*※▲]+|[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}、|\d(?=[一-鿿]{2}[一-鿿(]))(?=.)"
)
_STEM_TAIL = re.compile(r"(?:(?<=.)\([^()]*\)分?|(?<=[^\d\W])(?<!\d)\d{1,3}(?:[-~—–至]\d{1,3})?分)$")

_LETTER = re.compile(r"[^\W\d_]")
_DAMAGE = re.compile(r"[:：∶︰。·・•.．\[{【〖〔「『\]}】〕〗」』]|^[★☆*]*其中")
"""What `label_key` takes away or changes beyond width and white space."""
_MAY_HANG = re.compile(r"^[★☆*※▲(\d一二三四五六七八九十]|[)分]$")
"""How a text begins or ends from which `label_stem` takes something."""
_PLAIN, _WORD = re.compile(r"[一-鿿A-Za-z0-9%]+"), re.compile(r"[一-鿿A-Za-z]+")
"""Most texts: nothing of what `label_key` and `label_stem` take away or change can be in them."""
_LONGEST_LABEL = 200  # longer texts are no labels
LABEL_LENGTH = 60
"""Longest text of a cell that is looked up as a label, in characters with white space; the longest label seen has 32."""

_NUMERAL = r"(?:\d{1,2}|[一二三四五六七八九十]{1,2}|[nN])"
_FILLER_ATOM = re.compile(
    r"(?:[.…⋯·。]{2,}|[…⋯]|[×xX✕✖╳]+|\*+|[○〇]{2,}|_{2,}"
    rf"|(?:[一二三]级)?(?:绩效)?(?:指标|目标|任务|内容)(?:{_NUMERAL}(?:[:、.]|$)|[:])"
    r"|(?:单击|点击|单击或点击|单击或点按)(?:此处|这里|以)(?:输入|添加|选择|键入)(?:文字|文本|日期|内容|标题|数字)?|选择一项"
    r"|(?P<number>\d{1,2}[、.]$))[,;、。;]*"
)
_FIRST = re.compile(rf"[\s{INVISIBLE}]*([^\s{INVISIBLE}])")
_MAY_FILL = re.compile(r"[.…⋯·。×xX✕✖╳*○〇_一二三绩指目任内单点选\d]")
"""How an atom begins."""
_DASHES = re.compile(r"[-‐‑‒–—―─━ー﹣－_/／\\]+")

DITTO = frozenset(["〃", "″", "”", "“", '"', "同上"])
"""A cell of one of these goes on with the one above."""


def compact(text: str) -> str:
    """The text without white space and characters that have no glyph; nothing else changes."""
    if text.isprintable() and " " not in text:  # of white space only the blank is printable
        return text
    return _VOID.sub("", text)


def is_blank(text: str | None) -> bool:
    """True for None and for texts of white space and invisible characters alone."""
    return not text or not compact(text)


def is_dash(text: str) -> bool:
    """True where dashes or slashes stand alone: "none" or "does not apply", which is neither 0 nor an empty cell."""
    return _DASHES.fullmatch(compact(text)) is not None


@lru_cache(maxsize=16384)
def is_filler(text: str) -> bool:
    """True for what a template prints where a person should write: `……`, `××`, `**`, `指标1：`, also several of them.

    Dashes are statements (`is_dash`), blanks are blanks (`is_blank`), a lone `1.` may be a figure: none is a filler.
    """
    first = _FIRST.match(text)
    if first is None or not _MAY_FILL.match(unicodedata.normalize("NFKC", first[1])):
        return False  # most texts, long ones among them
    atoms = numbers = 0
    for line in text.splitlines():
        rest = unicodedata.normalize("NFKC", compact(line))
        while rest:
            atom = _FILLER_ATOM.match(rest)
            if atom is None:
                return False
            atoms += 1
            numbers += atom["number"] is not None
            rest = rest[atom.end() :]
    return atoms > (numbers == 1)


@lru_cache(maxsize=16384)
def label_key(text: str) -> str:
    """The form in which labels are compared; idempotent.

    NFKC, no white space, no colon, no stray dot, all brackets round, no `【…】` notice, no leading 其中. What would
    leave nothing (a label of 其中 alone) stays.
    """
    if _PLAIN.fullmatch(text) and not text.startswith("其中"):
        return text
    previous = None
    key = text
    while key != previous:
        previous = key
        key = compact(unicodedata.normalize("NFKC", compact(key)))
        if _DAMAGE.search(key):
            key = _COLONS_DOTS.sub("", key)
            key = (_NOTICE.sub("", key) or key).translate(_BRACKETS)
            key = _OF_WHICH.sub("", key)
    return key


@lru_cache(maxsize=8192)
def label_of(text: str) -> str:
    """The text of a cell as a label (`label_key`); empty where it is too long to be one, or has no letter (`≥90%`)."""
    return label_key(text) if len(text) <= LABEL_LENGTH and _LETTER.search(text) else ""


@lru_cache(maxsize=16384)
def label_stem(text: str) -> str:
    """`label_key` without what is hung on a label: `（元）`, `（50分）`, `（40-50）分`, `(A)`, a list number, `★`.

    Brackets inside a label stay: `市县（区）财政资金`, `年度(/项目)指标值`. Never empty unless the key is.
    """
    if _WORD.fullmatch(text) and not text.startswith("其中"):
        return text
    stem = label_key(_NUMBERED.sub("", text)) or label_key(text)
    if len(stem) > _LONGEST_LABEL or not _MAY_HANG.search(stem):
        return stem
    previous = None
    while stem != previous:
        previous = stem
        stem = label_key(_STEM_TAIL.sub("", _STEM_HEAD.sub("", stem)))
    return stem

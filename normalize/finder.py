"""What the spellings of all layouts together tell of a text: whether it can begin, name or head a form."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from yusuan.extract.grid import Cell
from yusuan.normalize.layout import REMEMBERED, ByText, Layout, Meaning
from yusuan.normalize.text import label_stem

_TITLE = re.compile(r"绩效.{0,14}[表书](?:\([^()]*\))*\d*$")
_NUMBERED = re.compile(r"表\(?[一二三四五六七八九十百零\d]{1,4}(?:\)|$)")
_PROSE = re.compile(r"[，,。；;？?！!]")
_TITLE_LENGTH = 60
HEADINGS = ("level1", "level2", "level3", "value", "actual", "level3_or_explanation")
"""Columns of indicators that show a header."""


class Word(NamedTuple):
    """What the layouts together know of a key."""

    label: bool
    anchor: bool
    area: bool
    title: bool
    column: str | None
    field: bool = False
    caption: bool = False
    """It counts a form: `表（一）`."""
    keys: frozenset[str] = frozenset()
    """The key, and the key without what hangs on a label."""


UNKNOWN = Word(label=False, anchor=False, area=False, title=False, column=None)
"""What they know of most texts."""


def _word_of_label(meanings: Sequence[Meaning]) -> Word:
    return Word(
        label=True,
        anchor=any(meaning.kind == "field" and meaning.target == "project_name" for meaning in meanings),
        area=any(meaning.kind == "area" for meaning in meanings),
        title=False,
        column=next((m.target for m in meanings if m.kind == "indicator" and m.target in HEADINGS), None),
        field=any(meaning.kind == "field" for meaning in meanings),
    )


def _both(first: Word, second: Word) -> Word:
    """What either says; of two columns that of the first."""
    return Word(
        first.label or second.label,
        first.anchor or second.anchor,
        first.area or second.area,
        first.title or second.title,
        first.column or second.column,
        first.field or second.field,
    )


class Finder:
    """Knows what begins a form, by the spellings of a set of layouts together."""

    def __init__(self, layouts: Sequence[Layout]) -> None:
        self.titles = tuple({title for layout in layouts for title in layout.titles})
        self._ends = {title[-1] for title in self.titles}
        self._known: dict[str, Word] = {}
        self._families: dict[str, list[str]] = defaultdict(list)
        for layout in layouts:
            for key, meanings in layout.labels.items():
                self._families[key].append(layout.id)
                self._known[key] = _both(self._known.get(key, UNKNOWN), _word_of_label(meanings))
        self.word: Callable[[str], Word] = lru_cache(REMEMBERED)(self._word)
        self.words: Mapping[str, Word] = ByText(self._word, UNKNOWN)
        """`word` for the text of a cell as it stands."""

    def _word(self, key: str) -> Word:
        stem = label_stem(key)
        known, other = self._known.get(key, UNKNOWN), self._known.get(stem, UNKNOWN)
        caption = key[:1] == "表" and _NUMBERED.match(key) is not None
        title = self._is_named(key) and len(key) <= _TITLE_LENGTH and not _PROSE.search(key)
        if known is UNKNOWN and other is UNKNOWN and not caption and not title:
            return UNKNOWN
        return _both(known, other)._replace(title=title, caption=caption, keys=frozenset((key, stem)))

    def _is_named(self, key: str) -> bool:
        named = "绩效" in key and _TITLE.search(key) is not None
        return named or (key[-1:] in self._ends and key.endswith(self.titles))

    def families(self, keys: Iterable[str]) -> Counter[str]:
        """How many of these labels each layout has, by its id."""
        return Counter([family for key in keys for family in self._families.get(key, ())])

    def is_label(self, key: str) -> bool:
        return self.word(key).label

    def is_anchor(self, key: str) -> bool:
        return self.word(key).anchor

    def is_area(self, key: str) -> bool:
        return self.word(key).area

    def is_title(self, key: str) -> bool:
        """Whether a text names a form: by its words, or because a layout declares it."""
        return self.word(key).title

    def is_header(self, keys: Iterable[str]) -> bool:
        """FORMS: three of 一级 / 二级 / 三级指标 (or kin) / 指标值 (or kin) in one row show a table of indicators."""
        return is_header({self.word(key).column for key in keys})


def is_header(columns: set[str | None]) -> bool:
    """Whether a row with labels of these columns heads a table of indicators."""
    columns.discard(None)
    return len(columns) >= 3 or ("level3" in columns and not columns.isdisjoint(("value", "actual")))


def known_words(cells: Iterable[Cell], finder: Finder) -> list[Word]:
    """What is known of the texts of cells, of those of which anything is."""
    words = finder.words
    return [word for cell in cells if (word := words[cell.text]) is not UNKNOWN]

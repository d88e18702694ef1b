"""Layouts: families of forms declared as data in schemas/forms/*.toml (read and checked in layout_file.py).

A layout says which spellings of labels a family uses and what each means; it never says where a label stands. One spelling may
mean different things in different sections (`得分` beside funds and beside indicators), so a look-up names the section.
The key of a spelling is `label_key`: width, white space, colons and stray dots do not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

from yusuan.normalize.hanging import MEASURES, OTHER_THAN_PLANNED, behind_part_of_year, period_in_brackets
from yusuan.normalize.text import LABEL_LENGTH, label_key, label_of, label_stem

PERIODS = ("implementation", "annual", "prior")
FORM_KINDS = ("target", "self_evaluation", "department", "transfer", "list", "unknown")
SOURCES = (
    "total", "fiscal", "central", "provincial", "municipal_county", "superior", "local", "government_fund", "state_capital",
    "fiscal_account", "unit", "self_raised", "business_income", "carry_over", "loan", "social", "other",
)  # fmt: skip
STAGES = ("declared", "initial", "budget", "executed")
FIELDS = (
    "project_code", "project_name", "department_code", "department", "implementing_unit", "attribute", "category",
    "term", "start_date", "end_date", "fiscal_year", "overview", "basis", "necessity", "safeguards", "plan", "score_total",
)  # fmt: skip
INDICATOR_COLUMNS = (
    "level1", "level2", "level3", "value", "operator", "unit", "kind", "weight", "actual", "score", "explanation", "other",
    "level3_or_explanation",
)  # fmt: skip
FUNDS_COLUMNS = ("rate", "weight", "score", "source", "other")
GOALS = ("implementation", "annual", "prior", "actual", "none")
MONEY_UNITS = ("元", "千元", "万元", "亿元")


REMEMBERED = 20_000
"""So many look-ups are remembered before all are forgotten: labels repeat over a million documents, values do not."""
GUESSED_LENGTH = 14
"""Longer texts are taken for a label only by their spelling, never by the words in them."""
YEAR_LABEL = re.compile(r"(20\d\d)年度?(.*)$")
_YEAR_ALONE = ("", "预算", "金额", "资金", "预算安排", "预算金额")
_NO_LABEL = re.compile(r"[\d，,。；;！!？?、%]")


def could_be_label(text: str) -> bool:
    """Whether a text is as short and plain as a label that nobody knows."""
    return len(label_key(text)) <= GUESSED_LENGTH and not _NO_LABEL.search(text)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a label says of the cells beside or below it.

    `kind` is the section that gives it this meaning: `field`, `other` (kept in `fields` only), `funds` (row label, target = source),
    `funds_column` (target = stage or role), `area` (target = funds, goals or indicators; no value of its own), `goal`, `indicator`
    (column header), `indicator_total`, `subtable` (header of a list that is kept in `fields`), `ignore`.
    """

    kind: str
    target: str = ""
    period: str | None = None


_NO_KINDS: frozenset[str] = frozenset()
_PLANNED = ("value", "goal", "total", "declared", "initial", "budget")
_REACHED = ("actual", "score", "executed", "rate")
_OF_PERIODS = ("funds", "funds_column", "goal", "area", "indicator")


def _of_period(meanings: Mapping[str, Meaning], key: str, stem: str) -> Mapping[str, Meaning]:
    """The meanings of a label's stem with the period that the label's brackets say; a plan behind which `(完成)` or `(下年)` stands is none."""
    said = period_in_brackets(key, stem) if meanings else None
    if said is None:
        return meanings
    if said == OTHER_THAN_PLANNED:
        return {kind: meaning for kind, meaning in meanings.items() if meaning.target not in _PLANNED}
    return {
        kind: replace(meaning, period=said) if kind in _OF_PERIODS else meaning for kind, meaning in meanings.items()
    }


def _makes_family(meaning: Meaning) -> bool:
    """Names, goals, totals and the columns of indicators; contacts, notes, scores and sources are in any form."""
    if meaning.kind == "indicator":
        return meaning.target in ("level1", "level2", "level3", "value", "actual")
    return meaning.kind in ("field", "goal", "area") or (meaning.kind, meaning.target) == ("funds", "total")


class _Word(NamedTuple):
    """What a layout knows of a key: the sections, and the meanings by section of the key, its stem and what stands behind a year."""

    kinds: frozenset[str]
    meanings: tuple[Mapping[str, Meaning], ...]


_NOTHING = _Word(_NO_KINDS, ())


Known = TypeVar("Known")


class ByText(dict[str, Known]):
    """What is known of the text of a cell as a label, found out once for each text."""

    def __init__(self, of_key: Callable[[str], Known], nothing: Known) -> None:
        super().__init__()
        self._of_key, self._nothing = of_key, nothing

    def __missing__(self, text: str) -> Known:
        if len(text) > LABEL_LENGTH:
            return self._nothing
        if len(self) > REMEMBERED:
            self.clear()
        key = label_of(text)
        known = self[text] = self._of_key(key) if key else self._nothing
        return known


@dataclass(frozen=True)
class Layout:
    """One family of forms. `labels` maps the key of a spelling to its meanings, `spellings` the key to the text as declared."""

    id: str
    name: str
    form_kind: str
    notice: str
    titles: tuple[str, ...]
    labels: Mapping[str, tuple[Meaning, ...]]
    spellings: Mapping[str, str]
    ignored_starts: tuple[str, ...] = ()
    patterns: tuple[tuple[re.Pattern[str], Meaning], ...] = ()
    """For labels that no spelling knows: the first expression that is found in the key gives the meaning (only in the catalogue)."""
    common: Mapping[str, tuple[Meaning, ...]] = field(default_factory=dict)
    """Labels of the catalogue that are not of this family (for the catalogue itself: sources of funds)."""
    default_period: str = "annual"
    column_periods: tuple[str, ...] = ()
    money_unit: str | None = None
    sums: bool = True
    declared: bool = True

    @cached_property
    def inline_keys(self) -> frozenset[str]:
        """The labels that may stand before their value in one cell."""
        kinds = {"field", "other", "ignore", "funds"}
        known = (*self.labels.items(), *self.common.items())
        return frozenset(key for key, meanings in known if any(meaning.kind in kinds for meaning in meanings))

    @cached_property
    def family_keys(self) -> frozenset[str]:
        """Its own labels of the kinds that make a family."""
        return frozenset(key for key, meanings in self.labels.items() if any(map(_makes_family, meanings)))

    @cached_property
    def borrowed_keys(self) -> frozenset[str]:
        """Labels of these kinds that only other families have."""
        return frozenset(
            key for key, meanings in self.common.items() if key not in self.labels and any(map(_makes_family, meanings))
        )

    def meaning(self, key: str, *kinds: str) -> Meaning | None:
        """The meaning of a label in the first of these sections that knows it."""
        own = self._meanings(key)
        return next((own[kind] for kind in kinds if kind in own), None)

    def find(self, text: str, *kinds: str) -> Meaning | None:
        """The meaning of a cell's text or key in the first of these sections: as it stands, else without what hangs on a label.

        A year before a column of funds (`2020年实际执行数`) hangs on it too; behind a year `预算` or `金额` alone is a stage.
        """
        for meanings in self._words[text].meanings:
            for kind in kinds:
                if kind in meanings:
                    return meanings[kind]
        return None

    def is_spelled(self, key: str) -> bool:
        """Whether a spelling of the layout, and no likeness, knows the key."""
        return key in self.labels or label_stem(key) in self.labels

    def kinds(self, texts: Iterable[str]) -> frozenset[str]:
        """The sections in which `find` gives one of these texts a meaning."""
        words = self._words
        found = [kinds for text in texts if (kinds := words[text].kinds)]
        return frozenset().union(*found) if len(found) > 1 else found[0] if found else _NO_KINDS

    @cached_property
    def _words(self) -> ByText[_Word]:
        return ByText(self._word, _NOTHING)

    def _word(self, key: str) -> _Word:
        bare = label_stem(key)
        own, stem = self._meanings(key), _of_period(self._meanings(bare), key, bare) if bare != key else {}
        if not own and not stem and not key.startswith("20"):
            partly = self._of_part_of_year(bare) if bare.endswith(MEASURES) else None
            return _Word(frozenset(partly), (partly,)) if partly else _NOTHING  # most texts
        behind: dict[str, Meaning] = {}
        if match := YEAR_LABEL.match(key):
            found = self.find(match[2], "funds_column", "funds")
            if found is not None and found.target in (*STAGES, "total"):
                behind["funds_column"] = Meaning(
                    "funds_column", "declared" if found.target == "total" else found.target
                )
            elif match[2] in _YEAR_ALONE:
                behind["funds_column"] = Meaning("funds_column", "declared")
            else:
                behind |= self._of_part_of_year(bare)
        meanings = tuple(known for known in (own, stem, behind) if known)
        return _Word(frozenset().union(*meanings), meanings)

    def _of_part_of_year(self, key: str) -> dict[str, Meaning]:
        """`1—7月执行数`, `全年预计完成值`: neither what the year plans nor what it reached; kept in `fields` under the label's own words."""
        label = behind_part_of_year(key)
        kinds = ("funds_column", "indicator") if label is not None and label != key else ()
        found = {kind: self.find(label, kind) for kind in kinds if label is not None}
        return {
            kind: Meaning(kind, "other")
            for kind, meaning in found.items()
            if meaning is not None and meaning.target in (*_PLANNED, *_REACHED)
        }

    def _meanings(self, key: str) -> Mapping[str, Meaning]:
        meanings = self.common.get(key) or self.labels.get(key) or (self._guessed(key) if self.patterns else ())
        return {meaning.kind: meaning for meaning in reversed(meanings)} if meanings else {}

    def _guessed(self, key: str) -> tuple[Meaning, ...]:
        """One meaning for each section whose expression is found in the key."""
        if not could_be_label(key):
            return ()
        found: dict[str, Meaning] = {}
        for expression, meaning in self.patterns:
            if meaning.kind not in found and expression.search(key):
                found[meaning.kind] = meaning
        return tuple(found.values())

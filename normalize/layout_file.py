"""Layouts from their TOML files: those that the package ships, the catalogue of all spellings, and a user's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from yusuan.normalize.layout import (
    FIELDS,
    FORM_KINDS,
    FUNDS_COLUMNS,
    GOALS,
    INDICATOR_COLUMNS,
    MONEY_UNITS,
    PERIODS,
    SOURCES,
    STAGES,
    Layout,
    Meaning,
)
from yusuan.normalize.lookups import fund_sources, words
from yusuan.normalize.text import LABEL_LENGTH, label_key, label_of


class LayoutError(ValueError):
    """A layout file that cannot be used; the text names the file, the key and the reason."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}")
        self.file, self.key, self.reason = file, key, reason


class _Checked:
    """The parsed TOML of one layout with the checks that give an error its file and key."""

    def __init__(self, file: str, data: Mapping[str, object]) -> None:
        self.file, self.data = file, data

    def fail(self, key: str, reason: str) -> LayoutError:
        return LayoutError(self.file, key, reason)

    def known(self, section: str, table: Mapping[str, object], allowed: Iterable[str]) -> None:
        allowed = tuple(allowed)
        for key in table:
            if key not in allowed:
                name = f"{section}.{key}" if section else key
                raise self.fail(name, f"unknown key; known here: {', '.join(allowed)}")

    def table(self, key: str, data: Mapping[str, object] | None = None, section: str = "") -> Mapping[str, object]:
        value = (self.data if data is None else data).get(key, {})
        if not isinstance(value, dict):
            raise self.fail(f"{section}{key}", f"must be a table, not {value!r}")
        return value

    def string(self, key: str, default: str | None = None, choices: Iterable[str] = ()) -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str) or not value:
            raise self.fail(key, "is missing or no text; every layout needs it")
        choices = tuple(choices)
        if choices and value not in choices:
            raise self.fail(key, f"{value!r} is none of {', '.join(choices)}")
        return value

    def strings(self, name: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) and label_key(item) for item in value):
            raise self.fail(name, f"must be a list of non-empty texts, not {value!r}")
        return tuple(value)

    def by_period(self, name: str, value: object) -> Iterator[tuple[str | None, str]]:
        """A list of spellings, or a table period → list; gives (period, spelling)."""
        if isinstance(value, dict):
            self.known(name, value, (*PERIODS, "none"))
            for period, spellings in value.items():
                for spelling in self.strings(f"{name}.{period}", spellings):
                    yield (None if period == "none" else period), spelling
            return
        for spelling in self.strings(name, value):
            yield None, spelling


_TOP = (
    "name", "form_kind", "notice", "titles", "default_period", "column_periods", "money_unit", "sums",
    "patterns", "fields", "other", "funds", "goals", "indicators", "subtables", "ignore",
)  # fmt: skip


def _meanings(checked: _Checked) -> Iterator[tuple[str, str, Meaning]]:
    """(key in the file, spelling, meaning) for every spelling of the file."""
    fields = checked.table("fields")
    checked.known("fields", fields, FIELDS)
    for field, spellings in fields.items():
        for spelling in checked.strings(f"fields.{field}", spellings):
            yield f"fields.{field}", spelling, Meaning("field", field)

    for spelling in checked.strings("other", checked.data.get("other", [])):
        yield "other", spelling, Meaning("other")

    funds = checked.table("funds")
    checked.known("funds", funds, ("area", "sources", "columns"))
    for spelling in checked.strings("funds.area", funds.get("area", [])):
        yield "funds.area", spelling, Meaning("area", "funds")
    sources = checked.table("sources", funds, "funds.")
    checked.known("funds.sources", sources, SOURCES)
    for source, value in sources.items():
        for period, spelling in checked.by_period(f"funds.sources.{source}", value):
            yield f"funds.sources.{source}", spelling, Meaning("funds", source, period)
    columns = checked.table("columns", funds, "funds.")
    checked.known("funds.columns", columns, (*STAGES, *PERIODS, *FUNDS_COLUMNS))
    for column, value in columns.items():
        for period, spelling in checked.by_period(f"funds.columns.{column}", value):
            if column in PERIODS:
                yield f"funds.columns.{column}", spelling, Meaning("funds_column", "declared", column)
            else:
                yield f"funds.columns.{column}", spelling, Meaning("funds_column", column, period)

    goals = checked.table("goals")
    checked.known("goals", goals, ("area", *GOALS))
    for period, spellings in goals.items():
        for spelling in checked.strings(f"goals.{period}", spellings):
            if period == "area":
                yield "goals.area", spelling, Meaning("area", "goals")
            elif period == "actual":
                yield "goals.actual", spelling, Meaning("goal", "actual", None)
            else:
                yield f"goals.{period}", spelling, Meaning("goal", "goal", None if period == "none" else period)

    indicators = checked.table("indicators")
    checked.known("indicators", indicators, ("area", "columns", "totals"))
    for period, spelling in checked.by_period("indicators.area", indicators.get("area", [])):
        yield "indicators.area", spelling, Meaning("area", "indicators", period)
    for spelling in checked.strings("indicators.totals", indicators.get("totals", [])):
        yield "indicators.totals", spelling, Meaning("indicator_total")
    columns = checked.table("columns", indicators, "indicators.")
    checked.known("indicators.columns", columns, INDICATOR_COLUMNS)
    for column, value in columns.items():
        for period, spelling in checked.by_period(f"indicators.columns.{column}", value):
            yield f"indicators.columns.{column}", spelling, Meaning("indicator", column, period)

    for spelling in checked.strings("subtables", checked.data.get("subtables", [])):
        yield "subtables", spelling, Meaning("subtable")
    ignore = checked.table("ignore")
    checked.known("ignore", ignore, ("labels", "starts"))
    for spelling in checked.strings("ignore.labels", ignore.get("labels", [])):
        yield "ignore.labels", spelling, Meaning("ignore")


_PATTERN_KEYS = {"find", "unless", "kind", "target", "period"}


def _patterns(checked: _Checked) -> Iterator[tuple[re.Pattern[str], Meaning]]:
    """The section `[[patterns]]`: `find` (an expression over label keys), `kind`, `target` and perhaps `period`; `unless` is found in
    keys that mean something else. So are words of an earlier or later year, except where the meaning is of one.
    """
    entries = checked.data.get("patterns", [])
    if not isinstance(entries, list):
        raise checked.fail("patterns", "must be a list of tables ([[patterns]])")
    for number, entry in enumerate(entries, 1):
        where = f"patterns[{number}]"
        if not isinstance(entry, dict) or not {"find", "kind"} <= entry.keys() <= _PATTERN_KEYS:
            raise checked.fail(where, "must be a table with find and kind, perhaps unless, target and period")
        unless = [str(entry["unless"])] if "unless" in entry else []
        if entry.get("period") != "prior" and entry.get("target") != "carry_over":
            unless += map(re.escape, words("words", "periods", "prior") + words("words", "periods", "later"))
        try:
            expression = re.compile(f"^(?!.*(?:{'|'.join(unless)})).*?(?:{entry['find']})" if unless else entry["find"])
        except re.error as error:
            raise checked.fail(f"{where}.find", f"is no regular expression: {error}") from error
        yield expression, Meaning(str(entry["kind"]), str(entry.get("target", "")), entry.get("period"))


def parse_layout(text: str, layout_id: str, file: str, *, declared: bool = True) -> Layout:
    """A layout from the text of its TOML file; raises LayoutError with file, key and reason."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LayoutError(file, "TOML", str(error)) from error
    checked = _Checked(file, data)
    checked.known("", data, _TOP)
    labels: dict[str, tuple[Meaning, ...]] = {}
    spellings: dict[str, str] = {}
    declared_at: dict[tuple[str, str], str] = {}
    for where, spelling, meaning in _meanings(checked):
        key = label_of(spelling)
        if not key:
            raise LayoutError(
                file, where, f"{spelling!r} is no label: it has no letter, or more than {LABEL_LENGTH} characters"
            )
        before = declared_at.get((key, meaning.kind))
        if before is not None:
            raise LayoutError(
                file,
                where,
                f"{spelling!r} is already declared under {before}; one spelling has one meaning in a section",
            )
        declared_at[key, meaning.kind] = where
        labels[key] = (*labels.get(key, ()), meaning)
        spellings[key] = spelling
    if not labels:
        raise LayoutError(file, "fields", "the layout declares no label at all")
    periods = checked.strings("column_periods", data.get("column_periods", []))
    for period in periods:
        if period not in PERIODS:
            raise LayoutError(file, "column_periods", f"{period!r} is none of {', '.join(PERIODS)}")
    sums = data.get("sums", True)
    if not isinstance(sums, bool):
        raise LayoutError(file, "sums", "must be true or false")
    return Layout(
        id=layout_id,
        name=checked.string("name"),
        form_kind=checked.string("form_kind", choices=FORM_KINDS),
        notice=checked.string("notice"),
        titles=tuple(label_key(title) for title in checked.strings("titles", data.get("titles", []))),
        labels=MappingProxyType(labels),
        spellings=MappingProxyType(spellings),
        ignored_starts=tuple(
            label_key(start) for start in checked.strings("ignore.starts", checked.table("ignore").get("starts", []))
        ),
        patterns=tuple(_patterns(checked)),
        default_period=checked.string("default_period", "annual", PERIODS),
        column_periods=periods,
        money_unit=checked.string("money_unit", choices=MONEY_UNITS) if "money_unit" in data else None,
        sums=sums,
        declared=declared,
    )


def load_layout(path: Path) -> Layout:
    """The layout of one file outside the package (`yusuan layouts check`); LayoutError also where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LayoutError(str(path), "file", str(error)) from error
    return parse_layout(text, path.stem, str(path))


@cache
def catalogue() -> Layout:
    """Every spelling known from any form (schemas/lookups/labels.toml, fund_sources.toml): reads forms that no layout declares."""
    text = files("yusuan.schemas.lookups").joinpath("labels.toml").read_text(encoding="utf-8")
    layout = parse_layout(text, "unknown", "lookups/labels.toml", declared=False)
    sources = {key: (Meaning("funds", source),) for key, source in fund_sources().items() if source != "total"}
    return replace(layout, common=MappingProxyType({k: v for k, v in sources.items() if k not in layout.labels}))


@cache
def layouts() -> tuple[Layout, ...]:
    """The declared layouts that the package ships, ordered by id."""
    folder = files("yusuan.schemas.forms")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    return tuple(
        _with_others(
            parse_layout(
                folder.joinpath(name).read_text(encoding="utf-8"), name.removesuffix(".toml"), f"forms/{name}"
            ),
            catalogue(),
        )
        for name in names
    )


def _with_others(layout: Layout, catalogue: Layout) -> Layout:
    """The layout, and every label of the catalogue that it does not know itself: single labels may be spelled as in another family."""
    known = {**catalogue.common, **catalogue.labels}
    borrowed = {key: more for key, meanings in known.items() if (more := _more(layout.labels.get(key, ()), meanings))}
    starts = tuple(dict.fromkeys((*layout.ignored_starts, *catalogue.ignored_starts)))
    others = tuple((expression, meaning) for expression, meaning in catalogue.patterns if meaning.kind == "other")
    return replace(layout, common=MappingProxyType(borrowed), ignored_starts=starts, patterns=others)


def _more(own: tuple[Meaning, ...], meanings: tuple[Meaning, ...]) -> tuple[Meaning, ...]:
    """What a label may mean besides: anything but a column of a list, where the layout does not know it; a heading of indicators may be a field elsewhere."""
    if not own:
        return tuple(item for item in meanings if item.kind != "subtable")
    heading = all(item.kind == "indicator" for item in own)
    others = tuple(item for item in meanings if item.kind == "other") if heading else ()
    return (*own, *others) if others else ()

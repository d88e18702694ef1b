"""Truth against what was read: facts right, missing, wrong and silently wrong. The method stands in bench/README.md."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.forms.draft import STRANGE
from tests.forms.truth import Item, ProjectTruth, RowTruth
from yusuan.normalize import Normalized

Row = Mapping[str, object]
Place = tuple[object, object, object]

PROJECT_COLUMNS = (
    "block_label", "fiscal_year", "money_unit", "project_code", "project_name", "department_code", "department",
    "implementing_unit", "attribute", "category", "term_text", "term_years", "start_date", "end_date", "overview", "basis",
    "necessity", "safeguards", "plan", "goal_implementation", "goal_annual", "goal_actual", "total_implementation",
    "total_annual", "score_total",
)  # fmt: skip
FUND_COLUMNS = ("source_label", "depth", "amount")
INDICATOR_COLUMNS = (
    "level1", "level2", "level3", "level1_code", "level2_code", "value_text", "operator", "value", "value_upper", "unit",
    "kind", "weight_text", "weight", "actual_text", "actual", "score_text", "score", "explanation",
)  # fmt: skip
_VALUE_GROUP = frozenset({"value_text", "operator", "value", "value_upper", "unit", "kind"})
_LABELS = frozenset({"source_label", "level1", "level2", "block_label", "label"})
_LINES = frozenset(
    {"overview", "basis", "necessity", "safeguards", "plan", "goal_implementation", "goal_annual", "goal_actual"}
)
_GENERAL = frozenset({"unknown-layout", "inferred-meaning"})


@dataclass(frozen=True)
class Wrong:
    """One fact that was read otherwise than it is stated (`stated` None: it is not stated at all)."""

    table: str
    column: str
    stated: object
    read: object
    silent: bool
    about: str


@dataclass
class Score:
    """Counts over projects; `+=` by `add`."""

    projects: int = 0
    stated: int = 0
    right: int = 0
    missing: list[Wrong] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    right_projects: int = 0
    alarmed: list[str] = field(default_factory=list)
    alarmed_projects: int = 0
    expected: int = 0
    found: int = 0
    overlooked: list[str] = field(default_factory=list)

    @property
    def silent(self) -> int:
        return sum(wrong.silent for wrong in self.wrong)

    @property
    def recall(self) -> float:
        return self.right / self.stated if self.stated else 1.0

    @property
    def precision(self) -> float:
        read = self.right + len(self.wrong)
        return self.right / read if read else 1.0

    @property
    def fully_right(self) -> bool:
        return not self.missing and not self.wrong

    def add(self, other: Score) -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


# --- equality ---------------------------------------------------------------------------------------------------------


def _plain(value: object) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(value)))


def _key(column: str, value: object, *, lines: bool = True) -> object:
    """What of a value is compared: white space and width never count, lines do where the contract speaks of them."""
    if value is None or value == "":
        return None
    if isinstance(value, float):
        return round(value, 6)
    if not isinstance(value, str):
        return value
    if column in _LABELS:
        return re.sub(r"^其中|[:.。]", "", re.sub(r"^其中[:：]?", "", _plain(value)))
    if column == "level3":
        return re.sub(r"^指标\d+:", "", _plain(value))
    if column in _LINES and lines:
        return tuple(line for line in map(_plain, value.split("\n")) if line)
    return _plain(value)


def _is_printed(true: object, found: object) -> bool:
    """Whether a label was read in the unknown words in which the form prints it: the truth keeps the known spelling."""
    return isinstance(true, str) and any(
        known in true and found == true.replace(known, odd) for known, words in STRANGE.items() for odd in words
    )


# --- pairing ----------------------------------------------------------------------------------------------------------


def _place(row: Row) -> Place:
    return (row.get("grid"), row.get("row"), row.get("col"))


def pair_projects(truths: Sequence[ProjectTruth], result: Normalized) -> list[Row | None]:
    """The project read for each true one: by the cells they share, best pairs first; names decide nothing."""
    places: dict[object, set[Place]] = {}
    for table in (result.funds, result.indicators, result.fields):
        for found in table:
            places.setdefault(found["project_id"], set()).add(_place(found))
    texts = {
        row["project_id"]: {_key(name, row.get(name)) for name in ("project_name", "goal_annual", "department")}
        - {None}
        for row in result.projects
    }
    scored = []
    for number, truth in enumerate(truths):
        own = {row.item.place for row in (*truth.funds, *truth.indicators, *truth.fields)}
        said = {_key(name, truth.columns.get(name)) for name in ("project_name", "goal_annual", "department")}
        for order, row in enumerate(result.projects):
            score = len(own & places.get(row["project_id"], set())) + 3 * len(said & texts[row["project_id"]])
            if score:
                scored.append((-score, abs(order - number), number, order))
    pairs: dict[int, int] = {}
    for _, _, number, order in sorted(scored):
        if number not in pairs and order not in pairs.values():
            pairs[number] = order
    return [result.projects[pairs[number]] if number in pairs else None for number in range(len(truths))]


def _pair_rows(
    truths: Sequence[RowTruth], rows: Sequence[Row], keys: Sequence[str], name: str | None
) -> Iterator[tuple[RowTruth | None, Row | None]]:
    """Pairs records, best ways first, each in reading order: same identity (`keys`, and `name` where one is given) in the same cell (two
    rows of one source differ in nothing else); same identity; same `keys` in the same row of the document; then rows of the same cell whose period the reader left null. What is left is alone."""

    def same(truth: RowTruth, row: Row) -> bool:
        return _same_keys(truth, row, keys) and (name is None or _same_name(truth, row, name))

    ways: list[Callable[[RowTruth, Row], bool]] = [
        lambda truth, row: _near(truth, row, 3) and same(truth, row),
        same,
        lambda truth, row: name is not None and _same_keys(truth, row, keys) and _near(truth, row, 2),
        lambda truth, row: row.get("period") is None and _same_keys(truth, row, keys[1:]) and _near(truth, row, 3),
    ]
    left = list(rows)
    waiting = list(truths)
    for way in ways:
        alone = []
        for truth in waiting:
            found = next((row for row in left if way(truth, row)), None)
            if found is None:
                alone.append(truth)
            else:
                left.remove(found)
                yield truth, found
        waiting = alone
    yield from ((truth, None) for truth in waiting)
    yield from ((None, row) for row in left)


def _same_keys(truth: RowTruth, row: Row, keys: Sequence[str]) -> bool:
    return all(truth.values.get(key) == row.get(key) for key in keys)


def _same_name(truth: RowTruth, row: Row, name: str) -> bool:
    return _key(name, truth.values.get(name)) == _key(name, row.get(name))


def _near(truth: RowTruth, row: Row, depth: int) -> bool:
    """Whether both stand in the same cell (3) or row (2) of the document."""
    return truth.item.place is not None and truth.item.place[:depth] == _place(row)[:depth]


# --- comparison -------------------------------------------------------------------------------------------------------


class _Comparison:
    """One project: its facts, and the issues that name them."""

    def __init__(self, truth: ProjectTruth, project: Row | None, result: Normalized, printed: bool) -> None:
        self.truth, self.project, self.result, self.printed = truth, project, result, printed
        self.id = project["project_id"] if project is not None else None
        self.issues = [
            issue for issue in result.issues if issue.get("project_id") == self.id and issue["severity"] != "info"
        ] if project is not None else []  # fmt: skip
        self.score = Score(projects=1)

    def rows(self, table: Sequence[Row]) -> list[Row]:
        return [row for row in table if row["project_id"] == self.id]

    def named(self, table: str, column: str, places: set[Place]) -> bool:
        """Whether a warning or error names this very fact: the field of its cell, and the cell."""
        columns = _VALUE_GROUP if column in _VALUE_GROUP else {column}
        fields = {f"{table}.{name}" for name in columns}
        return any(
            issue.get("field") in fields and (_place(issue) in places or not places)
            for issue in self.issues
            if issue["code"] not in _GENERAL
        )

    def fact(self, table: str, column: str, stated: object, read: object, places: set[Place], about: str) -> None:
        true, found = (_key(column, value, lines=not self.printed) for value in (stated, read))
        self.score.stated += true is not None
        if true == found or (column == "source_label" and _is_printed(true, found)):
            self.score.right += true is not None
            return
        if found is None:
            self.score.missing.append(Wrong(table, column, stated, None, False, about))
            return
        silent = not self.named(table, column, places)
        self.score.wrong.append(Wrong(table, column, stated, read, silent, about))

    def record(self, table: str, columns: Sequence[str], truth: RowTruth | None, row: Row | None, about: str) -> None:
        if truth is not None and row is not None and truth.values.get("period") != row.get("period"):
            columns = (*columns, "period")
        for column in columns:
            if truth is not None and column in truth.open:
                continue
            places: set[Place] = set()
            if row is not None:
                places.add(_place(row))
            if truth is not None:
                cells = [truth.item, *(truth.items.get(name) for name in ("value", "operator", "unit", column))]
                places |= {cell.place for cell in cells if cell is not None and cell.place is not None}
            stated = truth.values.get(column) if truth is not None else None
            self.fact(table, column, stated, row.get(column) if row is not None else None, places, about)

    def projects(self) -> None:
        row = self.project or {}
        placed = {
            str(found["field"]).removeprefix("projects."): _place(found) for found in self.rows(self.result.fields)
        }
        for column in PROJECT_COLUMNS:
            if column in self.truth.open:
                continue
            item: Item | None = self.truth.items.get(column)
            places = {placed[column]} if column in placed else set()
            if item is not None and item.place is not None:
                places.add(item.place)
            self.fact("projects", column, self.truth.columns.get(column), row.get(column), places, column)

    def funds(self) -> None:
        keys = ("period", "stage", "source")
        rows = [row for row in self.rows(self.result.funds) if row["period"] not in self.truth.open_periods]
        for truth, row in _pair_rows(self.truth.funds, rows, keys, None):
            shown = truth.values if truth is not None else row or {}
            self.record("funds", FUND_COLUMNS, truth, row, " ".join(str(shown.get(key)) for key in keys))

    def indicators(self) -> None:
        rows = self.rows(self.result.indicators)
        for truth, row in _pair_rows(self.truth.indicators, rows, ("period",), "level3"):
            shown = truth.values if truth is not None else row or {}
            self.record("indicators", INDICATOR_COLUMNS, truth, row, f"{shown.get('period')} {shown.get('level3')}")

    def fields(self) -> None:
        rows = self.rows(self.result.fields)
        for truth in self.truth.fields:
            label = _key("label", truth.values["label"])
            row = next((row for row in rows if _key("label", row.get("label")) == label), None)
            self.record("fields", ("text",), truth, row, str(truth.values["label"]))

    def issues_of(self) -> None:
        codes = [str(issue["code"]) for issue in self.issues]
        for expected in self.truth.expected:
            places = {item.place for item in expected.items if item.place is not None}
            hit = any(
                issue["code"] == expected.code and (not places or _place(issue) in places) for issue in self.issues
            )
            self.score.expected += 1
            self.score.found += hit
            if not hit:
                self.score.overlooked.append(expected.code)
        if self.score.fully_right and not self.truth.expected:
            self.score.right_projects = 1
            alarms = [code for code in codes if code not in self.truth.allowed | _GENERAL]
            self.score.alarmed = alarms
            self.score.alarmed_projects = bool(alarms)


def compare(truths: Sequence[ProjectTruth], result: Normalized, *, printed: bool = False) -> list[tuple[str, Score]]:
    """(family, score) for each true project and, with what belongs to no true project, for each other one that was read.

    `printed`: the document went through pages, which may join lines that fill their cell; its truth has no places.
    """
    pairs = pair_projects(truths, result)
    scores = []
    for truth, project in zip(truths, pairs, strict=True):
        comparison = _Comparison(truth, project, result, printed)
        for part in (
            comparison.projects,
            comparison.funds,
            comparison.indicators,
            comparison.fields,
            comparison.issues_of,
        ):
            part()
        scores.append((truth.family, comparison.score))
    matched = {id(project) for project in pairs}
    for project in result.projects:
        if id(project) not in matched:
            nobody = ProjectTruth(truths[0].family)
            comparison = _Comparison(nobody, project, result, printed)
            comparison.score.projects = 0
            for part in (comparison.projects, comparison.funds, comparison.indicators):
                part()
            scores.append((nobody.family, comparison.score))
    return scores

"""Goals: below the labels of a header row, or beside their labels; the period that a label names or its neighbours leave it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile

from yusuan.extract.grid import Cell
from yusuan.normalize.block import same_columns, share_columns
from yusuan.normalize.facts import GoalFact, Reading, label_text
from yusuan.normalize.layout import Meaning, could_be_label
from yusuan.normalize.meanings import GOAL_FIELDS, KINDS, beyond_gap, is_label, meaning_of
from yusuan.normalize.text import label_of

_WHOLE, _YEAR = "总", "年"


def read_goal_headers(reading: Reading, rows: Iterable[int]) -> list[tuple[Cell, str]]:
    """Goals that stand below their labels (`∅ | 实施期目标 | 年度目标`). Gives the header cells with their periods.

    A row is such a header when, section labels aside, all its texts are labels of goals and the cells below are texts.
    """
    headers: list[tuple[Cell, str]] = []
    block = reading.block
    for row in rows:
        if "goal" not in reading.kinds[row]:
            continue
        cells = [cell for cell in block.rows[row] if cell.text and not reading.claimed(cell)]
        labelled = [(cell, meaning_of(reading, cell, "area", "goal")) for cell in cells]
        labelled = [(cell, _heading(reading, cell, meaning, cells)) for cell, meaning in labelled]
        goals = [(cell, meaning) for cell, meaning in labelled if meaning is not None and meaning.kind == "goal"]
        strange = [cell for cell, meaning in labelled if meaning is None]
        if strange and (len(goals) < 2 or not _are_sections(strange, cells)):
            continue  # an unknown label in front of two goals is the section's; any other text makes it no header
        for cell, meaning in goals:
            right = block.right_of(cell)
            if len(goals) == 1 and right is not None and not right.text and right.row_span >= cell.row_span:
                continue  # one label beside one empty cell: its value, not a header
            below = block.below(cell)
            if below is None or is_label(reading, below) or _is_below_others(below, cell, cells):
                continue
            reading.claim(cell, "label", None, 0)
            if meaning.period and meaning.target == "goal":
                headers.append((cell, meaning.period))
            add_goal(reading, meaning, cell, below)
    return headers


def _is_below_others(below: Cell, header: Cell, cells: Sequence[Cell]) -> bool:
    """Whether a cell below a header stands below another one of its row too: a line of its own, and no goal."""
    others = (cell for cell in cells if cell is not header)
    return any(share_columns(below, cell) for cell in others)


def _are_sections(strange: Sequence[Cell], cells: Sequence[Cell]) -> bool:
    """Whether the texts stand in front of all others, each but the first merged down over what it heads."""
    return list(strange) == list(cells[: len(strange)]) and all(cell.row_span > 1 for cell in strange[1:])


def _heading(reading: Reading, cell: Cell, meaning: Meaning | None, cells: Sequence[Cell]) -> Meaning | None:
    """A section's label (`总体目标`) behind another one, above a text of its own: the heading of the goal as it was set."""
    if meaning is None or (meaning.kind, meaning.target) != ("area", "goals") or cell is cells[0]:
        return meaning
    return Meaning("goal", "goal") if cells[0].row_span > 1 and _heads(reading, cell, None) else meaning


def _heads(reading: Reading, cell: Cell, below: Cell | None) -> bool:
    """Whether a cell stands in the columns of this one in the next row (of any text that is no label, where none is given)."""
    found = below or reading.block.below(cell)
    if found is None or not same_columns(found, cell):
        return False
    return below is not None or (bool(found.text) and not is_label(reading, found))


def add_goal(reading: Reading, meaning: Meaning, label: Cell, cell: Cell) -> None:
    period = None if meaning.target == "actual" else _goal_period(reading, meaning, label)
    target = "goal_actual" if meaning.target == "actual" else GOAL_FIELDS.get(period or "")
    reading.claim(cell, "value", f"projects.{target}" if target else None, 0)
    reading.project.goals.append(GoalFact(target, label_text(label), cell.text, cell))


def _goal_period(reading: Reading, meaning: Meaning, label: Cell) -> str:
    """The period of a goal: `总体目标` in a form that also names the goal of the year is the goal of the whole term."""
    own = label_of(label.text)
    if (
        _WHOLE in own
        and _YEAR not in own
        and any(
            _YEAR in cell.text and (named := meaning_of(reading, cell, "goal")) is not None and named.period == "annual"
            for cell in reading.block.filled
        )
    ):
        return "implementation"
    return meaning.period or reading.layout.default_period


def read_goal_beside(reading: Reading, meaning: Meaning, label: Cell, queue: list[Cell]) -> None:
    """A goal on the right of its label (`本年度绩效目标 | text`), unless a header row above has claimed it."""
    right = beyond_gap(reading, reading.block.right_of(label), label.row)
    if right is None or reading.claimed(right) or meaning_of(reading, right, "goal", "area"):
        return
    if right.row_span < label.row_span:
        return  # a header that nobody knows stands between the label and its text
    own = takewhile(lambda cell: cell is right or meaning_of(reading, cell, *KINDS) is None, queue)
    if any(cell.text for cell in own if cell is not right):
        return  # two texts behind one label, below headers that nobody knows: which of them is the goal, nobody says
    below = reading.block.below(label)
    if below is not None and not below.text and _heads(reading, label, below) and _heads(reading, right, None):
        return  # `实施期目标` beside a header that nobody knows, above an empty cell
    if (
        below is not None
        and below.text
        and could_be_label(right.text)
        and _heads(reading, label, below)
        and not reading.claimed(below)
        and not is_label(reading, below)
    ):
        if not could_be_label(below.text):
            add_goal(reading, meaning, label, below)  # a header row with a word that nobody knows beside this label
        return
    if right in queue:
        queue.remove(right)
    add_goal(reading, meaning, label, right)

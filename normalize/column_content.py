"""The columns of a table of indicators, also those whose heading is in words that nobody knows.

Such a column is known by what stands in it and by its neighbours: names of level 1 or level 2 and nothing else; signs of comparison; the texts behind
level 2; the only figures with units behind the names; units behind bare figures; points that add up to 100. What is not certain is no column, and its
cells stay unread. Only forms that no layout declares are read so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import takewhile

from yusuan.extract.grid import Cell, Grid
from yusuan.normalize.columns import EITHER, Column, Slot
from yusuan.normalize.grammar import grammar
from yusuan.normalize.lookups import level1_code, level2_code, words
from yusuan.normalize.numbers import fold, parse_weight
from yusuan.normalize.repair import unwrap_label
from yusuan.normalize.text import is_dash, is_filler, label_key
from yusuan.normalize.units import is_unit
from yusuan.normalize.values import parse_indicator_value, parse_operator

_HAN = re.compile(r"[一-鿿]")
_LEVELS = {"level1": level1_code, "level2": level2_code}
_WHOLES = (100.0, 90.0)
"""What points add up to; 90 where the execution of the budget has the other 10 (财预〔2020〕10号)."""


def with_content(
    grid: Grid,
    header: int,
    columns: Sequence[Column],
    word: Callable[[Cell], str | None],
    is_label: Callable[[Cell], bool],
) -> list[Column]:
    """The columns of a header row from left to right, those under unknown headings included where they are certain.

    `word` gives what a cell names as a heading of indicators; `is_label` tells the labels of other sections.
    """
    known = {column.cell[:2]: column for column in columns}
    heads = [cell for cell in grid.row(header) if cell.text]
    end = max(column.cell.row + column.cell.row_span for column in columns)
    slots = [
        Slot(cell, known.get(cell[:2]))
        for cell in heads
        if cell[:2] in known or (cell.row + cell.row_span == end and not is_label(cell))
    ]
    if len(slots) == len(columns):
        return list(columns)
    rows = _body(grid, heads, end, columns, word)
    for slot in slots:
        below = [cell for cells in rows for cell in cells if cell.col == slot.cell.col]
        slot.by_row = {cell.row: cell.text for cell in below if cell.text and not is_filler(cell.text)}
    for slot in slots:
        _name_level(slot)
    for half in _halves(slots):
        for rule in _RULES:
            rule(half)
    return [slot.column for slot in slots if slot.column is not None]


def _body(
    grid: Grid, heads: Sequence[Cell], first: int, columns: Sequence[Column], word: Callable[[Cell], str | None]
) -> list[list[Cell]]:
    """The cells that begin in the rows below a header, as long as half of a row's borders are the header's and no other header comes."""
    borders = {(cell.col, cell.col_span) for cell in heads}
    targets = {(column.first, column.target) for column in columns}
    rows = []
    for row in range(first, grid.n_rows):
        cells = grid.row(row)
        if 2 * sum((cell.col, cell.col_span) in borders for cell in cells) < len(borders):
            break
        own = grid.rows[row]
        named = {(cell.col, target) for cell in own if cell.text and (target := word(cell)) is not None}
        if len({target for _, target in named}) > 1 or named & targets:
            break
        rows.append(own)
    return rows


def _halves(slots: Sequence[Slot]) -> list[list[Slot]]:
    """The headings of each period: a level behind anything else begins the next one."""
    halves: list[list[Slot]] = [[]]
    for slot in slots:
        if slot.target in _LEVELS and halves[-1] and halves[-1][-1].target not in _LEVELS:
            halves.append([])
        halves[-1].append(slot)
    return halves


# --- what a column holds ----------------------------------------------------------------------------------------------


def _name_level(slot: Slot) -> None:
    """Names of level 1 or level 2 and nothing else."""
    names = {unwrap_label(text) for text in slot.texts}
    if slot.column is None and len(names) > 1:
        level = next((level for level, code in _LEVELS.items() if all(map(code, names))), None)
        if level is not None:
            slot.name(level)


def _find(half: Sequence[Slot], target: str) -> int | None:
    return next((at for at, slot in enumerate(half) if slot.target == target), None)


def _strange(half: Sequence[Slot], behind: int) -> list[Slot]:
    return [slot for slot in half[behind + 1 :] if slot.column is None and len(slot.texts) > 1]


@cache
def _other_headings() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words("words", "headings", "not_the_target"))))


def _is_plain(slot: Slot) -> bool:
    """Whether the heading has no word of another period, of a comparison or of what was reached."""
    return _other_headings().search(label_key(slot.cell.text)) is None


def _name_operator(half: Sequence[Slot]) -> None:
    """Signs of comparison, and 定性 beside figures."""
    found = [slot for slot in _strange(half, -1) if _are_operators(slot.texts)]
    if _find(half, "operator") is None and len(found) == 1 and _is_plain(found[0]):
        found[0].name("operator")


def _are_operators(texts: Sequence[str]) -> bool:
    signs = [parse_operator(text) for text in texts]
    return any(signs) and all(
        sign or fold(text) in grammar().qualitative for sign, text in zip(signs, texts, strict=True)
    )


def _name_names(half: Sequence[Slot]) -> None:
    """The only texts right behind the column of level 2, where that one holds names of level 2 and not the indicators' own."""
    at = _find(half, "level2")
    if at is None or _find(half, "level3") is not None:
        return
    level2, behind = half[at], list(takewhile(lambda slot: slot.column is None, half[at + 1 :]))
    coded = sum(level2_code(unwrap_label(text)) is not None for text in level2.texts)
    found = [slot for slot in behind if _are_names(slot.texts)]
    if 2 * coded > len(level2.texts) and len(found) == 1 and found[0] is behind[0] and _is_plain(found[0]):
        found[0].name("level3")


def _are_names(texts: Sequence[str]) -> bool:
    """Words that differ from row to row: no figures, no signs, no levels, no units."""
    if len(texts) < 2 or 2 * len(set(texts)) <= len(texts) or _are_units(texts):
        return False
    return all(_HAN.search(text) and parse_indicator_value(text).kind == "qualitative" for text in texts)


def _name_either(half: Sequence[Slot]) -> None:
    """指标内容 right behind a level has the names."""
    at = _find(half, EITHER)
    if at and half[at - 1].target in _LEVELS and _find(half, "level3") is None:
        half[at].name("level3")


def _name_value(half: Sequence[Slot]) -> None:
    """The only figures behind the names, points aside: with units or signs, or bare beside signs in a column of their own."""
    at, operator = _find(half, "level3"), _find(half, "operator")
    if at is None or _find(half, "value") is not None:
        return
    found = [slot for slot in _strange(half, at) if _are_figures(slot.texts) and not _are_points(slot, half)]
    beside_signs = operator is not None and half[operator + 1 : operator + 2] == found
    if len(found) == 1 and _is_plain(found[0]) and (beside_signs or _are_values(found[0].texts)):
        found[0].name("value")


def _are_points(slot: Slot, half: Sequence[Slot]) -> bool:
    """Whether figures are weights or scores: they add up, or none is more than its weight."""
    weight = _find(half, "weight")
    return _add_up(slot.texts) or (weight is not None and _within(slot, half[weight]))


def _are_values(texts: Sequence[str]) -> bool:
    """Whether figures or dates have signs or different units (`10分` and `10%` alone may be weights)."""
    stated = [value for text in texts if (value := parse_indicator_value(text)).kind in ("quantitative", "date")]
    units = {value.unit for value in stated if value.unit}
    signs = any(value.operator or value.kind == "date" for value in stated)
    return bool(units) and (signs or len(units) > 1)


def _are_figures(texts: Sequence[str]) -> bool:
    """Whether at least a third are figures or dates."""
    stated = [text for text in texts if parse_indicator_value(text).kind in ("quantitative", "date")]
    return len(stated) > 1 and 3 * len(stated) >= len(texts)


def _name_unit(half: Sequence[Slot]) -> None:
    """Units beside bare figures."""
    at = _find(half, "value")
    if at is None or _find(half, "unit") is not None:
        return
    bare = [value for text in half[at].texts if (value := parse_indicator_value(text)).kind == "quantitative"]
    found = [slot for slot in _strange(half, -1) if _are_units(slot.texts)]
    if len(found) == 1 and bare and not any(value.unit for value in bare) and _is_plain(found[0]):
        found[0].name("unit")


def _are_units(texts: Sequence[str]) -> bool:
    units = [fold(text).strip("()") for text in texts if not is_dash(text)]
    known = [unit for unit in units if unit not in grammar().no_unit]
    return len(known) > 1 and all(map(is_unit, known))


def _name_weight(half: Sequence[Slot]) -> None:
    """Points that add up to 100, or to 90. Where values reached stand and no scores, they may as well be scores."""
    if _find(half, "weight") is not None or _find(half, "value") is None:
        return
    if _find(half, "actual") is not None and _find(half, "score") is None:
        return
    found = [slot for slot in _strange(half, -1) if _add_up(slot.texts)]
    if len(found) == 1 and _is_plain(found[0]):
        found[0].name("weight")


def _add_up(texts: Sequence[str]) -> bool:
    """Points of one project, or of several in a row, three or more of each, that add up to a whole each time."""
    points = [parse_weight(text) for text in texts]
    for whole in _WHOLES:
        added, count = 0.0, 0
        for point in points:
            if point is None:
                return False
            added, count = round(added + point, 4), count + 1
            if added == whole and count > 2:
                added, count = 0.0, 0
        if not count and len(points) > 3:
            return True
    return False


def _name_score(half: Sequence[Slot]) -> None:
    """Beside weights and values reached the only points behind the weights that are none of them more than its weight."""
    at = _find(half, "weight")
    if at is None or _find(half, "score") is not None or _find(half, "actual") is None:
        return
    found = [slot for slot in _strange(half, at) if _within(slot, half[at])]
    if len(found) == 1:
        found[0].name("score")


def _within(slot: Slot, weights: Slot) -> bool:
    equal = 0
    for row, text in slot.by_row.items():
        score, weight = parse_weight(text), parse_weight(weights.by_row.get(row, ""))
        if score is None or weight is None or score > weight:
            return False
        equal += score == weight
    return equal > 0 and 2 * len(slot.by_row) > len(weights.by_row)


def _name_actual(half: Sequence[Slot]) -> None:
    """Beside scores the only figures without signs behind the targets, in the units of their targets row by row."""
    at = _find(half, "value")
    if at is None or _find(half, "actual") is not None or _find(half, "score") is None:
        return
    found = [slot for slot in _strange(half, at) if _reaches(slot, half[at], _find(half, "unit") is not None)]
    key = label_key(found[0].cell.text) if len(found) == 1 else ""
    if len(found) == 1 and not _other_headings().search(_REACHED.sub("", key)):
        found[0].name("actual")


_REACHED = re.compile("实际|完成|达成|实绩|已|结果|情况")
"""Words that a heading of values reached may have."""


def _reaches(slot: Slot, targets: Slot, has_units: bool) -> bool:
    """Whether most targets with a figure have one beside them, of the same unit and without a sign."""
    same = figures = 0
    for row, text in targets.by_row.items():
        target = parse_indicator_value(text)
        if target.kind != "quantitative":
            continue
        figures += 1
        reached = parse_indicator_value(slot.by_row.get(row, ""))
        same += reached.kind == "quantitative" and reached.unit == target.unit and reached.operator is None
    named = has_units or any(parse_indicator_value(text).unit for text in targets.texts)
    return named and figures > 1 and 3 * same > 2 * figures


_RULES: tuple[Callable[[Sequence[Slot]], None], ...] = (
    _name_operator, _name_names, _name_either, _name_value, _name_unit, _name_weight, _name_score, _name_actual,
)  # fmt: skip
"""In this order: names need level 2, values need names, units need values, scores need weights, values reached need scores."""

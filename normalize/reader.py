"""Block → Reading: one layout reads one block, and the layout that explains most is chosen."""

from __future__ import annotations

from collections.abc import Sequence, Set

from yusuan.normalize.block import Block
from yusuan.normalize.caption import is_attachment, read_captions
from yusuan.normalize.context import keep_fields, tell
from yusuan.normalize.facts import Reading
from yusuan.normalize.finder import Finder
from yusuan.normalize.goals import read_goal_headers
from yusuan.normalize.indicator_body import read_table
from yusuan.normalize.indicator_table import find_tables, rows_of
from yusuan.normalize.inferred import report_inferred
from yusuan.normalize.layout import Layout
from yusuan.normalize.lists import header_top, is_list, read_list
from yusuan.normalize.sections import read_rows
from yusuan.normalize.subtables import read_subtables
from yusuan.normalize.text import is_filler, label_key

_STRANGE = 0.15
"""A declared layout that leaves more than this share of a form's texts unread does not know the form."""
_BORROWED = 1 / 3
"""A declared layout to which more than this share of a form's labels is only known from other families does not know the form."""
_CANDIDATES = 3
"""So many layouts read a block in full: those that know most of its labels. More never won in the test set (bench/README.md)."""


def read_block(block: Block, layout: Layout, finder: Finder) -> Reading:
    """Everything the layout finds in the block; what it does not find is left unread in the result."""
    reading = Reading(block, layout)
    first = read_captions(reading, finder)
    tables = find_tables(reading)
    lists = [table for table in tables if is_list(table, reading)]
    inside = set(rows_of(tables)).union(*(range(header_top(table, block), table.header) for table in lists))
    outside = [row for row in range(first, block.grid.n_rows) if row not in inside]
    tell(reading, outside)
    goals = read_goal_headers(reading, outside)
    for table in tables:
        if table in lists:
            read_list(table, reading)
        else:
            read_table(table, reading, goals)
    _add_heading(reading)
    if reading.strange_list:
        reading.label = reading.fiscal_year = reading.money_unit = None
    read_subtables(reading, outside)
    read_rows(reading, outside)
    keep_fields(reading, outside)
    for cell in reading.unclaimed():
        if is_filler(cell.text) or is_attachment(cell.text):
            # `……`: what a template prints where nobody wrote; 附件2： above the next form
            reading.claim(cell, "ignored")
        else:
            reading.unread.append(cell)
    report_inferred(reading)
    return reading


def _add_heading(reading: Reading) -> None:
    """Fields above the form belong to its project; above a list to all that do not say otherwise."""
    if not reading.listed:
        if reading.heading:
            reading.project.fields[:0] = reading.heading
        return
    for project in reading.projects:
        own = {fact.target for fact in project.fields}
        project.fields += [fact for fact in reading.heading if fact.target not in own]


def choose(block: Block, layouts: Sequence[Layout], catalogue: Layout, finder: Finder) -> Reading:
    """The reading that leaves the fewest cells unread; the undeclared reading only if it leaves fewer than every declared one.

    Among equals the layout with the title of the block, then the one that knows more of its labels, then the first by name.
    """
    keys = block.labels
    known = finder.families(keys)
    ranked = sorted(layouts, key=lambda layout: (-known[layout.id], layout.id))
    best: tuple[tuple[int, int, int, int, int], Reading] | None = None
    lists = [layout for layout in ranked[_CANDIDATES:] if layout.form_kind == "list"]
    for layout in [*ranked[:_CANDIDATES], *lists, catalogue]:
        if best is not None and best[0][:3] == (0, 0, 0) and not (layout.declared and _has_title(layout, best[1])):
            continue  # nothing is unread already: only a declared layout with the title could be better
        if layout in lists and not (best is not None and best[1].listed):
            continue
        reading = read_block(block, layout, finder)
        unread, filled = len(reading.unread), len(block.filled)
        strange = layout.declared and (
            unread > _STRANGE * filled
            or _is_of_another_family(layout, keys)
            or _lacks_name(reading)
            or (layout.form_kind == "department" and _is_of_a_project(reading))
        )
        score = (
            unread + strange * filled,
            0 if layout.declared else 1,
            0 if reading.listed == (layout.form_kind == "list") else 1,
            0 if _has_title(layout, reading) else 1,
            -known[layout.id],
        )
        if best is None or score < best[0]:
            best = (score, reading)
        if score[:4] == (0, 0, 0, 0):
            break
    assert best is not None  # the catalogue always reads
    return best[1]


def _is_of_another_family(layout: Layout, keys: Set[str]) -> bool:
    """Whether too many of the labels that make a family are not this one's but only known from others."""
    own, borrowed = len(keys & layout.family_keys), len(keys & layout.borrowed_keys)
    return borrowed > _BORROWED * (own + borrowed)


def _lacks_name(reading: Reading) -> bool:
    """Whether a form of projects has no label of a name: a department's form that another family happens to read."""
    if reading.layout.form_kind == "department":
        return False
    return not any(fact.target == "project_name" for project in reading.projects for fact in project.fields)


def _is_of_a_project(reading: Reading) -> bool:
    """Whether the title says that the form is of one project: then it is no department's, though nobody knows the word beside its name."""
    title = label_key(reading.title or "")
    return "项目" in title and "整体" not in title


def _has_title(layout: Layout, reading: Reading) -> bool:
    title = label_key(reading.title or "")
    return bool(title) and title.endswith(layout.titles)

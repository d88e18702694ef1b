"""What a Word part holds and the reader of the final document does not see: other branches, tracked deletions, hidden text."""

from __future__ import annotations

from yusuan.extract.package import Element
from yusuan.extract.word_names import (
    CELL,
    PARAGRAPH,
    PARAGRAPH_PROPERTIES,
    ROW,
    ROW_PROPERTIES,
    RUN,
    RUN_PROPERTIES,
    VAL,
    W,
    has_text,
    is_on,
    remove,
)
from yusuan.extract.word_styles import Styles

_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_ALTERNATIVES, _CHOICE = _COMPATIBILITY + "AlternateContent", _COMPATIBILITY + "Choice"
_DELETED, _MOVED, _DELETED_CELL, _MERGED_CELL = W + "del", W + "moveFrom", W + "cellDel", W + "cellMerge"
_VANISH, _HIDDEN_ROW = W + "vanish", W + "hidden"
TAKES_OUT = (_ALTERNATIVES, _DELETED, _MOVED, _DELETED_CELL, _MERGED_CELL, _VANISH, _HIDDEN_ROW)
"""Tags that call for one of these passes."""


def choose_alternatives(root: Element) -> None:
    """Choice and Fallback show the same thing, one for newer programs: the first choice stays."""
    for alternatives in list(root.iter(_ALTERNATIVES)):
        choice = next(alternatives.iterchildren(_CHOICE), None)
        if choice is not None:
            for other in [child for child in alternatives if child is not choice]:
                alternatives.remove(other)


def accept_changes(root: Element) -> None:
    """Insertions need nothing; deleted rows, cells and texts go; a deleted paragraph mark joins two paragraphs."""
    for mark in list(root.iter(_DELETED_CELL)):
        _remove_around(mark, CELL)
    merges = list(root.iter(_MERGED_CELL))
    for merge in merges:
        value = {"cont": "continue", "rest": "restart"}.get(merge.get(W + "vMerge", ""))
        for old in list(merge.getparent().iterchildren(W + "vMerge")):
            remove(old)
        if value is not None:
            merge.tag = W + "vMerge"
            merge.set(VAL, value)
    marked = []
    for change in list(root.iter(_DELETED, _MOVED)):
        parent = change.getparent()
        if parent is None:
            continue
        if parent.tag == ROW_PROPERTIES:
            _remove_around(change, ROW)
        elif parent.tag == RUN_PROPERTIES:
            marked.append(parent)
        else:
            parent.remove(change)
    for properties in reversed(marked):  # from the end, so that a child moves once
        _join_with_next(properties)


def _remove_around(mark: Element, tag: str) -> None:
    around = next(mark.iterancestors(tag), None)
    if around is not None:
        remove(around)


def _join_with_next(mark_properties: Element) -> None:
    """The paragraph whose mark has these properties is put in front of the text of the next one, if there is one."""
    properties = mark_properties.getparent()
    if properties is None or properties.tag != PARAGRAPH_PROPERTIES:
        return
    paragraph = properties.getparent()
    if paragraph is None or (following := paragraph.getnext()) is None or following.tag != PARAGRAPH:
        return
    first = next(iter(following), None)  # a search by tag looks on for a second one: quadratic in a chain
    for child in reversed([child for child in paragraph if child.tag != PARAGRAPH_PROPERTIES]):
        if first is not None and first.tag == PARAGRAPH_PROPERTIES:
            first.addnext(child)
        else:
            following.insert(0, child)
    remove(paragraph)


def drop_hidden(root: Element, styles: Styles) -> None:
    """Direct formatting decides; else paragraph style and character style, which cancel each other (17.7.3)."""
    marks = []
    for vanish in list(root.iter(_VANISH)):
        properties = vanish.getparent()
        holder = properties.getparent() if properties is not None else None
        if holder is None or not is_on(vanish):
            continue
        if holder.tag == RUN:
            remove(holder)
        elif holder.tag == PARAGRAPH_PROPERTIES:
            marks.append(properties)
    if next(root.iter(W + "pStyle", W + "rStyle"), None) is not None and styles.any_hidden():
        for run in list(root.iter(RUN)):
            if _hidden_by_style(run, styles):
                remove(run)
    for properties in reversed(marks):
        _join_with_next(properties)
    for mark in list(root.iter(_HIDDEN_ROW)):
        row = next(mark.iterancestors(ROW), None)
        if row is not None and is_on(mark) and not has_text(row):
            remove(row)


def _hidden_by_style(run: Element, styles: Styles) -> bool:
    properties = next(run.iterchildren(RUN_PROPERTIES), None)
    if properties is not None and properties.find(_VANISH) is not None:
        return False  # says itself that it is shown; those that say otherwise are gone
    paragraph = next(run.iterancestors(PARAGRAPH), None)
    by_paragraph = paragraph is not None and styles.hidden(style_of(paragraph))
    style = properties.find(W + "rStyle") if properties is not None else None
    return by_paragraph ^ (style is not None and styles.hidden(style.get(VAL, "")))


def style_of(paragraph: Element) -> str:
    """Id of the paragraph's style, "" for the default one."""
    style = paragraph.find(f"{PARAGRAPH_PROPERTIES}/{W}pStyle")
    return style.get(VAL, "") if style is not None else ""

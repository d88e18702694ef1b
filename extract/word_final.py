"""Turns a Word part into what the reader of the final document sees, in place, before its tables are read.

Each pass answers one question about the whole tree: which branch of an alternative, which tracked change, which field
result, which list number. lxml tells at once that a tag does not occur, so a plain document pays for none of them, and
the walk that follows meets only paragraphs, tables and text.
"""

from __future__ import annotations

import re

from lxml import etree

from yusuan.extract.package import Element
from yusuan.extract.symbols import FONTS, raised, symbol, translate
from yusuan.extract.word_names import (
    ALL_STRUCK,
    BREAK,
    CELL,
    CHARACTERS,
    FLOATING,
    MATH,
    PARAGRAPH,
    PARAGRAPH_PROPERTIES,
    RUN,
    RUN_PROPERTIES,
    STRUCK,
    SYMBOL,
    TABLE,
    TEXT,
    TEXT_BOX,
    TEXTS,
    VAL,
    VISIBLE,
    W,
    has_text,
    integer,
    is_on,
    paragraphs_with,
    remove,
    write,
)
from yusuan.extract.word_numbering import Numbering
from yusuan.extract.word_removed import TAKES_OUT, accept_changes, choose_alternatives, drop_hidden, style_of
from yusuan.extract.word_styles import Styles

_FIGURE = re.compile(r"\s*\d[\d\s,，.．%％]*")
_STRIKES = (W + "strike", W + "dstrike")
_FIELD, _FONTS, _RAISED = W + "fldChar", W + "rFonts", W + "vertAlign"

_NEVER_SHOWN = tuple(
    W + name
    for name in (
        *("tabs", "rt", "sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr", "delText", "delInstrText", "instrText"),
        *("fldData", "tcPrChange", "trPrChange", "tblPrChange", "tblPrExChange", "tblGridChange", "pPrChange"),
        *("rPrChange", "sectPrChange", "numberingChange"),
    )
)
"""Earlier properties of tracked changes (they hold `gridSpan` too), tab stops (`w:tab` again), phonetic guides."""


_CALLS_FOR_PASSES = (
    *(*_NEVER_SHOWN, *TAKES_OUT, TEXT_BOX, _FIELD, SYMBOL, _RAISED, *_STRIKES),
    *(MATH + "den", W + "numPr", W + "pStyle", W + "rStyle"),
)


def finalize(root: Element, xml: bytes, styles: Styles, numbering: Numbering) -> None:
    """Runs all passes over a part; `xml` are its bytes. The list counters of `numbering` advance."""
    if next(root.iter(_FONTS), None) is not None and (b"ings" in xml or b"ymbol" in xml):
        _translate_symbol_fonts(root)
    plain = next(root.iter(*_CALLS_FOR_PASSES), None) is None
    if not plain:
        choose_alternatives(root)
        etree.strip_elements(root, *_NEVER_SHOWN, with_tail=False)
        accept_changes(root)
        drop_hidden(root, styles)
        _lift_text_boxes(root)
        _show_fields(root)
        _write_symbols(root)
        _write_fractions(root)
        _tell_raised_digits(root)
        _set_struck_aside(root)
    _settle_page_breaks(root)
    if not plain:
        _number_lists(root, styles, numbering)


def _show_fields(root: Element) -> None:
    """A field shows its result, the text between `begin` and `separate` is its instruction. Fields that do not end in
    their paragraph lose nothing."""
    for paragraph in paragraphs_with(root, _FIELD):
        _show_fields_of(paragraph)


def _show_fields_of(paragraph: Element) -> None:
    shown: list[Element] = []
    fields: list[tuple[int | None, str]] = []  # where the instruction began in `shown` (None once the result began)
    gone: list[Element] = []
    for item in list(paragraph.iter(_FIELD, *VISIBLE)):
        if item.tag != _FIELD:
            shown.append(item)
            continue
        kind = item.get(W + "fldCharType")
        if kind == "begin":
            fields.append((len(shown), _form_field(item.find(W + "ffData"))))
        elif fields and kind in ("separate", "end"):
            start, state = fields.pop()
            if start is not None:
                gone += shown[start:]
                del shown[start:]
            if kind == "separate":
                fields.append((None, state))
            elif state:
                item.addnext(write(state))
    for item in gone:
        remove(item)


def _form_field(data: Element | None) -> str:
    """What a legacy check box or drop-down list shows: it stands in the field's data and not in its text."""
    if data is None:
        return ""
    box, choices = data.find(W + "checkBox"), data.find(W + "ddList")
    if box is not None:
        checked = box.find(W + "checked")
        return "☑" if is_on(checked if checked is not None else box.find(W + "default")) else "☐"
    if choices is not None:
        entries = [entry.get(VAL, "") for entry in choices.iterfind(W + "listEntry")]
        result = choices.find(W + "result")
        picked = integer(result if result is not None else choices.find(W + "default"), 0)
        return entries[picked] if 0 <= picked < len(entries) else ""
    return ""


def _translate_symbol_fonts(root: Element) -> None:
    """Letters set in Wingdings and the like are ticks and boxes to the reader (`R` in Wingdings 2 is ☑)."""
    for fonts in root.iter(_FONTS):
        font = fonts.get(W + "ascii") or fonts.get(W + "hAnsi") or ""
        if font.strip().lower() in FONTS:
            properties = fonts.getparent()
            run = properties.getparent() if properties is not None else None
            if run is not None and run.tag == RUN:
                for text in run.iterchildren(TEXT):
                    text.text = translate(font, text.text or "")


def _write_symbols(root: Element) -> None:
    for item in list(root.iter(SYMBOL)):
        code = item.get(W + "char", "")
        item.addnext(write(symbol(item.get(W + "font", ""), int(code, 16) if _is_hex(code) else 0)))


def _is_hex(text: str) -> bool:
    return bool(text) and len(text) <= 8 and all(char in "0123456789abcdefABCDEF" for char in text)


def _write_fractions(root: Element) -> None:
    """One half as a formula is 1/2, not 12."""
    for denominator in list(root.iter(MATH + "den")):
        denominator.insert(0, write("/"))


def _tell_raised_digits(root: Element) -> None:
    """120 with a raised 1, the mark of a note, is not 1201."""
    for paragraph in paragraphs_with(root, _RAISED):
        before = ""
        for item in paragraph.iter(*VISIBLE):
            shown = CHARACTERS.get(item.tag) or item.text or ""
            mark = item.getparent().find(f"{RUN_PROPERTIES}/{_RAISED}") if item.tag == TEXT else None
            if mark is not None and mark.get(VAL) in ("superscript", "subscript"):
                item.text = shown = raised(before, shown)
            before = shown or before


def _set_struck_aside(root: Element) -> None:
    """Crossed-out text beside another one in its cell is what was replaced: STRUCK; a cell of nothing else keeps it and is marked."""
    cells: dict[Element, list[Element]] = {}
    for strike in root.iter(*_STRIKES):
        properties = strike.getparent()
        run = properties.getparent() if properties is not None and properties.tag == RUN_PROPERTIES else None
        if run is not None and run.tag == RUN and is_on(strike) and has_text(run):
            cell = next(run.iterancestors(CELL), None)
            if cell is not None:
                cells.setdefault(cell, []).append(run)
    for cell, runs in cells.items():
        struck = {item for run in runs for item in run.iter(*TEXTS)}
        if any(item not in struck and (item.text or "").strip() for item in cell.iter(*TEXTS)):
            for run in runs:
                run.tag = STRUCK
        else:
            runs[-1].addnext(etree.Element(ALL_STRUCK))


def _settle_page_breaks(root: Element) -> None:
    """A page or column break inside of a text ends a line; before or behind it, it shows nothing."""
    if not any(_is_page_break(mark) for mark in root.iter(BREAK)):
        return
    for paragraph in paragraphs_with(root, BREAK):
        waiting: list[Element] = []
        begun = False
        for item in list(paragraph.iter(*VISIBLE)):
            if item.tag == BREAK and _is_page_break(item):
                waiting.append(item)
            elif item.text:
                for needless in waiting[bool(begun) :]:
                    remove(needless)
                begun, waiting = True, []
        for needless in waiting:
            remove(needless)


def _is_page_break(mark: Element) -> bool:
    return str(mark.get(W + "type", "textWrapping")) != "textWrapping"


def _number_lists(root: Element, styles: Styles, numbering: Numbering) -> None:
    """Writes automatic list numbers in front of their paragraphs, as they are printed."""
    by_style = next(root.iter(W + "pStyle"), None) is not None and styles.any_numbered()
    if not by_style and next(root.iter(W + "numPr"), None) is None:
        return
    for paragraph in root.iter(PARAGRAPH):
        properties = next(paragraph.iterchildren(PARAGRAPH_PROPERTIES), None)
        if properties is None:
            continue
        label = numbering.label(properties.find(W + "numPr"), style_of(paragraph))
        if label:
            if _FIGURE.fullmatch("".join([item.text or "" for item in paragraph.iter(*TEXTS)])):
                label = label.rstrip() + "\t"  # 1. in front of 100 is not 1.100, whatever the list puts between them
            properties.addnext(write(label if has_text(paragraph) else label.rstrip()))


def _lift_text_boxes(root: Element) -> None:
    """What floats in a paragraph is put behind it; an empty box (a drawn line, a stamp's frame) goes.

    In a cell with a text of its own a box is none of it, wherever it is drawn: it becomes FLOATING.
    """
    behind: dict[Element, Element] = {}
    for box in list(root.iter(TEXT_BOX)):
        anchor = next(box.iterancestors(PARAGRAPH), None)
        if anchor is None or anchor.getparent() is None:
            continue
        remove(box)
        table = next(box.iter(TABLE), None) is not None
        if table or has_text(box):
            cell = next(anchor.iterancestors(CELL), None)
            if cell is not None and not table and _has_own_text(cell):
                box.tag = FLOATING
            behind.get(anchor, anchor).addnext(box)
            behind[anchor] = box


def _has_own_text(cell: Element) -> bool:
    """Whether a cell has a text outside of its text boxes."""
    boxed = {item for box in cell.iter(TEXT_BOX, FLOATING) for item in box.iter(*TEXTS, SYMBOL)}
    shown = (item for item in cell.iter(*TEXTS, SYMBOL) if (item.text or "").strip() or item.tag == SYMBOL)
    return any(item not in boxed for item in shown)

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
from yusuan.extract.word_styles import VAL, Numbering, Styles, W, integer, is_on

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_ALTERNATIVES, _CHOICE = _COMPATIBILITY + "AlternateContent", _COMPATIBILITY + "Choice"

PARAGRAPH, TABLE, TEXT_BOX = W + "p", W + "tbl", W + "txbxContent"
FLOATING, STRUCK, ALL_STRUCK = "floating", "struck", "all-struck"
"""What stands in a cell and is not its text: a text box that floats over it, a text that is crossed out; the last: all of it is."""
ROW, CELL, RUN, TEXT, MATH_TEXT = W + "tr", W + "tc", W + "r", W + "t", MATH + "t"
BREAK, TAB = W + "br", W + "tab"
CHARACTERS = {BREAK: "\n", W + "cr": "\n", TAB: "\t", W + "ptab": "\t", W + "noBreakHyphen": "-"}
TEXTS = (TEXT, MATH_TEXT)
_VISIBLE = (*TEXTS, *CHARACTERS)

_PARAGRAPH_PROPERTIES, _RUN_PROPERTIES, _ROW_PROPERTIES = W + "pPr", W + "rPr", W + "trPr"
_DELETED, _MOVED, _DELETED_CELL = W + "del", W + "moveFrom", W + "cellDel"
_VANISH, _HIDDEN_ROW = W + "vanish", W + "hidden"
_FIGURE = re.compile(r"\s*\d[\d\s,，.．%％]*")
_STRIKES = (W + "strike", W + "dstrike")
_FIELD, _FONTS, _SYMBOL, _RAISED = W + "fldChar", W + "rFonts", W + "sym", W + "vertAlign"

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
    *_NEVER_SHOWN,
    *(
        _ALTERNATIVES,
        _DELETED,
        _MOVED,
        _DELETED_CELL,
        W + "cellMerge",
        _VANISH,
        _HIDDEN_ROW,
        TEXT_BOX,
        _FIELD,
        _SYMBOL,
        _RAISED,
        *_STRIKES,
    ),
    *(MATH + "den", W + "numPr", W + "pStyle", W + "rStyle"),
)


def finalize(root: Element, xml: bytes, styles: Styles, numbering: Numbering) -> None:
    """Runs all passes over a part; `xml` are its bytes. The list counters of `numbering` advance."""
    if next(root.iter(_FONTS), None) is not None and (b"ings" in xml or b"ymbol" in xml):
        _translate_symbol_fonts(root)
    plain = next(root.iter(*_CALLS_FOR_PASSES), None) is None
    if not plain:
        _choose_alternatives(root)
        etree.strip_elements(root, *_NEVER_SHOWN, with_tail=False)
        _accept_changes(root)
        _drop_hidden(root, styles)
        _lift_text_boxes(root)
        _show_fields(root)
        _write_symbols(root)
        _write_fractions(root)
        _tell_raised_digits(root)
        _set_struck_aside(root)
    _settle_page_breaks(root)
    if not plain:
        _number_lists(root, styles, numbering)


def _remove(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _write(text: str) -> Element:
    element = etree.Element(TEXT)
    element.text = text
    return element


def _choose_alternatives(root: Element) -> None:
    """Choice and Fallback show the same thing, one for newer programs: the first choice stays."""
    for alternatives in list(root.iter(_ALTERNATIVES)):
        choice = next(alternatives.iterchildren(_CHOICE), None)
        if choice is not None:
            for other in [child for child in alternatives if child is not choice]:
                alternatives.remove(other)


def _accept_changes(root: Element) -> None:
    """Insertions need nothing; deleted rows, cells and texts go; a deleted paragraph mark joins two paragraphs."""
    for mark in list(root.iter(_DELETED_CELL)):
        _remove_around(mark, CELL)
    merges = list(root.iter(W + "cellMerge"))
    for merge in merges:
        value = {"cont": "continue", "rest": "restart"}.get(merge.get(W + "vMerge", ""))
        for old in list(merge.getparent().iterchildren(W + "vMerge")):
            _remove(old)
        if value is not None:
            merge.tag = W + "vMerge"
            merge.set(VAL, value)
    marked = []
    for change in list(root.iter(_DELETED, _MOVED)):
        parent = change.getparent()
        if parent is None:
            continue
        if parent.tag == _ROW_PROPERTIES:
            _remove_around(change, ROW)
        elif parent.tag == _RUN_PROPERTIES:
            marked.append(parent)
        else:
            parent.remove(change)
    for properties in reversed(marked):  # from the end, so that a child moves once
        _join_with_next(properties)


def _remove_around(mark: Element, tag: str) -> None:
    around = next(mark.iterancestors(tag), None)
    if around is not None:
        _remove(around)


def _join_with_next(mark_properties: Element) -> None:
    """The paragraph whose mark has these properties is put in front of the text of the next one, if there is one."""
    properties = mark_properties.getparent()
    if properties is None or properties.tag != _PARAGRAPH_PROPERTIES:
        return
    paragraph = properties.getparent()
    if paragraph is None or (following := paragraph.getnext()) is None or following.tag != PARAGRAPH:
        return
    first = next(iter(following), None)  # a search by tag looks on for a second one: quadratic in a chain
    for child in reversed([child for child in paragraph if child.tag != _PARAGRAPH_PROPERTIES]):
        if first is not None and first.tag == _PARAGRAPH_PROPERTIES:
            first.addnext(child)
        else:
            following.insert(0, child)
    _remove(paragraph)


def _drop_hidden(root: Element, styles: Styles) -> None:
    """Direct formatting decides; else paragraph style and character style, which cancel each other (17.7.3)."""
    marks = []
    for vanish in list(root.iter(_VANISH)):
        properties = vanish.getparent()
        holder = properties.getparent() if properties is not None else None
        if holder is None or not is_on(vanish):
            continue
        if holder.tag == RUN:
            _remove(holder)
        elif holder.tag == _PARAGRAPH_PROPERTIES:
            marks.append(properties)
    if next(root.iter(W + "pStyle", W + "rStyle"), None) is not None and styles.any_hidden():
        for run in list(root.iter(RUN)):
            if _hidden_by_style(run, styles):
                _remove(run)
    for properties in reversed(marks):
        _join_with_next(properties)
    for mark in list(root.iter(_HIDDEN_ROW)):
        row = next(mark.iterancestors(ROW), None)
        if row is not None and is_on(mark) and not _has_text(row):
            _remove(row)


def _hidden_by_style(run: Element, styles: Styles) -> bool:
    properties = next(run.iterchildren(_RUN_PROPERTIES), None)
    if properties is not None and properties.find(_VANISH) is not None:
        return False  # says itself that it is shown; those that say otherwise are gone
    paragraph = next(run.iterancestors(PARAGRAPH), None)
    by_paragraph = paragraph is not None and styles.hidden(style_of(paragraph))
    style = properties.find(W + "rStyle") if properties is not None else None
    return by_paragraph ^ (style is not None and styles.hidden(style.get(VAL, "")))


def style_of(paragraph: Element) -> str:
    """Id of the paragraph's style, "" for the default one."""
    style = paragraph.find(f"{_PARAGRAPH_PROPERTIES}/{W}pStyle")
    return style.get(VAL, "") if style is not None else ""


def _has_text(element: Element) -> bool:
    return any((item.text or "").strip() or item.tag == _SYMBOL for item in element.iter(*TEXTS, _SYMBOL))


def _paragraphs_with(root: Element, tag: str) -> list[Element]:
    """The paragraphs that hold such an element, each once, in order."""
    found = dict.fromkeys(next(item.iterancestors(PARAGRAPH), None) for item in root.iter(tag))
    return [paragraph for paragraph in found if paragraph is not None]


def _show_fields(root: Element) -> None:
    """A field shows its result, the text between `begin` and `separate` is its instruction. Fields that do not end in
    their paragraph lose nothing."""
    for paragraph in _paragraphs_with(root, _FIELD):
        _show_fields_of(paragraph)


def _show_fields_of(paragraph: Element) -> None:
    shown: list[Element] = []
    fields: list[tuple[int | None, str]] = []  # where the instruction began in `shown` (None once the result began)
    gone: list[Element] = []
    for item in list(paragraph.iter(_FIELD, *_VISIBLE)):
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
                item.addnext(_write(state))
    for item in gone:
        _remove(item)


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
    for item in list(root.iter(_SYMBOL)):
        code = item.get(W + "char", "")
        item.addnext(_write(symbol(item.get(W + "font", ""), int(code, 16) if _is_hex(code) else 0)))


def _is_hex(text: str) -> bool:
    return bool(text) and len(text) <= 8 and all(char in "0123456789abcdefABCDEF" for char in text)


def _write_fractions(root: Element) -> None:
    """One half as a formula is 1/2, not 12."""
    for denominator in list(root.iter(MATH + "den")):
        denominator.insert(0, _write("/"))


def _tell_raised_digits(root: Element) -> None:
    """120 with a raised 1, the mark of a note, is not 1201."""
    for paragraph in _paragraphs_with(root, _RAISED):
        before = ""
        for item in paragraph.iter(*_VISIBLE):
            shown = CHARACTERS.get(item.tag) or item.text or ""
            mark = item.getparent().find(f"{_RUN_PROPERTIES}/{_RAISED}") if item.tag == TEXT else None
            if mark is not None and mark.get(VAL) in ("superscript", "subscript"):
                item.text = shown = raised(before, shown)
            before = shown or before


def _set_struck_aside(root: Element) -> None:
    """Crossed-out text beside another one in its cell is what was replaced: STRUCK; a cell of nothing else keeps it and is marked."""
    cells: dict[Element, list[Element]] = {}
    for strike in root.iter(*_STRIKES):
        properties = strike.getparent()
        run = properties.getparent() if properties is not None and properties.tag == _RUN_PROPERTIES else None
        if run is not None and run.tag == RUN and is_on(strike) and _has_text(run):
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
    for paragraph in _paragraphs_with(root, BREAK):
        waiting: list[Element] = []
        begun = False
        for item in list(paragraph.iter(*_VISIBLE)):
            if item.tag == BREAK and _is_page_break(item):
                waiting.append(item)
            elif item.text:
                for needless in waiting[bool(begun) :]:
                    _remove(needless)
                begun, waiting = True, []
        for needless in waiting:
            _remove(needless)


def _is_page_break(mark: Element) -> bool:
    return str(mark.get(W + "type", "textWrapping")) != "textWrapping"


def _number_lists(root: Element, styles: Styles, numbering: Numbering) -> None:
    """Writes automatic list numbers in front of their paragraphs, as they are printed."""
    by_style = next(root.iter(W + "pStyle"), None) is not None and styles.any_numbered()
    if not by_style and next(root.iter(W + "numPr"), None) is None:
        return
    for paragraph in root.iter(PARAGRAPH):
        properties = next(paragraph.iterchildren(_PARAGRAPH_PROPERTIES), None)
        if properties is None:
            continue
        label = numbering.label(properties.find(W + "numPr"), style_of(paragraph))
        if label:
            if _FIGURE.fullmatch("".join([item.text or "" for item in paragraph.iter(*TEXTS)])):
                label = label.rstrip() + "\t"  # 1. in front of 100 is not 1.100, whatever the list puts between them
            properties.addnext(_write(label if _has_text(paragraph) else label.rstrip()))


def _lift_text_boxes(root: Element) -> None:
    """What floats in a paragraph is put behind it; an empty box (a drawn line, a stamp's frame) goes.

    In a cell with a text of its own a box is none of it, wherever it is drawn: it becomes FLOATING.
    """
    behind: dict[Element, Element] = {}
    for box in list(root.iter(TEXT_BOX)):
        anchor = next(box.iterancestors(PARAGRAPH), None)
        if anchor is None or anchor.getparent() is None:
            continue
        _remove(box)
        table = next(box.iter(TABLE), None) is not None
        if table or _has_text(box):
            cell = next(anchor.iterancestors(CELL), None)
            if cell is not None and not table and _has_own_text(cell):
                box.tag = FLOATING
            behind.get(anchor, anchor).addnext(box)
            behind[anchor] = box


def _has_own_text(cell: Element) -> bool:
    """Whether a cell has a text outside of its text boxes."""
    boxed = {item for box in cell.iter(TEXT_BOX, FLOATING) for item in box.iter(*TEXTS, _SYMBOL)}
    shown = (item for item in cell.iter(*TEXTS, _SYMBOL) if (item.text or "").strip() or item.tag == _SYMBOL)
    return any(item not in boxed for item in shown)

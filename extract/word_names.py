"""The names of WordprocessingML that the passes over a part and the walk over its tables share, and small steps on its tree."""

from __future__ import annotations

from lxml import etree

from yusuan.extract.package import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = W + "val"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"

PARAGRAPH, TABLE, TEXT_BOX = W + "p", W + "tbl", W + "txbxContent"
FLOATING, STRUCK, ALL_STRUCK = "floating", "struck", "all-struck"
"""What stands in a cell and is not its text: a text box that floats over it, a text that is crossed out; the last: all of it is."""
ROW, CELL, RUN, TEXT, MATH_TEXT = W + "tr", W + "tc", W + "r", W + "t", MATH + "t"
BREAK, TAB, SYMBOL = W + "br", W + "tab", W + "sym"
CHARACTERS = {BREAK: "\n", W + "cr": "\n", TAB: "\t", W + "ptab": "\t", W + "noBreakHyphen": "-"}
TEXTS = (TEXT, MATH_TEXT)
VISIBLE = (*TEXTS, *CHARACTERS)
PARAGRAPH_PROPERTIES, RUN_PROPERTIES, ROW_PROPERTIES = W + "pPr", W + "rPr", W + "trPr"
_OFF = ("0", "false", "off")  # of a toggle


def is_on(element: Element | None) -> bool:
    """The value of a toggle such as `w:vanish`: present means on, unless it says otherwise."""
    return element is not None and element.get(VAL, "1") not in _OFF


def integer(element: Element | None, default: int) -> int:
    """The number in `w:val`; the default where the element is absent or no number."""
    try:
        return int(element.get(VAL, "")) if element is not None else default
    except ValueError:
        return default


def remove(element: Element) -> None:
    """Takes an element out of the tree, if it is in one."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def write(text: str) -> Element:
    """A new text element."""
    element = etree.Element(TEXT)
    element.text = text
    return element


def paragraphs_with(root: Element, tag: str) -> list[Element]:
    """The paragraphs that hold such an element, each once, in order."""
    found = dict.fromkeys(next(item.iterancestors(PARAGRAPH), None) for item in root.iter(tag))
    return [paragraph for paragraph in found if paragraph is not None]


def has_text(element: Element) -> bool:
    """Whether something that shows is in it."""
    return any((item.text or "").strip() or item.tag == SYMBOL for item in element.iter(*TEXTS, SYMBOL))

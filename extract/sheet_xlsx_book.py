"""What holds for all sheets of an Excel workbook (.xlsx): shared strings, number formats, what is crossed out."""

from __future__ import annotations

import re
from typing import NamedTuple

from yusuan.extract.package import Element, Package, parse_xml
from yusuan.extract.sheet_flat import plain
from yusuan.extract.sheet_format import BUILTIN, Formatter, formatter
from yusuan.extract.sheet_struck import strike
from yusuan.extract.symbols import raised

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class XlsxBook(NamedTuple):
    """What holds for all sheets: the shared strings, and for each style the function that shows a number."""

    strings: list[str]
    show: list[Formatter]
    struck: bool
    """Letters may be crossed out."""
    struck_styles: frozenset[int]
    """Styles that cross out their cells, and the shared strings in such a cell."""
    struck_strings: list[str]


def xlsx_book(package: Package, main: str, epoch_1904: bool) -> XlsxBook:
    """`main` is the part of the workbook."""
    part = package.related(main, "styles")
    styles = package.parse(part) if part else None
    struck = _struck_styles(styles) if styles is not None else frozenset[int]()
    part = package.related(main, "sharedStrings")
    xml = package.read_xml(part) if part else b""
    items = list(parse_xml(xml, part).iter("{*}si")) if part else []
    return XlsxBook(
        [rich_text(item) for item in items],
        _formats(styles, epoch_1904) if styles is not None else [],
        bool(struck) or b"strike" in xml,
        struck,
        [rich_text(item, struck=True) for item in items] if struck else [],
    )


def rich_text(item: Element, *, struck: bool = False) -> str:
    """The text of an `si` or `is` without phonetic guides; `struck`: what has no font of its own is crossed out."""
    texts = []
    for part in item:
        if part.tag.endswith("}t"):
            texts.append(strike(part.text or "") if struck else part.text or "")
        elif part.tag.endswith("}r"):
            said = "".join([text.text or "" for text in part if text.tag.endswith("}t")])
            if _is_struck(part) if part.find("{*}rPr") is not None else struck:
                said = strike(said)
            mark = part.find("{*}rPr/{*}vertAlign") if texts and said.isdecimal() else None
            texts.append(raised(texts[-1], said) if mark is not None and mark.get("val") != "baseline" else said)
    return unescaped(texts[0] if len(texts) == 1 else "".join(texts))


def unescaped(text: str) -> str:
    """`_x000D_` as the character it stands for."""
    return plain(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text)


def _is_struck(font: Element) -> bool:
    """Of a `font`, or a run with one."""
    mark = next(font.iter("{*}strike"), None)
    return mark is not None and mark.get("val") not in ("0", "false")


def _struck_styles(styles: Element) -> frozenset[int]:
    struck = {str(number) for number, font in enumerate(styles.iterfind("{*}fonts/{*}font")) if _is_struck(font)}
    cells = styles.iterfind("{*}cellXfs/{*}xf") if struck else ()
    return frozenset(number for number, style in enumerate(cells) if style.get("fontId") in struck)


def _formats(styles: Element, epoch_1904: bool) -> list[Formatter]:
    """For each style index the function that shows a number."""
    codes = {item.get("numFmtId"): item.get("formatCode", "") for item in styles.iter("{*}numFmt")}
    made: dict[str, Formatter] = {}
    shows = []
    for cells in styles.iter("{*}cellXfs"):
        for style in cells.iter("{*}xf"):
            number = style.get("numFmtId", "0")
            if number not in made:
                code = codes.get(number) or BUILTIN.get(int(number) if number.isdigit() else 0, "General")
                made[number] = formatter(code, epoch_1904)
            shows.append(made[number])
    return shows

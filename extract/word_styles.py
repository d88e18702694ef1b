"""The styles of a Word document: which hide text, which number paragraphs.

Styles are a large part that few documents need for reading tables: it is opened when first asked for.
"""

from __future__ import annotations

from functools import cached_property

from yusuan.extract.package import Element, Package, parse_xml
from yusuan.extract.word_names import VAL, W, is_on

MAX_CHAIN = 20
"""Styles, or lists, that refer to each other; more is a circle."""


class Styles:
    """The styles of the document whose main part this is, by id."""

    def __init__(self, package: Package, main: str) -> None:
        self._package, self._main = package, main
        self._hidden: dict[str, bool] = {}

    @cached_property
    def _styles(self) -> dict[str, Element]:
        part = self._package.related(self._main, "styles")
        if part is None:
            return {}
        data = self._package.read_xml(part)
        if b"vanish" not in data and b"numPr" not in data:
            return {}
        return {style.get(W + "styleId", ""): style for style in parse_xml(data, part).iter(W + "style")}

    def _chain(self, style_id: str) -> list[Element]:
        """The style and those it is based on."""
        chain: list[Element] = []
        while (style := self._styles.get(style_id)) is not None and len(chain) < MAX_CHAIN:
            chain.append(style)
            based_on = style.find(W + "basedOn")
            style_id = based_on.get(VAL, "") if based_on is not None else ""
        return chain

    def any_hidden(self) -> bool:
        return any(style.find(f"{W}rPr/{W}vanish") is not None for style in self._styles.values())

    def any_numbered(self) -> bool:
        return any(style.find(f"{W}pPr/{W}numPr") is not None for style in self._styles.values())

    def hidden(self, style_id: str) -> bool:
        if style_id not in self._hidden:
            marks = (style.find(f"{W}rPr/{W}vanish") for style in self._chain(style_id))
            self._hidden[style_id] = is_on(next((mark for mark in marks if mark is not None), None))
        return self._hidden[style_id]

    def numbering(self, style_id: str) -> Element | None:
        """The `w:numPr` that paragraphs of this style have."""
        found = (style.find(f"{W}pPr/{W}numPr") for style in self._chain(style_id))
        return next((number for number in found if number is not None), None)

"""Crossed-out text of web pages: by an element (`<del>`, `<s>`), a style, or a class of the page's own style sheet."""

from __future__ import annotations

import re

from yusuan.extract.package import Element
from yusuan.extract.struck import struck_message

_STRUCK = ("del", "s", "strike")
_LINE_THROUGH = "line-through"
_STRUCK_CLASS = re.compile(rf"\.([\w-]+)[^{{}}]{{0,200}}\{{[^{{}}]{{0,2000}}{_LINE_THROUGH}")


class Strikes:
    """What crosses out text on a page. False where nothing does. `text` is the page's source, `root` its tree."""

    def __init__(self, text: str, root: Element) -> None:
        self._styled = _LINE_THROUGH in text
        self._classes = set(_STRUCK_CLASS.findall(text)) if self._styled else set()
        self._any = self._styled or next(root.iter(*_STRUCK), None) is not None

    def __bool__(self) -> bool:
        return self._any

    def take(self, cell: Element) -> tuple[str, str]:
        """Takes the crossed-out text of a cell out of it, where another one stands beside it; gives what is to be told, and
        that text. A cell of nothing else keeps it; ("", "") where nothing is crossed out.
        """
        struck = [item for item in cell.iter() if self._crosses_out(item) and "".join(item.itertext()).strip()]
        inner = {each for item in struck for each in item.iterdescendants()}
        struck = [item for item in struck if item not in inner]
        if not struck:
            return "", ""
        gone = "".join("".join(item.itertext()) for item in struck)
        is_all = "".join(gone.split()) == "".join("".join(cell.itertext()).split())
        if not is_all:
            for item in struck:
                for child in list(item):
                    item.remove(child)
                item.text = ""
        return struck_message(is_all=is_all, original="原网页"), gone.strip() if is_all else gone

    def _crosses_out(self, item: Element) -> bool:
        if item.tag in _STRUCK:
            return True
        return self._styled and (
            _LINE_THROUGH in item.get("style", "") or not self._classes.isdisjoint(item.get("class", "").split())
        )

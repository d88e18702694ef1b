"""What an element of a web page shows, as lines: white space collapses, `<br>` and blocks end lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from yusuan.extract.package import Element
from yusuan.extract.symbols import raised

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_CJK = re.compile(
    r"[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u2018-\u201d\u2026\u2014]"
)
_PRESERVED = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_TYPED = frozenset(["text", "", "number", "date", "tel", "email", "url", "search"])


@dataclass(slots=True)
class Lines:
    """Lines that are complete, and the pieces of the one that is not."""

    done: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def add(self, text: str | None) -> None:
        if text:
            self.pieces.append(text)

    def special(self, element: Element) -> bool:
        """Whether the element is one that shows something of its own (a line end, a field, a tick), which is added."""
        tag = element.tag
        if tag == "br":
            self._end()
        elif tag == "input":
            self._field(element)
        elif tag in ("sup", "sub") and not len(element):
            self.add(raised("".join(self.pieces[-1:]).rstrip(), element.text or ""))
        elif tag == "select":
            options = list(element.iter("option"))
            chosen = [option for option in options if option.get("selected") is not None] or options
            self.add("".join(chosen[0].itertext()) if chosen else "")
        elif tag in ("pre", "textarea") or _PRESERVED.search(element.get("style") or ""):
            if len(element):
                return False
            for number, line in enumerate((element.text or "").strip("\n").split("\n")):
                if number:
                    self._end()
                self.add(line.replace(" ", "\xa0"))
        else:
            return False
        return True

    def _field(self, element: Element) -> None:
        kind = (element.get("type") or "").lower()
        if kind in ("checkbox", "radio"):
            self.add("☑" if element.get("checked") is not None else "□")
        elif kind in _TYPED:
            self.add(element.get("value"))

    def is_block(self, element: Element) -> bool:
        return element.tag in _BLOCKS

    def end_block(self) -> None:
        """Ends the line, if there is anything in it: blocks without text take no room."""
        line = _collapse("".join(self.pieces))
        self.pieces.clear()
        if line:
            self.done.append(line)

    def _end(self) -> None:
        self.done.append(_collapse("".join(self.pieces)))
        self.pieces.clear()

    def text(self) -> str:
        """All lines as one text without blank lines at its ends; &nbsp; is a blank, alone it is nothing."""
        self.end_block()
        lines = [_plain(line) for line in self.done]
        while lines and not lines[-1].strip():
            lines.pop()
        while lines and not lines[0].strip():
            lines.pop(0)
        return "\n".join(lines)

    def take(self) -> list[str]:
        """The lines so far that show something; they are gone then."""
        self.end_block()
        lines = [line for each in self.done if (line := _plain(each).strip())]
        self.done.clear()
        return lines


def _plain(line: str) -> str:
    return line.replace("\xa0", " ").replace("\u200b", "").replace("\ufeff", "").rstrip()


def _collapse(text: str) -> str:
    """White space as one blank, none at the ends; a line end of the source between two CJK characters is nothing."""
    return _BLANKS.sub(_blank, text).strip(" ")


def _blank(match: re.Match[str]) -> str:
    if "\n" not in match[0] and "\r" not in match[0]:
        return " "
    before, after = match.string[max(match.start() - 1, 0) : match.start()], match.string[match.end() : match.end() + 1]
    return "" if _CJK.match(before) and _CJK.match(after) else " "


def has_own_text(cell: Element) -> bool:
    """Whether a cell shows text that stands in no table inside of it."""
    pending = [cell]
    while pending:
        element = pending.pop()
        if element is not cell and _shows(element.tail):
            return True
        if element.tag == "table" or element.tag in ("script", "style") or not isinstance(element.tag, str):
            continue
        if _shows(element.text):
            return True
        pending.extend(element)
    return False


def _shows(text: str | None) -> bool:
    return bool(text and text.replace("\xa0", " ").strip())

"""What stands at the edges of pages: running headers, footers and page numbers, and text that belongs to the next page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter

from yusuan.extract.pdf_page import PageResult
from yusuan.extract.pdf_text import Line, join_segments

EDGE = 0.1
"""The part of a page, at its top and its bottom, in which running headers and footers stand."""
FOOTER_HEIGHT = 58.0
"""Points above the lower edge of a page in which its number and footer stand; Word's footers end 50 above it, texts 57 or more."""
CLOSE = 0.8
"""Heights of letters between two lines of one caption."""
REPEATED = 3
_PAGE_NUMBER = re.compile(
    r"^[-–—－·\s]*(?:第\s*)?\d{1,4}\s*(?:页)?(?:\s*[/／]\s*\d{1,4}|\s*共\s*\d{1,4}\s*页)?[-–—－·\s]*$"
)


def begins_with_table(result: PageResult) -> bool:
    """Whether nothing but a running header stands above the first table of a page."""
    return bool(result.contexts) and all(
        _is_small_at_edge(line, result.body_size, result.height) for line in result.contexts[0]
    )


class Headers:
    """Finds running headers and page numbers among the lines around the tables."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, int]] = Counter()
        self.found: list[str] = []

    def count(self, result: PageResult) -> None:
        """Takes note of what stands at an edge of a page in letters that are no larger than those of its tables."""
        for line in result.outside:
            if _is_small_at_edge(line, result.body_size, result.height):
                self.seen[_without_numbers(line)] += 1

    def drop(self, lines: Sequence[Line], body_size: float, height: float) -> tuple[str, ...]:
        """The texts of the lines without those that stand at the same place of three or more pages, and page numbers."""
        kept = []
        for line in lines:
            text = line.text.strip()
            small = _is_small_at_edge(line, body_size, height)
            if small and _PAGE_NUMBER.match(text):
                continue
            if small and self.seen[_without_numbers(line)] >= REPEATED:
                if text not in self.found:
                    self.found.append(text)
                continue
            kept.append(line)
        return tuple(join_segments(kept))


def _is_small_at_edge(line: Line, body_size: float, height: float) -> bool:
    at_edge = line.bottom < EDGE * height or line.top > (1 - EDGE) * height - 2 * line.size
    return at_edge and line.size <= body_size * 1.05 + 0.5


def _without_numbers(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", line.text.strip()), round(line.bottom / 4)


def above_footer(result: PageResult) -> list[Line]:
    """What stands below the last table of a page, and so before the first one of the next page: a title whose table did not fit.

    With a narrow margin its last lines stand as low as footers do, but close below the one before.
    """
    kept: list[Line] = []
    end = result.height - FOOTER_HEIGHT
    for line in sorted(result.after, key=attrgetter("top")):
        close = kept and line.top - kept[-1].bottom <= CLOSE * line.size and not _PAGE_NUMBER.match(line.text.strip())
        if line.bottom < end or close:
            kept.append(line)
    return kept

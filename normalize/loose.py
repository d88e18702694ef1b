"""Forms of which a PDF shows no lines: nobody can tell their cells apart, so that they are told and not read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from yusuan.normalize.cutting import Finder
from yusuan.normalize.text import label_of

LABELS = 6
"""So many different labels on a page, and the name of a project or the headings of indicators among them, are a form."""


def unruled_forms(pages: Sequence[str], finder: Finder) -> Iterator[tuple[int, str]]:
    """The pages (from 1) of `Document.loose` that show a form, each with the labels found."""
    for number, text in enumerate(pages, 1):
        labels = list(dict.fromkeys(key for line in text.split("\n") if finder.is_label(key := label_of(line))))
        if len(labels) >= LABELS and (any(map(finder.is_anchor, labels)) or finder.is_header(labels)):
            yield number, "、".join(labels)

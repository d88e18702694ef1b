"""Scanned pages among those that the PDF reader read: grids in page order, and the notes with the numbers of their grids among all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from yusuan.extract.grid import Document, Grid, Note
from yusuan.extract.scan_page import ScanResult

_SAME_WIDTH = 0.02
"""Of the width: by so much two pages of one table differ at the most."""


def joined(scanned: dict[int, ScanResult], grids: Sequence[Grid]) -> tuple[tuple[Grid, ...], list[Note]]:
    """All grids in page order, and the notes of the scanned pages with the numbers of their grids among all."""
    order = _order(scanned, grids)
    place = {entry: index for index, entry in enumerate(order)}
    keys = [(page, index) for page, index in order if page is not None]
    aligned = dict(zip(keys, _aligned([scanned[page].grids[index] for page, index in keys]), strict=True))
    all_grids = []
    for page, index in order:
        if page is None:
            grid = grids[index]
            all_grids.append(grid if grid.parent is None else replace(grid, parent=place[None, grid.parent]))
        else:
            all_grids.append(aligned[page, index])
    notes = [
        note if note.grid is None else note._replace(grid=place[page, note.grid])
        for page, result in scanned.items()
        for note in result.notes
    ]
    return tuple(all_grids), notes


def _aligned(grids: Sequence[Grid]) -> list[Grid]:
    """The borders of a table that has those of the one before it, put where that one has them: no two pages lie alike on a scanner.

    Only `edges` are moved, which serve to tell that a table goes on over a page break; the boxes of the cells stay.
    """
    moved: list[Grid] = []
    for grid in grids:
        edges = grid.edges
        if moved and len(edges) > 1 and len(moved[-1].edges) > 1:
            above = moved[-1].edges
            width, own = above[-1] - above[0], edges[-1] - edges[0]
            if abs(width - own) <= _SAME_WIDTH * width:
                edges = tuple(round(above[0] + (edge - edges[0]) * width / own, 2) for edge in edges)
        moved.append(replace(grid, edges=edges))
    return moved


def _order(scanned: dict[int, ScanResult], grids: Sequence[Grid]) -> list[tuple[int | None, int]]:
    """(None, index in `grids`) or (page, index on the scanned page), in reading order."""
    entries = [(grid.page or 0, index, None) for index, grid in enumerate(grids)]
    pages = [(page, index, page) for page, result in scanned.items() for index in range(len(result.grids))]
    return [(page, index) for _, index, page in sorted([*entries, *pages], key=lambda entry: entry[:2])]


def renumbered(document: Document, scanned: dict[int, ScanResult]) -> list[Note]:
    """The notes of the PDF reader without those about pages that were read now."""
    place = {index: number for number, (page, index) in enumerate(_order(scanned, document.grids)) if page is None}
    return [
        note if note.grid is None else note._replace(grid=place[note.grid])
        for note in document.notes
        if not (note.code == "no-text-layer" and note.page in scanned)
    ]

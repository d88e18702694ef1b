"""Grid notation → web pages."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from yusuan.extract.grid import Cell, Grid, parse_grids


def build_html(
    grids: str | Iterable[Grid], *, title: str = "", encoding: str = "utf-8", declared: str | None = None
) -> bytes:
    """A page with these grids, each behind its context lines; `declared` is the encoding that it says it has."""
    if isinstance(grids, str):
        grids = parse_grids(grids)
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">' if declared else ""
    body = "\n".join("".join(f"<p>{_text(line)}</p>\n" for line in grid.context) + table(grid) for grid in grids)
    page = f"<!DOCTYPE html>\n<html><head>{meta}<title>{_text(title)}</title></head>\n<body>{body}</body></html>\n"
    return page.encode(encoding)


def table(grid: Grid) -> str:
    rows = []
    for row in range(grid.n_rows):
        cells = "".join(_cell(cell) for cell in grid.row(row) if cell.row == row)
        rows.append(f"<tr>{cells}</tr>\n")
    return f'<table border="1" cellspacing="0">\n{"".join(rows)}</table>\n'


def _cell(cell: Cell) -> str:
    spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    spans += f' colspan="{cell.col_span}"' if cell.col_span > 1 else ""
    return f"<td{spans}>{'<br>'.join(map(_text, cell.text.split(chr(10)))) or '&nbsp;'}</td>"


def _text(text: str) -> str:
    """Blanks that collapse would be lost: they are written as &nbsp;."""
    return escape(text, quote=False).replace("  ", "&nbsp; ").replace("&nbsp;  ", "&nbsp;&nbsp; ").removesuffix(" ")

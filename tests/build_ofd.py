"""Grid notation → OFD (GB/T 33190): a page for each grid, as high as it needs, lines wrapped as a word processor does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from tests.build import build_zip
from yusuan.extract.grid import Cell, Grid, parse_grids

NAMESPACE = "http://www.ofdspec.org/2016"
_OFD = f'xmlns:ofd="{NAMESPACE}"'
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_WIDTH, _MARGIN = 297.0, 12.0
_SIZE, _LEADING, _PADDING = 3.0, 4.2, 1.0


def build_ofd(grids: str | Iterable[Grid], *, strokes: bool = True) -> bytes:
    """Borders are stroked rectangles, one a cell, or with `strokes=False` thin filled ones."""
    if isinstance(grids, str):
        grids = parse_grids(grids)
    return build_from_pages([_page(grid, strokes) for grid in grids])


def build_from_pages(
    pages: Iterable[tuple[str, float]],
    *,
    template: str = "",
    resources: str = "",
    parts: Mapping[str, str] | None = None,
) -> bytes:
    """Pages as the XML inside of their layer, with their heights in millimetres; `template` is drawn under each of them."""
    pages = list(pages)
    listed = "".join(f'<ofd:Page ID="{100 + n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    use = '<ofd:Template TemplateID="9" ZOrder="Background"/>' if template else ""
    named = '<ofd:TemplatePage ID="9" BaseLoc="Tpls/Tpl_0/Content.xml"/>' if template else ""
    contents = {
        "OFD.xml": f'{_DECLARATION}<ofd:OFD {_OFD} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo/>'
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"{_DECLARATION}<ofd:Document {_OFD}><ofd:CommonData><ofd:MaxUnitID>1000</ofd:MaxUnitID>"
        f"<ofd:PageArea><ofd:PhysicalBox>0 0 {_WIDTH} 210</ofd:PhysicalBox></ofd:PageArea>"
        f"<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>{named}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
        "Doc_0/PublicRes.xml": f'{_DECLARATION}<ofd:Res {_OFD} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="1" FontName="宋体"/>'
        f"</ofd:Fonts>{resources}</ofd:Res>",
    }
    for number, (objects, height) in enumerate(pages):
        area = f"<ofd:Area><ofd:PhysicalBox>0 0 {_WIDTH} {height:.2f}</ofd:PhysicalBox></ofd:Area>"
        contents[f"Doc_0/Pages/Page_{number}/Content.xml"] = _content(f"{area}{use}", objects)
    if template:
        contents["Doc_0/Tpls/Tpl_0/Content.xml"] = _content("", template)
    return build_zip({**contents, **(parts or {})})


def _content(before: str, objects: str) -> str:
    return f'{_DECLARATION}<ofd:Page {_OFD}>{before}<ofd:Content><ofd:Layer ID="2">{objects}</ofd:Layer></ofd:Content></ofd:Page>'


def text_object(x: float, y: float, text: str, size: float = _SIZE, attributes: str = "") -> str:
    """A line of text; `y` is its base line. Advances in groups (`g n v`), as most programs write them."""
    width = sum(map(_advance, text)) * size / _SIZE
    delta = f' DeltaX="{_deltas(text, size)}"' if len(text) > 1 else ""
    return (
        f'<ofd:TextObject ID="3" Boundary="{x:.3f} {y - size:.3f} {width + 1:.3f} {size * 1.4:.3f}" Font="1" Size="{size}" '
        f'{attributes}><ofd:TextCode X="0" Y="{size}"{delta}>{escape(text)}</ofd:TextCode></ofd:TextObject>'
    )


def _deltas(text: str, size: float) -> str:
    steps = [f"{_advance(letter) * size / _SIZE:g}" for letter in text[:-1]]
    groups: list[tuple[str, int]] = []
    for step in steps:
        if groups and groups[-1][0] == step:
            groups[-1] = (step, groups[-1][1] + 1)
        else:
            groups.append((step, 1))
    return " ".join(f"g {count} {step}" if count > 2 else " ".join([step] * count) for step, count in groups)


def rectangle(x: float, y: float, width: float, height: float, attributes: str = "", inside: str = "") -> str:
    """A path object: a stroked rectangle, unless the attributes say otherwise."""
    data = f"M 0 0 L {width:.3f} 0 L {width:.3f} {height:.3f} L 0 {height:.3f} C"
    return (
        f'<ofd:PathObject ID="4" Boundary="{x:.3f} {y:.3f} {width:.3f} {height:.3f}" LineWidth="0.2" {attributes}>'
        f"{inside}<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _advance(letter: str) -> float:
    return _SIZE if ord(letter) >= 0x2E80 or letter in "“”‘’—…" else _SIZE / 2


def _wrapped(text: str, width: float) -> list[str]:
    lines = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for letter in paragraph:
            if used + _advance(letter) > width and line:
                lines.append(line)
                line, used = "", 0.0
            line, used = line + letter, used + _advance(letter)
        lines.append(line)
    return lines


def _page(grid: Grid, strokes: bool) -> tuple[str, float]:
    """The objects of a page with one grid and its height."""
    columns = max(grid.n_cols, 1)
    step = (_WIDTH - 2 * _MARGIN) / columns
    lines = {cell: _wrapped(cell.text, step * cell.col_span - 2 * _PADDING) for cell in grid.cells}
    heights = [_LEADING + 2 * _PADDING] * grid.n_rows
    for cell in sorted(grid.cells, key=lambda cell: cell.row_span):
        rows = range(cell.row, cell.row + cell.row_span)
        need = len(lines[cell]) * _LEADING + 2 * _PADDING
        heights[rows[-1]] += max(0.0, need - sum(heights[row] for row in rows))
    objects = ""
    y = _MARGIN
    for line in grid.context:
        for part in _wrapped(line, _WIDTH - 2 * _MARGIN):
            objects += text_object(_MARGIN, y + _SIZE, part)
            y += 2 * _LEADING
    tops = [y]
    for height in heights:
        tops.append(tops[-1] + height)
    for cell in grid.cells:
        objects += _cell(cell, lines[cell], step, tops, strokes)
    return objects, tops[-1] + _MARGIN


def _cell(cell: Cell, lines: list[str], step: float, tops: list[float], strokes: bool) -> str:
    x, width = _MARGIN + cell.col * step, cell.col_span * step
    top, bottom = tops[cell.row], tops[cell.row + cell.row_span]
    if strokes:
        out = rectangle(x, top, width, bottom - top)
    else:
        thin = 'Fill="true" Stroke="false"'
        out = "".join(
            rectangle(*box, thin)
            for box in (
                (x, top, width, 0.2),
                (x, bottom, width, 0.2),
                (x, top, 0.2, bottom - top),
                (x + width, top, 0.2, bottom - top),
            )
        )
    at = (top + bottom - len(lines) * _LEADING) / 2
    for number, line in enumerate(lines):
        if line.strip():
            out += text_object(x + _PADDING, at + number * _LEADING + 0.85 * _SIZE + 0.5, line)
    return out

"""OFD (GB/T 33190, the Chinese fixed-layout format) → grids: zip and XML to characters and rules, then the PDF reader's geometry.

What signatures and annotations draw (seals) is no content of the pages and is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from yusuan.extract.grid import Document, UnreadableError, encrypted
from yusuan.extract.ofd_objects import Canvas, Resources
from yusuan.extract.package import Element, Package, corrupt, part_name
from yusuan.extract.pdf import LOCK, Seen, assemble
from yusuan.extract.pdf_page import PageResult, build_page, page_lattices

MAX_PAGES = 20_000
_A4 = (0.0, 0.0, 210.0, 297.0)


def read_ofd(data: bytes) -> Document:
    """All ruled tables, one grid a table and page, as `read_pdf`; boxes in points.

    Raises UnreadableError: `corrupt`, `encrypted`, `too-large`, `no-text`.
    """
    package = Package(data)
    try:
        with LOCK:
            document = assemble(_pages(package))
    except UnreadableError as error:
        if error.code != "no-text":
            raise
        message = "OFD 的各页没有文字（可能是扫描件）：请取得带文字的版本，或先做文字识别（OCR）。"
        raise UnreadableError("no-text", message) from error
    return replace(document, format="ofd")


def _pages(package: Package) -> Iterator[tuple[int, PageResult | None, Seen | None]]:
    """Each page's number, tables and what it showed (None: its part is missing or damaged)."""
    number = 0
    root = package.parse("OFD.xml")
    if next(root.iter("{*}Encryptions"), None) is not None:
        raise encrypted("OFD 文件")
    for body in root.iter("{*}DocRoot"):
        main = part_name("", body.text or "")
        document = package.parse(main)
        resources = Resources(package, document, main)
        box = _physical_box(document.find("{*}CommonData/{*}PageArea")) or _A4
        templates = {
            item.get("ID"): part_name(main, item.get("BaseLoc", "")) for item in document.iter("{*}TemplatePage")
        }
        for page in document.iterfind("{*}Pages/{*}Page"):
            number += 1
            if number > MAX_PAGES:
                raise UnreadableError("too-large", f"OFD 的页数超过上限 {MAX_PAGES} 页：请拆分后再放入。")
            part = part_name(main, page.get("BaseLoc", ""))
            if part not in package:
                yield number, None, None
                continue
            yield number, *_read_page(package, package.parse(part), resources, templates, box, number)
    if not number:
        raise corrupt("OFD 里没有页")


def _physical_box(area: Element | None) -> tuple[float, float, float, float] | None:
    """x, y, width, height in millimetres."""
    box = None if area is None else area.find("{*}PhysicalBox")
    if box is None:
        return None
    try:
        x, y, width, height = map(float, (box.text or "").split())
    except ValueError:
        return None
    return (x, y, width, height) if width > 0 and height > 0 else None


def _read_page(
    package: Package,
    page: Element,
    resources: Resources,
    templates: dict[str | None, str],
    box: tuple[float, float, float, float],
    number: int,
) -> tuple[PageResult | None, Seen]:
    canvas = Canvas(resources, _physical_box(page.find("{*}Area")) or box)
    below: list[str] = []
    above: list[str] = []
    for use in page.iterfind("{*}Template"):
        part = templates.get(use.get("TemplateID"))
        if part and part in package:
            (above if use.get("ZOrder") == "Foreground" else below).append(part)
    for layer in (*map(package.parse, below), page, *map(package.parse, above)):
        canvas.draw_page(layer)
    seen = Seen(canvas.has_text(), canvas.drawn > 0)
    paths = canvas.paths()
    if paths is None or not seen.text:
        return None, seen
    lattices, ruling = page_lattices(paths)
    if not lattices:
        return None, seen
    chars, texts = canvas.characters(ruling.ground)
    result = build_page(chars, texts, lattices, number, None, canvas.height)
    return result, seen

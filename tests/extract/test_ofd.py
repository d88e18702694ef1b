"""OFD: matrices, templates, inherited drawing parameters, advances in groups; damaged and encrypted files."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.build_ofd import build_from_pages, build_ofd, rectangle, text_object
from yusuan.extract import UnreadableError, parse_grids, print_grids, read
from yusuan.extract.ofd_attributes import deltas_of
from yusuan.extract.ofd_path import parse_path

FORM = "项目名称 | 甲 | »\n资金⏎（元） | 总额 | 1,053,300.00\n^ | 其他 | ∅"
BOXES = ((20, 20, 40, 8), (60, 20, 40, 8), (20, 28, 40, 8), (60, 28, 40, 8))
TEXTS = ("项目名称", "甲", "主管部门", "95.5%")


def shown(*objects: str, template: str = "", resources: str = "") -> str:
    return print_grids(
        read(build_from_pages([("".join(objects), 210.0)], template=template, resources=resources)).grids
    )


def borders(attributes: str = "") -> str:
    return "".join(rectangle(*box, attributes) for box in BOXES)


def texts() -> str:
    return "".join(text_object(x + 1, y + 5, text) for (x, y, _, _), text in zip(BOXES, TEXTS, strict=True))


PLAIN = "项目名称 | 甲\n主管部门 | 95.5%"


@pytest.mark.parametrize("strokes", [True, False])
def test_cells_spans_and_places(strokes: bool) -> None:
    document = read(build_ofd("> 绩效目标表\n" + FORM, strokes=strokes))
    assert print_grids(document.grids) == "> 绩效目标表\n" + FORM
    cell = document.grids[0].cells[0]
    assert (document.format, document.pages, cell.page) == ("ofd", 1, 1)
    assert cell.bbox == pytest.approx((34.0, 57.8, 292.0, 75.4), abs=1.0)


def test_borders_of_a_template_and_the_text_of_a_page() -> None:
    assert shown(texts(), template=borders()) == PLAIN


def test_what_is_not_shown_is_not_read() -> None:
    assert shown(borders(), texts(), text_object(22, 25, "水印", attributes='Visible="false"')) == PLAIN
    assert shown(borders(), texts(), text_object(62, 25, "水印", attributes='Alpha="0"')) == PLAIN
    assert shown(borders(), rectangle(40, 18, 0.2, 20, 'Visible="false"'), texts()) == PLAIN


def test_matrices_of_objects() -> None:
    scaled = "".join(
        f'<ofd:TextObject ID="3" Boundary="{x} {y} {w} {h}" CTM="0.5 0 0 0.5 1 1" Font="1" Size="6">'
        f'<ofd:TextCode X="0" Y="8" DeltaX="g 9 {6 if text[0] > "z" else 3}">{text}</ofd:TextCode></ofd:TextObject>'
        for (x, y, w, h), text in zip(BOXES, TEXTS, strict=True)
    )
    assert shown(borders(), scaled) == PLAIN


def test_drawing_parameters_and_composite_graphics() -> None:
    resources = (
        '<ofd:DrawParams><ofd:DrawParam ID="20" LineWidth="0.1"><ofd:StrokeColor Value="255 255 255"/></ofd:DrawParam>'
        '<ofd:DrawParam ID="21" Relative="20"/></ofd:DrawParams><ofd:CompositeGraphicUnits>'
        f'<ofd:CompositeGraphicUnit ID="30" Width="1" Height="1"><ofd:Content>{borders()}{texts()}</ofd:Content>'
        "</ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits>"
    )
    white = rectangle(20, 24, 80, 0, 'DrawParam="21"').replace(' LineWidth="0.2"', "")
    assert shown(borders(), texts(), white, resources=resources) == PLAIN
    use = '<ofd:CompositeObject ID="5" Boundary="10 10 200 100" ResourceID="30"/>'
    assert shown(use, resources=resources) == PLAIN


def test_a_line_in_several_pieces_keeps_its_letters_together() -> None:
    pieces = (
        '<ofd:TextObject ID="3" Boundary="61 22 30 5" Font="1" Size="3"><ofd:TextCode X="0" Y="3" DeltaX="1.5 1.5">95.'
        '</ofd:TextCode><ofd:TextCode X="4.5" DeltaX="1.5">5%</ofd:TextCode></ofd:TextObject>'
    )
    other = "".join(text_object(x + 1, y + 5, "项") for x, y, _, _ in (BOXES[0], BOXES[2], BOXES[3]))
    assert shown(borders(), pieces, other) == "项 | 95.5%\n项 | 项"


@pytest.mark.parametrize(
    ("text", "count", "deltas"),
    [
        ("1 2 3", 3, [1, 2, 3]),
        ("g 3 2 1", 4, [2, 2, 2, 1]),
        ("1 g 2 5", 3, [1, 5, 5]),
        ("2", 3, [2, 2, 2]),
        ("g 1000000000 1", 2, [1, 1]),
        ("x", 2, []),
        (None, 2, []),
        ("nan", 1, []),
    ],
)
def test_advances(text: str | None, count: int, deltas: list[float]) -> None:
    assert deltas_of(text, count) == deltas


def test_paths() -> None:
    assert parse_path("M 0 0 L 5 0 L 5 5 C") == ([(0, 0), (5, 0), (5, 5)], [False, True, True], [False, False, True])
    assert parse_path("S 1 1 L 2 2 B 1 1 2 2 3 3 Q 1 1 4 4 A 1 1 0 0 1 5 5 L 6 6")[1] == [
        False,
        True,
        False,
        False,
        False,
        True,
    ]
    assert parse_path("M 0 0 L 1 x") == ([(0, 0)], [False], [False])
    assert parse_path("M 0 0 L 1 0 L 1 1 C L 9 9")[0][-2:] == [(0, 0), (9, 9)]
    assert parse_path("M 0 inf")[0] == []


# --- files that cannot be read ------------------------------------------------------------------------------------------


def code_of(data: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        read(data)
    assert "PDF" not in str(caught.value)
    assert str(caught.value).endswith("。")
    return caught.value.code


def test_files_that_cannot_be_read_say_so() -> None:
    page = [(borders() + texts(), 210.0)]
    assert code_of(build_from_pages([(borders(), 210.0)])) == "no-text"
    assert code_of(build_from_pages(page, parts={"Doc_0/Document.xml": "<x>"})) == "corrupt"
    assert code_of(build_from_pages([])) == "corrupt"
    locked = "<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody><Encryptions>e.xml</Encryptions></OFD>"
    assert code_of(build_from_pages(page, parts={"OFD.xml": locked})) == "encrypted"


def test_a_missing_page_costs_only_itself() -> None:
    data = build_from_pages([(borders() + texts(), 210.0)] * 2)
    broken = data.replace(b"Doc_0/Pages/Page_0/Content.xml", b"Doc_0/Pages/Page_X/Content.xml")
    document = read(broken)
    assert [(grid.page, note.code) for grid, note in zip(document.grids, document.notes, strict=True)] == [
        (2, "damaged-page")
    ]


def test_bytes_changed_at_random_never_raise_anything_else() -> None:
    data = build_ofd(parse_grids(FORM))
    for at in range(0, len(data), max(1, len(data) // 80)):
        with suppress(UnreadableError):
            read(data[:at] + bytes([data[at] ^ 0x5A]) + data[at + 1 :])

"""Text of Word paragraphs: what the reader of the final document sees, and nothing else."""

from __future__ import annotations

import pytest

from tests.build import build_from_xml, cell, paragraph, row, rows
from yusuan.extract.symbols import symbol, translate
from yusuan.extract.word import read_docx
from yusuan.extract.word_numbering import format_number


def t(text: str) -> str:
    return f'<w:t xml:space="preserve">{text}</w:t>'


def r(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr>{t(text)}</w:r>"


def p(*inside: str, mark: str = "") -> str:
    return f"<w:p><w:pPr>{f'<w:rPr>{mark}</w:rPr>' if mark else ''}</w:pPr>{''.join(inside)}</w:p>"


def field(*parts: str) -> str:
    """A complex field: instruction and result, or an instruction alone."""
    marks = ["begin", *(["separate"] if len(parts) > 1 else []), "end"]
    out = ""
    for mark, part in zip(marks, [*parts, ""], strict=True):
        out += f'<w:r><w:fldChar w:fldCharType="{mark}"/></w:r>{part}'
    return out


def box(inside: str) -> str:
    """A text box as Word writes it: a drawing, and the same for old programs."""
    content = f"<w:txbxContent>{inside}</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{content}</wps:txbx></w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{content}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


def text_of(inside: str, parts: dict[str, str] | None = None) -> str:
    """What the one cell with this content reads."""
    return read_docx(build_from_xml(rows(row(cell(inside))), parts=parts)).grids[0].cells[0].text


DELETED = '<w:del w:id="1" w:author="a"/>'
SYM = '<w:r><w:sym w:font="{}" w:char="{}"/></w:r>'

CASES = {
    "verbatim blanks": (p(r("  a "), r(" b\u3000")), "  a  b\u3000"),
    "empty paragraphs are empty lines": (p() + p(r("a")) + p() + p(), "\na\n\n"),
    "breaks": (p("<w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:cr/><w:t>c</w:t></w:r>"), "a\nb\nc"),
    "line break by its name": (
        p('<w:r><w:t>a</w:t><w:br w:type="textWrapping" w:clear="all"/><w:t>b</w:t></w:r>'),
        "a\nb",
    ),
    "page break inside": (p(r("a"), '<w:r><w:br w:type="page"/></w:r>', r("b")), "a\nb"),
    "page break at an end": (p('<w:r><w:br w:type="page"/></w:r>', r("a"), '<w:r><w:br w:type="column"/></w:r>'), "a"),
    "two page breaks are one line end": (
        p(r("a"), '<w:r><w:br w:type="page"/><w:br w:type="page"/></w:r>', r("b")),
        "a\nb",
    ),
    "tabs": (p("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:ptab/><w:t>c</w:t></w:r>"), "a\tb\tc"),
    "tab stops are no tabs": (
        '<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>a</w:t></w:r></w:p>',
        "a",
    ),
    "hyphens": (p("<w:r><w:t>a</w:t><w:softHyphen/><w:t>b</w:t><w:noBreakHyphen/><w:t>c</w:t></w:r>"), "ab-c"),
    "insertions": (p(r("a"), f'<w:ins w:id="1">{r("b")}</w:ins>', f'<w:moveTo w:id="2">{r("c")}</w:moveTo>'), "abc"),
    "deletions": (
        p(
            r("a"),
            '<w:del w:id="1"><w:r><w:delText>x</w:delText></w:r></w:del>',
            f'<w:moveFrom w:id="2">{r("y")}</w:moveFrom>',
            r("b"),
        ),
        "ab",
    ),
    "insertion that was deleted again": (p(f'<w:ins w:id="1"><w:del w:id="2">{r("x")}</w:del>{r("a")}</w:ins>'), "a"),
    "deleted paragraph mark": (p(r("a"), mark=DELETED) + p(r("b")), "ab"),
    "deleted paragraphs": (
        p(r("a")) + p(f'<w:del w:id="1">{r("x")}</w:del>', mark=DELETED) * 3 + p(r("b")),
        "a\nb",
    ),
    "chain of deleted marks": (p(r("a"), mark=DELETED) + p(r("b"), mark=DELETED) + p(r("c")) + p(r("d")), "abc\nd"),
    "deleted mark of the last paragraph": (p(r("a")) + p(r("b"), mark=DELETED), "a\nb"),
    "hidden text": (p(r("a"), r("x", "<w:vanish/>"), r("b", '<w:vanish w:val="0"/>')), "ab"),
    "hidden paragraph": (p(r("a")) + p(r("x", "<w:vanish/>"), mark="<w:vanish/>") + p(r("b")), "a\nb"),
    "wrappers": (
        p(
            f'<w:hyperlink r:id="x">{r("a")}</w:hyperlink>',
            f"<w:smartTag><w:smartTagPr/>{r('b')}</w:smartTag>",
            f"<w:customXml>{r('c')}</w:customXml>",
            f'<w:fldSimple w:instr="PAGE">{r("d")}</w:fldSimple>',
            f'<w:dir w:val="ltr">{r("e")}</w:dir><w:bdo w:val="ltr">{r("f")}</w:bdo>',
            f"<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent>{r('g')}</w:sdtContent></w:sdt>",
        ),
        "abcdefg",
    ),
    "content control around a paragraph": (
        f"<w:sdt><w:sdtContent>{p(r('a'))}{p(r('b'))}</w:sdtContent></w:sdt>",
        "a\nb",
    ),
    "field result": (p(r("a"), field("<w:r><w:instrText>DATE</w:instrText></w:r>", r("2022")), r("b")), "a2022b"),
    "field without result": (p(r("a"), field("<w:r><w:instrText>TC</w:instrText></w:r>" + r("x")), r("b")), "ab"),
    "nested fields": (
        p(field("<w:r><w:instrText>IF</w:instrText></w:r>" + field("q", r("x")), r("y") + field("q", r("z")))),
        "yz",
    ),
    "field that never ends": (p(r("a"), '<w:r><w:fldChar w:fldCharType="begin"/></w:r>', r("b")) + p(r("c")), "ab\nc"),
    "field that ends in another paragraph": (
        p(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
            r("q"),
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
            r("a"),
        )
        + p(r("b"), '<w:r><w:fldChar w:fldCharType="end"/></w:r>'),
        "a\nb",
    ),
    "footnote marks": (p(r("a"), '<w:r><w:footnoteReference w:id="1"/></w:r>', r("b")), "ab"),
    "phonetic guide": (
        p(f"<w:r><w:ruby><w:rt>{r('hàn')}</w:rt><w:rubyBase>{r('汉')}</w:rubyBase></w:ruby></w:r>"),
        "汉",
    ),
    "formula": (
        p(
            "<m:oMath><m:r><m:rPr/><m:t>x=</m:t></m:r><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num>"
            "<m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>"
        ),
        "x=1/2",
    ),
    "symbols": (
        p(SYM.format("Wingdings", "F0FE"), r("新增"), SYM.format("Wingdings 2", "00A3"), r("延续")),
        "☑新增□延续",
    ),
    "signs": (p(SYM.format("Symbol", "F0B3"), r("95%")), "≥95%"),
    "symbol of a usual font": (p(SYM.format("宋体", "2264")), "≤"),
    "unknown symbol keeps its private character": (
        p(SYM.format("Wingdings", "F04A"), SYM.format("Wingdings", "4B")),
        "\uf04a\uf04b",
    ),
    "damaged symbol": (p(SYM.format("Symbol", "zz"), SYM.format("", ""), SYM.format("x", "FFFFFFFF"), r("a")), "a"),
    "letters in a symbol font": (
        p(r("R£字", '<w:rFonts w:ascii="Wingdings 2" w:hAnsi="Wingdings 2"/>'), r("R£")),
        "☑□字R£",
    ),
    "private use and quotation marks survive": (p(r("\ue5e5“a”‘b’\uf0b7―\u00ad")), "\ue5e5“a”‘b’\uf0b7―\u00ad"),
    "comments and processing instructions": (p("<w:r><w:t>a<!-- x -->b<?y z?>c</w:t></w:r>"), "abc"),
    "text box once": (p(box(p(r("x")) + p(r("y")))) + p(), "\nx\ny\n"),
    "empty text box": (p(r("a"), box(p())), "a"),
    "two text boxes": (p(box(p(r("x"))), box(p(r("y")))), "\nx\ny"),
    "raised digits behind a digit": (
        p(r("120"), r("1", '<w:vertAlign w:val="superscript"/>'), r("m"), r("2", '<w:vertAlign w:val="superscript"/>')),
        "120¹m2",
    ),
    "crossed out text": (p(r("90", "<w:strike/>"), r("100"), r("0", '<w:strike w:val="0"/>')), "1000"),
    "a cell that is crossed out": (p(r("9", "<w:strike/>"), r("0", "<w:dstrike/>")), "90"),
    "deleted text box": (p(r("a"), f'<w:del w:id="1">{box(p(r("x")))}</w:del>'), "a"),
    "check box of an old form": (
        p(
            '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>'
            "</w:ffData></w:fldChar></w:r><w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r>"
            '<w:fldChar w:fldCharType="end"/></w:r>',
            r("是"),
            '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/></w:checkBox></w:ffData>'
            '</w:fldChar></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>',
            r("否"),
        ),
        "☑是☐否",
    ),
    "list of an old form": (
        p(
            '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="新增"/>'
            '<w:listEntry w:val="延续"/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
        ),
        "延续",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_text(name: str) -> None:
    inside, expected = CASES[name]
    assert text_of(inside) == expected


def test_text_boxes_over_a_cell_with_a_text_are_told_and_no_part_of_it() -> None:
    inside = p(r("10"), box(p(r("5")) + p(SYM.format("Wingdings", "F0FE"))), r("0")) + p(box(p(r("批注"))))
    document = read_docx(build_from_xml(rows(row("甲", cell(inside)))))
    assert [drawn.text.rstrip() for drawn in document.grids[0].cells] == ["甲", "100"]
    notes = [(note.code, note.grid, note.row, note.col, note.text) for note in document.notes]
    assert notes == [("floating-text", 0, 0, 1, "5\n☑"), ("floating-text", 0, 0, 1, "批注")]


def test_crossed_out_text_is_told() -> None:
    inside = p(r("9", "<w:strike/>"), r("0", "<w:strike/>"), r("100"))
    document = read_docx(build_from_xml(rows(row("甲", cell(inside), cell(p(r("8", "<w:strike/>")))))))
    assert [(note.code, note.col, note.text) for note in document.notes] == [
        ("struck-text", 1, "90"), ("struck-text", 2, "8")]  # fmt: skip


def test_text_boxes_in_the_body_are_context() -> None:
    document = read_docx(build_from_xml(p(r("a"), box(p(r("单位：万元")))) + rows(row("b"))))
    assert document.grids[0].context == ("a", "单位：万元")


STYLES = {
    "styles": '<w:style w:styleId="A"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:styleId="B"><w:basedOn w:val="A"/></w:style>'
    '<w:style w:styleId="C"><w:basedOn w:val="A"/><w:rPr><w:vanish w:val="0"/></w:rPr></w:style>'
    '<w:style w:styleId="D"><w:basedOn w:val="E"/></w:style><w:style w:styleId="E"><w:basedOn w:val="D"/></w:style>'
}


@pytest.mark.parametrize(
    ("style", "shown"), [("A", ""), ("B", ""), ("C", "x"), ("D", "x"), ("missing", "x")], ids=lambda value: value or "∅"
)
def test_hidden_styles(style: str, shown: str) -> None:
    assert text_of(p(r("x", f'<w:rStyle w:val="{style}"/>')), STYLES) == shown
    assert text_of(f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{r("x")}</w:p>', STYLES) == shown


def test_hidden_paragraph_and_character_style_cancel_each_other() -> None:
    both, shown = r("x", '<w:rStyle w:val="B"/>'), r("y", '<w:vanish w:val="0"/>')
    inside = f'<w:p><w:pPr><w:pStyle w:val="A"/></w:pPr>{both}{shown}</w:p>'
    assert text_of(inside, STYLES) == "xy"


def level(index: int, text: str, number_format: str = "decimal", more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{number_format}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


NOTHING = '<w:suff w:val="nothing"/>'
LISTS = {
    "numbering": '<w:abstractNum w:abstractNumId="0">'
    + level(0, "（%1）", "chineseCounting", NOTHING)
    + level(1, "%1.%2.", "decimal", f"<w:isLgl/>{NOTHING}")
    + '</w:abstractNum><w:abstractNum w:abstractNumId="1">'
    + level(0, "%1、", "decimal", '<w:pStyle w:val="S"/>')
    + level(1, "\uf0b7", "bullet", '<w:suff w:val="space"/><w:rPr><w:rFonts w:ascii="Symbol"/></w:rPr>')
    + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/>'
    '</w:lvlOverride></w:num><w:num w:numId="4"><w:abstractNumId w:val="7"/></w:num>',
    "styles": '<w:style w:styleId="S"><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>',
}


def item(text: str, num: int, depth: int = 0) -> str:
    inside = r(text) if text else ""
    return f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{num}"/></w:numPr></w:pPr>{inside}</w:p>'


def test_automatic_numbers_are_read_as_printed() -> None:
    body = (
        item("甲", 1)
        + item("a", 1, 1)
        + item("b", 1, 1)
        + item("乙", 1)
        + item("c", 1, 1)
        + item("x", 0)
        + item("y", 4)
    )
    assert text_of(body, LISTS) == "（一）甲\n1.1.a\n1.2.b\n（二）乙\n2.1.c\nx\ny"
    assert text_of(item("甲", 1) + item("乙", 3) + item("丙", 1), LISTS) == "（一）甲\n（九）乙\n（十）丙"
    assert text_of(item("a", 2) + item("b", 2, 1) + item("", 2), LISTS) == "1、\ta\n• b\n2、"


def test_an_automatic_number_is_no_part_of_the_figure_behind_it() -> None:
    assert text_of(item("100", 1, 1) + item("2023年", 1, 1), LISTS) == "1.1.\t100\n1.2.2023年"


def test_numbers_of_styles_run_through_the_cells_of_a_column() -> None:
    numbered = '<w:p><w:pPr><w:pStyle w:val="S"/></w:pPr></w:p>'
    data = build_from_xml(rows(row(cell(numbered), "a"), row(cell(numbered), "b")), parts=LISTS)
    assert [item.text for item in read_docx(data).grids[0].cells] == ["1、", "a", "2、", "b"]


def test_list_without_definitions_has_no_numbers() -> None:
    assert text_of(item("a", 1)) == "a"


@pytest.mark.parametrize(
    ("number", "style", "printed"),
    [
        (10, "chineseCounting", "十"),
        (12, "chineseCountingThousand", "十二"),
        (20, "chineseCountingThousand", "二十"),
        (105, "chineseCountingThousand", "一百零五"),
        (1010, "chineseCountingThousand", "一千零一十"),
        (10005, "chineseCountingThousand", "一万零五"),
        (21, "chineseLegalSimplified", "贰拾壹"),
        (10, "ideographDigital", "一〇"),
        (1994, "upperRoman", "MCMXCIV"),
        (28, "lowerLetter", "bb"),
        (3, "decimalEnclosedCircle", "③"),
        (21, "decimalEnclosedCircle", "21"),
        (2, "ideographTraditional", "乙"),
        (7, "decimalZero", "07"),
        (12, "decimalFullWidth", "１２"),
        (5, "thaiLetters", "5"),
        (0, "upperRoman", "0"),
        (3, "none", ""),
    ],
)
def test_number_formats(number: int, style: str, printed: str) -> None:
    assert format_number(number, style) == printed


def test_symbol_tables() -> None:
    assert symbol("WINGDINGS", 0xF0A8) == symbol("wingdings ", 0xA8) == "□"
    assert translate("Symbol", "\uf0b3\uf0b4 95") == "≥× 95"
    assert translate("宋体", "R\uf052") == "R\uf052"


def test_paragraph_of_builder() -> None:
    assert text_of(paragraph("a\nb\tc")) == "a\nb\tc"

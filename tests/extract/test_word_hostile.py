"""Broken and hostile Word files: an UnreadableError with the right code or a result, never another exception."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from tests.build import W_NAMESPACE, build_docx, build_from_xml, build_zip, cell, paragraph, root, row, rows
from yusuan.extract import UnreadableError, package, read, word
from yusuan.extract.grid import print_grids

GOOD = build_docx("> 标题\na | » | b\n^ | » | 中文⏎字", headers=["页眉"])


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_parts(**changed: str | bytes | None) -> bytes:
    """GOOD with parts replaced (None: left out)."""
    parts: dict[str, str | bytes] = dict(parts_of(GOOD))
    for name, content in changed.items():
        path = {"document": "word/document.xml", "types": "[Content_Types].xml", "rels": "_rels/.rels"}[name]
        parts.pop(path)
        if content is not None:
            parts[path] = content
    return build_zip(parts)


def code_of(data: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        read(data)
    assert str(caught.value)
    return caught.value.code


DOCUMENT = parts_of(GOOD)["word/document.xml"]


def test_truncated_anywhere() -> None:
    for length in range(4, len(GOOD), 97):
        assert code_of(GOOD[:length]) == "corrupt"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"no xml",
        DOCUMENT[:-20],
        root("document", "<w:x/>"),
        "<document/>",
        b"\xff\xfe" + b"\x00\xd8",
        '<?xml version="1.0" encoding="x-unknown"?><a/>',
    ],
    ids=["empty", "text", "cut", "no body", "other", "broken UTF-16", "unknown encoding"],
)
def test_broken_main_part(document: str | bytes) -> None:
    assert code_of(with_parts(document=document)) == "corrupt"


def test_missing_parts() -> None:
    assert code_of(with_parts(document=None)) == "corrupt"
    expected = print_grids(read(GOOD).grids)
    assert print_grids(read(with_parts(rels=None)).grids) == expected
    assert print_grids(read(with_parts(types=None)).grids) == expected
    assert print_grids(read(with_parts(types=None, rels=None)).grids) == expected


def test_missing_header_styles_and_numbering() -> None:
    parts = parts_of(
        build_from_xml(
            rows(row(cell('<w:p><w:pPr><w:pStyle w:val="a"/><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:p>'))),
            headers=["x"],
            parts={"styles": "", "numbering": ""},
        )
    )
    kept = {name: part for name, part in parts.items() if name.endswith("document.xml") or not name.startswith("word/")}
    relations = parts["word/_rels/document.xml.rels"]
    document = read(build_zip({**kept, "word/_rels/document.xml.rels": relations}))
    assert (len(document.grids), document.headers) == (1, ())


def test_names_of_parts_without_case_and_with_backslashes() -> None:
    parts = {name.replace("word/", "Word\\"): part for name, part in parts_of(GOOD).items()}
    assert len(read(build_zip(parts)).grids) == 1


def test_relationships_that_leave_the_package() -> None:
    rels = parts_of(GOOD)["_rels/.rels"]
    for target in (b"../../../etc/passwd", b"/", b"file:///etc/passwd", b"http://example.org/x"):
        assert len(read(with_parts(rels=rels.replace(b"word/document.xml", target))).grids) == 1


def test_entities_and_doctypes() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<w:document xmlns:w="{W_NAMESPACE}"><w:body><w:p><w:r><w:t>&e11;</w:t></w:r></w:p></w:body></w:document>'
    assert code_of(with_parts(document=f'<!DOCTYPE x [<!ENTITY e0 "ha">{bomb}]>{body}')) == "corrupt"
    outside = f'<!DOCTYPE x [<!ENTITY e11 SYSTEM "file://{Path(__file__).resolve()}">]>{body}'
    assert code_of(with_parts(document=outside)) == "corrupt"


def test_zip_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    blanks = b" " * (package.RATIO_CHECKED_ABOVE + 1)
    assert code_of(with_parts(document=DOCUMENT + blanks)) == "too-large"
    monkeypatch.setattr(package, "MAX_PART_BYTES", 1000)
    assert code_of(GOOD) == "too-large"


def test_too_many_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_ENTRIES", 4)
    assert code_of(GOOD) == "too-large"


def test_table_without_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word, "MAX_POSITIONS", 99)
    assert code_of(build_from_xml(rows(row(cell("a", '<w:gridSpan w:val="50"/>')), row("b")))) == "too-large"


def test_deep_nesting() -> None:
    table = paragraph("x")
    for _ in range(40):
        table = rows(row(cell(table + "<w:p/>")))
    document = read(build_from_xml(table))
    assert [grid.parent for grid in document.grids] == [None, *range(39)]
    for _ in range(60):
        table = rows(row(cell(table)))
    assert code_of(build_from_xml(table)) == "corrupt"


def test_encrypted_entry() -> None:
    data = bytearray(GOOD)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    assert code_of(bytes(data)) == "encrypted"


def test_strict_macro_and_utf16_documents() -> None:
    expected = print_grids(read(GOOD).grids)
    strict = {
        name: part.replace(
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        ).replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        )
        for name, part in parts_of(GOOD).items()
    }
    document = read(build_zip(strict))
    assert print_grids(document.grids) == expected
    assert document.headers == ("页眉",)
    types = parts_of(GOOD)["[Content_Types].xml"]
    word_type = b"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    for other in (
        b"vnd.ms-word.document.macroEnabled.main+xml",
        b"vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        b"vnd.ms-word.template.macroEnabledTemplate.main+xml",
    ):
        assert print_grids(read(with_parts(types=types.replace(word_type, other))).grids) == expected
    text = DOCUMENT.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    assert print_grids(read(with_parts(document=text.encode("utf-16"))).grids) == expected


def test_bytes_changed_at_random() -> None:
    """Damage in the zip, and damage in the XML inside of a sound zip."""
    random_ = random.Random(20221)
    for count in range(300):
        target = bytearray(GOOD if count % 3 == 0 else DOCUMENT)
        for _ in range(random_.randint(1, 6)):
            at = random_.randrange(len(target))
            kind = random_.random()
            if kind < 0.5:
                target[at] = random_.randrange(256)
            elif kind < 0.75:
                del target[at : at + random_.randint(1, 40)]
            else:
                target[at:at] = target[at // 2 : at // 2 + random_.randint(1, 40)]
        data = bytes(target) if count % 3 == 0 else with_parts(document=bytes(target))
        try:
            for grid in read(data).grids:
                print_grids([grid])
        except UnreadableError:
            pass


def test_elements_in_wrong_places() -> None:
    """Sound XML whose elements were shuffled: whatever comes out, it is a document, and no two cells overlap."""
    random_ = random.Random(7)
    pieces = [
        "<w:p>", "<w:r>", "<w:tbl>", "<w:tr>", "<w:tc>", "<w:sdt>", "<w:ins>", "<w:del>", "<w:txbxContent>", "<w:pPr>",
        "<w:rPr>", "<w:tcPr>", "<w:trPr>", "<mc:AlternateContent>", "<mc:Choice>", "<mc:Fallback>", "<m:f>", "<m:den>",
    ]  # fmt: skip
    leaves = [
        "<w:t>x</w:t>", "<w:vMerge/>", '<w:vMerge w:val="restart"/>', '<w:gridSpan w:val="2"/>', "<w:hMerge/>", "<w:br/>",
        '<w:gridBefore w:val="1"/>', "<w:vanish/>", "<w:cellDel/>", '<w:cellMerge w:vMerge="cont"/>', "<w:hidden/>",
        '<w:br w:type="page"/>', '<w:fldChar w:fldCharType="begin"/>', '<w:fldChar w:fldCharType="end"/>', "<w:tab/>",
        '<w:fldChar w:fldCharType="separate"/>', '<w:sym w:font="Wingdings" w:char="F0FE"/>', "<w:numPr/>", "<w:del/>",
        '<w:pStyle w:val="a"/>', "<w:altChunk/>", "<w:headerReference/>", "<w:rFonts w:ascii='Symbol'/>",
    ]  # fmt: skip

    def tree(depth: int) -> str:
        inside = "".join(
            tree(depth - 1) if depth and random_.random() < 0.6 else random_.choice(leaves)
            for _ in range(random_.randint(1, 4))
        )
        piece = random_.choice(pieces)
        return f"{piece}{inside}</{piece[1:]}"

    for _ in range(300):
        document = read(build_from_xml("".join(tree(6) for _ in range(3))))
        for grid in document.grids:
            covered = [
                (one.row + down, one.col + right)
                for one in grid.cells
                for down in range(one.row_span)
                for right in range(one.col_span)
            ]
            assert len(covered) == len(set(covered))
        assert all(grid.parent is None or grid.parent < index for index, grid in enumerate(document.grids))

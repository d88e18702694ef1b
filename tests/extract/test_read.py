"""What a file is, is told by its content; what cannot be read is named, with what would help."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.build import build_docx, build_zip
from yusuan.extract import READERS, UnreadableError, read
from yusuan.extract.sniff import compound_names, sniff

_FREE, _END = 0xFFFFFFFF, 0xFFFFFFFE


def compound_file(*streams: str, shift: int = 9) -> bytes:
    """The frame of an old Office file: header, one sector of FAT, a directory with these names."""
    size = 1 << shift
    per_sector = size // 128
    entries = ["Root Entry", *streams]
    sectors = -(-len(entries) // per_sector)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, shift, 6)
    header += bytes(10) + struct.pack("<IIIIIIIII", 1, 1, 0, 4096, _END, 0, _END, 0, 0)
    header += struct.pack("<I", _FREE) * 108
    fat = [0xFFFFFFFD, *range(2, sectors + 1), _END]
    table = b"".join(struct.pack("<I", entry) for entry in fat)
    directory = b""
    for kind, name in zip([5, *[2] * len(streams)], entries, strict=True):
        raw = name.encode("utf-16-le") + b"\0\0"
        directory += raw.ljust(64, b"\0") + struct.pack("<HB", len(raw), kind) + bytes(61)
    header = header.ljust(size, b"\0")
    return header + table.ljust(size, b"\xff") + directory.ljust(size * sectors, b"\0")


def office(content_type: str, main: str) -> bytes:
    types = f'<Types><Override PartName="/{main}" ContentType="application/{content_type}"/></Types>'
    return build_zip({"[Content_Types].xml": types, main: "<x/>"})


EXAMPLES: dict[str, list[bytes]] = {
    "docx": [build_docx("a"), build_docx("a")[:-60]],
    "pdf": [b"%PDF-1.4\n", b"\r\n\r\njunk" * 20 + b"%PDF-1.7", b"\xef\xbb\xbf%PDF-1.4"],
    "doc": [compound_file("WordDocument", "1Table"), compound_file(*"abcdefgh", "WordDocument")],
    "xls": [compound_file("Workbook"), compound_file("Book")],
    "ppt": [compound_file("PowerPoint Document")],
    "works": [compound_file("CONTENTS", "MatOST", shift=12)],
    "encrypted": [compound_file("EncryptionInfo", "EncryptedPackage")],
    "cfb": [compound_file("x"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 900],
    "xlsx": [
        office("vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "xl/workbook.xml"),
        office("vnd.ms-excel.sheet.macroEnabled.main+xml", "xl/workbook.xml"),
    ],
    "xlsb": [office("vnd.ms-excel.sheet.binary.macroEnabled.main", "xl/workbook.bin")],
    "pptx": [office("vnd.openxmlformats-officedocument.presentationml.presentation.main+xml", "ppt/presentation.xml")],
    "odt": [build_zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"})],
    "ods": [build_zip({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"})],
    "ofd": [build_zip({"OFD.xml": "<x/>", "Doc_0/Document.xml": "<x/>"})],
    "zip": [build_zip({"a.docx": build_docx("a"), "b.pdf": b"%PDF-1.4"}), build_zip({})],
    "broken-zip": [b"PK\x03\x04" + b"\x14\0" * 20],
    "rtf": [b"{\\rtf1\\ansi"],
    "image": [b"\xff\xd8\xff\xe0JFIF", b"\x89PNG\r\n\x1a\n", b"II*\0\x08", b"RIFF\0\0\0\0WEBPVP8 "],
    "rar": [b"Rar!\x1a\x07\x01\0"],
    "7z": [b"7z\xbc\xaf\x27\x1c"],
    "html": [
        b"<!DOCTYPE html><html>",
        "\ufeff<html><body>表".encode(),
        "<html><meta charset=gb2312>预算".encode("gb18030"),
        '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">'.encode("utf-16"),
        b"<table><tr><td>1",
    ],
    "mht": [b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n<html>"],
    "wordml": [b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>'],
    "flat-opc": [
        b'<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"/>'
    ],
    "xml": [b'\xef\xbb\xbf<?xml version="1.0"?><a/>'],
    "text": ["项目支出绩效目标申报表".encode(), "项目支出绩效目标申报表".encode("gb18030") * 500, b"BUDGET"],
    "empty": [b"", b"\r\n \0\0"],
    "unknown": [bytes(range(256)) * 4, b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"],
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_sniff(name: str) -> None:
    assert [sniff(data) for data in EXAMPLES[name]] == [name] * len(EXAMPLES[name])


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in READERS])
def test_what_cannot_be_read_is_named(name: str) -> None:
    codes = {"empty": "corrupt", "broken-zip": "corrupt", "encrypted": "encrypted"}
    for data in EXAMPLES[name]:
        with pytest.raises(UnreadableError) as caught:
            read(data)
        assert caught.value.code == codes.get(name, "unsupported")
        assert str(caught.value).endswith("。")


def test_a_compound_file_that_goes_round_in_circles_ends() -> None:
    data = bytearray(compound_file(*"abcdefgh", "WordDocument"))
    struct.pack_into("<I", data, 512 + 4, 1)  # the first sector of the directory follows itself
    assert compound_names(bytes(data)) == {"a", "b", "c"}


def test_names_and_kinds_of_sources_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "报表.pdf"
    path.write_bytes(build_docx("a | b"))
    for source in (path, str(path), path.read_bytes()):
        document = read(source)
        assert (document.format, len(document.grids)) == ("docx", 1)


def test_a_missing_path_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nothing.docx")


def test_reading_word_loads_no_other_library(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(build_docx("a"))
    code = (
        "import sys; from yusuan.extract import read; read(sys.argv[1]);"
        "print({name.partition('.')[0] for name in sys.modules}"
        " & {'pandas', 'pyarrow', 'numpy', 'pypdfium2', 'pdfplumber', 'docx', 'click'})"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"

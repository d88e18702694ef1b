"""Tells what a file is by its content; names and extensions of downloads are often wrong."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "rtf"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gz"),
)
_PDF_WITHIN = 1024
"""Readers accept this much before the header (ISO 32000-1, annex H.3.4.1)."""
_TEXT_WITHIN = 4096
_BLANKS = b"\0 \t\r\n"
_HTML_WITHIN = 1 << 18
"""Pages may begin with this much of scripts, styles and comments."""

_CONTENT_TYPES: tuple[tuple[bytes, str], ...] = (
    (b"wordprocessingml.document.main+xml", "docx"),
    (b"wordprocessingml.template.main+xml", "docx"),
    (b"ms-word.document.macroenabled.main+xml", "docx"),
    (b"ms-word.template.macroenabledtemplate.main+xml", "docx"),
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
    (b"spreadsheetml.template.main+xml", "xlsx"),
    (b"ms-excel.sheet.macroenabled.main+xml", "xlsx"),
    (b"ms-excel.template.macroenabled.main+xml", "xlsx"),
    (b"ms-excel.sheet.binary.macroenabled.main", "xlsb"),
    (b"presentationml", "pptx"),
)
_OPEN_DOCUMENT = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
_STREAMS: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("MatOST", "works"),
    ("Hwp Summary Information", "hwp"),
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)
_TABBED = re.compile(rb"(?:[^\r\n\t]*\t[^\r\n]*\r?\n){2}")
"""Two lines with tabs at the beginning: a table as text, which systems export under the name .xls."""
_OLD_EXCEL = re.compile(rb"\x09[\x00\x02\x04\x08][\x04-\x08\x10]\x00[\x00\x02-\x06]")
"""The first record of an Excel file that stands in no compound file (Excel 2 to 4)."""
_SMALL_PART = 4 << 20
_LONGEST_ZIP_END = 22 + 65_535
"""The end record of a zip with the longest comment."""


def sniff(data: bytes) -> str:
    """A short name of the format (`docx`, `pdf`, `doc`, `zip` …, `empty`, `broken-zip`, `unknown`). Never raises.

    A format that is known by its frame only (a zip, a compound file) is told by what is inside.
    """
    if not data[:_TEXT_WITHIN].strip(_BLANKS) and not data.strip(_BLANKS):
        return "empty"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(data)
    if data.startswith(_CFB):
        names = compound_names(data)
        return next((found for stream, found in _STREAMS if stream in names), "cfb")
    for magic, found in _MAGIC:
        if data.startswith(magic):
            return found
    if _OLD_EXCEL.match(data):
        return "biff"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image"
    if b"%PDF-" in data[: _PDF_WITHIN + len(b"%PDF-")]:
        return "pdf"
    return _in_text(data)


def _in_zip(data: bytes) -> str:
    if b"word/document.xml" in _zip_directory(data):  # the usual case without unpacking anything
        return "docx"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _by_parts(archive)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zlib.error):
        return _by_bytes(data)


def _zip_directory(data: bytes) -> bytes:
    """The bytes of the central directory, which hold the names of the archive's own entries and of no inner archive."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - _LONGEST_ZIP_END))
    if end < 0 or end + 20 > len(data):
        return b""
    size, offset = struct.unpack_from("<II", data, end + 12)
    return data[offset : offset + size]


def _by_parts(archive: zipfile.ZipFile) -> str:
    names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}

    def start_of(name: str) -> bytes:
        if name not in names:
            return b""
        with archive.open(names[name]) as part:
            return part.read(_SMALL_PART)

    types = start_of("[content_types].xml").lower()
    for content_type, found in _CONTENT_TYPES:
        if content_type in types:
            return found
    if "mimetype" in names and (match := re.search(rb"opendocument\.(\w+)", start_of("mimetype"))):
        return _OPEN_DOCUMENT.get(match[1].decode("ascii", "replace"), "zip")
    if "ofd.xml" in names:
        return "ofd"
    return "docx" if "word/document.xml" in names else "zip"


def _by_bytes(data: bytes) -> str:
    """A zip without its directory (a download that broke off): the names of the entries that are there."""
    for mark, found in ((b"word/", "docx"), (b"xl/", "xlsx"), (b"OFD.xml", "ofd"), (b"opendocument.text", "odt")):
        if mark in data:
            return found
    return "broken-zip"


def compound_names(data: bytes) -> frozenset[str]:
    """Names of the streams and storages in a compound file (MS-CFB); those that can still be read in a broken one."""
    if len(data) < 512 or not data.startswith(_CFB):
        return frozenset()
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        return frozenset()
    size = 1 << shift
    first_directory = struct.unpack_from("<I", data, 48)[0]
    fat_sectors = struct.unpack_from("<109I", data, 76)
    names: set[str] = set()
    sector, seen = first_directory, set[int]()
    while sector not in seen and 0 <= (offset := (sector + 1) * size) <= len(data) - 128:
        seen.add(sector)
        for entry in range(offset, min(offset + size, len(data) - 127), 128):
            length = struct.unpack_from("<H", data, entry + 64)[0]
            if 2 <= length <= 64 and data[entry + 66] in (1, 2):
                names.add(data[entry : entry + length - 2].decode("utf-16-le", "replace").lstrip("\x01\x05"))
        block, index = divmod(sector, size // 4)
        if block >= len(fat_sectors):
            break
        next_at = (fat_sectors[block] + 1) * size + index * 4
        if next_at > len(data) - 4:
            break
        sector = struct.unpack_from("<I", data, next_at)[0]
    return frozenset(names)


def _in_text(data: bytes) -> str:
    start = data[:_TEXT_WITHIN].lstrip(b" \t\r\n") or data.lstrip(b" \t\r\n")[:_TEXT_WITHIN]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = data[: _TEXT_WITHIN * 2].decode("utf-16", "replace").encode("utf-8", "replace")
    if b"schemas.microsoft.com/office/2006/xmlPackage" in start:
        return "flat-opc"
    if b'progid="Word.Document"' in start or b"office/word/2003/wordml" in start:
        return "wordml"
    if b'progid="Excel.Sheet"' in start or (
        b"urn:schemas-microsoft-com:office:spreadsheet" in start and b"<Workbook" in start
    ):
        return "excel-xml"
    if start[:2000].lower().lstrip().startswith(b"mime-version:") or b"Content-Type: multipart/related" in start:
        return "mht"
    if _HTML.search(start) or (start.startswith(b"<") and _HTML.search(data[:_HTML_WITHIN])):
        return "html"
    if b"\0" in start:
        return "unknown"
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        return "xml"
    for encoding in ("utf-8", "gb18030"):
        try:
            start[: len(start) - 4 if len(data) > len(start) else None].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(start) - 8:
                continue
        return "tsv" if _TABBED.match(start.removeprefix(b"\xef\xbb\xbf")) else "text"
    return "unknown"

"""Opens zip based office documents (Open Packaging Conventions) that may be broken or hostile.

Everything is checked before it is unpacked: how many entries, how large, how compressed. XML is parsed without
entities, network or DTD, and with libxml2's own limits on depth and text length, so recursion over the tree is safe.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from functools import cached_property
from typing import Any

from lxml import etree

from yusuan.extract.grid import UnreadableError, encrypted

Element = Any  # lxml ships no types

MAX_ENTRIES = 20_000
MAX_PART_BYTES = 256 << 20
RATIO_CHECKED_ABOVE = 16 << 20
MAX_RATIO = 250
"""Real parts of this size are compressed 10 to 80 times; deflate can reach 1,000, which only a zip bomb does."""

_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRICT = "http://purl.oclc.org/ooxml/"
_STRICT_NAMESPACES = {
    _STRICT + "wordprocessingml/main": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    _STRICT + "officeDocument/relationships": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    _STRICT + "officeDocument/math": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    _STRICT + "drawingml/main": "http://schemas.openxmlformats.org/drawingml/2006/main",
}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, IndexError, OverflowError)


def corrupt(what: str) -> UnreadableError:
    return UnreadableError("corrupt", f"文件已损坏：{what}。请重新下载，或用 Word / WPS 打开后另存一份再试。")


def part_name(source: str, location: str) -> str:
    """The part that a location names, seen from the part in which it stands; "" and `/` are the root of the package."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(source), location.strip())).lstrip("/")


class Package:
    """The parts of one package by name; names are compared without case, as Office does.

    Raises UnreadableError `corrupt`, `too-large` or `encrypted` at opening and at every reading of a part.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except (*_BROKEN, NotImplementedError) as error:
            raise corrupt(f"不是完整的压缩包（{error}）") from error
        if len(entries) > MAX_ENTRIES:
            raise UnreadableError("too-large", f"压缩包里有 {len(entries)} 个条目，超过上限 {MAX_ENTRIES}，没有读取。")
        self._entries = {_normal(entry.filename): entry for entry in entries}

    def __contains__(self, name: str) -> bool:
        return _normal(name) in self._entries

    @cached_property
    def names(self) -> frozenset[str]:
        """Part names in lower case, without a leading slash."""
        return frozenset(self._entries)

    def read(self, name: str) -> bytes:
        entry = self._entries.get(_normal(name))
        if entry is None:
            raise corrupt(f"压缩包里缺少 {name}")
        size, packed = entry.file_size, max(entry.compress_size, 1)
        if size > MAX_PART_BYTES or (size > RATIO_CHECKED_ABOVE and size / packed > MAX_RATIO):
            raise UnreadableError(
                "too-large", f"{name} 展开后有 {size:,} 字节（压缩 {size // packed} 倍），疑似压缩炸弹，没有读取。"
            )
        if entry.flag_bits & 0x1:
            raise encrypted()
        try:
            return self._zip.read(entry)
        except (*_BROKEN, NotImplementedError, RuntimeError) as error:
            raise corrupt(f"{name} 无法解压（{error}）") from error

    def read_xml(self, name: str) -> bytes:
        """An XML part as bytes in which ASCII can be searched."""
        data = self.read(name)
        return _as_utf8(data, name) if data.startswith(_UTF16_MARKS) else data

    def parse(self, name: str) -> Element:
        return parse_xml(self.read_xml(name), name)

    def is_encrypted_opendocument(self) -> bool:
        """Whether the manifest of an OpenDocument file says that its parts are encrypted."""
        return "META-INF/manifest.xml" in self and b"encryption-data" in self.read_xml("META-INF/manifest.xml")

    def related(self, source: str, kind: str) -> str | None:
        """The first part that `source` names as its `styles`, `numbering` …, if it is there."""
        targets = (target for found, target in self.relationships(source).values() if found == kind)
        return next((target for target in targets if target in self), None)

    def relationships(self, source: str) -> dict[str, tuple[str, str]]:
        """id → (last word of the type, target part) of what stays inside; the source "" is the package itself.

        The type stands without its namespace, which differs in Strict OOXML.
        """
        folder, base = posixpath.split(source)
        name = posixpath.join(folder, "_rels", base + ".rels")
        if name not in self:
            return {}
        found = {}
        for item in self.parse(name).iter(_RELATIONSHIP):
            target = item.get("Target", "")
            if item.get("TargetMode") != "External" and target:
                kind = item.get("Type", "").rpartition("/")[2]
                found[item.get("Id", "")] = (kind, part_name(source, target))
        return found


def parse_xml(data: bytes, name: str) -> Element:
    """Root element of the part `name`, with the namespaces of Strict OOXML replaced by the transitional ones."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise corrupt(f"{name} 不是正确的 XML（{error}）") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise corrupt(f"{name} 含有 DTD，Office 文件中不允许")
    if _STRICT in (root.tag if isinstance(root.tag, str) else ""):
        _to_transitional(root)
    return root


def _as_utf8(data: bytes, name: str) -> bytes:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise corrupt(f"{name} 的编码有误") from error
    declaration_end = text.find("?>") + 2 if text.startswith("<?xml") else 0
    return text[declaration_end:].encode("utf-8", "surrogatepass")


def _to_transitional(root: Element) -> None:
    for element in root.iter(etree.Element):
        element.tag = _transitional(element.tag)
        for key in [key for key in element.attrib if key.startswith("{" + _STRICT)]:
            element.set(_transitional(key), element.attrib.pop(key))


def _transitional(name: str) -> str:
    if not name.startswith("{" + _STRICT):
        return name
    namespace, _, local = name[1:].partition("}")
    return f"{{{_STRICT_NAMESPACES.get(namespace, namespace)}}}{local}"


def _normal(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()

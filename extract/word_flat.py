"""Word's XML in a single file (Flat OPC, `pkg:package`): its parts are put into a zip, which the Word reader then reads."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

from lxml import etree

from yusuan.extract.grid import Document
from yusuan.extract.package import corrupt, parse_xml
from yusuan.extract.word import read_docx

_PKG = "{http://schemas.microsoft.com/office/2006/xmlPackage}"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"


def read_flat(data: bytes) -> Document:
    """Raises what `read_docx` raises. Binary parts (images) are left out."""
    root = parse_xml(data, "package")
    parts = {}
    types = etree.Element(f"{{{_TYPES}}}Types")
    for part in root.iter(_PKG + "part"):
        name, content = part.get(_PKG + "name", ""), part.find(_PKG + "xmlData")
        if content is None or not len(content):
            continue
        parts[name.lstrip("/")] = etree.tostring(content[0], encoding="UTF-8", xml_declaration=True)
        kind = part.get(_PKG + "contentType", "")
        etree.SubElement(types, f"{{{_TYPES}}}Override", PartName=name, ContentType=kind)
    if not parts:
        raise corrupt("里面没有任何部件")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", etree.tostring(types, encoding="UTF-8", xml_declaration=True))
        for name, content in parts.items():
            archive.writestr(name, content)
    return replace(read_docx(target.getvalue()), format="docx")

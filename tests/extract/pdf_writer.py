"""A small PDF writer for tests: pages from content streams, so that each trap of a producer is a few lines in its test.

Coordinates are PDF's (points, y upwards, A4 unless said). Text is set in fonts that are not embedded: `/F1` CJK with
UTF-16 codes (a letter as wide as high, ASCII half of it), `/F2` the same in vertical writing, `/F3` Helvetica,
`/F4` CJK glyph numbers without any map to Unicode, `/F5` drawn by the document itself: a wide `2` that it does
not say to be one, a narrow `3`, a wide `×` (drawn by `4`), `/F6` an embedded subset of the letters `OWN`, which explains itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from yusuan.extract.pdf_fonts import box_font

A4 = (0.0, 0.0, 595.0, 842.0)

_FONTS = """<< /F1 << /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /UniGB-UCS2-H /DescendantFonts [ {gb} ] >>
/F2 << /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /UniGB-UCS2-V /DescendantFonts [ {gb} ] >>
/F3 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>
/F4 << /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Secret /Encoding /Identity-H /DescendantFonts [ {identity} ] >>
/F5 << /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0] /Resources << >>
 /CharProcs << /g50 {box} /g51 {narrow} /g52 {box} >> /Encoding << /Differences [50 /g50 /g51 /g52] >> /FirstChar 50 /LastChar 52 /Widths [1000 500 1000]
 /ToUnicode {letters} >>
/F6 7 0 R >>"""
OWN = "年度目标0123456789. "
"""Codes from `A` on; CJK letters are an em wide, digits 0.6, the others 0.3."""
_OWN_WIDTHS = [1000 if letter > "\xff" else 600 if letter.isdigit() else 300 for letter in OWN]
_DESCRIPTOR = (
    "<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0"
    " /Ascent 859 /Descent -141 /CapHeight 700 /StemV 80 >>"
)
_GB = (
    "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /SimSun /DW 1000 /W [1 95 500 814 907 500]"
    " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor "
    + _DESCRIPTOR.format(name="SimSun")
    + " >>"
)
_IDENTITY = (
    "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Secret /DW 1000"
    " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor "
    + _DESCRIPTOR.format(name="ABCDEF+Secret")
    + " >>"
)


@dataclass(frozen=True)
class Form:
    """A form XObject; `forms` are used by its own content."""

    content: str
    bbox: tuple[float, float, float, float] = (-2000, -2000, 2000, 2000)
    matrix: tuple[float, float, float, float, float, float] = (1, 0, 0, 1, 0, 0)
    forms: dict[str, Form] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    content: str
    media: tuple[float, float, float, float] = A4
    crop: tuple[float, float, float, float] | None = None
    rotate: int = 0
    forms: dict[str, Form] = field(default_factory=dict)
    image: bool = False
    fields: tuple[tuple[tuple[float, float, float, float], str], ...] = ()
    """Form fields: place and content of the appearance."""


class _Objects:
    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def add(self, body: str | bytes) -> str:
        self.bodies.append(body.encode("latin-1") if isinstance(body, str) else body)
        return f"{len(self.bodies)} 0 R"

    def stream(self, content: str, entries: str = "") -> str:
        data = content.encode("latin-1")
        return self.add(f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream")


def _numbers(values: Sequence[float]) -> str:
    return "[" + " ".join(f"{value:g}" for value in values) + "]"


def _resources(objects: _Objects, forms: dict[str, Form], image: bool = False) -> str:
    xobjects = []
    for name, form in forms.items():
        inner = _resources(objects, form.forms)
        entries = f"/Type /XObject /Subtype /Form /BBox {_numbers(form.bbox)} /Matrix {_numbers(form.matrix)}"
        xobjects.append(f"/{name} " + objects.stream(form.content, f"{entries} /Resources {inner}"))
    if image:
        entries = "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
        xobjects.append("/Image " + objects.stream("\x80", entries))
    box = objects.stream("1000 0 0 0 1000 800 d1 0 0 400 800 re f")
    narrow = objects.stream("500 0 0 0 400 800 d1 0 0 400 800 re f")
    letters = objects.stream(
        "1 begincodespacerange <00> <ff> endcodespacerange 2 beginbfchar <33> <0033> <34> <00D7> endbfchar"
    )
    fonts = _FONTS.format(gb="2 0 R", identity="3 0 R", box=box, narrow=narrow, letters=letters)
    states = "<< /Faint << /Type /ExtGState /ca 0.2 /CA 0.2 >> /Clear << /Type /ExtGState /ca 0 /CA 0 >> >>"
    return f"<< /Font {fonts} /ExtGState {states} /XObject << {' '.join(xobjects)} >> >>"


def _add_own(objects: _Objects) -> None:
    program = objects.stream(box_font().decode("latin-1"))
    descriptor = objects.add(_DESCRIPTOR.format(name="ABCDEF+Own").replace(">>", f"/FontFile2 {program} >>"))
    pairs = " ".join(f"<{code:02x}> <{ord(letter):04x}>" for code, letter in enumerate(OWN, ord("A")))
    letters = objects.stream(f"<00> <ff> endcodespacerange {len(OWN)} beginbfchar {pairs} endbfchar")
    objects.add(
        f"<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Own /FirstChar 65 /LastChar {64 + len(OWN)}"
        f" /Widths {_numbers(_OWN_WIDTHS)} /FontDescriptor {descriptor} /ToUnicode {letters} >>"
    )


def write_pdf(*pages: Page | str, password: str | None = None) -> bytes:
    """A PDF with these pages (a string is the content of an A4 page).

    `password` encrypts it (RC4, 40 bit): opening asks for it, or for none if it is empty. Strings outside of streams stay
    as they are, so that only Helvetica can be set in a document that opens.
    """
    objects = _Objects()
    objects.add("")  # 1: the page tree, once the pages are known
    objects.add(_GB)
    objects.add(_IDENTITY)
    _add_own(objects)
    kids = []
    for given in pages:
        page = Page(given) if isinstance(given, str) else given
        content = objects.stream(page.content)
        resources = _resources(objects, page.forms, page.image)
        fields = ""
        for rect, shown in page.fields:
            entries = f"/Type /XObject /Subtype /Form /BBox [0 0 {rect[2] - rect[0]:g} {rect[3] - rect[1]:g}]"
            look = objects.stream(shown, f"{entries} /Resources {resources}")
            annotation = f"<< /Type /Annot /Subtype /Widget /FT /Tx /F 4 /Rect {_numbers(rect)} /AP << /N {look} >> >>"
            fields += f" {objects.add(annotation)}"
        crop = f" /CropBox {_numbers(page.crop)}" if page.crop else ""
        kids.append(
            objects.add(
                f"<< /Type /Page /Parent 1 0 R /MediaBox {_numbers(page.media)}{crop} /Rotate {page.rotate}"
                f" /Contents {content} /Resources {resources} /Annots [{fields}] >>"
            )
        )
    objects.bodies[0] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    root = objects.add("<< /Type /Catalog /Pages 1 0 R >>")
    trailer = ""
    if password is not None:
        key, entries = _security(password)
        objects.bodies = [_encrypt(body, number, key) for number, body in enumerate(objects.bodies, 1)]
        trailer = f"/Encrypt {objects.add(entries)} /ID [<{_ID.hex()}> <{_ID.hex()}>]"
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects.bodies, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(places) + 1} /Root {root} {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_ID = bytes(16)


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def _security(password: str) -> tuple[bytes, str]:
    """Key and encryption dictionary of the standard handler, revision 2 (PDF 1.7, 7.6.3)."""
    padded = (password.encode() + _PADDING)[:32]
    owner = _rc4(hashlib.md5((b"owner" + _PADDING)[:32]).digest()[:5], padded)
    key = hashlib.md5(padded + owner + (-4).to_bytes(4, "little", signed=True) + _ID).digest()[:5]
    user = _rc4(key, _PADDING)
    return key, f"<< /Filter /Standard /V 1 /R 2 /O <{owner.hex()}> /U <{user.hex()}> /P -4 >>"


def _encrypt(body: bytes, number: int, key: bytes) -> bytes:
    head, marker, rest = body.partition(b"\nstream\n")
    if not marker:
        return body
    own = hashlib.md5(key + number.to_bytes(3, "little") + bytes(2)).digest()[:10]
    return head + marker + _rc4(own, rest.removesuffix(b"\nendstream")) + b"\nendstream"


def text(x: float, y: float, content: str, size: float = 10, font: str = "F1", before: str = "") -> str:
    """One piece of text with its origin at (x, y); `before` holds operators inside BT (`3 Tr`, `2 Tc` …)."""
    if font in ("F1", "F2"):
        shown = f"<{content.encode('utf-16-be').hex()}>"
    elif font == "F4":
        shown = f"<{content}>"
    elif font == "F6":
        shown = "(" + "".join(chr(ord("A") + OWN.index(letter)) for letter in content) + ")"
    else:
        shown = "(" + content.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") + ")"
    return f"BT /{font} {size:g} Tf {before} 1 0 0 1 {x:g} {y:g} Tm {shown} Tj ET\n"


def turned_text(x: float, y: float, content: str, matrix: str, size: float = 10) -> str:
    """Text whose `matrix` (`a b c d`) turns it."""
    return f"BT /F1 {size:g} Tf {matrix} {x:g} {y:g} Tm <{content.encode('utf-16-be').hex()}> Tj ET\n"


def line(x0: float, y0: float, x1: float, y1: float, width: float = 0.5) -> str:
    """A stroke."""
    return f"{width:g} w {x0:g} {y0:g} m {x1:g} {y1:g} l S\n"


def box(x0: float, y0: float, x1: float, y1: float, paint: str = "S") -> str:
    """A rectangle, painted by the operator `paint`."""
    return f"{x0:g} {y0:g} {x1 - x0:g} {y1 - y0:g} re {paint}\n"


def ruled(xs: Sequence[float], ys: Sequence[float], width: float = 0.5) -> str:
    """All rules of a plain table, as strokes."""
    rows = "".join(line(min(xs), y, max(xs), y, width) for y in ys)
    return rows + "".join(line(x, min(ys), x, max(ys), width) for x in xs)

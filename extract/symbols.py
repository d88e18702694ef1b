"""Unicode for the symbol fonts of Office: their characters are stored as codes, which mean nothing without the font.

Only what forms use and what has one clear equal in Unicode: ticks, boxes, bullets, comparison and arithmetic signs,
Greek. A code that is not listed keeps its (private-use) character: text is never lost and never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping

_PRIVATE = 0xF000


def _table(pairs: str) -> dict[int, str]:
    """`"A3:□ 52:☑"`: hexadecimal code in the font, colon, character."""
    return {int(code, 16): char for code, _, char in (pair.partition(":") for pair in pairs.split())}


_SYMBOL_GREEK = dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True)) | dict(
    zip(range(0x41, 0x5B), "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True)
)

FONTS: Mapping[str, Mapping[int, str]] = {
    "symbol": _SYMBOL_GREEK
    | _table(
        "A3:≤ A5:∞ AB:↔ AC:← AD:↑ AE:→ AF:↓ B0:° B1:± B2:″ B3:≥ B4:× B5:∝ B7:• B8:÷ B9:≠ BA:≡ BB:≈ BC:… C6:∅ C7:∩ C8:∪ "
        "CE:∈ CF:∉ D1:∇ D5:∏ D6:√ D7:⋅ D9:∧ DA:∨ DB:⇔ DC:⇐ DD:⇑ DE:⇒ DF:⇓ E5:∑ F2:∫ 2D:−"
    ),
    "wingdings": _table(
        "6C:● 6D:❍ 6E:■ 6F:□ 70:□ 71:❑ 72:❒ 73:⬧ 74:⧫ 75:◆ 76:❖ 77:⬥ 80:⓪ 81:① 82:② 83:③ 84:④ 85:⑤ 86:⑥ 87:⑦ 88:⑧ "
        "89:⑨ 8A:⑩ 8C:❶ 8D:❷ 8E:❸ 8F:❹ 90:❺ 91:❻ 92:❼ 93:❽ 94:❾ 95:❿ 9F:• A0:▪ A1:○ A4:◉ A7:▪ A8:□ AB:★ D8:➢ "
        "DF:← E0:→ E1:↑ E2:↓ E8:➔ F0:⇨ FB:✗ FC:✓ FD:☒ FE:☑"
    ),
    "wingdings 2": _table(
        "4F:✗ 50:✓ 51:☒ 52:☑ 53:☒ 54:☒ 55:⮽ 56:☒ 6A:① 6B:② 6C:③ 6D:④ 6E:⑤ 6F:⑥ 70:⑦ 71:⑧ 72:⑨ 73:⑩ 97:● 98:● 99:○ "
        "9A:○ 9E:⊙ A0:■ A2:■ A3:□ A4:□ A5:□ A6:□ AF:❖"
    ),
    "wingdings 3": _table("22:↔ 70:▲ 71:▼ 74:◄ 75:► 7C:◀ 7D:▶ 80:△ 81:▽"),
    "webdings": _table("61:✔ 63:□ 67:■ 6E:● 72:✗ 31:□ 33:◀ 34:▶ 35:▲ 36:▼"),
}


def symbol(font: str, code: int) -> str:
    """The character of a `w:sym`: `code` as stored, with or without the private-use offset."""
    table = FONTS.get(font.strip().lower())
    if table is not None:
        known = table.get(code - _PRIVATE if code >= _PRIVATE else code)
        if known is not None:
            return known
        if 0x20 <= code < 0x100:
            return chr(_PRIVATE + code)
    valid = 0x20 <= code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if valid else ""


def translate(font: str, text: str) -> str:
    """Text set in a symbol font; text in any other font is returned as it is."""
    table = FONTS.get(font.strip().lower())
    if table is None:
        return text
    return "".join(table.get(ord(char) - _PRIVATE if ord(char) >= _PRIVATE else ord(char), char) for char in text)


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def raised(before: str, text: str) -> str:
    """A raised or lowered text behind another one: its digits behind a digit are no more digits of that figure (120¹, the mark of a note).

    Elsewhere they stay as they are: m2 is a unit, CO2 a name.
    """
    return text.translate(_RAISED) if before[-1:].isdecimal() and text[:1].isdecimal() else text

"""Crossed-out letters of spreadsheets: the readers mark them in the text, and here they leave it and are told.

Excel and LibreOffice cross out a whole cell by its style, and a part of one by runs of rich text. Readers look for either
only where the file has a font that crosses out.
"""

from __future__ import annotations

import re

_STROKE = "\u0336"
"""COMBINING LONG STROKE OVERLAY behind a letter."""
_STRUCK = re.compile(rf"(?:[^{_STROKE}]{_STROKE})+(?:\s+(?:[^{_STROKE}]{_STROKE})+)*", re.DOTALL)
SOME_STRUCK = "单元格里有划去的文字，没有读入，请核对原件。"
ALL_STRUCK = "单元格里的文字全部被划去，仍按原文读入，请核对原件。"


def strike(text: str) -> str:
    """The text with each letter marked as crossed out."""
    return "".join([f"{letter}{_STROKE}" if letter.strip() and letter != _STROKE else letter for letter in text])


def settle(texts: list[str]) -> list[tuple[int, str, str]]:
    """Takes crossed-out letters out of texts, in place: they are what was replaced. A text of nothing else stays.

    Gives for each text that had some its index, what is to be told, and the letters.
    """
    told: list[tuple[int, str, str]] = []
    for index, text in enumerate(texts):
        if _STROKE in text:
            rest = _STRUCK.sub("", text)
            gone = "".join(_STRUCK.findall(text)).replace(_STROKE, "")
            texts[index] = rest if rest.strip() else text.replace(_STROKE, "")
            told.append((index, SOME_STRUCK if rest.strip() else ALL_STRUCK, gone))
    return told

"""Crossed-out letters of spreadsheets: the readers mark them in the text, and here they leave it and are told.

Excel and LibreOffice cross out a whole cell by its style, and a part of one by runs of rich text. Readers look for either
only where the file has a font that crosses out.
"""

from __future__ import annotations

import re

from yusuan.extract.struck import struck_message

_STROKE = "\u0336"
"""COMBINING LONG STROKE OVERLAY behind a letter."""
_STRUCK = re.compile(rf"(?:[^{_STROKE}]{_STROKE})+(?:\s+(?:[^{_STROKE}]{_STROKE})+)*", re.DOTALL)


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
            is_all = not rest.strip()
            texts[index] = text.replace(_STROKE, "") if is_all else rest
            told.append((index, struck_message(is_all=is_all), gone))
    return told

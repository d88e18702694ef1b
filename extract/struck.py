"""What is said of crossed-out text, in all formats that tell which letters are crossed out.

It is what was replaced, so the readers take it out of its cell. A cell of nothing else keeps it: there is no other text that
could have replaced it. (A PDF only has a line across letters, which may mean anything: there the text always stays.)
"""

from __future__ import annotations


def struck_message(*, is_all: bool, original: str = "原件") -> str:
    """For a note `struck-text`. `is_all`: nothing else stands in the cell; `original`: what to compare the cell with."""
    if is_all:
        return f"单元格里的文字全部被划去，仍按原文读入，请核对{original}。"
    return f"单元格里有划去的文字，没有读入，请核对{original}。"

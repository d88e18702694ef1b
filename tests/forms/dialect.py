"""How one form is spelled, broken and merged: the choices that differ between two offices filling in the same family."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

_CJK = re.compile(r"[一-鿿]")
_RISKY = frozenset("一二三四五六七八九十第目指任内项")
_WIDE = str.maketrans("（）", "()")


@dataclass(frozen=True)
class Dialect:
    """One form's habits. Rates are probabilities for each label or text."""

    merge: str  # of labels beside rows: merged, blank
    levels: str  # of level 1 and 2: merged, blank, repeat
    damage: float
    wrap: float
    jitter: int
    colon: bool
    unit: str
    unit_at: str  # caption, label, both
    title_at: str  # table, context
    caption: str  # one, cells, context
    commas: bool
    decimals: bool
    zero: str
    none: str  # what stands where a source gives nothing: 0, empty, dash, mixed
    fine: bool  # amounts in 万元 with four places
    odd_amounts: float  # rate of amounts with damaged digits
    glyphs: int  # 0: ≥ ≤, 1: others of one kind, 2: any
    words: float  # rate of operators written as words
    fillers: bool
    templates: bool
    split: bool  # the form stands in two tables
    strange: float  # rate of labels in words that no list knows


def draw(rng: Random, *, unit: str | None = None, strange: float = 0.0) -> Dialect:
    """A dialect; `unit` fixes the unit of money where the family has one, `strange` is the rate of unknown words."""
    heavy = rng.random() < 0.3
    return Dialect(
        merge=rng.choices(("merged", "blank"), (4, 1))[0],
        levels=rng.choices(("merged", "blank", "repeat"), (6, 3, 1))[0],
        damage=rng.choice((0.0, 0.0, 0.1, 0.3)) if not heavy else 0.45,
        wrap=rng.choice((0.0, 0.2)) if not heavy else 0.6,
        jitter=rng.choice((0, 0, 3)),
        colon=rng.random() < 0.5,
        unit=unit or rng.choice(("元", "万元", "万元")),
        unit_at=rng.choice(("caption", "label", "both")),
        title_at=rng.choice(("table", "context")),
        caption=rng.choice(("one", "cells", "context")),
        commas=rng.random() < 0.6,
        decimals=rng.random() < 0.5,
        zero=rng.choice(("0", "0.00")),
        none=rng.choice(("0", "empty", "dash", "mixed")),
        fine=rng.random() < 0.15,
        odd_amounts=rng.choice((0.0, 0.0, 0.15)),
        glyphs=rng.choice((0, 0, 1, 2)),
        words=rng.choice((0.0, 0.1, 0.3)),
        fillers=rng.random() < 0.25,
        templates=rng.random() < 0.5,
        split=rng.random() < 0.12,
        strange=strange,
    )


# --- labels -----------------------------------------------------------------------------------------------------------


def damaged(label: str, rng: Random, dialect: Dialect, *, dots: bool = False) -> str:
    """The label as a careless form prints it; `label_key` of both is the same. `dots` allows a stray dot inside."""
    if rng.random() >= dialect.damage:
        return label
    plain = len(_CJK.findall(label)) == len(label)
    choices = ["break", "lead", "width"]
    if plain and len(label) <= 6:
        choices += ["stretch", "stack"]
    if dots and plain and len(label) >= 5:
        choices.append("dot")
    how = rng.choice(choices)
    middle = _middle(label, rng)
    if how == "break" and middle:
        return label[:middle] + rng.choice(("\n", "\n\n")) + label[middle:]
    if how == "dot" and middle:
        return label[:middle] + "." + label[middle:]
    if how == "stretch":
        return " ".join(label)
    if how == "stack":
        return "\n".join(label)
    if how == "width":
        return label.translate(_WIDE)
    return rng.choice((" ", "  ", "\u3000")) + label + rng.choice(("", " "))


def _middle(label: str, rng: Random) -> int:
    """A position between two characters of a word, 0 where there is none."""
    places = [at for at in range(2, len(label) - 1) if _CJK.match(label[at - 1]) and _CJK.match(label[at])]
    return rng.choice(places) if places else 0


def labelled(label: str, rng: Random, dialect: Dialect, *, colon: bool = False) -> str:
    return damaged(label, rng, dialect) + (rng.choice(("：", ":", "：")) if colon and dialect.colon else "")


# --- texts ------------------------------------------------------------------------------------------------------------


def wrapped(lines: Sequence[str], rng: Random, dialect: Dialect) -> str:
    """A text as its cell holds it: true lines stay line ends, some of them broken where the writer's window ended."""
    return "\n".join(_broken(line, rng) if rng.random() < dialect.wrap else line for line in lines)


def _broken(line: str, rng: Random) -> str:
    places = [
        at
        for at in range(6, len(line) - 2)
        if _CJK.match(line[at - 1]) and _CJK.match(line[at]) and line[at] not in _RISKY
    ]
    if not places:
        return line
    at = rng.choice(places)
    return line[:at] + "\n" + line[at:]


def listed(sentences: Sequence[str], rng: Random) -> list[str]:
    """Sentences as lines: one running text, numbered items of some kind, or sentences that end their lines."""
    how = rng.choice(("run", "run", "comma", "chinese", "bracket", "goal", "lines"))
    if how == "run" or len(sentences) < 2:
        return ["".join(sentences)]
    if how == "lines":
        return list(sentences)
    chinese = "一二三四五六七八九"
    marks = {
        "comma": [f"{n}、" for n in range(1, 10)],
        "chinese": [f"{n}、" for n in chinese],
        "bracket": [f"（{n}）" for n in range(1, 10)],
        "goal": [f"目标{n}：" for n in range(1, 10)],
    }[how]
    return [mark + sentence for mark, sentence in zip(marks, sentences, strict=False)]

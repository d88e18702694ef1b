"""Spelling → canonical code, out of schemas/lookups/*.toml.

A spelling that is not listed has no code: nothing is matched by likeness.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from yusuan.normalize.text import label_key, label_stem

_BRACKETED = re.compile(r"\([^()]*\)")
_SCORE = re.compile(r"[\d.%~—–-]+分?$")
_LEVEL_WORDS = re.compile(r"绩效|指标|[一二三]级")


@cache
def lookup(name: str) -> Mapping[str, object]:
    """The parsed `schemas/lookups/<name>.toml`."""
    return tomllib.loads(files("yusuan.schemas.lookups").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def words(name: str, *path: str) -> tuple[str, ...]:
    """The list of texts at `path` in a lookup."""
    found: object = lookup(name)
    for key in path:
        if not isinstance(found, dict):
            raise TypeError(f"lookups/{name}.toml: {'.'.join(path)} is no list of words")
        found = found[key]
    if not isinstance(found, list) or not all(isinstance(word, str) and word for word in found):
        raise TypeError(f"lookups/{name}.toml: {'.'.join(path)} must be a list of non-empty texts, not {found!r}")
    return tuple(found)


@cache
def words_of(*periods: str) -> re.Pattern[str]:
    """Finds words that name one of these periods, or what was reached (lookups/words.toml)."""
    return re.compile("|".join(re.escape(word) for period in periods for word in words("words", "periods", period)))


def _level_name(label: str) -> str:
    """`产出（工作量）指标（0-20）分` → 产出: how the names of levels are compared (FORMS §2)."""
    name = _BRACKETED.sub("", label_stem(label))
    return _LEVEL_WORDS.sub("", _SCORE.sub("", name))


@cache
def _levels(level: str) -> Mapping[str, str]:
    table = lookup("levels")[level]
    if not isinstance(table, dict):
        raise TypeError(f"lookups/levels.toml: {level} must be a table")
    return {_level_name(spelling): code for code in table for spelling in words("levels", level, code)}


def _level_code(label: str, level: str) -> str | None:
    name = _level_name(label)
    if any(word in name for word in words("levels", "satisfaction_words")):
        return "satisfaction"
    return _levels(level).get(name)


@lru_cache(maxsize=4096)
def level1_code(label: str) -> str | None:
    """The code of a first level name: `效益指标（30分）`, `效果`, `社会公众或服务对象满意度指标` …"""
    return _level_code(label, "level1")


@lru_cache(maxsize=4096)
def level2_code(label: str) -> str | None:
    """The code of a second level name; every name with 满意度 is satisfaction."""
    return _level_code(label, "level2")


@cache
def fund_sources() -> Mapping[str, str]:
    """The code of each spelling of a fund source, by its label key."""
    return {label_key(spelling): code for code in lookup("fund_sources") for spelling in words("fund_sources", code)}

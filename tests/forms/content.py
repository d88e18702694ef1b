"""What a form is about: a project of an invented office with texts, money and indicators that agree with one another."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.forms.dialect import Dialect
from tests.forms.values import Target, about, between, day, figure, number, two_quantities, word

SATISFACTION = "satisfaction"


@dataclass(frozen=True)
class Slot:
    """One line of an indicator table: a second level with an indicator (name and a value for term and year) or a template's empty one."""

    level1: str
    level2: str
    name: str = ""
    term: Target | None = None
    annual: Target | None = None


@dataclass(frozen=True)
class Content:
    """A project. `slots` stand in the order of a form; `years` is its term, `year` the year of the form, `start` its first."""

    name: str
    place: str
    department: str
    unit: str
    person: str
    phone: str
    year: int
    start: int
    years: int
    overview: tuple[str, ...]
    basis: str
    necessity: str
    safeguards: str
    plan: str
    goal_term: tuple[str, ...]
    goal_annual: tuple[str, ...]
    goal_actual: tuple[str, ...]
    total_annual: Decimal
    total_term: Decimal
    slots: tuple[Slot, ...]


@cache
def bank() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "content.toml").read_text(encoding="utf-8"))


def project(rng: Random, dialect: Dialect, *, place: str, year: int, cost_level: bool, number_of: int) -> Content:
    """A project that no other one of its document is called like (`number_of` is its number there)."""
    theme = bank()["themes"][(rng.randrange(20) + 7 * number_of) % 20]
    years = rng.choice((1, 1, 2, 3, 3, 5))
    start = year - rng.randrange(years)
    suffix = rng.choice(("", "项目", "经费", "补助资金", "专项"))
    phase = ("", "", f"（{'一二三四五六七八九'[number_of % 9]}期）")[rng.randrange(3)]
    slots = tuple(_slots(theme, rng, dialect, year, (years, start + years - 1), cost_level))
    step = Decimal(100) if dialect.unit == "万元" else Decimal(rng.choice((1, 100, 1000)))
    annual = Decimal(rng.randint(30, 90000)) * step
    if dialect.unit == "万元":
        annual = annual * (100 if annual < 10000 else 1) + (rng.randint(1, 99) if dialect.fine else 0)
    term = annual * years if rng.random() < 0.8 else annual * years + Decimal(rng.randint(0, 20)) * step
    if years == 1:
        term = annual
    fill = {"place": place, "n": rng.randint(1, 99), "year": year}
    store = bank()
    outputs = [slot for slot in slots if slot.level1 == "output" and slot.annual and slot.annual.value]
    done = [f"{slot.name}{slot.annual.text}；" for slot in outputs[:2] if slot.annual]
    return Content(
        name=f"{rng.choice(('', '', place, f'{year}年'))}{theme['name']}{suffix}{phase}",
        place=place,
        department=f"{place}{theme['department']}",
        unit=f"{place}{theme['unit']}",
        person=rng.choice(store["people"]),
        phone=f"0{rng.randint(310, 999)}-{rng.randint(2000000, 8999999)}",
        year=year,
        start=start,
        years=years,
        overview=(theme["overview"], *_some(rng, [f"项目由{place}{theme['unit']}负责实施。"])),
        basis=rng.choice(store["bases"]).format(**fill),
        necessity=theme["necessity"],
        safeguards=rng.choice(store["safeguards"]),
        plan=rng.choice(store["plans"]),
        goal_term=(theme["goal"], f"项目实施期为{years}年，分年度推进。"),
        goal_annual=("".join(done).rstrip("；") + "。" if done else "完成年度任务。", theme["goal"]),
        goal_actual=(
            f"{rng.choice(('全面', '较好地', '按计划'))}完成了年度任务。",
            f"{theme['satisfaction']}反映良好。",
        ),
        total_annual=annual,
        total_term=term,
        slots=slots,
    )


def _some(rng: Random, sentences: Sequence[str]) -> list[str]:
    return [sentence for sentence in sentences if rng.random() < 0.6]


def _slots(
    theme: dict[str, Any], rng: Random, dialect: Dialect, year: int, term: tuple[int, int], cost_level: bool
) -> list[Slot]:
    """`term`: its years and its last year."""
    years, last = term

    def take(key: str, most: int) -> list[Any]:
        entries = list(theme[key])
        rng.shuffle(entries)
        return entries[: rng.randint(1, most)]

    def both(make: Any, level1: str, level2: str, name: str) -> Slot:
        return Slot(level1, level2, name, make(years), make(1))

    slots = [both(_flow(entry, rng, dialect), "output", "quantity", entry[0]) for entry in take("quantity", 2)]
    if rng.random() < 0.08:
        slots.append(Slot("output", "quantity", "发放补助户数及人数", two_quantities(rng), two_quantities(rng)))
    slots += [both(_share(rng, dialect), "output", "quality", name) for name in take("quality", 2)]
    slots += [both(_share(rng, dialect), "output", "timeliness", name) for name in take("timeliness", 1)]
    if rng.random() < 0.5:
        slots.append(Slot("output", "timeliness", "项目完成时间", day(last, rng), day(year, rng)))
    elif rng.random() < 0.4:
        slots.append(Slot("output", "timeliness", "工作开展及时性", word("及时"), word("及时")))
    costs = [both(_level(entry, rng, dialect, "<="), "cost", "economic_cost", entry[0]) for entry in take("cost", 1)]
    if cost_level:
        if rng.random() < 0.4:
            costs.append(Slot("cost", "social_cost", "施工扰民情况", word("可控"), word("可控")))
        if rng.random() < 0.4:
            costs.append(Slot("cost", "environmental_cost", "环境影响", word("符合相关规定"), word("合理")))
    else:
        slots += [Slot("output", "cost", cost.name, cost.term, cost.annual) for cost in costs]
    for key, level2 in (
        ("economic", "economic_benefit"),
        ("social", "social_benefit"),
        ("ecological", "ecological_benefit"),
        ("sustainability", "sustainability"),
    ):
        if key != "social" and rng.random() < 0.35:
            if dialect.templates:
                slots.append(Slot("benefit", level2))
            continue
        for entry in take(key, 2 if key == "social" else 1):
            make = _level(entry, rng, dialect, ">=") if len(entry) == 4 else _same(entry[1])
            slots.append(both(make, "benefit", level2, entry[0]))
    who = theme["satisfaction"]
    slots.append(both(_share(rng, dialect, least=85), SATISFACTION, SATISFACTION, f"{who}满意度"))
    return costs + slots if cost_level and rng.random() < 0.5 else slots + costs if cost_level else slots


def _flow(entry: list[Any], rng: Random, dialect: Dialect) -> Any:
    """What is done each year: the term's figure is the year's times its years, except where it is the same stock."""
    _, unit, low, high = entry
    value = rng.randint(low, high)
    if value > 2000:
        value -= value % 100
    stock = rng.random() < 0.4 or unit in ("天", "平方米")
    operator = rng.choice((None, None, ">=", ">=", "="))
    if rng.random() < 0.06:
        return lambda years: about(value * (1 if stock else years), unit)
    return lambda years: figure(value * (1 if stock else years), unit, operator, rng, dialect)


def _level(entry: list[Any], rng: Random, dialect: Dialect, direction: str) -> Any:
    _, unit, low, high = entry
    value = round(rng.uniform(low, high), 1) if high < 20 else float(rng.randint(int(low), int(high)))
    operator = rng.choice((direction, direction, None)) if value else None
    return lambda _: figure(value, unit, operator, rng, dialect)


def _share(rng: Random, dialect: Dialect, least: int = 90) -> Any:
    value = rng.choice((100, 100, rng.randint(least, 99))) if least >= 90 else rng.randint(least, 98)
    operator = rng.choice((None, "=", ">=")) if value == 100 else rng.choice((">=", ">=", ">", None))
    if value < 96 and rng.random() < 0.06:
        return lambda _: between(value, value + 3, "%", rng)
    return lambda _: figure(value, "%", operator, rng, dialect)


def _same(text: str) -> Any:
    return lambda _: word(text)


def actual_of(target: Target, rng: Random) -> tuple[str, float | None]:
    """What a self-evaluation states as reached, and its figure."""
    if target.kind == "qualitative":
        return target.text, None
    if target.kind == "date":
        return "已按期完成", None
    value = target.value or 0.0
    reached = value if rng.random() < 0.6 or value < 10 else float(round(value * rng.choice((0.95, 1.02))))
    if target.unit == "%":
        reached = min(reached, 100.0)
    return f"{number(reached)}{target.unit}", reached

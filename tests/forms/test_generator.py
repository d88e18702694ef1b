"""The generator itself: the same seed gives the same document, and the truth names the cells that state it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bench.facts import compare
from tests.forms import FAMILIES, Generated, generate, generate_mixed
from tests.forms.truth import Item
from yusuan.extract.grid import Document, parse_grids, print_grids
from yusuan.normalize import normalize

SEEDS = range(900, 904)  # not those of the benchmark


def _items(made: Generated) -> list[Item]:
    rows = [row for project in made.projects for row in (*project.funds, *project.indicators, *project.fields)]
    return [row.item for row in rows] + [item for project in made.projects for item in project.items.values()]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_gives_the_same_document(family: str) -> None:
    first, second = generate(family, 900), generate(family, 900)
    assert print_grids(first.grids) == print_grids(second.grids)
    assert [project.columns for project in first.projects] == [project.columns for project in second.projects]
    assert print_grids(first.grids) != print_grids(generate(family, 901).grids)


@pytest.mark.parametrize("family", FAMILIES)
def test_places_name_the_cells_of_the_truth(family: str) -> None:
    for seed in SEEDS:
        made = generate(family, seed)
        items = _items(made)
        assert items
        for item in items:
            assert item.place is not None
            grid, row, col = item.place
            cell = made.grids[grid].at(row, col)
            assert cell is not None
            assert (cell.row, cell.col, cell.text) == (row, col, item.text)


@pytest.mark.parametrize("family", FAMILIES)
def test_forms_survive_the_notation(family: str) -> None:
    for seed in SEEDS:
        grids = generate(family, seed).grids
        assert [grid.cells for grid in parse_grids(print_grids(grids))] == [grid.cells for grid in grids]


def test_parts_add_up_unless_the_fault_says_otherwise() -> None:
    checked = 0
    for family in "ABEJ":
        for seed in SEEDS:
            for project in generate(family, seed).projects:
                for period in ("implementation", "annual"):
                    rows = [row.values for row in project.funds if row.values["period"] == period]
                    total = next(row["amount"] for row in rows if row["depth"] == 0)
                    parts = sum((Decimal(str(row["amount"] or 0)) for row in rows if row["depth"] == 1), Decimal(0))
                    wrong = any(issue.code == "funds-sum" for issue in project.expected)
                    if total is not None and not wrong:
                        assert parts == total
                        checked += 1
    assert checked > 20


@pytest.mark.parametrize("family", FAMILIES)
def test_declared_families_are_read_without_a_silent_error(family: str) -> None:
    """A small sample of what bench/accuracy.py measures; there the figures stand that the project promises."""
    for seed in SEEDS:
        made = generate(family, seed)
        result = normalize(Document("docx", made.grids), "0" * 64)
        for _, score in compare(made.projects, result):
            assert [wrong for wrong in score.wrong if wrong.silent] == [], made.name
            assert score.recall > 0.9, made.name


def test_comparison_sees_a_wrong_figure() -> None:
    made = generate_mixed(900)
    result = normalize(Document("docx", made.grids), "0" * 64)
    before = sum(len(score.wrong) for _, score in compare(made.projects, result))
    fund = next(row for row in result.funds if row["amount"] is not None)
    fund["amount"] = Decimal(1)
    wrong = [wrong for _, score in compare(made.projects, result) for wrong in score.wrong]
    assert len(wrong) == before + 1
    assert any(found.silent and found.column == "amount" and found.read == 1 for found in wrong)

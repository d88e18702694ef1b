"""Reads generated forms whose truth is known and prints, family by family, how many facts came out right.

python bench/accuracy.py                     the table, all layouts and each family's layouts withheld
python bench/accuracy.py --show 3            the first three documents that were misread: facts and form
python bench/accuracy.py --show 3 --withheld the same with the family's layouts withheld
python bench/accuracy.py --name H-0012       one document: form and differences
python bench/accuracy.py --pdf 40            forty documents through LibreOffice as well (cached in build/accuracy)
python bench/accuracy.py --check             exit code 1 where a limit of bench/README.md is missed
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.facts import Score, Wrong, compare  # noqa: E402
from tests.build import build_docx  # noqa: E402
from tests.forms import FAMILIES, Generated, generate, generate_mixed  # noqa: E402
from tests.recipe import convert  # noqa: E402
from yusuan.extract import read  # noqa: E402
from yusuan.extract.grid import Document, print_grids  # noqa: E402
from yusuan.normalize import Layout, Normalized, layouts, normalize  # noqa: E402

CACHE = ROOT / "build" / "accuracy"
_MIXED = 20
_OWN_SHARE = 0.1  # a layout that reads this share of a family's blocks is one of the family's own

_STRANGE = 0.2  # rate of labels in words that no list knows

DECLARED, WITHHELD, PDF, STRANGE = "declared", "withheld", "pdf", "strange"
TITLES = {
    DECLARED: "All layouts",
    WITHHELD: "The family's own layouts withheld",
    PDF: "All layouts, documents through PDF",
    STRANGE: "All layouts, a fifth of the labels in words that no list knows",
}
_DECLARED_LIMITS = {"recall": 0.995, "precision": 0.999, "silent": 0.0, "alarms": 0.01}
LIMITS = {
    DECLARED: _DECLARED_LIMITS,
    WITHHELD: {"recall": 0.80, "silent": 0.005},
    PDF: _DECLARED_LIMITS,
    STRANGE: {"silent": 0.0},
}


@dataclass(frozen=True)
class Source:
    """A generated document and the way it takes: straight as grids, through Word or through PDF."""

    made: Generated
    way: str
    seed: int = 0

    def document(self) -> Document:
        if self.way == "grids":
            return Document("docx", self.made.grids)
        data = build_docx(self.made.grids)
        return read(_pdf_path(self.made, data).read_bytes() if self.way == PDF else data)


def sources(count: int, first: int, families: Iterable[str]) -> list[Source]:
    """`count` documents over the families in turn, seeds from `first`; every second one goes through Word. Mixed ones come on top."""
    chosen = sorted(families)
    found = []
    for at in range(count):
        turn, family = at // len(chosen), chosen[at % len(chosen)]
        found.append(Source(generate(family, first + turn), "docx" if turn % 2 else "grids", first + turn))
    if len(chosen) == len(FAMILIES):
        found += [Source(generate_mixed(first + at), "docx" if at % 2 else "grids", first + at) for at in range(_MIXED)]
    return found


def named(name: str, *, even: bool = False) -> Source:
    """The document that `show` calls so: `H-0012`, `mixed-0003`, and `H-0012s` with unknown words."""
    family, _, digits = name.removesuffix("s").partition("-")
    seed = int(digits)
    if family == "mixed":
        return Source(generate_mixed(seed, even=even), "grids", seed)
    return Source(generate(family, seed, strange=_STRANGE if name.endswith("s") else 0.0, even=even), "grids", seed)


def without_places(made: Generated) -> Generated:
    """The same document with a truth that names no cells: a page has grids of its own. Changes the truth in place."""
    for project in made.projects:
        rows = (*project.funds, *project.indicators, *project.fields)
        issues = (item for expected in project.expected for item in expected.items)
        items = (*project.items.values(), *(item for row in rows for item in (row.item, *row.items.values())), *issues)
        for item in items:
            item.place = None
    return made


# --- PDF --------------------------------------------------------------------------------------------------------------


def _pdf_path(made: Generated, data: bytes) -> Path:
    return CACHE / f"{made.name}-{hashlib.sha256(data).hexdigest()[:12]}.pdf"


def render(documents: Sequence[Generated]) -> None:
    """Writes the PDF files that the cache does not have, in one call of LibreOffice."""
    work = CACHE / "docx"
    work.mkdir(parents=True, exist_ok=True)
    missing = []
    for made in documents:
        data = build_docx(made.grids)
        target = _pdf_path(made, data)
        if not target.exists():
            (work / f"{target.stem}.docx").write_bytes(data)
            missing.append(work / f"{target.stem}.docx")
    if missing:
        convert(missing, CACHE, CACHE / "profile")
        for path in missing:
            path.unlink()


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass
class Read:
    """One document as read with some layouts."""

    source: Source
    result: Normalized
    scores: list[tuple[str, Score]]

    def failed(self) -> bool:
        return any(not score.fully_right or score.alarmed or score.overlooked for _, score in self.scores)


def read_all(documents: Sequence[tuple[Source, Document]], known: dict[str, tuple[Layout, ...]]) -> list[Read]:
    """Each document with the layouts that `known` gives for its family."""
    reads = []
    for source, document in documents:
        result = normalize(document, source.made.name.ljust(64, "0"), known[source.made.family])
        reads.append(Read(source, result, compare(source.made.projects, result, printed=source.way == PDF)))
    return reads


def own_layouts(reads: Sequence[Read]) -> dict[str, frozenset[str]]:
    """The layouts of each family: those that read at least a tenth of its blocks."""
    chosen: dict[str, Counter[str]] = {}
    for found in reads:
        chosen.setdefault(found.source.made.family, Counter()).update(block.layout for block in found.result.blocks)
    return {
        family: frozenset(
            layout for layout, count in counts.items() if layout != "unknown" and count >= _OWN_SHARE * counts.total()
        )
        for family, counts in chosen.items()
    }


def by_family(reads: Sequence[Read]) -> dict[str, Score]:
    totals: dict[str, Score] = {}
    for found in reads:
        for family, score in found.scores:
            totals.setdefault(family, Score()).add(score)
    return dict(sorted(totals.items()))


# --- printing ---------------------------------------------------------------------------------------------------------

_HEAD = "family  docs  projects  stated   right  missing  wrong  silent   recall  precision  alarms  issues found"


def print_table(title: str, reads: Sequence[Read]) -> Score:
    print(f"\n{title}\n{_HEAD}")
    whole = Score()
    documents = Counter(family for found in reads for family in {name for name, _ in found.scores})
    for family, score in by_family(reads).items():
        print(_line(family, documents[family], score))
        whole.add(score)
    print(_line("all", len(reads), whole))
    return whole


def _line(family: str, documents: int, score: Score) -> str:
    return (
        f"{family:<6}{documents:>6}{score.projects:>10}{score.stated:>8}{score.right:>8}{len(score.missing):>9}"
        f"{len(score.wrong):>7}{score.silent:>8}{score.recall:>9.2%}{score.precision:>11.2%}"
        f"{score.alarmed_projects:>4}/{score.right_projects:<4}{score.found:>6}/{score.expected}"
    )


def print_reasons(reads: Sequence[Read]) -> None:
    """What is misread most, by table and column."""
    counts: Counter[str] = Counter()
    for found in reads:
        for family, score in found.scores:
            counts.update(f"{family} {kind} {wrong.table}.{wrong.column}"
                          for kind, wrongs in (("missing", score.missing), ("wrong", score.wrong)) for wrong in wrongs)  # fmt: skip
            counts.update(f"{family} alarm {code}" for code in score.alarmed)
            counts.update(f"{family} overlooked {code}" for code in score.overlooked)
    for reason, count in counts.most_common(25):
        print(f"{count:>6}  {reason}")


def show(found: Read) -> None:
    """One document: what differs, then the form in the notation."""
    blocks = ", ".join(f"{block.layout} ({block.coverage:.2f})" for block in found.result.blocks)
    print(f"\n=== {found.source.made.name} by way of {found.source.way}; read with {blocks or 'nothing'}")
    for number, (family, score) in enumerate(found.scores, 1):
        for kind, wrongs in (("missing", score.missing), ("wrong", score.wrong)):
            for wrong in wrongs:
                print(f"  {family}{number} {_told(kind, wrong)}")
        for code in score.alarmed:
            print(f"  {family}{number} false alarm: {code}")
        for code in score.overlooked:
            print(f"  {family}{number} overlooked: {code}")
    for issue in found.result.issues:
        place = f"{issue.get('grid')}:{issue.get('row')}:{issue.get('col')}"
        print(f"  · {issue['severity']} {issue['code']} {issue.get('field')} {place} {issue['message']}")
    print(print_grids(found.source.made.grids))


def _told(kind: str, wrong: Wrong) -> str:
    mark = " SILENT" if wrong.silent else ""
    return f"{kind}{mark} {wrong.table}.{wrong.column} [{wrong.about}]: stated {wrong.stated!r}, read {wrong.read!r}"


def missed(title: str, whole: Score, limits: dict[str, float]) -> list[str]:
    """The limits that this run does not keep, as lines to print."""
    got = {
        "recall": whole.recall,
        "precision": whole.precision,
        "silent": whole.silent / max(whole.stated, 1),
        "alarms": whole.alarmed_projects / max(whole.right_projects, 1),
    }
    return [
        f"missed: {title}: {name} {got[name]:.3%}, limit {limit:.3%}"
        for name, limit in limits.items()
        if (got[name] < limit if name in ("recall", "precision") else got[name] > limit)
    ]


# --- command line -----------------------------------------------------------------------------------------------------


def run(chosen: Sequence[Source], pdf: int, *, strange: bool) -> dict[str, list[Read]]:
    """Every run over the same documents: all layouts; the family's own withheld; PDF; labels in unknown words."""
    known = layouts()
    documents = [(source, source.document()) for source in chosen]
    every = dict.fromkeys((*FAMILIES, "mixed"), known)
    runs = {DECLARED: read_all(documents, every)}
    own = own_layouts(runs[DECLARED])
    for family, ids in sorted(own.items()):
        print(f"{family}: {', '.join(sorted(ids)) or 'no layout reads it'}")
    rest = {family: tuple(layout for layout in known if layout.id not in ids) for family, ids in own.items()}
    alone = [(source, document) for source, document in documents if source.made.family != "mixed"]
    runs[WITHHELD] = read_all(alone, rest)
    if pdf:
        printed = [Source(without_places(named(source.made.name, even=True).made), PDF) for source in chosen[:pdf]]
        render([source.made for source in printed])
        runs[PDF] = read_all([(source, source.document()) for source in printed], every)
    if strange:
        odd = [Source(generate(source.made.family, source.seed, strange=_STRANGE), source.way) for source, _ in alone]
        runs[STRANGE] = read_all([(source, source.document()) for source in odd], every)
    return runs


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=200, help="documents over all families (200)")
    parser.add_argument("--first", type=int, default=0, help="first seed of each family (0)")
    parser.add_argument("--family", default="".join(FAMILIES), help="families to read, as letters (all)")
    parser.add_argument("--name", help="one document by its name, as --show prints it")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="show the first N misread documents")
    parser.add_argument("--run", default=DECLARED, choices=tuple(LIMITS), help="the run that --show shows (declared)")
    parser.add_argument("--reasons", action="store_true", help="count what is misread most")
    parser.add_argument("--pdf", type=int, default=0, metavar="N", help="N documents also through LibreOffice")
    parser.add_argument("--check", action="store_true", help="exit code 1 where a limit is missed")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    chosen = [named(options.name)] if options.name else sources(options.documents, options.first, options.family)
    started = time.perf_counter()
    runs = run(chosen, options.pdf, strange=not options.name)
    seconds = time.perf_counter() - started
    shown = [found for found in runs.get(options.run, []) if found.failed()]
    for found in runs[options.run] if options.name else shown[: options.show]:
        show(found)
    failures = []
    for name, reads in runs.items():
        failures += missed(name, print_table(TITLES[name], reads), LIMITS[name])
        if options.reasons:
            print_reasons(reads)
    print(f"\n{len(chosen)} documents in {seconds:.1f} s")
    print("\n".join(failures))
    return 1 if options.check and failures else 0


if __name__ == "__main__":
    sys.exit(main())

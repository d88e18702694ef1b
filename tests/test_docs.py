"""Documentation is tested: what exists is documented, and what is documented exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from yusuan import pages
from yusuan.cli import cli
from yusuan.manifest import COLUMNS
from yusuan.normalize.layout_file import layouts
from yusuan.schemas import issue_codes, tables

ROOT = Path(__file__).parent.parent
CLI = (ROOT / "docs/cli.md").read_text("utf-8")
READMES = ("README.md", "README.zh.md")
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})
OUTPUT = re.compile(r"<!-- output of make run -->\n```text\n(.*?)```", re.DOTALL)


def commands(group: click.Group = cli, name: str = "yusuan") -> Iterator[tuple[str, click.Command]]:
    for child in group.commands.values():
        yield f"{name} {child.name}", child
        if isinstance(child, click.Group):
            yield from commands(child, f"{name} {child.name}")


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=[name for name, _ in commands()])
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    assert name in CLI
    section = CLI[CLI.index(f"## {' '.join(name.split()[:2])}") :].split("\n## ")[0]
    assert command.help, f"{name} has no help"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]} has no help"
            for option in parameter.opts:
                assert f"`{option}`" in section, f"{name} {option}"


def test_no_option_is_documented_that_does_not_exist() -> None:
    known = {option for _, command in commands() for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)`", CLI)) <= known | {"--help", "--version"}


def test_every_exit_code_is_documented() -> None:
    assert re.findall(r"^\| (\d+) \|", CLI, re.MULTILINE) == ["0", "1", "2", "3", "130"]


def test_the_derived_pages_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert pages.stale(pages.pages()) == [], "run `make docs`"


def test_make_docs_writes_and_removes_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs/layouts").mkdir(parents=True)
    (tmp_path / "docs/layouts/gone.md").write_text("gone")
    assert pages.main(["--check"]) == 1
    assert pages.main([]) == 0
    assert pages.main(["--check"]) == 0
    assert not (tmp_path / "docs/layouts/gone.md").exists()


def test_every_table_column_issue_code_and_layout_is_documented() -> None:
    dictionary = (ROOT / "docs/data-dictionary.md").read_text("utf-8")
    for table in tables().values():
        section = dictionary[dictionary.index(f"## {table.name} ") :].split("\n## ")[0]
        for column in table.columns:
            assert f"| `{column.name}` | {column.title} |" in section
    for code in issue_codes():
        assert f"| `{code}` |" in dictionary
    for layout in layouts():
        assert f"(`{layout.id}`)" in (ROOT / "docs/layouts/README.md").read_text("utf-8").replace("[", "(").replace(
            "]", ")"
        )
    for readme in READMES:
        text = (ROOT / readme).read_text("utf-8")
        assert all(f"| `{name}`" in text for name in tables())


def test_the_columns_of_sources_csv_are_documented() -> None:
    for column in ("path", *COLUMNS):
        assert f"| `{column}` |" in CLI


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_shows_the_real_output(readme: str, tmp_path: Path) -> None:
    shown = OUTPUT.search((ROOT / readme).read_text("utf-8"))
    assert shown is not None
    result = CliRunner().invoke(cli, ["run", str(ROOT / "data/raw"), "--out", str(tmp_path / "out")])
    real = result.stdout.replace(str(tmp_path / "out"), "data/out")
    id_of_release = re.compile(r"release [0-9a-f]{16}")  # changes with every column, which is no news for a reader
    assert id_of_release.sub("release", shown[1]) == id_of_release.sub("release", real), "show the new output"


def test_the_code_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for readme in READMES:
        for block in re.findall(r"```python\n(.*?)```", (ROOT / readme).read_text("utf-8"), re.DOTALL):
            names: dict[str, object] = {}
            exec(compile(block, readme, "exec"), names)
            for comment, expression in re.findall(r"^(.*?)\s+# (15816900\.0) 元$", block, re.MULTILINE):
                assert eval(comment, names) == float(expression)


def test_every_target_of_make_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("run", "test", "check", "bench", "docs", "help"):
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)

"""The house as docs/decisions draw it: which way imports run, who may use which library, how long a file may be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {"yusuan": "yusuan", "extract": "yusuan.extract", "normalize": "yusuan.normalize",
            "schemas": "yusuan.schemas", "publish": "yusuan.publish"}  # fmt: skip

MAY_IMPORT = {
    "extract": {"extract"},
    "normalize": {"normalize", "extract", "schemas"},
    "schemas": {"schemas"},
    "publish": {"publish", "schemas"},
    "yusuan": {"yusuan", "extract", "normalize", "schemas", "publish"},
}
OWNERS = {
    "pandas": {"yusuan/notebook.py"},
    "pyarrow": {"publish/*", "yusuan/*"},
    "docx": {"yusuan/verify*.py"},
    "pdfplumber": {"yusuan/verify*.py"},
    "pypdfium2": {"extract/pdf*.py"},
    "pypdfium2_raw": {"extract/pdf*.py", "extract/scan*.py"},
    "cv2": {"extract/scan*.py"},
    "rapidocr": {"extract/scan_text.py"},
    "PIL": {"extract/scan*.py"},
    "numpy": {
        "extract/pdf*.py",
        "extract/ofd*.py",
        "extract/scan*.py",
        "extract/sheet*.py",
        "extract/compound.py",
        "publish/validate.py",
    },
    "lxml": {"extract/word*.py", "extract/package.py", "extract/sniff.py", "yusuan/verify_docx.py", "extract/web.py"},
    "python_calamine": set(),  # the second reader, in tests and bench only
    "click": {"yusuan/cli.py", "yusuan/cli_run.py", "yusuan/console.py"},
    "tqdm": {"yusuan/progress.py"},
    "duckdb": {"publish/*", "yusuan/store*.py", "yusuan/run.py"},
    "pebble": {"yusuan/workers.py"},
    "py7zr": {"yusuan/members_7z.py"},
    "rarfile": {"yusuan/members_rar.py"},
    "dask": {"yusuan/engine_dask.py"},
    "distributed": {"yusuan/engine_dask.py"},
}
LATE = {"yusuan/cli.py", "yusuan/cli_run.py"}
"""Files that may import inside functions: the command line, so that quick commands start quickly."""

FILES = sorted(path for folder in PACKAGES for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def package_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] != "yusuan":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in PACKAGES else "yusuan"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_run_one_way(path: Path) -> None:
    own = name(path).split("/")[0]
    for module in imports(ast.parse(path.read_text("utf-8"))):
        target = package_of(module)
        assert target is None or target in MAY_IMPORT[own], f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_library_is_imported_only_by_its_owners(path: Path) -> None:
    for module in imports(ast.parse(path.read_text("utf-8"))):
        owners = OWNERS.get(module.split(".")[0])
        assert owners is None or any(Path(name(path)).match(owner) for owner in owners), (
            f"{name(path)} imports {module}"
        )


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_stand_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert "TYPE_CHECKING" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if name(path) not in LATE:
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)):
            assert not list(imports(function)), f"{name(path)}, line {function.lineno}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 500


@pytest.mark.parametrize("path", FILES, ids=name)
def test_exceptions_are_never_swallowed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{name(path)}, line {node.lineno}: bare except"
            silent = all(isinstance(statement, ast.Pass) for statement in node.body)
            assert not silent, f"{name(path)}, line {node.lineno}: the exception vanishes"


def test_the_grid_imports_nothing_of_ours() -> None:
    assert not [m for m in imports(ast.parse((ROOT / "extract/grid.py").read_text("utf-8"))) if package_of(m)]


def test_every_package_is_shipped() -> None:
    declared = (ROOT / "pyproject.toml").read_text("utf-8")
    for folder, base in PACKAGES.items():
        for path in (ROOT / folder).rglob("*.py"):
            package = f"{base}{''.join('.' + part for part in path.parent.relative_to(ROOT / folder).parts)}"
            assert f'"{package}"' in declared, f"{package} is missing in pyproject.toml"
    for path in (ROOT / "schemas").rglob("*.toml"):
        package = ".".join(("yusuan", *path.parent.relative_to(ROOT).parts))
        assert f'"{package}" = ["*.toml"]' in declared, f"{path.name} would not be installed"


def test_no_machine_path_and_no_registry_stands_in_the_project() -> None:
    wrong = re.compile(r"(?<![\w.])/(?:work|home|root|opt)/\w|pypi\.org|\.whl\b")
    paths = [
        *FILES,
        *(ROOT / "tests").rglob("*.py"),
        ROOT / "Makefile",
        ROOT / "constraints.txt",
        ROOT / "pyproject.toml",
    ]
    for path in paths:
        if path != Path(__file__):
            assert not wrong.search(path.read_text("utf-8")), path


@pytest.mark.parametrize("path", FILES, ids=name)
def test_what_a_module_keeps_to_itself_is_used_by_no_other(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "yusuan":
            private = [alias.name for alias in node.names if re.match("_(?!_)", alias.name)]
            assert not private, f"{name(path)} imports {private} from {node.module}"

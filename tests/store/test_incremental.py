"""What a second run opens, and what it does not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.engines import Inline
from tests.samples import content, form
from yusuan import run as running
from yusuan.publish.files import PublishError
from yusuan.run import Options, run
from yusuan.store import Store
from yusuan.summary import Summary


def go(inputs: list[Path], out: Path, reader: Any = None, **options: Any) -> tuple[Summary, list[str]]:
    engine = Inline(reader)
    return run(list(inputs), out, Options(**options), engine=engine), engine.names


def names(out: Path) -> list[str]:
    return [str(name) for name in pq.read_table(out / "projects.parquet")["project_name"].to_pylist()]


def test_only_new_and_changed_documents_are_opened(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert go([raw], out)[1] == ["0.docx", "1.docx", "2.docx"]
    done, opened = go([raw], out)
    assert (opened, done.opened, done.unchanged, done.published and done.published.changed) == ([], 0, 3, False)
    (raw / "1.docx").write_bytes(form("丁", "9"))
    (raw / "3.docx").write_bytes(form("戊", "8"))
    done, opened = go([raw], out)
    assert opened == ["1.docx", "3.docx"]
    assert names(out) == ["甲", "丁", "丙", "戊"]
    assert done.read["ok"] == 4
    go([raw], tmp_path / "fresh")
    assert content(out) == content(tmp_path / "fresh"), "the history of a release does not show in it"


def test_bytes_that_are_known_are_not_read_again_under_a_new_name_or_time(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    go([raw], out)
    (raw / "0.docx").rename(raw / "renamed.docx")
    os.utime(raw / "1.docx", ns=(1, 1))

    def refuse(data: bytes, name: str) -> Any:
        raise AssertionError(f"{name} was read")

    _, opened = go([raw], out, refuse)
    assert opened == ["1.docx", "renamed.docx"], "opened to be hashed, and no more"
    assert names(out) == ["乙", "丙", "甲"]
    assert go([raw], out)[1] == []


def test_size_and_time_are_enough_unless_hashes_are_to_be_verified(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    go([raw], out)
    status = (raw / "1.docx").stat()
    data = bytearray((raw / "1.docx").read_bytes())
    data[10:12] = b"\1\1"  # a time stamp inside of the zip file
    (raw / "1.docx").write_bytes(data)
    os.utime(raw / "1.docx", ns=(status.st_atime_ns, status.st_mtime_ns))
    before = content(out)
    assert go([raw], out)[1] == []
    assert content(out) == before
    assert go([raw], out, verify_hashes=True)[1] == ["0.docx", "1.docx", "2.docx"]
    assert content(out) != before


def test_force_reads_everything_and_changes_nothing(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    go([raw], out)
    done, opened = go([raw], out, force=True)
    assert len(opened) == 3
    assert done.published is not None
    assert not done.published.changed


def test_new_rules_normalize_stored_readings_and_open_no_source(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    go([raw], out)
    expected = content(out)
    for path in raw.iterdir():
        data, status = path.read_bytes(), path.stat()
        path.write_bytes(b"x" * len(data))  # whoever opened it would see
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    monkeypatch.setattr(running, "normalize_key", lambda: "other rules")
    done, opened = go([raw], out)
    assert (done.opened, done.normalized, opened) == (0, 3, ["", "", ""])
    assert content(out) == expected
    store = Store(out / ".store")
    assert store.rows("SELECT DISTINCT normalize_key FROM documents") == [("other rules",)]
    store.close()


def test_new_code_of_readers_reads_the_sources_again(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    go([raw], out)
    monkeypatch.setattr(running, "extract_key", lambda: "other code")
    assert go([raw / "0.docx"], out)[1] == ["0.docx"]
    assert go([raw], out)[1] == ["1.docx", "2.docx"]


@pytest.mark.parametrize("code", ["timeout", "crashed", "too-large", "missing-tool"])
def test_failures_by_limit_or_tool_are_tried_again_and_others_are_not(raw: Path, tmp_path: Path, code: str) -> None:
    from yusuan.convert import convert, document_id, failed  # noqa: PLC0415

    out = tmp_path / "out"
    (raw / "3.docx").write_bytes(b"PK\3\4 cut")

    def failing(data: bytes, name: str) -> Any:
        if name == "1.docx":
            return failed(document_id(data), name, len(data), code=code, message="…")
        return convert(data, name)

    done, _ = go([raw], out, failing)
    assert (done.exit_code, done.read["failed"]) == (1, 2)
    done, opened = go([raw], out)
    assert opened == ["1.docx"]
    assert [failure.path for failure in done.failures] == ["3.docx"], "told every time, though not read again"
    assert done.exit_code == 1
    assert names(out) == ["甲", "乙", "丙"]


def test_a_limit_leaves_the_rest_for_the_next_run(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done, opened = go([raw], out, limit=2)
    assert (opened, done.waiting) == (["0.docx", "1.docx"], 1)
    assert names(out) == ["甲", "乙"]
    (raw / "0.docx").write_bytes(form("新", "1"))
    done, opened = go([raw], out, limit=0)
    assert (opened, done.waiting, names(out)) == ([], 2, ["甲", "乙"]), "a changed file keeps what was read of it"
    assert go([raw], out)[1] == ["0.docx", "2.docx"]
    assert names(out) == ["新", "乙", "丙"]


def test_a_dry_run_changes_nothing(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done, opened = go([raw], out, dry_run=True)
    assert (opened, done.would_open, done.published) == ([], ("0.docx", "1.docx", "2.docx"), None)
    assert not out.exists()
    go([raw], out)
    (raw / "0.docx").unlink()
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    done, _ = go([raw], out, dry_run=True)
    assert (done.would_open, done.gone, done.unchanged) == ((), 1, 2)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_a_store_elsewhere_serves_another_output(raw: Path, tmp_path: Path) -> None:
    go([raw], tmp_path / "one", store=tmp_path / "store")
    assert not (tmp_path / "one" / ".store").exists()
    _, opened = go([raw], tmp_path / "two", store=tmp_path / "store")
    assert opened == []
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_a_store_that_is_lost_is_made_again(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    go([raw], out)
    expected = content(out)
    shutil.rmtree(out / ".store")
    go([raw / "0.docx"], out)
    assert content(out) == expected
    shutil.rmtree(out / ".store")
    assert len(go([raw], out)[1]) == 3
    assert content(out) == expected


def test_a_damaged_store_is_said(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    go([raw], out)
    (out / ".store" / "store.duckdb").write_bytes(b"\0" * 20_000)
    with pytest.raises(PublishError, match="cannot be used as a store"):
        go([raw], out)


def test_documents_that_leave_free_the_store(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    go([raw], out)
    (raw / "0.docx").unlink()
    go([raw], out)
    store = Store(out / ".store")
    for table in ("documents", "grids", "projects", "reads"):
        assert store.value(f"SELECT count(*) FROM {table}") == 2
    store.close()


def test_results_do_not_depend_on_chunks_or_order(raw: Path, tmp_path: Path) -> None:
    (raw / "copy.docx").write_bytes((raw / "0.docx").read_bytes())
    (raw / "empty.pdf").write_bytes(b"")
    (raw / "z-empty.docx").write_bytes(b"")

    class Backwards(Inline):
        def run(self, jobs: Any, count: int) -> Any:
            yield from reversed(list(super().run(jobs, count)))

    run([raw], tmp_path / "one", engine=Inline(most=100))
    run([raw], tmp_path / "two", engine=Inline(most=1))
    run([raw], tmp_path / "three", engine=Backwards(most=2))
    assert content(tmp_path / "one") == content(tmp_path / "two") == content(tmp_path / "three")
    formats = pq.read_table(tmp_path / "one" / "documents.parquet", columns=["path", "format"]).to_pylist()
    assert {"path": "empty.pdf", "format": "pdf"} in formats, "named by the smallest path, whoever came first"


def test_the_same_bytes_found_later_under_a_smaller_name(raw: Path, tmp_path: Path) -> None:
    (raw / "z.docx").write_bytes(b"")
    go([raw], tmp_path / "out")
    (raw / "a.pdf").write_bytes(b"")
    go([raw], tmp_path / "out")
    go([raw], tmp_path / "fresh")
    assert content(tmp_path / "out") == content(tmp_path / "fresh")


def test_a_notebook_reads_what_a_release_holds(raw: Path, tmp_path: Path) -> None:
    import yusuan  # noqa: PLC0415

    (raw / "again.docx").write_bytes((raw / "0.docx").read_bytes() + b"\0")
    (raw / "sources.csv").write_text("path,publisher\nagain.docx,甲局\n0.docx,乙局\n", "utf-8")
    go([raw], tmp_path / "out")
    data = yusuan.read(raw)
    for name, table in data.arrow.items():
        released = pq.read_table(tmp_path / "out" / f"{name}.parquet")
        assert released.to_pylist() == table.to_pylist(), name


def test_the_database_draws_no_progress_bar_where_python_is_interactive(tmp_path: Path) -> None:
    """Under `python -c` and in notebooks DuckDB draws one into standard output, where `--json` prints."""
    script = (
        "import sys; from pathlib import Path; from yusuan.store import Store;"
        "print(Store(Path(sys.argv[1])).rows(\"SELECT value FROM duckdb_settings() WHERE name = 'enable_progress_bar'\"))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "false" in done.stdout

import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.engines import Inline
from tests.samples import content, form, formless
from yusuan import convert, work
from yusuan.inputs import InputError
from yusuan.publish.files import PublishError
from yusuan.run import Options
from yusuan.run import run as real_run
from yusuan.summary import Summary


def run(inputs: list[Path], out: Path, **options: Any) -> Summary:
    return real_run(inputs, out, Options(**options), engine=Inline())


def rows(out: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(out / f"{name}.parquet").to_pylist()
    return found


def paths(out: Path) -> list[str]:
    return [row["path"] for row in rows(out, "sources")]


def names(out: Path) -> list[str]:
    return [row["project_name"] for row in rows(out, "projects")]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    (folder / "sub").mkdir(parents=True)
    (folder / "b.docx").write_bytes(form("乙", "200"))
    (folder / "sub" / "a.docx").write_bytes(form("甲", "100"))
    return folder


def test_facts_of_a_folder_are_published_in_order_of_path(raw: Path, tmp_path: Path) -> None:
    done = run([raw], tmp_path / "out")
    assert done.exit_code == 0
    assert done.read == {"ok": 2, "partial": 0, "empty": 0, "failed": 0}
    assert paths(tmp_path / "out") == ["b.docx", "sub/a.docx"]
    assert names(tmp_path / "out") == ["乙", "甲"]
    funds = rows(tmp_path / "out", "funds")
    assert [row["seq"] for row in funds] == [*range(1, 7)] * 2
    assert {row["amount"] for row in funds if row["source"] == "municipal_county"} == {100, 200}
    assert len(rows(tmp_path / "out", "indicators")) == 8


def test_repeated_runs_give_the_same_bytes_wherever_the_results_are(raw: Path, tmp_path: Path) -> None:
    run([raw], tmp_path / "one", excel=True)
    run([raw], tmp_path / "two", excel=True)
    shutil.copytree(raw, tmp_path / "copy" / "raw")
    run([tmp_path / "copy" / "raw"], tmp_path / "three", excel=True)
    assert content(tmp_path / "one") == content(tmp_path / "two") == content(tmp_path / "three")
    assert not run([raw], tmp_path / "one", excel=True).published.changed


def test_the_same_bytes_under_two_paths_are_one_document(raw: Path, tmp_path: Path) -> None:
    shutil.copy(raw / "b.docx", raw / "a copy.docx")
    run([raw], tmp_path / "out")
    assert paths(tmp_path / "out") == ["a copy.docx", "b.docx", "sub/a.docx"]
    assert [row["path"] for row in rows(tmp_path / "out", "documents")] == ["a copy.docx", "sub/a.docx"]
    assert names(tmp_path / "out") == ["乙", "甲"]


# --- what stays and what leaves ---------------------------------------------------------------------------------------


def test_a_document_leaves_when_its_folder_no_longer_holds_it(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run([raw], out)
    (raw / "b.docx").unlink()
    done = run([raw], out)
    assert (done.gone, done.carried) == (1, 0)
    assert names(out) == ["甲"]


def test_a_run_over_one_file_keeps_the_others(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run([raw], out)
    (raw / "sub" / "a.docx").write_bytes(form("丙", "300"))
    done = run([raw / "sub" / "a.docx"], out)
    assert done.carried == 1
    assert paths(out) == ["b.docx", "sub/a.docx"]
    assert names(out) == ["乙", "丙"]
    expected = content(out)
    assert not run([raw], out).published.changed
    assert content(out) == expected


def test_a_run_over_another_folder_adds_and_names_do_not_collide(raw: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    other.mkdir()
    (other / "b.docx").write_bytes(form("丁", "400"))
    run([raw], out)
    done = run([other], out)
    assert (done.carried, done.gone) == (2, 0)
    assert paths(out) == ["b.docx", "other/b.docx", "sub/a.docx"]
    assert names(out) == ["乙", "丁", "甲"]
    (other / "b.docx").unlink()
    run([other], out)
    assert paths(out) == ["b.docx", "sub/a.docx"]


def test_replace_makes_a_release_of_these_inputs_alone(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run([raw], out)
    run([raw / "sub"], out, replace=True)
    assert paths(out) == ["a.docx"]
    assert names(out) == ["甲"]


def test_several_inputs_have_their_names_in_front(raw: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "raw"
    other.mkdir(parents=True)
    (other / "c.docx").write_bytes(formless())
    run([raw, other, raw / "b.docx"], tmp_path / "out")
    assert paths(tmp_path / "out") == ["raw-2/c.docx", "raw/b.docx", "raw/sub/a.docx"] or paths(tmp_path / "out") == [
        "raw/b.docx", "raw/c.docx", "raw/sub/a.docx"
    ]  # fmt: skip


def test_inputs_and_results_that_move_together_still_know_each_other(tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "raw").mkdir(parents=True)
    (here / "raw" / "a.docx").write_bytes(form("甲"))
    (here / "raw" / "b.docx").write_bytes(form("乙"))
    run([here / "raw"], here / "out")
    there = tmp_path / "there"
    here.rename(there)
    (there / "raw" / "a.docx").unlink()
    done = run([there / "raw"], there / "out")
    assert (done.carried, done.gone) == (0, 1)
    assert paths(there / "out") == ["b.docx"]


def test_what_nobody_knows_the_origin_of_stays(raw: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    other.mkdir()
    (other / "b.docx").write_bytes(form("丁", "400"))
    run([raw], out)
    shutil.rmtree(out / ".store")
    run([other], out)
    assert paths(out) == ["b.docx", "sub/a.docx"]
    assert names(out) == ["丁", "甲"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_cannot_be_listed_removes_nothing(raw: Path, tmp_path: Path) -> None:
    run([raw], tmp_path / "out")
    (raw / "sub").chmod(0)
    try:
        done = run([raw], tmp_path / "out")
    finally:
        (raw / "sub").chmod(0o755)
    assert (done.exit_code, done.carried, done.gone) == (1, 1, 0)
    assert paths(tmp_path / "out") == ["b.docx", "sub/a.docx"]


def test_an_incomplete_listing_removes_nothing(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run([raw], tmp_path / "out")
    real = os.scandir

    def scandir(path: Any) -> Any:
        if not isinstance(path, int) and Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    (raw / "b.docx").unlink()
    done = run([raw], tmp_path / "out")
    assert (done.exit_code, done.carried, done.gone) == (1, 2, 0)
    assert any("cannot be listed" in message for message in done.messages)
    assert paths(tmp_path / "out") == ["b.docx", "sub/a.docx"]


def test_the_results_inside_an_input_are_no_input(raw: Path) -> None:
    run([raw], raw / "out", excel=True)
    done = run([raw], raw / "out", excel=True)
    assert not done.published.changed
    assert sum(done.read.values()) == 2


# --- documents that cannot be read ------------------------------------------------------------------------------------


def test_each_unreadable_document_is_a_row_and_the_others_are_read(raw: Path, tmp_path: Path) -> None:
    (raw / "empty.docx").write_bytes(b"")
    (raw / "cut.docx").write_bytes(form()[:300])
    (raw / "formless.docx").write_bytes(formless())
    (raw / "renamed.pdf").write_bytes(form("戊", "500"))
    (raw / "noise.docx").write_bytes(bytes(range(256)) * 8)
    (raw / "gone.docx").symlink_to("nowhere")
    done = run([raw], tmp_path / "out")
    assert done.exit_code == 1
    found = {row["path"]: row for row in rows(tmp_path / "out", "documents")}
    told = {path: (row["format"], row["status"], row["error_code"]) for path, row in found.items()}
    assert told == {
        "b.docx": ("docx", "ok", None),
        "cut.docx": ("docx", "failed", "corrupt"),
        "empty.docx": ("docx", "failed", "corrupt"),
        "formless.docx": ("docx", "empty", None),
        "gone.docx": ("docx", "failed", "unreadable"),
        "noise.docx": ("docx", "failed", "unsupported"),
        "renamed.pdf": ("docx", "ok", None),
        "sub/a.docx": ("docx", "ok", None),
    }
    assert all(bool(row["error"]) == (row["status"] == "failed") for row in found.values())
    assert {failure.path for failure in done.failures} == {
        path for path, row in found.items() if row["status"] == "failed"
    }
    assert sorted(names(tmp_path / "out")) == sorted(["乙", "戊", "甲"])


def test_a_crash_of_ours_costs_one_document(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = convert.read

    def read(data: bytes) -> Any:
        if data == (raw / "b.docx").read_bytes():
            raise RecursionError("too deep")
        return real(data)

    monkeypatch.setattr(convert, "read", read)
    done = run([raw], tmp_path / "out")
    assert [(failure.path, failure.code) for failure in done.failures] == [("b.docx", "crashed")]
    assert "RecursionError: too deep" in done.failures[0].message
    assert "Traceback" not in done.failures[0].message
    assert "Traceback" in next(iter(done.traces.values()))
    assert names(tmp_path / "out") == ["甲"]


@pytest.mark.parametrize(
    "fault",
    [{"nonsense": 1}, {"period": "yearly"}, {"amount": 0.1}, {"row": 4711}, {"seq": 1}, {"project_id": "elsewhere"}],
)
def test_rows_that_break_the_rules_cost_one_document(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: dict[str, object]
) -> None:
    real = convert.normalize

    def normalize(*arguments: Any) -> Any:
        result = real(*arguments)
        if result.projects[0]["project_name"] == "乙":
            result.funds[-1].update(fault)
        return result

    monkeypatch.setattr(convert, "normalize", normalize)
    done = run([raw], tmp_path / "out")
    assert [(failure.path, failure.code) for failure in done.failures] == [("b.docx", "crashed")]
    assert names(tmp_path / "out") == ["甲"]
    assert done.traces


def test_a_file_beyond_the_limit_is_not_read(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = (raw / "b.docx").stat().st_size
    (raw / "big.docx").write_bytes(form() + b" " * limit)
    monkeypatch.setattr(work, "MAX_BYTES", limit + 100)
    done = run([raw], tmp_path / "out")
    assert [(failure.path, failure.code) for failure in done.failures] == [("big.docx", "too-large")]


# --- duplicates, manifests, options -----------------------------------------------------------------------------------


def test_equal_projects_are_marked_once_and_the_mark_goes_with_the_reason(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    (raw / "1.docx").write_bytes(form("甲", "100"))
    (raw / "2.docx").write_bytes(form("甲", "100") + b"\0")  # other bytes, the same facts
    (raw / "3.docx").write_bytes(form("甲", "100", overview="另一个项目。"))
    run([raw], out)
    first, second, third = rows(out, "projects")
    assert (first["duplicate_of"], second["duplicate_of"], third["duplicate_of"]) == (None, first["project_id"], None)
    issue = next(row for row in rows(out, "issues") if row["code"] == "duplicate-project")
    assert (issue["project_id"], issue["severity"]) == (second["project_id"], "info")
    assert "1.docx" in issue["message"]
    expected = content(out)
    run([raw / "3.docx"], out)
    assert content(out) == expected, "marks are made again from nothing"
    (raw / "1.docx").unlink()
    run([raw], out)
    assert [row["duplicate_of"] for row in rows(out, "projects")] == [None, None]
    assert "duplicate-project" not in {row["code"] for row in rows(out, "issues")}


def test_sources_csv_tells_what_the_files_do_not_say(raw: Path, tmp_path: Path) -> None:
    (raw / "sources.csv").write_bytes(
        "path,publisher,region_code,published_on,release_kind,source_url\n"
        "b.docx,清河市档案馆,130534,2023-02-01,预算,https://example.org/b.docx\n"
        "sub/a.docx,上级,130000,,,\n".encode("gb18030")
    )
    (raw / "sub" / "sources.csv").write_text("path,publisher\na.docx,更近的\n", "utf-8-sig")
    done = run([raw], tmp_path / "out")
    assert done.messages == ()
    assert done.skipped == 2
    b, a = rows(tmp_path / "out", "documents")
    assert (b["publisher"], b["region_code"], str(b["published_on"]), b["release_kind"]) == (
        "清河市档案馆", "130534", "2023-02-01", "预算"
    )  # fmt: skip
    assert (a["publisher"], a["region_code"], a["published_on"]) == ("更近的", "130000", None)
    assert [row["url"] for row in rows(tmp_path / "out", "sources")] == ["https://example.org/b.docx", None]
    (raw / "sources.csv").unlink()
    run([raw / "sub"], tmp_path / "out")
    assert rows(tmp_path / "out", "documents")[0]["publisher"] == "清河市档案馆", "carried documents keep it"


def test_faults_of_sources_csv_are_named_by_line(raw: Path, tmp_path: Path) -> None:
    (raw / "sources.csv").write_text(
        "path,publisher,region_code,published_on,size\nb.docx,甲,13,2023年,1\nno.docx,乙,,,\n", "utf-8"
    )
    done = run([raw], tmp_path / "out")
    assert done.exit_code == 0
    told = "\n".join(done.messages)
    for part in ("column 'size'", "line 2: region_code '13'", "line 2: published_on '2023年'", "line 3: 'no.docx'"):
        assert part in told
    assert rows(tmp_path / "out", "documents")[0]["publisher"] == "甲"


def test_without_cells(raw: Path, tmp_path: Path) -> None:
    run([raw], tmp_path / "out", cells=False)
    assert not (tmp_path / "out" / "cells.parquet").exists()
    assert names(tmp_path / "out") == ["乙", "甲"]
    run([raw / "b.docx"], tmp_path / "out")
    assert len({row["document_id"] for row in rows(tmp_path / "out", "cells")}) == 2, "the store has all cells"
    run([raw], tmp_path / "out", cells=False)
    shutil.rmtree(tmp_path / "out" / ".store")
    done = run([raw / "b.docx"], tmp_path / "out")
    assert {row["document_id"] for row in rows(tmp_path / "out", "cells")} == {
        rows(tmp_path / "out", "documents")[0]["document_id"]
    }
    assert any("no cells" in message for message in done.messages)


def test_an_empty_folder_gives_an_empty_release(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / ".gitkeep").touch()
    done: Summary = run([tmp_path / "raw"], tmp_path / "out")
    assert (done.exit_code, done.skipped, sum(done.read.values())) == (0, 1, 0)
    assert rows(tmp_path / "out", "documents") == []


def test_a_missing_input_does_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        run([tmp_path / "no"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_damaged_release_is_made_again_from_the_store(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run([raw], out)
    expected = content(out)
    (out / "current" / "projects.parquet").write_bytes(b"")
    run([raw / "b.docx"], out)
    assert content(out) == expected


def test_a_last_release_that_cannot_be_read_is_said(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run([raw], out)
    file = out / "current" / "projects.parquet"
    whole = file.read_bytes()
    for damaged in (b"", whole[:-1], b"\0" * len(whole), None):
        shutil.rmtree(out / ".store")
        if damaged is None:
            file.unlink()
        else:
            file.write_bytes(damaged)
        with pytest.raises(PublishError, match="--replace"):
            run([raw / "b.docx"], out)
    assert run([raw], out, replace=True).exit_code == 0

"""Rules of a release, parts, the report of changes, remote inputs and outputs."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import pytest

from tests.engines import Inline
from tests.samples import content, form
from yusuan import store_release
from yusuan.publish.files import PublishError
from yusuan.run import Options, run
from yusuan.schemas import DeclarationError, read_rules, tables


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("[projects]\nmin_rows = 4", "projects: min-rows not reached: 3 of 4 rows"),
        ("[projects]\nfill_from = 1\nfill = { plan = 0.5 }", "projects.plan: fill-rate not reached: 0.0% filled"),
    ],
)
def test_a_release_that_breaks_a_rule_is_not_published(raw: Path, tmp_path: Path, rules: str, said: str) -> None:
    out = tmp_path / "out"
    run([raw], out, engine=Inline())
    before = (out / "current").readlink()
    (raw / "3.docx").write_bytes(form("丁", "9"))
    (raw / "2.docx").unlink()
    strict = Options(declared=read_rules(rules, "rules.toml"))
    with pytest.raises(PublishError, match=said):
        run([raw], out, strict, engine=Inline())
    assert (out / "current").readlink() == before
    assert run([raw], out, engine=(again := Inline())).published is not None
    assert again.names == [], "what was read is kept"
    assert (out / "current").readlink() != before


@pytest.mark.parametrize("text", ["[nope]", "[projects]\nmin_rows = -1", "[projects]\nfill = { nope = 1.0 }",
                                  "[projects]\nfill = { plan = 2.0 }", "[projects]\nsize = 1", "= 1"])  # fmt: skip
def test_wrong_rules_are_named(text: str) -> None:
    with pytest.raises(DeclarationError, match=r"rules\.toml"):
        read_rules(text, "rules.toml")


def test_parts_and_an_unchanged_result(raw: Path, tmp_path: Path) -> None:
    options = Options(declared=read_rules("[funds]\npart_rows = 5", "rules.toml"))
    run([raw], tmp_path / "out", options, engine=Inline())
    run([raw], tmp_path / "whole", engine=Inline())
    assert len(list((tmp_path / "out" / "funds.parquet").glob("part-*.parquet"))) == 4
    one, two = (pq.read_table(tmp_path / name / "funds.parquet") for name in ("out", "whole"))
    assert one.to_pylist() == two.to_pylist()
    shutil.rmtree(tmp_path / "out" / ".store")
    done = run([raw / "0.docx"], tmp_path / "out", options, engine=Inline())
    assert done.published is not None
    assert not done.published.changed, "a release in parts is taken over by a new store"


def test_the_report_tells_what_changed(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run([raw], out, engine=Inline())
    first = json.loads((out / "report" / "changes.json").read_text("utf-8"))
    assert (first["from"], first["tables"]["projects"]) == (None, {"added": 3, "changed": 0, "removed": 0})
    (raw / "0.docx").write_bytes(form("甲", "1", overview="改了一句。"))
    (raw / "1.docx").unlink()
    (raw / "9.docx").write_bytes(form("新", "5"))
    (raw / "2.docx").rename(raw / "2b.docx")
    run([raw], out, engine=Inline())
    told = json.loads((out / "report" / "changes.json").read_text("utf-8"))
    assert told["from"] == first["to"]
    assert told["to"] == (out / "current").readlink().name
    counts = {name: tuple(numbers.values()) for name, numbers in told["tables"].items()}
    assert counts["documents"] == (2, 1, 2)
    assert counts["projects"] == (1, 1, 1)
    assert "projects" in (out / "report" / "changes.txt").read_text("utf-8")
    expected = told
    shutil.rmtree(out / ".store")
    (raw / "9.docx").unlink()
    run([raw], out, Options(replace=True), engine=Inline())
    told = json.loads((out / "report" / "changes.json").read_text("utf-8"))
    assert told["from"] == expected["to"]
    assert tuple(told["tables"]["funds"].values()) == (0, 0, 6), "also without knowing what to look at"


# --- object stores ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of a bucket on a local S3 server."""
    pytest.importorskip("moto")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "ACCESS_KEY_ID": "test",
            "SECRET_ACCESS_KEY": "test",
            "EC2_METADATA_DISABLED": "true",
        }.items():
            patch.setenv(f"AWS_{name}", value)
        files = pafs.S3FileSystem(
            endpoint_override=f"127.0.0.1:{port}", scheme="http", region="us-east-1", allow_bucket_creation=True
        )
        until = time.monotonic() + 60
        while True:
            try:
                files.create_dir("documents")
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.3)
        yield f"s3://documents/{{}}?endpoint_override=127.0.0.1%3A{port}&scheme=http&region=us-east-1"
    server.kill()
    server.wait()


def test_documents_and_results_on_an_object_store(raw: Path, tmp_path: Path, bucket: str) -> None:
    files, path = pafs.FileSystem.from_uri(bucket.format("raw"))
    (raw / "sources.csv").write_text("path,publisher\n0.docx,甲局\n", "utf-8")
    shutil.make_archive(str(raw / "more"), "zip", raw, "1.docx")
    pafs.copy_files(str(raw), path, pafs.LocalFileSystem(), files)
    store = Options(store=tmp_path / "store", keep=1)
    done = run([bucket.format("raw")], bucket.format("out"), store, engine=(engine := Inline()))
    assert done.published is not None
    assert sorted(engine.names) == ["0.docx", "1.docx", "2.docx", "more.zip!/1.docx"]
    run([raw], tmp_path / "local", engine=Inline())
    pointer = json.loads(files.open_input_stream("documents/out/current.json").read())
    assert pointer["release"] == (tmp_path / "local" / "current").readlink().name
    got = pq.read_table(f"documents/out/releases/{pointer['release']}/projects.parquet", filesystem=files)
    assert got.equals(pq.read_table(tmp_path / "local" / "projects.parquet"))
    run([bucket.format("raw")], bucket.format("out"), store, engine=(engine := Inline()))
    assert engine.names == []
    files.delete_file("documents/raw/2.docx")
    shutil.rmtree(tmp_path / "store")
    done = run([bucket.format("raw/0.docx")], bucket.format("out"), store, engine=Inline())
    assert done.read["ok"] == 1
    assert done.rows["documents"] == 3, "the release was taken over from the bucket"
    done = run([bucket.format("raw")], bucket.format("out"), store, engine=Inline())
    assert "secret" not in json.dumps(done.to_json())
    releases = files.get_file_info(pafs.FileSelector("documents/out/releases"))
    assert len(releases) == 1


def test_a_bucket_that_does_not_answer_removes_nothing(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run([raw], out, engine=Inline())
    dead = "s3://documents/raw?endpoint_override=127.0.0.1%3A9&scheme=http&region=us-east-1"
    done = run([dead], out, engine=Inline())
    assert (done.exit_code, done.complete, done.rows["documents"]) == (1, False, 3)
    assert any("cannot be listed" in message for message in done.messages)


def test_a_file_url_is_a_folder(raw: Path, tmp_path: Path) -> None:
    run([f"file://{raw}"], f"file://{tmp_path}/out", engine=Inline())
    assert set(tables()) <= {path.stem for path in (tmp_path / "out").iterdir()}
    assert (tmp_path / "out" / "current").is_symlink()


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("crowded", [False, True])
def test_a_release_does_not_depend_on_the_pages_it_is_fetched_by(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crowded: bool
) -> None:
    """Documents of several nights in one page, equal projects far apart; small pages, or large ones that find no room."""
    out = tmp_path / "out"
    for night in range(3):
        for number in range(5):
            (raw / f"{number}-{2 - night}.docx").write_bytes(form(f"项目{number}", str(night), "同样。" * night))
            (raw / f"z{number}-{night}.docx").write_bytes(form("相同", "7") + bytes(5 * night + number))
        run([raw], out, engine=Inline())
    assert {row["code"] for row in pq.read_table(out / "issues.parquet").to_pylist()} == {"duplicate-project"}
    refused = []
    real = store_release.Release._as_written

    def no_room(self: store_release.Release, query: str) -> pa.Table:
        made = real(self, query)
        if pc.count_distinct(made["document_id"]).as_py() > 1:
            refused.append(query)
            raise duckdb.OutOfMemoryException("no room")
        return made

    if crowded:
        monkeypatch.setattr(store_release.Release, "_as_written", no_room)
    else:
        monkeypatch.setattr(store_release, "PAGE_VALUES", 200)
        monkeypatch.setattr(store_release, "_NEAR", 1)
    run([raw], tmp_path / "again", Options(store=out / ".store"), engine=(engine := Inline()))
    assert engine.names == []
    assert content(tmp_path / "again") == content(out)
    assert bool(refused) == crowded

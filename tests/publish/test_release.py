import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from yusuan.publish import files, release
from yusuan.publish.arrow import to_arrow
from yusuan.publish.files import PublishError, locked
from yusuan.publish.release import clean, current_release, publish
from yusuan.schemas import tables

Tables = dict[str, pa.Table]


def made(word: str = "a", count: int = 1) -> Tables:
    """Tables of `count` documents that all say `word`, so that a mixed release shows."""
    rows: dict[str, list[dict[str, object]]] = {"documents": [], "sources": []}
    for number in range(count):
        rows["documents"].append(
            {"document_id": f"d{number}", "path": f"{number}.docx", "format": "docx", "bytes": 1, "text_source": "text",
             "grids": 0, "projects": 0, "status": "empty", "title": word}
        )  # fmt: skip
        rows["sources"].append({"path": f"{number}.docx", "document_id": f"d{number}", "url": word})
    return {name: to_arrow(table, rows.get(name, [])) for name, table in tables().items()}


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_a_release_has_every_table_twice_and_the_links_lead_to_it(tmp_path: Path) -> None:
    done = publish(tmp_path, tables(), made(), excel=True)
    assert done.changed
    assert (tmp_path / "current").readlink() == Path("releases") / done.id
    names = {f"{name}.{kind}" for name in tables() for kind in ("csv", "parquet")} | {"datapackage.json", "excel"}
    assert {path.name for path in done.path.iterdir()} == names
    assert {path.name for path in (done.path / "excel").iterdir()} == {f"{name}.csv" for name in tables()}
    for name in names:
        assert (tmp_path / name).readlink() == Path("current") / name
    assert pq.read_schema(tmp_path / "documents.parquet").metadata[b"release"].decode() == done.id
    assert json.loads((tmp_path / "datapackage.json").read_text("utf-8"))["id"] == done.id


def test_the_same_tables_are_the_same_bytes_elsewhere_and_no_new_release_here(tmp_path: Path) -> None:
    first = publish(tmp_path / "one", tables(), made(), excel=True)
    second = publish(tmp_path / "two", tables(), made(), excel=True)
    assert content(first.path) == content(second.path)
    before = {path: path.stat().st_mtime_ns for path in first.path.rglob("*")}
    again = publish(tmp_path / "one", tables(), made(), excel=True)
    assert (again.id, again.changed) == (first.id, False)
    assert {path: path.stat().st_mtime_ns for path in first.path.rglob("*")} == before


def test_other_forms_of_the_same_facts_are_another_release(tmp_path: Path) -> None:
    without = made()
    del without["cells"]
    ids = [publish(tmp_path, tables(), made()).id, publish(tmp_path, tables(), made(), excel=True).id]
    assert (tmp_path / "excel").is_symlink()
    ids.append(publish(tmp_path, tables(), without).id)
    assert len(set(ids)) == 3
    assert not (tmp_path / "excel").is_symlink()
    assert not (tmp_path / "cells.csv").is_symlink()


def test_the_last_releases_stay_and_the_oldest_go(tmp_path: Path) -> None:
    ids = [publish(tmp_path, tables(), made(word), keep=2).id for word in "abc"]
    assert {path.name for path in (tmp_path / "releases").iterdir() if path.is_dir()} == set(ids[1:])
    back = publish(tmp_path, tables(), made("b"), keep=2)
    assert back.id == ids[1]
    publish(tmp_path, tables(), made("d"), keep=2)
    assert {path.name for path in (tmp_path / "releases").iterdir() if path.is_dir()} >= {ids[1]}
    assert ids[2] not in {path.name for path in (tmp_path / "releases").iterdir()}


def test_a_damaged_release_is_made_again(tmp_path: Path) -> None:
    done = publish(tmp_path, tables(), made())
    whole = content(done.path)
    (done.path / "documents.parquet").unlink()
    (done.path / "sources.csv").write_bytes(b"")
    publish(tmp_path, tables(), made())
    assert content(done.path) == whole
    assert [path.name for path in (tmp_path / "releases").iterdir() if path.is_dir()] == [done.id]


def test_tables_that_break_a_rule_are_not_published(tmp_path: Path) -> None:
    done = publish(tmp_path, tables(), made())
    broken = made("b") | {"sources": made("b", 2)["sources"]}
    with pytest.raises(PublishError, match=r"sources\.document_id: foreign-key"):
        publish(tmp_path, tables(), broken)
    assert current_release(tmp_path) == done.path


@pytest.mark.parametrize("step", ["write", "seal", "sync_tree", "data_package", "replace_link"])
def test_a_full_disk_leaves_the_last_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    done = publish(tmp_path, tables(), made())
    before = content(tmp_path / "current")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "somewhere")

    with monkeypatch.context() as patch:
        patch.setattr(release, step, fail)
        with pytest.raises(PublishError, match="No space left on device"):
            publish(tmp_path, tables(), made("b"))
    assert current_release(tmp_path) == done.path
    assert content(tmp_path / "current") == before
    assert not list(tmp_path.glob(".staging-*"))
    assert publish(tmp_path, tables(), made("b")).changed


def test_what_a_killed_run_left_behind_is_removed(tmp_path: Path) -> None:
    publish(tmp_path, tables(), made())
    (tmp_path / ".staging-dead" / "excel").mkdir(parents=True)
    (tmp_path / ".current.new").symlink_to("nowhere")
    (tmp_path / "releases" / "0123.old").mkdir()
    clean(tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.name in (".staging-dead", ".current.new", "0123.old")]


@pytest.mark.parametrize(
    "step", ["write", "judge", "seal", "data_package", "sync_tree", "sync", "write_atomic", "replace_link", "_prune"]
)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_killed_at_any_step_leaves_a_whole_release_and_the_next_one_ends_the_same(
    tmp_path: Path, step: str, moment: str
) -> None:
    quiet, killed = tmp_path / "quiet", tmp_path / "killed"
    script = (
        "import os, sys; from pathlib import Path; from tests.publish.test_release import made\n"
        "from yusuan.publish import release; from yusuan.schemas import tables\n"
        "real = getattr(release, sys.argv[2])\n"
        "def die(*arguments, **options):\n"
        "    if sys.argv[3] == 'after': real(*arguments, **options)\n"
        "    os._exit(9)\n"
        "setattr(release, sys.argv[2], die)\n"
        "release.publish(Path(sys.argv[1]), tables(), made('b', 2))"
    )
    for out in (quiet, killed):
        publish(out, tables(), made("a", 2))
    done = subprocess.run([sys.executable, "-c", script, str(killed), step, moment], timeout=60, check=False)
    assert done.returncode == 9
    now = current_release(killed)
    assert now is not None
    assert release.is_complete(now)
    publish(quiet, tables(), made("b", 2))
    publish(killed, tables(), made("b", 2))
    assert content(killed) == content(quiet)


def test_without_links_the_tables_are_copies_and_a_pointer_names_the_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    first = publish(tmp_path, tables(), made(), excel=True)
    done = publish(tmp_path, tables(), made("b"), excel=True)
    assert first.id != done.id
    assert current_release(tmp_path) == done.path
    assert content(done.path) == {
        name: data for name, data in content(tmp_path).items() if not name.startswith(("releases", "current", "."))
    }


def test_a_second_run_on_the_same_output_is_refused(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from yusuan.publish.files import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(PublishError, match=rf"process {other.pid}\) is writing to .*--out"), locked(tmp_path):
            pass
        other.kill()
    with locked(tmp_path):  # a dead run holds nothing
        pass


def test_an_output_that_cannot_be_made_is_a_publish_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PublishError, match="--out"), locked(tmp_path / "file" / "out"):
        pass


def test_readers_during_publications_never_see_a_mixed_or_missing_table(tmp_path: Path) -> None:
    publish(tmp_path, tables(), made("0", 3))
    stop = threading.Event()
    wrong: list[str] = []
    seen: set[str] = set()

    def read_resolved() -> None:
        folder = (tmp_path / "current").resolve()
        words = {
            word
            for name, column in (("documents", "title"), ("sources", "url"))
            for word in pq.read_table(folder / f"{name}.parquet")[column].to_pylist()
        }
        seen.update(words)
        if len(words) != 1:
            wrong.append(f"mixed: {words}")

    def read_named() -> None:
        table = pq.ParquetFile(tmp_path / "documents.parquet").read()
        if len(set(table["title"].to_pylist())) != 1:
            wrong.append("a mixed file")

    def loop(read: Callable[[], None]) -> None:
        while not stop.is_set():
            try:
                read()
            except Exception as error:
                wrong.append(repr(error))

    threads = [threading.Thread(target=loop, args=(read,)) for read in (read_resolved, read_named)]
    for thread in threads:
        thread.start()
    for number in range(1, 16):
        publish(tmp_path, tables(), made(str(number), 3), keep=20)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(seen) > 1


def test_folders_that_were_links_before_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "documents.csv").write_text("somebody's copy")
    done = publish(tmp_path, tables(), made())
    assert (tmp_path / "documents.csv").resolve() == done.path / "documents.csv"
    assert os.access(done.path, os.R_OK | os.X_OK)
    assert done.path.stat().st_mode & 0o777 == 0o755
    assert files.can_link(tmp_path)

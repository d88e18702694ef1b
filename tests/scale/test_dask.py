"""The distributed engine on a real local cluster: two worker processes, loopback only, one of them killed."""

import os
import signal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from tests.engines import Inline, hostile, slow
from tests.samples import content, form
from yusuan.cli import cli
from yusuan.run import run
from yusuan.schemas import tables
from yusuan.workers import Limits, Pool

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # what dask says of its own end is not ours


def test_a_cluster_that_loses_a_worker_gives_the_rows_of_a_local_run(tmp_path: Path) -> None:
    from yusuan.engine_dask import Dask  # noqa: PLC0415

    raw = tmp_path / "raw"
    raw.mkdir()
    for number in range(60):
        (raw / f"{number:02}.docx").write_bytes(form(f"项目{number}", str(number + 1)))
    (raw / "60.docx").write_bytes(b"PK\3\4 cut")
    engine = Dask(Limits(2, timeout=60), None, tmp_path, reader=slow)
    workers = list(engine.client().run(os.getpid).values())
    assert len(set(workers)) == 2
    assert os.getpid() not in workers
    seen = []

    def kill_after_the_first(event: str, **_: object) -> None:
        seen.append(event)
        if seen.count("document") == 5:
            os.kill(workers[0], signal.SIGKILL)

    run([raw], tmp_path / "cluster", engine=engine, tell=kill_after_the_first)
    run([raw], tmp_path / "local", engine=Inline())
    for name in tables():
        one, two = (pq.read_table(tmp_path / out / f"{name}.parquet") for out in ("cluster", "local"))
        assert one.equals(two), name
    assert (tmp_path / "cluster" / "current").readlink() == (tmp_path / "local" / "current").readlink()
    assert seen.count("document") == 61


def test_a_cluster_keeps_the_limits_of_each_document_as_local_workers_do(tmp_path: Path) -> None:
    from yusuan.engine_dask import Dask  # noqa: PLC0415

    raw = tmp_path / "raw"
    raw.mkdir()
    for number in range(12):
        (raw / f"{number:02}.docx").write_bytes(form(f"项目{number}", str(number + 1)))
    for number, kind in enumerate(("hang", "eat", "die", "killed")):
        (raw / f"{number:02}-{kind}.docx").write_bytes(form(kind, "7"))
    limits = Limits(2, timeout=8, memory=1500)
    done = run([raw], tmp_path / "cluster", engine=Dask(limits, None, tmp_path, reader=hostile))
    assert [failure.code for failure in done.failures] == ["timeout", "too-large", "crashed", "crashed"]
    run([raw], tmp_path / "local", engine=Pool(limits, hostile))
    assert content(tmp_path / "cluster") == content(tmp_path / "local")


def test_the_command_has_parts_written_where_workers_of_other_machines_see_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yusuan import engine_dask  # noqa: PLC0415

    monkeypatch.chdir(tmp_path)
    Path("form.docx").write_bytes(form("项目", "1"))
    read_part, seen = engine_dask.read_part, []

    def noted(folder: str, name: str) -> engine_dask.Batch:
        seen.append(Path(folder).parent)
        return read_part(folder, name)

    monkeypatch.setattr(engine_dask, "read_part", noted)
    done = CliRunner().invoke(cli, ["run", "form.docx", "--out", "out", "--engine", "dask", "--workers", "1"])
    assert done.exit_code == 0, done.stderr
    assert seen == [tmp_path / "out/.store/spool"]
    assert not Path("out/.store/spool").exists()

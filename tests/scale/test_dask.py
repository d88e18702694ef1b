"""The distributed engine on a real local cluster: two worker processes, loopback only, one of them killed."""

import os
import signal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.engines import Inline, slow
from tests.samples import form
from yusuan.run import run
from yusuan.schemas import tables
from yusuan.workers import Limits

pytest.importorskip("distributed")


@pytest.mark.filterwarnings("ignore")  # what dask says of its own end is not ours
def test_a_cluster_that_loses_a_worker_gives_the_rows_of_a_local_run(tmp_path: Path) -> None:
    from yusuan.engine_dask import Dask, here  # noqa: PLC0415

    raw = tmp_path / "raw"
    raw.mkdir()
    for number in range(60):
        (raw / f"{number:02}.docx").write_bytes(form(f"项目{number}", str(number + 1)))
    (raw / "60.docx").write_bytes(b"PK\3\4 cut")
    engine = Dask(Limits(2, timeout=60), reader=slow)
    workers = list(engine.client().run(here).values())
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

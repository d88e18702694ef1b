"""dask.distributed as the engine: the same jobs, done by the workers of a cluster of any number of machines.

Workers write the rows of their jobs as Parquet parts into a folder that the driver sees too (on the store's file system
by default) and send back names only; the driver commits each part to the store and removes it. What a worker had begun
when it died is done again by another one; parts that nobody committed go with the folder.

A worker of the cluster reads in processes of its own (yusuan.workers), as a local run does: the same limits hold for each
document, and what one does to its process is the same failed row. Where workers of the cluster die themselves again and
again at a document (KilledWorker), it is given up.
"""

from __future__ import annotations

import pickle
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from multiprocessing import current_process
from pathlib import Path
from typing import Any

import dask
import pyarrow.parquet as pq
from distributed import Client, KilledWorker, LocalCluster, as_completed, get_worker

from yusuan.convert import convert
from yusuan.work import Batch, Convert, Job, failure, identify
from yusuan.workers import CHUNK, Done, Limits, Pool, chunk_size, chunks, explained

_PER_WORKER = 3
"""Chunks under way for each worker, as for the local ones."""
_DEATHS = 2
"""Workers that may die at a chunk before it is given up, done document by document, and the guilty one named."""
_KILLED = "读取这个文件的进程反复意外终止（可能是文件损坏或内存不足），其他文件不受影响。下次运行会再试一次。"


# --- in the worker ----------------------------------------------------------------------------------------------------


_pools: dict[tuple[Limits, Convert], Pool] = {}
_starting = threading.Lock()


def _pool(limits: Limits, reader: Convert) -> Pool:
    """The processes of this worker of the cluster, as many as it has threads; they stay until `end_pools`."""
    with _starting:
        if (limits, reader) not in _pools:
            current_process().daemon = False  # a daemon may have no children; ours end when their pipe does
            pool = Pool(replace(limits, workers=get_worker().state.nthreads), reader)
            pool.warm()
            _pools[limits, reader] = pool
        return _pools[limits, reader]


def end_pools() -> None:
    with _starting:
        while _pools:
            _pools.popitem()[1].stop()


def write_parts(folder: str, jobs: tuple[Job, ...], reader: Convert, limits: Limits) -> list[tuple[list[int], str]]:
    """Does the jobs and writes what came of them; gives numbers of jobs with the name of their part."""
    pool = _pool(limits, reader)
    numbers = {id(job): number for number, job in enumerate(jobs)}
    done = pool.run(jobs, 4 * CHUNK * pool.limits.workers)  # so many that they stay in one chunk
    return [([numbers[id(job)] for job in some], _write_part(folder, batch)) for some, batch in done]


def _write_part(folder: str, batch: Batch) -> str:
    """The name of the part, which is whole or not there."""
    name = uuid.uuid4().hex
    staged = Path(folder, f".{name}")
    staged.mkdir(parents=True)
    for table, rows in batch.tables.items():
        pq.write_table(rows, staged / f"{table}.parquet", compression="zstd")
    (staged / "batch").write_bytes(pickle.dumps(replace(batch, tables={}), 5))
    staged.rename(Path(folder, name))
    return name


def read_part(folder: str, name: str) -> Batch:
    """What `_write_part` wrote. The pickle is our own: the folder is as trusted as the store."""
    part = Path(folder, name)
    batch: Batch = pickle.loads((part / "batch").read_bytes())
    tables = {path.stem: pq.ParquetFile(path).read() for path in sorted(part.glob("*.parquet"))}
    shutil.rmtree(part)
    return replace(batch, tables=tables)


# --- in the driver ----------------------------------------------------------------------------------------------------


class Dask:
    """`address` None: a cluster of processes on this machine (loopback only), as many as the limits say.

    `shared`: a folder that driver and workers see under the same path, for the parts on their way.
    """

    def __init__(self, limits: Limits, address: str | None, shared: Path, reader: Convert = convert) -> None:
        self.limits, self.address, self.shared, self.reader = limits, address, shared, reader
        self._client: Client | None = None
        self._cluster: LocalCluster | None = None

    def client(self) -> Client:
        if self._client is None:
            dask.config.set({"distributed.scheduler.allowed-failures": _DEATHS, "distributed.admin.tick.limit": "1h"})
            address: Any = f"tcp://{self.address}" if self.address else None
            if address is None:
                self._cluster = LocalCluster(
                    n_workers=self.limits.workers,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address=None,
                    memory_limit=self.limits.memory << 20,
                    silence_logs=50,
                )
                address = self._cluster
            self._client = Client(address)
        return self._client

    def warm(self) -> None:
        """A cluster takes seconds to start; it is started when there is something to do."""

    def stop(self) -> None:
        if self._client is not None:
            self._client.run(end_pools)
            self._client.close()
        if self._cluster is not None:
            self._cluster.close()
        self._client = self._cluster = None

    def run(self, jobs: Iterable[Job], count: int) -> Iterator[Done]:
        client = self.client()
        self.shared.mkdir(parents=True, exist_ok=True)
        base = tempfile.mkdtemp(prefix="yusuan-parts-", dir=self.shared)
        workers = max(len(client.scheduler_info(n_workers=-1)["workers"]), 1)
        waiting = chunks(jobs, min(chunk_size(count, workers), CHUNK))
        under_way: dict[Any, tuple[Job, ...]] = {}
        ready = as_completed()

        def submit(chunk: tuple[Job, ...]) -> None:
            future = client.submit(write_parts, base, chunk, self.reader, self.limits, pure=False)
            under_way[future] = chunk
            ready.add(future)

        try:
            for chunk in waiting:
                submit(chunk)
                if len(under_way) >= _PER_WORKER * workers:
                    break
            for future in ready:
                chunk = under_way.pop(future)
                error = future.exception()
                if error is None:
                    for numbers, part in future.result():
                        yield tuple(chunk[number] for number in numbers), read_part(base, part)
                elif len(chunk) > 1:
                    for job in chunk:
                        submit((job,))
                else:
                    yield chunk, self._failure(chunk[0], error)
                future.release()
                following = next(waiting, None)
                if following is not None:
                    submit(following)
        finally:
            shutil.rmtree(base, ignore_errors=True)

    def _failure(self, job: Job, error: BaseException) -> Batch:
        identity = self.client().submit(identify, job, pure=False)
        why = ("crashed", _KILLED) if isinstance(error, KilledWorker) else explained(error, self.limits)
        return failure(job, partial(identity.result, self.limits.timeout), (TimeoutError, KilledWorker), *why)

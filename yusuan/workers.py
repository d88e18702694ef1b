"""Local workers: every document in another process with a time and a memory limit; whatever one does, the run goes on.

Documents go to the workers in small chunks, since turning rows into columns one document at a time costs several times
as much. Where a chunk does not come back (a hang, a crash, memory), its documents are done again one by one, so that
the limits hold for each and only the guilty one fails.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from types import ModuleType
from typing import Any

import pebble
import pyarrow as pa

from yusuan import forks
from yusuan.convert import OUT_OF_MEMORY, convert
from yusuan.interrupts import held_back
from yusuan.work import Batch, Convert, Job, failure, identify, process, scans, settle

if sys.platform != "win32":
    import resource

CHUNK, CHUNK_BYTES = 32, 4 << 20
_PER_WORKER = 3
"""Chunks under way for each worker: one is done, one waits, one is on its way back."""
_PAGES, _MOST_PAGES = 6, 600
"""Scanned pages that double a document's time; from so many on it grows no more."""
_TASKS = 500
"""Chunks after which a worker is replaced: whatever a library leaks is bounded."""
_MOMENT = 0.2
"""Seconds that an interrupt waits at most."""
_MEMORY_SPENT = 77
"""Exit code of a worker that ran out of memory."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`timeout` in seconds and `memory` (address space) in MiB hold for each document. A scan has a sixth of the time more
    for each page that is a picture: recognition takes 5 to 8 seconds a page on a core of its own.
    """

    workers: int
    timeout: float = 120.0
    memory: int = 4096


Done = tuple[tuple[Job, ...], Batch]


def default_workers() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(len(os.sched_getaffinity(0)), 1)
    return os.cpu_count() or 1


# --- in the worker ----------------------------------------------------------------------------------------------------


def _limit(memory: int) -> None:
    """Runs first in every worker. Ctrl-C is for the parent, which stops its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(2, 1)  # standard output is the parent's, for the summary: nothing that a library prints may stand in it
    settle()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    if sys.platform != "win32":
        os.setpgrp()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = memory << 20
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _process(jobs: tuple[Job, ...], reader: Convert, timeout: float) -> Batch:
    """The alarm ends a worker that hangs after its parent was killed: nobody else would.

    A worker that ran out of memory ends itself: what is left of it could make the next document fail.
    """
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, 2 * timeout + 10)
    try:
        batch = process(jobs, reader)
        spent = bool(batch.made) and OUT_OF_MEMORY in batch.tables["documents"]["error"].to_pylist()
    except MemoryError:
        os._exit(_MEMORY_SPENT)
    else:
        if spent:
            os._exit(_MEMORY_SPENT)
        return batch
    finally:
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, 0)


def _warm() -> int:
    return os.getpid()


# --- in the parent ----------------------------------------------------------------------------------------------------


def chunks(jobs: Iterable[Job], most: int) -> Iterator[tuple[Job, ...]]:
    """Neighbours together, up to `most` documents and CHUNK_BYTES; a large document goes alone."""
    waiting: list[Job] = []
    size = 0
    for job in jobs:
        if waiting and (len(waiting) == most or size + job.size > CHUNK_BYTES):
            yield tuple(waiting)
            waiting, size = [], 0
        waiting.append(job)
        size += job.size
    if waiting:
        yield tuple(waiting)


def chunk_size(count: int, workers: int) -> int:
    """Small enough that all workers have something to do to the end."""
    return max(1, min(CHUNK, -(-count // (4 * workers))))


@contextmanager
def _without_main() -> Iterator[None]:
    """Workers would import the script or notebook that started the run, and run it again where it has no guard."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


_KIND: Any = type(get_context(forks.METHOD))


class _Process(_KIND.Process):  # type: ignore[misc]
    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - the hook's name
        with _without_main():
            return _KIND.Process._Popen(process_obj)


class _Context(_KIND):  # type: ignore[misc]
    Process = _Process


def _one_of(futures: Iterable[pebble.ProcessFuture[Any]]) -> tuple[pebble.ProcessFuture[Any], ...]:
    """Waits until something is done, or a moment; what it is, is asked for again."""
    with held_back():
        wait(futures, _MOMENT, return_when=FIRST_COMPLETED)
    return ()


@dataclass(frozen=True, slots=True)
class _Task:
    """Documents to do in `limit` seconds; or the question how long one may take that was not done in the usual time (`is_question`,
    `of_chunk`: others were done with it). `asked`: the limit is the answer."""

    jobs: tuple[Job, ...]
    limit: float
    is_question: bool = False
    of_chunk: bool = False
    asked: bool = False


class Pool:
    """Workers that start when the first is asked for; `warm` starts them ahead of the first job."""

    def __init__(self, limits: Limits, reader: Convert = convert) -> None:
        self.limits, self.reader = limits, reader
        self._pool: pebble.ProcessPool | None = None

    def _started(self) -> pebble.ProcessPool:
        if self._pool is None:
            forks.start()
            memory = (self.limits.memory,)
            self._pool = pebble.ProcessPool(self.limits.workers, _TASKS, _limit, memory, context=_Context())
        return self._pool

    def warm(self) -> None:
        self._started().submit(_warm, None)

    def stop(self) -> None:
        """Ends all workers, whatever they do."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def run(self, jobs: Iterable[Job], count: int) -> Iterator[Done]:
        """(jobs, their batch) as they are done, in no order; `count`: about how many jobs there are."""
        usual = self.limits.timeout
        waiting = (_Task(chunk, usual) for chunk in chunks(jobs, chunk_size(count, self.limits.workers)))
        again: deque[_Task] = deque()
        under_way: dict[pebble.ProcessFuture[Any], _Task] = {}
        while True:
            while len(under_way) < _PER_WORKER * self.limits.workers:
                task = again.popleft() if again else next(waiting, None)
                if task is None:
                    break
                under_way[self._submit(task)] = task
            if not under_way:
                return
            for future in [future for future in under_way if future.done()] or _one_of(under_way):
                task = under_way.pop(future)
                error = future.exception()
                if task.is_question:  # whatever the document does to it, it is told as its time being over
                    pages = 0 if error is not None else min(future.result(), _MOST_PAGES)
                    limit = usual * (1 + pages / _PAGES)
                    if task.of_chunk or pages:
                        again.append(_Task(task.jobs, limit, asked=True))
                    else:
                        yield task.jobs, self._failure(task.jobs[0], TimeoutError(), limit)
                elif error is None:
                    yield task.jobs, future.result()
                elif isinstance(error, TimeoutError) and not task.asked:
                    of_chunk = len(task.jobs) > 1
                    again.extend(_Task((job,), usual, is_question=True, of_chunk=of_chunk) for job in task.jobs)
                elif len(task.jobs) > 1:
                    again.extend(_Task((job,), usual) for job in task.jobs)
                else:
                    yield task.jobs, self._failure(task.jobs[0], error, task.limit)

    def _submit(self, task: _Task) -> pebble.ProcessFuture[Any]:
        pool = self._started()
        with held_back():  # in the middle of `Queue.put` it loses a wake-up of the scheduler: `stop` never ends
            if task.is_question:
                return pool.submit(scans, self.limits.timeout, task.jobs[0])
            return pool.submit(_process, task.limit, task.jobs, self.reader, task.limit)

    def _failure(self, job: Job, error: BaseException, limit: float) -> Batch:
        identity = self._started().submit(identify, self.limits.timeout, job)
        why = explained(error, replace(self.limits, timeout=limit))
        return failure(job, identity.result, (TimeoutError, pebble.ProcessExpired), *why)


def explained(error: BaseException, limits: Limits) -> tuple[str, str]:
    """(error code, message for the user) for a document at which a worker died."""
    if isinstance(error, TimeoutError):
        return "timeout", (
            f"读取这个文件超过了时限（{limits.timeout:g} 秒），已停止。请用 --timeout 提高时限后重新运行，或拆分文件。"
        )
    if isinstance(error, MemoryError) or getattr(error, "exitcode", None) == _MEMORY_SPENT:
        return "too-large", OUT_OF_MEMORY
    if isinstance(error, pebble.ProcessExpired):
        code = error.exitcode
        how = f"信号 {-code}" if code < 0 else f"退出码 {code}"
        return "crashed", (
            f"读取这个文件的进程意外终止（{how}，可能是文件损坏或内存不足），其他文件不受影响。"
            "下次运行会再试一次；若仍失败，请把文件和这条说明一起反馈给开发者。"
        )
    return "crashed", (
        f"程序读取这个文件时出错（{type(error).__name__}: {error}），其他文件不受影响。"
        "请把文件和这条说明一起反馈给开发者。"
    )

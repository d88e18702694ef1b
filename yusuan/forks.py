"""The clean process that workers are forked from (not from us, whose libraries run threads): it loads once what every worker needs.

Started ahead of a command's own imports, its imports run beside them.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import forkserver, get_all_start_methods, resource_tracker
from types import MappingProxyType

METHOD = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
"""How workers are started; where no process can be forked (Windows), each loads everything by itself."""
_FRUGAL = MappingProxyType(
    {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
)
"""Workers are the parallelism: threads of libraries, and pools that reserve a gigabyte ahead, would only use up address
space, which is what the memory limit counts."""


def start() -> None:
    """Starts the process, if there is none yet, and does not wait for it. Ctrl-C is for us: what would reach it while it loads
    would be a traceback in the terminal.
    """
    if METHOD == "forkserver":
        forkserver.set_forkserver_preload(["yusuan.warm"])
        resource_tracker.ensure_running()  # would let interrupts through in the middle of the block
        with _environment(_FRUGAL), _uninterrupted():
            forkserver.ensure_running()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """What is started in here inherits that interrupts are blocked."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

"""What a run does with SIGINT (Ctrl-C) and SIGTERM (systemd, a scheduler's time limit).

Only the main thread can say so; in another one nothing changes.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def _handled(numbers: Sequence[int], handler: Callable[[int, Any], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, signal.SIG_DFL if earlier is None else earlier)


@contextmanager
def interruptible(*numbers: int) -> Iterator[None]:
    """Each of these signals comes out of here as KeyboardInterrupt, whatever a library made of it on its way: DuckDB an error of
    the query that it worked on, Python itself a RuntimeError where a class was being made.
    """
    came = False

    def interrupt(*_: object) -> None:
        nonlocal came
        came = True
        raise KeyboardInterrupt

    try:
        with _handled(numbers, interrupt):
            yield
    except Exception as error:
        if came:
            raise KeyboardInterrupt from error
        raise


@contextmanager
def held_back() -> Iterator[None]:
    """A signal waits until the block is done."""
    held: list[int] = []
    try:
        with _handled((signal.SIGINT, signal.SIGTERM), lambda number, _: held.append(number)):
            yield
    finally:
        for number in held:
            signal.raise_signal(number)

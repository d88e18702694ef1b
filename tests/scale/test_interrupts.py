"""An interrupt is an interrupt, wherever it comes in between."""

from __future__ import annotations

import signal

import duckdb
import pytest

from yusuan.interrupts import held_back, interruptible


def test_an_interrupt_in_the_middle_of_a_query() -> None:
    """DuckDB says `RuntimeError: Query interrupted`, or wraps the interrupt into an error of its own."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE many AS SELECT range AS a FROM range(100000)")
    query = "SELECT count(*) FROM many x, many y WHERE x.a * y.a % 7 = 3"
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    with pytest.raises(KeyboardInterrupt), interruptible(signal.SIGINT):
        connection.execute(query).fetchall()


def test_an_interrupt_while_a_class_is_made() -> None:
    """Up to Python 3.11 what is raised in `__set_name__` comes as a RuntimeError."""

    class Named:
        def __set_name__(self, owner: type, name: str) -> None:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), interruptible(signal.SIGINT):
        type("Owner", (), {"field": Named()})


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="Query interrupted"), interruptible(signal.SIGINT):
        raise RuntimeError("Query interrupted")


def test_a_signal_that_was_held_back_comes_out_as_well() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), interruptible(signal.SIGTERM), held_back():
        done.append(signal.raise_signal(signal.SIGTERM))
    assert done
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL

"""Engines for tests: one without processes, so that tests can change what reading does, and hostile readers."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pypdfium2.raw as pdfium_c

from yusuan.convert import Converted, convert, document_id, failed
from yusuan.work import Convert, Job, process
from yusuan.workers import Done, chunks


class Inline:
    """Reads in this process, in chunks like a worker's."""

    def __init__(self, reader: Convert | None = None, most: int = 8) -> None:
        self.reader, self.most = reader, most
        self.names: list[str] = []
        """Of the files opened, in order."""

    def warm(self) -> None: ...

    def stop(self) -> None: ...

    def run(self, jobs: Iterable[Job], count: int) -> Iterator[Done]:  # noqa: ARG002 - what every engine is told
        for chunk in chunks(jobs, self.most):
            self.names += [job.name for job in chunk]
            yield chunk, process(chunk, self.reader or convert)


def hostile(data: bytes, name: str) -> Converted:
    """Does what the file's name says instead of reading it; reads other files."""
    if "hang" in name:
        time.sleep(600)
    if "spin" in name:  # holds the interpreter, as a loop in a library does
        ctypes.PyDLL(None).sleep(600)
    if "eat" in name:
        eaten = []
        while True:
            eaten.append(bytes(64 << 20))
    if "die" in name:
        ctypes.string_at(0)
    if "pdfium" in name:  # a fault inside pdfium itself: it follows what it takes for its document
        pdfium_c.FPDF_GetPageCount(ctypes.cast(0x10, pdfium_c.FPDF_DOCUMENT))
    if "abort" in name:
        os.abort()
    if "leave" in name:
        os._exit(3)
    if "raise" in name:
        raise RuntimeError("a reader that does not keep its promise")
    if "killed" in name:
        os.kill(os.getpid(), 9)
    return convert(data, name)


def slow(data: bytes, name: str) -> Converted:
    """Reads after a moment, so that a run can be killed in the middle."""
    time.sleep(0.02)
    return convert(data, name)


def victim(folder: str, data: bytes, name: str) -> Converted:
    """Says in `folder` which process is at it, and waits there as long as a file of its name lies in the folder."""
    if Path(folder, name).exists():
        Path(folder, f"{name}.{os.getpid()}.pid").touch()
        while Path(folder, name).exists():
            time.sleep(0.01)
    return convert(data, name)


def unscannable(job: Job) -> int:
    """A document whose pages cannot even be counted."""
    raise ValueError(job.name)


def tardy(seconds: float, data: bytes, name: str) -> Converted:
    """Takes this long for every document, and reads none."""
    time.sleep(seconds)
    return failed(document_id(data), name, len(data), code="no-text", message="late")


def talkative(data: bytes, name: str) -> Converted:
    """Fails unless what it prints goes to standard error."""
    return (
        convert(data, name)
        if os.path.sameopenfile(1, 2)
        else failed(document_id(data), name, 0, code="crashed", message="stdout")
    )

"""Files that a worker cannot open where they are (in a tar file, in an archive in an archive) are copied out first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from yusuan.archives import copy_out, is_direct
from yusuan.found import Found
from yusuan.members import RefusedError
from yusuan.opening import Place


def _archive(file: Found) -> str:
    """The outermost archive."""
    return file.location.split("!/")[0]


def unpacked(files: Iterable[Found], folder: Path) -> Iterator[Found]:
    """The same files in the same order, each at a place that can be opened directly; copies lie in `folder`.

    Files of one archive stand together, so each archive is gone through once.
    """
    waiting: list[Found] = []
    for file in files:
        if is_direct(file.item.place):
            if waiting:
                yield from _copied(waiting, folder)
                waiting = []
            yield file
        else:
            if waiting and _archive(waiting[0]) != _archive(file):
                yield from _copied(waiting, folder)
                waiting = []
            waiting.append(file)
    if waiting:
        yield from _copied(waiting, folder)


def _copied(files: list[Found], folder: Path) -> Iterator[Found]:
    first = files[0]
    archive = Place(first.item.place.path, first.item.place.url)
    try:
        copies = copy_out(archive, _archive(first), [file.item.place.inside for file in files], folder)
        gone = ("corrupt", "这个文件已不在压缩包里：运行时压缩包变了。请重新运行。")
    except RefusedError as error:
        copies, gone = {}, (error.code, str(error))
    for file in files:
        found = copies.get(file.item.place.inside, gone)
        if isinstance(found, Place):
            yield replace(file, item=replace(file.item, place=found))
        else:
            yield replace(file, item=replace(file.item, place=Place(""), refused=file.item.refused or found))

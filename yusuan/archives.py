"""Archives as folders: their entries are listed within limits, and opened without ever using their names.

What is over a limit is refused as a whole, before anything of it is unpacked: `RefusedError` says which limit.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from yusuan.convert import MAX_BYTES
from yusuan.members import DAMAGED, Member, RefusedError, is_archive, is_manifest, is_zip, members
from yusuan.opening import CHUNK, Place, opened

_DAMAGED_ENTRY = "压缩包里的这个文件已损坏（{}），没有读取。请重新下载。"


class _OverLimitError(RefusedError):
    """Refuses the outermost archive."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`total`: unpacked bytes of all entries; `ratio`: unpacked to packed, for archives that unpack to `harmless` or more;
    `manifests`: bytes of all sources.csv together, which are kept in memory."""

    entries: int = 200_000
    depth: int = 2
    ratio: int = 100
    harmless: int = 64 << 20
    total: int = 16 << 30
    manifests: int = 16 << 20


LIMITS = Limits()


@dataclass(slots=True)
class Entry:
    """One file in an archive: `inside` as in Place, `name` with `!/` behind each inner archive, `mark` changes with it.

    `manifest`: the bytes of a sources.csv; None for other files, and where it cannot be had.
    """

    name: str
    inside: tuple[int, ...]
    size: int
    mark: str
    refused: tuple[str, str] | None = None
    manifest: bytes | None = None


@dataclass(slots=True)
class _Spent:
    limits: Limits
    packed: int
    entries: int = 0
    bytes: int = 0
    manifests: int = 0

    def add(self, size: int, archive: str) -> None:
        self.entries += 1
        self.bytes += size
        limits = self.limits
        if self.entries > limits.entries:
            raise _OverLimitError(
                "too-large", f"压缩包 {archive} 里的文件超过 {limits.entries:,} 个，没有打开。请拆成几个压缩包。"
            )
        if self.bytes > limits.total:
            raise _OverLimitError(
                "too-large",
                f"压缩包 {archive} 解压后超过 {limits.total >> 20:,} MiB，没有打开。请先解压，或拆成几个压缩包。",
            )
        if self.bytes > limits.harmless and self.bytes > limits.ratio * max(self.packed, 1):
            raise _OverLimitError(
                "too-large",
                f"压缩包 {archive} 的压缩比超过 {limits.ratio}，可能是压缩炸弹，没有打开。如果可信，请先解压再处理。",
            )


def _tidy(name: str) -> str:
    """A relative path with `/`, whatever the archive says: the name is shown and never used to write."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "/".join(part for part in parts if part not in ("/", "..", "."))


def listing(
    place: Place, name: str, size: int, printable: Callable[[str], str], limits: Limits = LIMITS
) -> list[Entry] | None:
    """Every file in the archive at `place`; None if it is a document. Raises RefusedError."""
    try:
        with opened(place) as file:
            return _list(file, name, (), _Spent(limits, size), printable)
    except RefusedError:
        raise
    except DAMAGED as error:
        raise RefusedError(
            "corrupt", f"压缩包 {name} 打不开（{error}），可能没有下载完，或加了密。请重新下载，或先解压再处理。"
        ) from error


def _list(
    file: IO[bytes], name: str, inside: tuple[int, ...], spent: _Spent, printable: Callable[[str], str]
) -> list[Entry] | None:
    held = members(file, name)
    if held is None:
        return None
    found = []
    for member in held:
        spent.add(member.size, name)
        here = (*inside, member.number)
        shown = _tidy(printable(member.name))
        entry = Entry(shown, here, member.size, member.mark, member.refused, _manifest(member, shown, spent))
        inner = _inner(member, entry, spent, printable) if is_archive(shown) and not entry.refused else None
        found += [entry] if inner is None else inner
    return found


def _manifest(member: Member, name: str, spent: _Spent) -> bytes | None:
    if not is_manifest(name) or member.refused:
        return None
    room = spent.limits.manifests - spent.manifests
    try:
        with member.open() as file:
            data = file.read(room + 1)
    except DAMAGED:  # told by whoever misses it
        return None
    spent.manifests += min(len(data), room)
    return data if len(data) <= room else None


def _inner(member: Member, entry: Entry, spent: _Spent, printable: Callable[[str], str]) -> list[Entry] | None:
    """The entries of an archive in an archive; None where it is to be read, or refused, as a document."""
    if len(entry.inside) >= spent.limits.depth:
        entry.refused = ("unsupported", "压缩包里的压缩包又含压缩包，层数太多，没有打开。请先解压再处理。")
        return None
    if member.size > MAX_BYTES:
        entry.refused = ("too-large", "压缩包里的压缩包太大，没有打开。请先解压再处理。")
        return None
    with tempfile.TemporaryFile() as copy:
        try:
            with member.open() as file:
                shutil.copyfileobj(file, copy, CHUNK)
            copy.seek(0)
            inner = _list(copy, entry.name, entry.inside, spent, printable)
        except _OverLimitError:
            raise
        except RefusedError as error:
            entry.refused = (error.code, str(error))
            return None
        except DAMAGED as error:
            entry.refused = ("corrupt", f"压缩包里的压缩包打不开（{error}）。请重新下载，或先解压再处理。")
            return None
    if inner is None:
        return None
    for found in inner:
        found.name = f"{entry.name}!/{found.name}"
        found.mark = f"{entry.mark}/{found.mark}"
    return inner


# --- what cannot be opened directly -----------------------------------------------------------------------------------


def is_direct(place: Place) -> bool:
    """Whether a worker opens the entry itself: one level of a local zip file. The rest is copied out first."""
    return not place.inside or (len(place.inside) == 1 and not place.url and is_zip(place.path))


def copy_out(
    archive: Place, name: str, wanted: Sequence[tuple[int, ...]], folder: Path
) -> Mapping[tuple[int, ...], Place | tuple[str, str]]:
    """Copies entries of one archive into files of `folder`, in one pass: where each is, or code and message against it.

    Raises RefusedError where none can be read.
    """
    copied: dict[tuple[int, ...], Place | tuple[str, str]] = {}
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with opened(archive) as file:
            _copy(file, name, (), set(wanted), folder, copied)
    except DAMAGED as error:
        why = ("corrupt", f"压缩包 {name} 打不开（{error}）。请重新下载，或先解压再处理。")
        copied.update({each: why for each in wanted if each not in copied})
    return copied


def _copy(
    file: IO[bytes],
    name: str,
    inside: tuple[int, ...],
    wanted: set[tuple[int, ...]],
    folder: Path,
    copied: dict[tuple[int, ...], Place | tuple[str, str]],
) -> None:
    level = len(inside)
    for member in members(file, name, {chain[level] for chain in wanted}) or ():
        here = (*inside, member.number)
        own = {chain for chain in wanted if chain[: level + 1] == here}
        if not own:
            continue
        try:
            with member.open() as source:
                if here in own:
                    copied[here] = Place(_written(source, folder))
                    continue
                with tempfile.TemporaryFile() as copy:
                    shutil.copyfileobj(source, copy, CHUNK)
                    copy.seek(0)
                    _copy(copy, _tidy(member.name), here, own, folder, copied)
        except RefusedError as error:
            copied.update({each: (error.code, str(error)) for each in own if each not in copied})
        except DAMAGED as error:
            why = ("corrupt", _DAMAGED_ENTRY.format(error))
            copied.update({each: why for each in own if each not in copied})


def _written(source: IO[bytes], folder: Path) -> str:
    descriptor, path = tempfile.mkstemp(dir=folder)
    with os.fdopen(descriptor, "wb") as target:
        shutil.copyfileobj(source, target, CHUNK)
    return path

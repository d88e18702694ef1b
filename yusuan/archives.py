"""Zip and tar archives as folders: their entries are listed within limits, and opened without ever using their names.

What is over a limit is refused as a whole, before anything of it is unpacked: `RefusedError` says which limit.
"""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from yusuan.convert import MAX_BYTES
from yusuan.opening import CHUNK, Place, opened

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OSError,
)
_DOCUMENTS = ("[Content_Types].xml", "mimetype", "OFD.xml")
"""An entry that makes a zip file a document (DOCX, ODT, OFD), whatever its suffix."""
_UTF8, _ENCRYPTED = 0x800, 0x1


class RefusedError(Exception):
    """An archive that is not opened: `code` as in `documents.error_code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Limits:
    """`total`: unpacked bytes of all entries; `ratio`: unpacked to packed, for archives that unpack to `harmless` or more."""

    entries: int = 200_000
    depth: int = 2
    ratio: int = 100
    harmless: int = 64 << 20
    total: int = 16 << 30


LIMITS = Limits()


@dataclass(slots=True)
class Entry:
    """One file in an archive: `inside` as in Place, `name` with `!/` behind each inner archive, `mark` changes with it."""

    name: str
    inside: tuple[int, ...]
    size: int
    mark: str
    refused: tuple[str, str] | None = None


@dataclass(slots=True)
class _Spent:
    limits: Limits
    packed: int
    entries: int = 0
    bytes: int = 0

    def add(self, size: int, archive: str) -> None:
        self.entries += 1
        self.bytes += size
        limits = self.limits
        if self.entries > limits.entries:
            raise RefusedError(
                "too-large", f"压缩包 {archive} 里的文件超过 {limits.entries:,} 个，没有打开。请拆成几个压缩包。"
            )
        if self.bytes > limits.total:
            raise RefusedError(
                "too-large",
                f"压缩包 {archive} 解压后超过 {limits.total >> 20:,} MiB，没有打开。请先解压，或拆成几个压缩包。",
            )
        if self.bytes > limits.harmless and self.bytes > limits.ratio * max(self.packed, 1):
            raise RefusedError(
                "too-large",
                f"压缩包 {archive} 的压缩比超过 {limits.ratio}，可能是压缩炸弹，没有打开。如果可信，请先解压再处理。",
            )


@dataclass(slots=True)
class _Member:
    number: int
    name: str
    size: int
    mark: str
    encrypted: bool
    open: Callable[[], IO[bytes]] = field(repr=False)


def is_archive(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def _decoded(entry: zipfile.ZipInfo) -> str:
    """Zip files of Chinese Windows carry GBK names without saying so; those that say nothing may be UTF-8 as well."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8:
        raw = name.encode("cp437")
        for encoding in ("utf-8", "gb18030"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return name


def _is_document(archive: zipfile.ZipFile) -> bool:
    return any(name in _DOCUMENTS for name in archive.namelist())


def _members(file: IO[bytes], name: str) -> Iterator[_Member] | None:
    """Regular files in stored order; None for a zip file that is a document."""
    if name.lower().endswith(".zip"):
        archive = zipfile.ZipFile(file)
        return None if _is_document(archive) else _zip_members(archive)
    return _tar_members(tarfile.open(fileobj=file, mode="r:*", errors="surrogateescape"))


def _zip_members(archive: zipfile.ZipFile) -> Iterator[_Member]:
    for number, info in enumerate(archive.infolist()):
        if not info.is_dir():
            encrypted = bool(info.flag_bits & _ENCRYPTED)
            yield _Member(
                number, _decoded(info), info.file_size, f"{info.CRC:08x}", encrypted, partial(archive.open, info)
            )


def _tar_members(archive: tarfile.TarFile) -> Iterator[_Member]:
    for number, info in enumerate(archive):
        if info.isreg():
            yield _Member(number, info.name, info.size, f"{info.mtime}", False, partial(_data, archive, info))


def _data(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(info)
    assert file is not None, "only regular files are asked for"
    return file


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
    members = _members(file, name)
    if members is None:
        return None
    found = []
    for member in members:
        spent.add(member.size, name)
        here = (*inside, member.number)
        shown = _tidy(printable(member.name))
        refused = (
            ("encrypted", f"压缩包 {name} 里的这个文件加了密码，没有读取。请解压后再处理。")
            if member.encrypted
            else None
        )
        entry = Entry(shown, here, member.size, member.mark, refused)
        inner = _inner(member, entry, spent, printable) if is_archive(shown) and not refused else None
        found += [entry] if inner is None else inner
    return found


def _inner(member: _Member, entry: Entry, spent: _Spent, printable: Callable[[str], str]) -> list[Entry] | None:
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


def is_direct(place: Place, name: str) -> bool:
    """Whether a worker opens the entry itself: one level of a local zip file. The rest is copied out first."""
    return not place.inside or (len(place.inside) == 1 and not place.url and name.lower().endswith(".zip"))


def copy_out(
    archive: Place, name: str, wanted: Sequence[tuple[int, ...]], folder: Path
) -> Mapping[tuple[int, ...], Place]:
    """Copies entries of one archive into files of `folder`, in one pass; entries that are damaged are left out."""
    copied: dict[tuple[int, ...], Place] = {}
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with opened(archive) as file:
            _copy(file, name, (), set(wanted), folder, copied)
    except DAMAGED as error:
        raise RefusedError("corrupt", f"压缩包 {name} 打不开（{error}）。请重新下载，或先解压再处理。") from error
    return copied


def _copy(
    file: IO[bytes],
    name: str,
    inside: tuple[int, ...],
    wanted: set[tuple[int, ...]],
    folder: Path,
    copied: dict[tuple[int, ...], Place],
) -> None:
    outer = {chain[: len(inside) + 1] for chain in wanted if len(chain) > len(inside) + 1}
    for member in _members(file, name) or ():
        here = (*inside, member.number)
        if here in wanted:
            descriptor, path = tempfile.mkstemp(dir=folder)
            with os.fdopen(descriptor, "wb") as target, member.open() as source:
                shutil.copyfileobj(source, target, CHUNK)
            copied[here] = Place(path)
        elif here in outer:
            with tempfile.TemporaryFile() as copy:
                with member.open() as source:
                    shutil.copyfileobj(source, copy, CHUNK)
                copy.seek(0)
                _copy(
                    copy,
                    _tidy(member.name),
                    here,
                    {chain for chain in wanted if chain[: len(here)] == here},
                    folder,
                    copied,
                )

"""7z archives through py7zr (the extra `yusuan[archives]`). Most are one piece: whatever of them is wanted is unpacked in
one go to a folder that lives as long as the members are gone through, under names of ours.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections import Counter
from collections.abc import Container, Iterator
from functools import partial
from pathlib import Path
from typing import IO

import py7zr
from py7zr.exceptions import PasswordRequired, UnsupportedCompressionMethodError
from py7zr.io import Py7zIO, WriterFactory

from yusuan.members import DamagedError, Member, RefusedError, is_opened

_MOST_INNER = 4 << 30
"""Bytes up to which an archive is unpacked for the archives inside of it."""
_ODD_NAME = "压缩包里的这个文件与别的文件同名，或者名字指向压缩包之外，没有读取。请解压后再处理。"


def members(file: IO[bytes], name: str, wanted: Container[int] | None) -> Iterator[Member]:
    """As yusuan.members.members, what listing opens last. Without `wanted` that is what can be opened: the sizes of all other files
    are known before anything is unpacked.
    """
    if isinstance(file, io.IOBase):
        yield from _members(file, name, wanted)
        return
    with tempfile.TemporaryFile() as copy:  # an object store's file
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        yield from _members(copy, name, wanted)


def _members(file: IO[bytes], name: str, wanted: Container[int] | None) -> Iterator[Member]:
    locked = RefusedError("encrypted", f"压缩包 {name} 加了密码，没有读取。请解压后再处理。")
    try:
        archive = py7zr.SevenZipFile(file, max_extract_size=_MOST_INNER if wanted is None else None)
    except PasswordRequired as error:
        raise locked from error
    except UnsupportedCompressionMethodError as error:
        message = f"压缩包 {name} 用了不支持的压缩方法（{error}）。请先解压再处理。"
        raise RefusedError("unsupported", message) from error
    except Exception as error:  # whatever a hostile header makes of the library
        raise DamagedError(f"{type(error).__name__}: {error}") from error
    if archive.needs_password():
        raise locked
    with archive, tempfile.TemporaryDirectory(prefix="yusuan-7z-") as folder:
        files = [each for each in enumerate(archive.list()) if each[1].is_file]
        times = Counter(info.filename for _, info in files)
        odd = {number for number, info in files if times[info.filename] > 1 or not _is_plain(info.filename)}
        targets = {
            info.filename: number
            for number, info in files
            if number not in odd and (is_opened(info.filename) if wanted is None else number in wanted)
        }
        unpacked = _Unpacked(archive, targets, Path(folder))
        for number, info in sorted(files, key=lambda each: is_opened(each[1].filename)):
            refused = ("unsupported", _ODD_NAME) if number in odd else None
            mark = f"{info.crc32 or 0:08x}"
            yield Member(number, info.filename, info.uncompressed, mark, partial(unpacked.open, number), refused)


def _is_plain(name: str) -> bool:
    return not any(part in ("", ".", "..") or part.endswith(":") for part in name.replace("\\", "/").split("/"))


class _Unpacked(WriterFactory):
    """Unpacks the targets (name → number) into files named by their numbers, when the first of them is opened."""

    def __init__(self, archive: py7zr.SevenZipFile, targets: dict[str, int], folder: Path) -> None:
        self.archive, self.targets, self.folder = archive, targets, folder
        self.damage = ""
        self.done = False

    def open(self, number: int) -> IO[bytes]:
        if not self.done:
            self.done = True
            try:
                self.archive.extract(targets=list(self.targets), factory=self)
            except Exception as error:  # decoders of ten kinds; those before the damage are good
                self.damage = f"{type(error).__name__}: {error}"
        path = self.folder / str(number)
        if not path.exists():
            raise DamagedError(self.damage or "not unpacked")
        return path.open("rb")

    def create(self, filename: str) -> Py7zIO:
        return _Writer(self.folder / str(self.targets[filename]))


class _Writer(Py7zIO):
    """A file that stands under its name only when it is complete: py7zr calls `close` behind a good checksum."""

    def __init__(self, path: Path) -> None:
        self.path, self.part = path, path.with_suffix(".part")
        self.part.touch()

    def write(self, s: bytes | bytearray) -> int:
        with self.part.open("ab") as file:
            return file.write(s)

    def read(self, _size: int | None = None) -> bytes:
        raise io.UnsupportedOperation("written only")

    def seek(self, _offset: int, _whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        return None

    def size(self) -> int:
        return self.part.stat().st_size

    def close(self) -> None:
        self.part.rename(self.path)

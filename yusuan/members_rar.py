"""RAR archives (3 to 5). rarfile (the extra `yusuan[archives]`) reads the headers and what is stored as it is. What is
compressed comes from a program in a process of its own, whichever there is: it writes all files of the archive one behind
the other to its output, where they are parted by their sizes and known by their checksums. No name is ever given to it.
(rarfile 4.5 would start the program for each file, and cannot use bsdtar: it hands it `--` for the archive.)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Container, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Timer
from typing import IO, Any

import rarfile

from yusuan.members import ENCRYPTED, DamagedError, Member, RefusedError, decoded, is_opened
from yusuan.opening import CHUNK

PROGRAMS = {
    "unrar": ("p", "-inul", "-p-", "--"),
    "unar": ("-q", "-o", "-"),
    "bsdtar": ("-x", "-O", "-f"),
    "7zz": ("e", "-so", "-p", "--"),
    "7z": ("e", "-so", "-p", "--"),
}
"""Program → what stands before the archive. bsdtar knows no filters of RAR 3, Debian's 7zz no RAR: the next one is tried."""
_SECONDS, _BYTES_A_SECOND = 60, 5 << 20
_NO_PROGRAM = (
    "压缩包 {} 是 RAR 格式，解压它需要 unrar、unar 或 bsdtar，本机没有找到。"
    "请先安装（Debian / Ubuntu：apt install libarchive-tools），然后重新运行；或先解压再处理。"
)
_VOLUME = "压缩包 {} 是分卷压缩包的一卷，不能单独读取。请把各卷放在一起解压后再处理。"
_LOCKED = "压缩包 {} 加了密码，没有读取。请解压后再处理。"

Files = list[tuple[int, Any]]
"""(number in the archive, rarfile's RarInfo)."""


def members(file: IO[bytes], name: str, wanted: Container[int] | None) -> Iterator[Member]:
    """As yusuan.members.members, what listing opens last. Without `wanted` that is what can be opened: the sizes of all other files
    are known before anything is unpacked. Raises RefusedError `missing-tool` where a program is needed and none is there.
    """
    if isinstance(getattr(file, "name", None), str):
        yield from _members(os.path.abspath(file.name), name, wanted)  # noqa: PTH100 - resolve() would follow links
        return
    with tempfile.NamedTemporaryFile(suffix=".rar") as copy:
        shutil.copyfileobj(file, copy, CHUNK)
        copy.flush()
        yield from _members(copy.name, name, wanted)


def _members(path: str, name: str, wanted: Container[int] | None) -> Iterator[Member]:
    archive, files, problem = _parsed(path)
    if problem:
        raise RefusedError(problem[0], problem[1].format(name))
    with tempfile.TemporaryDirectory(prefix="yusuan-rar-") as folder:
        sources = {number: _source(archive, files, number, info) for number, info in files}
        chosen = {sources[n][0] for n, info in files if (is_opened(info.filename) if wanted is None else n in wanted)}
        unpacked = _Unpacked(path, files, chosen, Path(folder))
        for number, info in sorted(files, key=lambda each: is_opened(each[1].filename)):
            refused = (ENCRYPTED[0], ENCRYPTED[1].format(name)) if info.needs_password() else None
            home, source = sources[number]
            get = partial(_stored, archive, source) if _is_stored(source) else partial(unpacked.open, home)
            yield Member(number, _name(info), info.file_size, f"{info.CRC or 0:08x}", get, refused)


def _parsed(path: str) -> tuple[Any, Files, tuple[str, str] | None]:
    """The archive, its files, and code and message of what stands against it as a whole. Raises DamagedError."""
    blocks: list[Any] = []
    try:
        archive = rarfile.RarFile(path, errors="strict", part_only=True, info_callback=blocks.append)
        files = [(number, info) for number, info in enumerate(archive.infolist()) if info.is_file()]
        volume = any(b.type == rarfile.RAR_BLOCK_MAIN and b.flags & rarfile.RAR_MAIN_VOLUME for b in blocks)
        split = rarfile.RAR_FILE_SPLIT_BEFORE | rarfile.RAR_FILE_SPLIT_AFTER
        if volume or any(info.flags & split for _, info in files):
            return archive, files, ("unsupported", _VOLUME)
        if archive.needs_password() and not files:
            return archive, files, ("encrypted", _LOCKED)
        if not all(type(info.file_size) is int for _, info in files):
            raise DamagedError("a file without a size")  # noqa: TRY301 - as any other odd header
    except Exception as error:  # whatever a hostile header makes of the library
        raise DamagedError(f"{type(error).__name__}: {error}") from error
    if not all(_is_stored(info) or info.needs_password() for _, info in files) and not _programs():
        return archive, files, ("missing-tool", _NO_PROGRAM)
    return archive, files, None


def _source(archive: Any, files: Files, number: int, info: Any) -> tuple[int, Any]:
    """The file itself, or the one that it repeats (RAR 5)."""
    if info.file_redir is None:
        return number, info
    original = archive.getinfo_orig(info.filename)
    return next(((home, each) for home, each in files if each is original), (number, info))


def _is_stored(info: Any) -> bool:
    return bool(info.compress_type == rarfile.RAR_M0 and info.file_redir is None)


def _name(info: Any) -> str:
    """RAR 3 has names in the encoding of the machine that wrote them; rarfile would take GBK for UTF-16."""
    if info.flags & rarfile.RAR_FILE_UNICODE or not isinstance(info, rarfile.Rar3Info):
        return str(info.filename)
    return decoded(info.orig_filename) or str(info.filename)


def _stored(archive: Any, info: Any) -> IO[bytes]:
    """The whole file, checksum and all."""
    copy = tempfile.SpooledTemporaryFile(CHUNK)  # noqa: SIM115 - whoever opens a member closes it
    try:
        with archive.open(info) as source:
            shutil.copyfileobj(source, copy, CHUNK)
    except Exception as error:
        copy.close()
        raise DamagedError(f"{type(error).__name__}: {error}") from error
    copy.seek(0)
    return copy


# --- what is compressed -----------------------------------------------------------------------------------------------


def _programs() -> list[list[str]]:
    found = ((shutil.which(program), arguments) for program, arguments in PROGRAMS.items())
    return [[program, *arguments] for program, arguments in found if program]


class _Unpacked:
    """Unpacks the chosen files into files named by their numbers, when the first of them is opened."""

    def __init__(self, path: str, files: Files, chosen: set[int], folder: Path) -> None:
        self.path, self.files, self.chosen, self.folder = path, files, chosen, folder
        self.done = False

    def open(self, number: int) -> IO[bytes]:
        if not self.done:
            self.done = True
            for command in _programs():
                self._unpack(command)
                if all((self.folder / str(each)).exists() for each in self.chosen):
                    break
        path = self.folder / str(number)
        if not path.exists():
            raise DamagedError("解压所得与校验和不符")
        return path.open("rb")

    def _unpack(self, command: Sequence[str]) -> None:
        limit = _SECONDS + sum(info.file_size for _, info in self.files) / _BYTES_A_SECOND
        with subprocess.Popen(
            [*command, self.path], cwd=self.folder, start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            watch = Timer(limit, process.kill)
            watch.start()
            try:
                assert process.stdout is not None
                self._part(process.stdout)
            finally:
                watch.cancel()
                process.kill()

    def _part(self, output: IO[bytes]) -> None:
        """Takes the files from the output until one is not what its checksum says."""
        for number, info in self.files:
            if info.file_redir is not None or info.needs_password():
                continue
            left, checksum = info.file_size, 0
            blake = rarfile.Blake2SP() if info.CRC is None else None  # RAR 5 can write it in place of the CRC
            part = self.folder / f"{number}.part"
            with part.open("wb") as target:
                while left and (piece := output.read(min(left, CHUNK))):
                    left -= len(piece)
                    checksum = zlib.crc32(piece, checksum)
                    if blake:
                        blake.update(piece)
                    if number in self.chosen:
                        target.write(piece)
            if left or (blake.digest() != info.blake2sp_hash if blake else checksum != info.CRC):
                part.unlink()
                return
            if number in self.chosen:
                part.rename(self.folder / str(number))
            else:
                part.unlink()

"""What an archive holds, whatever its kind: told by its content, not by its name. 7z and RAR have modules of their own,
which need the extra `yusuan[archives]`.
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import IO

SUFFIXES = (".zip", ".rar", ".7z", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MANIFEST = "sources.csv"
"""Facts about the files beside it (yusuan.manifest)."""
ENCRYPTED = ("encrypted", "压缩包 {} 里的这个文件加了密码，没有读取。请解压后再处理。")
_DOCUMENTS = ("[Content_Types].xml", "mimetype", "OFD.xml")
"""An entry that makes a zip file a document (DOCX, ODT, OFD), whatever its suffix."""
_UTF8, _LOCKED = 0x800, 0x1
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_TAR_FACTS = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip
_LONGEST_FACTS = 1 << 20
_OTHERS = {b"7z\xbc\xaf\x27\x1c": "yusuan.members_7z", b"Rar!\x1a\x07": "yusuan.members_rar"}
_NO_LIBRARY = "压缩包 {} 是 {} 格式，读取它需要组件：请运行 pip install 'yusuan[archives]' 后重新运行，或先解压再处理。"


class RefusedError(Exception):
    """An archive that is not opened: `code` as in `documents.error_code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class DamagedError(Exception):
    """A 7z or RAR archive, or an entry of it, that cannot be unpacked."""


DAMAGED = (
    DamagedError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OSError,
)


@dataclass(slots=True)
class Member:
    """One file of an archive. `open` works as long as the members are gone through; `refused`: why it cannot be opened."""

    number: int
    name: str
    size: int
    mark: str
    open: Callable[[], IO[bytes]] = field(repr=False)
    refused: tuple[str, str] | None = None


def is_archive(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def is_manifest(name: str) -> bool:
    return name.replace("\\", "/").rpartition("/")[2] == MANIFEST


def is_opened(name: str) -> bool:
    """Whether listing an archive opens the file: an archive in it, or facts about its files, which may cost a pass over all."""
    return is_archive(name) or is_manifest(name)


def is_zip(path: str) -> bool:
    """Whether a local file begins as a zip file does."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a plain string is what a place carries
            return file.read(4).startswith(_ZIP)
    except OSError:  # it is gone: whoever opens it says so
        return False


def decoded(raw: bytes) -> str | None:
    """A name that says nothing of its encoding: UTF-8, or GBK as Chinese Windows writes it. None if it is neither."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def members(file: IO[bytes], name: str, wanted: Container[int] | None = None) -> Iterator[Member] | None:
    """Regular files in stored order; None for a zip file that is a document. Raises RefusedError and what is in DAMAGED.

    `wanted`: the numbers that will be opened, if that is known (an archive may have to be unpacked for them in one piece).
    """
    start = file.read(8)
    file.seek(0)
    for magic, module in _OTHERS.items():
        if start.startswith(magic):
            try:
                found: Iterator[Member] = import_module(module).members(file, name, wanted)
            except ModuleNotFoundError as error:
                kind = module.rpartition("_")[2].upper()
                raise RefusedError("missing-tool", _NO_LIBRARY.format(name, kind)) from error
            return found
    if start.startswith(_ZIP) or (name.lower().endswith(".zip") and zipfile.is_zipfile(file)):
        archive = zipfile.ZipFile(file)
        return None if any(each in _DOCUMENTS for each in archive.namelist()) else _zip_members(archive, name)
    return _tar_members(tarfile.open(fileobj=file, mode="r:*", errors="surrogateescape", tarinfo=_Header))


def _zip_members(archive: zipfile.ZipFile, name: str) -> Iterator[Member]:
    for number, info in enumerate(archive.infolist()):
        if info.is_dir():
            continue
        shown = info.orig_filename
        if not info.flag_bits & _UTF8:
            shown = decoded(shown.encode("cp437")) or shown
        refused = (ENCRYPTED[0], ENCRYPTED[1].format(name)) if info.flag_bits & _LOCKED else None
        yield Member(number, shown, info.file_size, f"{info.CRC:08x}", partial(archive.open, info), refused)


class _Header(tarfile.TarInfo):
    """A tar header; a long name or a list of facts is read whole while an archive is listed, however long it says it is."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        header = super().frombuf(buf, encoding, errors)
        if header.type in _TAR_FACTS and header.size > _LONGEST_FACTS:
            raise tarfile.ReadError(f"a tar header of {header.size:,} bytes")
        return header


def _tar_members(archive: tarfile.TarFile) -> Iterator[Member]:
    for number, info in enumerate(archive):
        if info.isreg():
            yield Member(number, info.name, info.size, f"{info.mtime}", partial(_data, archive, info))


def _data(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(info)
    assert file is not None, "only regular files are asked for"
    return file

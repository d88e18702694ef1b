"""Where the bytes of an input are, and how to get at them: a file, an entry of an archive, an object behind a URL."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import IO

import pyarrow as pa
import pyarrow.fs as pafs

CHUNK, FIRST = 1 << 20, 1 << 16
UNOPENED = (
    OSError,
    ValueError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What a file that is gone, locked or damaged raises before any reader sees it."""


@dataclass(frozen=True, slots=True)
class Place:
    """`path` is a local path, or with `url` the path in that URL's file system. `inside`: the index of the entry in the
    archive there, then of the entry in the archive in that …; only one level of a local zip file is opened directly."""

    path: str
    url: str = ""
    inside: tuple[int, ...] = ()


def is_url(text: str) -> bool:
    """A URL with a scheme that pyarrow knows; a Windows drive is none."""
    scheme, found, _ = text.partition("://")
    return bool(found) and len(scheme) > 1 and scheme.isalnum()


@lru_cache(maxsize=16)
def filesystem(url: str) -> tuple[pafs.FileSystem, str]:
    """The file system of a URL and the path in it. Raises OSError (bad host, no rights) and ValueError (bad URL)."""
    try:
        found: tuple[pafs.FileSystem, str] = pafs.FileSystem.from_uri(url)
    except pa.ArrowInvalid as error:
        raise ValueError(str(error)) from error
    return found


def opened(place: Place) -> IO[bytes]:
    """Raises OSError, or zipfile.BadZipFile and the like for an entry that is damaged."""
    if place.inside:
        (number,) = place.inside
        with zipfile.ZipFile(place.path) as archive:
            return archive.open(archive.infolist()[number])
    if place.url:
        stream: IO[bytes] = filesystem(place.url)[0].open_input_file(place.path)
        return stream
    return open(place.path, "rb")  # noqa: PTH123 - a plain string is what a job carries


def read_bytes(place: Place, limit: int) -> tuple[bytes | None, str, int]:
    """(bytes, or None beyond the limit; SHA-256 in hex; size). A file beyond the limit is hashed in pieces."""
    with opened(place) as file:
        data = file.read(FIRST)
        if len(data) == FIRST:  # most documents are smaller: no buffer of the size of the limit is made for them
            data += file.read(limit + 1 - FIRST)
        if len(data) <= limit:
            return data, hashlib.sha256(data).hexdigest(), len(data)
        digest, size = hashlib.sha256(data), len(data)
        del data
        while piece := file.read(CHUNK):
            digest.update(piece)
            size += len(piece)
        return None, digest.hexdigest(), size

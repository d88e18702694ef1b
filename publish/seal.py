"""The release id goes into finished Parquet files: it is a hash of all tables, so it is known last.

Writing everything a second time for sixteen letters would double the cost of a release. The id has the length of the
placeholder, and a Parquet footer has no checksum, so both copies of it (the key-value pair, and the Arrow schema, which
is stored as base64) are replaced in place.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from yusuan.publish.tables import PLACEHOLDER, Written

_MAGIC = b"PAR1"
_KEY, _VALUE = b"\x07release", b"\x18\x10"
"""Thrift's compact form of the key, and of the beginning of a value of 16 bytes."""


def _sealed(footer: bytes, arrow_schema: bytes, release: str) -> bytes:
    old, new = PLACEHOLDER.encode(), release.encode()
    decoded = base64.b64decode(arrow_schema)
    if len(old) != len(new) or decoded.count(old) != 1 or footer.count(arrow_schema) != 1:
        raise ValueError("the release id has no single place in the Parquet footer")
    before, pair, behind = footer.rpartition(_KEY + _VALUE + old)  # the pairs stand behind all statistics of the data
    if not pair:
        raise ValueError("the release id is no pair of the Parquet footer")
    footer = before + _KEY + _VALUE + new + behind
    return footer.replace(arrow_schema, base64.b64encode(decoded.replace(old, new)))


def seal(folder: Path, files: Sequence[Written], release: str) -> list[Written]:
    """Puts the id into Parquet files of a release; gives them with their hashes."""
    done = []
    for written in files:
        path = folder / written.path
        schema = pq.read_metadata(path).metadata[b"ARROW:schema"]
        with path.open("r+b") as file:
            file.seek(-8, 2)
            length, magic = int.from_bytes(file.read(4), "little"), file.read(4)
            if magic != _MAGIC:
                raise ValueError(f"{path} is no Parquet file")
            file.seek(-8 - length, 2)
            footer = _sealed(file.read(length), schema, release)
            file.seek(-8 - length, 2)
            file.write(footer)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        done.append(replace(written, sha256=digest))
    return done

"""RAR archives whose files are stored as they are, by a writer of our own: nothing free writes RAR. Format notes:
RAR 3 in rarfile's and libarchive's readers, RAR 5 in RARLAB's technote.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Container, Mapping

import rarfile

STORED, COMPRESSED = 0x30, 0x33
LOCKED, SPLIT_AFTER = 0x04, 0x02


def _block(kind: int, flags: int, body: bytes, data: bytes = b"") -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data


def build_rar3(
    entries: Mapping[str, bytes],
    encoding: str = "gb18030",
    method: int = STORED,
    flags: int = 0,
    packed: bytes = b"",
    locked: Container[str] = (),
) -> bytes:
    """As WinRAR 3 and 4 write it, names in an encoding that is told nowhere. `packed`: what stands for compressed data;
    `locked`: files with a password."""
    blocks = [b"Rar!\x1a\x07\0", _block(0x73, 0, bytes(6))]
    for name, data in entries.items():
        raw = name.encode(encoding)
        stored = packed or data
        sizes = struct.pack(
            "<LLBLLBBHL", len(stored), len(data), 2, zlib.crc32(data), 0x58000000, 29, method, len(raw), 0x20
        )
        own = flags | (LOCKED if name in locked else 0)
        blocks.append(_block(0x74, 0x8000 | own, sizes + raw, stored))
    return b"".join([*blocks, _block(0x7B, 0x4000, b"")])


def _vint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _block5(kind: int, flags: int, body: bytes, data: bytes = b"", extra: bytes = b"") -> bytes:
    head = _vint(kind) + _vint(flags | bool(extra)) + (_vint(len(extra)) if extra else b"")
    head += (_vint(len(data)) if flags & 2 else b"") + body + extra
    sized = _vint(len(head)) + head
    return struct.pack("<L", zlib.crc32(sized)) + sized + data


def build_rar5(entries: Mapping[str, bytes], packed: bytes = b"", *, blake: bool = False) -> bytes:
    """As WinRAR 5 and later write it: names in UTF-8. `packed`: what stands for compressed data; `blake`: with BLAKE2sp
    and no CRC (its switch -htb)."""
    blocks = [b"Rar!\x1a\x07\1\0", _block5(1, 0, _vint(0))]
    for name, data in entries.items():
        raw = name.encode()
        about = _vint(0 if blake else 4) + _vint(len(data)) + _vint(0x20)
        about += b"" if blake else struct.pack("<L", zlib.crc32(data))
        about += _vint(3 << 7 if packed else 0) + _vint(0) + _vint(len(raw)) + raw
        checksum = _vint(2) + _vint(0) + rarfile.Blake2SP(data).digest()
        blocks.append(_block5(2, 2, about, packed or data, _vint(len(checksum)) + checksum if blake else b""))
    return b"".join([*blocks, _block5(5, 0, _vint(0))])

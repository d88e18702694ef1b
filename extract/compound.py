"""Opens compound files (MS-CFB), in which old Office keeps its streams."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA
"""Sector numbers from here on are marks (end of chain, free …)."""
_MINI_STREAM, _MINI_SECTOR = 4096, 64

Numbers = npt.NDArray[np.uint32]


def compound_stream(data: bytes, names: tuple[str, ...]) -> bytes | None:
    """The first stream of one of these names (in this order); None if the compound file is damaged or has none.

    A stream of which the end is missing is given as far as it goes.
    """
    try:
        return _Compound(data).stream(names)
    except (struct.error, IndexError, ValueError):
        return None


class _Compound:
    """Raises ValueError, IndexError or struct.error for what is none."""

    def __init__(self, data: bytes) -> None:
        if not data.startswith(_SIGNATURE):
            raise ValueError
        size = 1 << struct.unpack_from("<H", data, 30)[0]
        if size not in (512, 4096):
            raise ValueError
        count, first = struct.unpack_from("<II", data, 44)
        mini_first, difat, difat_count = struct.unpack_from("<I", data, 60)[0], *struct.unpack_from("<II", data, 68)
        sectors = list(struct.unpack_from("<109I", data, 76))
        for _ in range(min(difat_count, len(data) // size)):
            if difat >= _END:
                break
            entries = struct.unpack_from(f"<{size // 4}I", data, (difat + 1) * size)
            sectors += entries[:-1]
            difat = entries[-1]
        used = [sector for sector in sectors[: max(count, 109)] if sector < _END]
        table = b"".join(data[(sector + 1) * size : (sector + 2) * size].ljust(size, b"\0") for sector in used)
        self.sectors = _Chains(memoryview(data)[size:], size, table)
        self.directory = self.sectors.chain(first)
        self.mini_table = self.sectors.chain(mini_first) if mini_first < _END else b""

    def stream(self, names: tuple[str, ...]) -> bytes | None:
        entries: dict[str, tuple[int, int]] = {}
        root = 0
        for at in range(0, len(self.directory) - 127, 128):
            length, kind = struct.unpack_from("<HB", self.directory, at + 64)
            first, size = struct.unpack_from("<II", self.directory, at + 116)
            if kind == 5:
                root = first
            elif kind == 2 and 2 <= length <= 64:
                entries.setdefault(self.directory[at : at + length - 2].decode("utf-16-le", "replace"), (first, size))
        for name in names:
            if name in entries:
                first, size = entries[name]
                if size >= _MINI_STREAM:
                    return self.sectors.chain(first)[:size]
                container = memoryview(self.sectors.chain(root))
                return _Chains(container, _MINI_SECTOR, self.mini_table).chain(first)[:size]
        return None


class _Chains:
    """Sectors of one size and the table that says of each which one follows it."""

    def __init__(self, data: memoryview, size: int, table: bytes) -> None:
        self.data, self.size = data, size
        self.next: Numbers = np.frombuffer(table, dtype="<u4", count=len(table) // 4)
        self.lasts = np.flatnonzero(self.next != np.arange(1, len(self.next) + 1))
        """Sectors that are not followed by the one behind them: what lies between two of these is read at once."""

    def chain(self, number: int) -> bytes:
        parts: list[memoryview] = []
        left = len(self.next)
        while number < len(self.next) and left > 0:
            last = int(self.lasts[np.searchsorted(self.lasts, number)])
            if parts and len(parts[-1]) % self.size:
                raise ValueError("a sector in the middle of a stream is missing")
            parts.append(self.data[number * self.size : (last + 1) * self.size])
            left -= last + 1 - number
            number = int(self.next[last])
        return b"".join(parts)

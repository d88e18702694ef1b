"""Tables of Chinese government documents as data: `yusuan.read(path)` in a notebook, `yusuan run` on the command line."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

try:
    __version__ = version("yusuan")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0"

__all__ = ["Dataset", "__version__", "read"]

_LAZY = {"read": "yusuan.notebook", "Dataset": "yusuan.notebook"}


def __getattr__(name: str) -> Any:
    """`read` and `Dataset` load pandas and pyarrow, so only when asked for."""
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'yusuan' has no attribute {name!r}")

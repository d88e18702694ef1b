"""Results on an object store: releases are made in a local folder and copied, then one small object is switched.

Object stores have no links and rename nothing, but they replace one object whole: `current.json` names the release.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.fs as pafs

from yusuan.inputs import without_secrets
from yusuan.opening import filesystem, is_url
from yusuan.publish.files import PublishError, dump_json
from yusuan.publish.release import PACKAGE, is_complete

POINTER = "current.json"


@dataclass(frozen=True, slots=True)
class Mirror:
    """`local` is where releases are made; `url` where they are copied to, None if they stay where they are made."""

    local: Path
    url: str | None = None

    @classmethod
    def of(cls, out: str | Path, store: Path | None) -> Mirror:
        text = str(out)
        if text.startswith("file://"):
            text = filesystem(text)[1]
        if not is_url(text):
            return cls(Path(text))
        if store is None:
            raise PublishError(f"{without_secrets(text)}: the store must be a local folder; name one with --store")
        return cls(store / "out", text)

    def _pointer(self, files: pafs.FileSystem, path: str) -> str | None:
        if files.get_file_info(f"{path}/{POINTER}").type != pafs.FileType.File:
            return None
        with files.open_input_stream(f"{path}/{POINTER}") as file:
            return str(json.loads(file.read())["release"])

    def fetch(self, folder: Path) -> Path | None:
        """The release in force on the object store, copied into `folder`; None without one."""
        if self.url is None:
            return None
        try:
            files, path = filesystem(self.url)
            release = self._pointer(files, path)
            if release is None:
                return None
            copy = folder / "fetched" / release
            if not is_complete(copy):
                copy.mkdir(parents=True, exist_ok=True)
                pafs.copy_files(f"{path}/releases/{release}", str(copy), files, pafs.LocalFileSystem())
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._error(error) from error
        return copy

    def upload(self, release: Path, keep: int) -> None:
        """Copies a release that is not there yet, then switches the pointer, then removes releases beyond `keep`."""
        if self.url is None:
            return
        try:
            files, path = filesystem(self.url)
            if self._pointer(files, path) == release.name:
                return
            target = f"{path}/releases/{release.name}"
            pafs.copy_files(str(release), target, pafs.LocalFileSystem(), files)
            with files.open_output_stream(f"{path}/{POINTER}") as file:
                file.write(
                    dump_json({"release": release.name, "package": f"releases/{release.name}/{PACKAGE}"}).encode()
                )
            self._prune(files, path, release.name, keep)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> PublishError:
        return PublishError(
            f"{without_secrets(self.url or '')}: {error}. The last release stays; check address, rights and network, and run again"
        )

    @staticmethod
    def _prune(files: pafs.FileSystem, path: str, current: str, keep: int) -> None:
        """By the time of their package, which is copied with the rest."""
        found = files.get_file_info(pafs.FileSelector(f"{path}/releases", recursive=True))
        times = {info.path.split("/")[-2]: info.mtime_ns for info in found if info.base_name == PACKAGE}
        order = sorted((name for name in times if name != current), key=lambda name: times[name])
        for name in order[: max(len(order) - keep + 1, 0)]:
            files.delete_dir(f"{path}/releases/{name}")

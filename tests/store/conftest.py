from __future__ import annotations

from pathlib import Path

import pytest

from tests.samples import form


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Three documents of one project each."""
    folder = tmp_path / "raw"
    folder.mkdir()
    for number, name in enumerate("甲乙丙"):
        (folder / f"{number}.docx").write_bytes(form(name, str(number + 1)))
    return folder

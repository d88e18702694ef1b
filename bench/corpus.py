"""The generated documents of bench_scale.py: forms of all families as DOCX and PDF, made once and kept in build/scale.

DOCX: one file for each family and seed. PDF: LibreOffice prints some hundred of them, in batches; the other PDF files are
these with a comment behind the end (other bytes, other document, same pages), since printing thousands would take hours.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.build import build_docx
from tests.forms import FAMILIES, generate

KEPT = Path(__file__).parent.parent / "build" / "scale"
_BATCH = 20


def docx(number: int) -> bytes:
    family = list(FAMILIES)[number % len(FAMILIES)]
    return build_docx(generate(family, 20_000 + number).grids)


def printed(count: int) -> list[bytes]:
    """`count` different PDF files; printed once and kept."""
    folder = KEPT / "printed"
    folder.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(count) if not (folder / f"{number:04d}.pdf").exists()]
    for start in range(0, len(missing), _BATCH):
        with tempfile.TemporaryDirectory() as work:
            names = []
            for number in missing[start : start + _BATCH]:
                path = Path(work, f"{number:04d}.docx")
                path.write_bytes(docx(number))
                names.append(str(path))
            office = shutil.which("soffice") or "soffice"
            profile = f"-env:UserInstallation=file://{work}/profile"
            command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", work, *names]
            subprocess.run(command, check=True, capture_output=True, timeout=600)
            for path in Path(work).glob("*.pdf"):
                shutil.move(path, folder / path.name)
    return [(folder / f"{number:04d}.pdf").read_bytes() for number in range(count)]


def fill(folder: Path, words: int, pages: int, different: int) -> None:
    """`words` DOCX and `pages` PDF files in folders of 500, as a collection of some years lies on a disk."""
    originals = printed(different) if pages else []
    for kind, count in (("docx", words), ("pdf", pages)):
        for number in range(count):
            path = folder / f"{kind}-{number // 500:03d}" / f"{number:06d}.{kind}"
            if path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            data = docx(number) if kind == "docx" else originals[number % len(originals)] + b"%% %d\n" % number
            path.write_bytes(data)

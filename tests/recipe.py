"""Makes the committed documents that tests read and that only a big program can write.

    python tests/recipe.py render tests/golden [NAME …]

turns FOLDER/NAME/document.docx (or the form in FOLDER/NAME/form.txt, built by `tests/build.py`) into
FOLDER/NAME/document.pdf with LibreOffice, all in one call: starting it costs more than a file.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.build import build_docx
from yusuan.extract.grid import parse_grids

_CONVERSION = 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"false"}}'
_TIMEOUT_SECONDS = 600


def render(folder: Path, names: list[str]) -> list[Path]:
    """Writes `document.pdf` into each of the cases (all of the folder, if none is named); gives the files written."""
    cases = [folder / name for name in names] or sorted(path for path in folder.iterdir() if path.is_dir())
    documents = {case: data for case in cases if (data := _document(case)) is not None}
    written = []
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        for case, data in documents.items():
            (work / f"{case.name}.docx").write_bytes(data)
        if documents:
            convert(sorted(work.glob("*.docx")), work / "pdf", work / "profile")
        for case in documents:
            target = case / "document.pdf"
            target.write_bytes((work / "pdf" / f"{case.name}.pdf").read_bytes())
            written.append(target)
    return written


def _document(case: Path) -> bytes | None:
    document, form = case / "document.docx", case / "form.txt"
    if document.exists():
        return document.read_bytes()
    return build_docx(parse_grids(form.read_text(encoding="utf-8"))) if form.exists() else None


def convert(documents: list[Path], target: Path, profile: Path) -> None:
    """DOCX → PDF of the same name in `target`. LibreOffice gets a profile of its own: a running one would swallow the call."""
    command = ["soffice", f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless"]
    command += ["--convert-to", _CONVERSION, "--outdir", str(target), *map(str, documents)]
    subprocess.run(command, check=True, timeout=_TIMEOUT_SECONDS, stdout=subprocess.DEVNULL)
    missing = [document.name for document in documents if not (target / f"{document.stem}.pdf").exists()]
    if missing:
        raise RuntimeError(f"soffice ended well but did not write {', '.join(missing)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    rendering = commands.add_parser("render", help="write document.pdf into each case of a folder")
    rendering.add_argument("folder", type=Path)
    rendering.add_argument("names", nargs="*", help="only these cases")
    arguments = parser.parse_args()
    for path in render(arguments.folder, arguments.names):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()

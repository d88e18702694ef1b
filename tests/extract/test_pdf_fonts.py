"""What is read of a PDF does not depend on the fonts of the machine that reads it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.extract.pdf_writer import ruled, text, write_pdf

_READ = """
import ctypes, sys
import pypdfium2_raw as pdfium
from yusuan.extract.grid import print_grid
from yusuan.extract.pdf import read_pdf

folders = (ctypes.c_char_p * 2)(sys.argv[2].encode(), None)
config = pdfium.FPDF_LIBRARY_CONFIG(version=2)
config.m_pUserFontPaths = ctypes.cast(folders, ctypes.POINTER(ctypes.POINTER(ctypes.c_char)))
pdfium.FPDF_InitLibraryWithConfig(config)
sys.stdout.reconfigure(encoding="utf-8")
print(print_grid(read_pdf(open(sys.argv[1], "rb").read()).grids[0]))
"""


def test_lone_letters_in_fonts_that_the_machine_lacks_are_read(tmp_path: Path) -> None:
    """pdfium leaves out a piece of text whose letters are empty in the font it took instead: `≥`, `①`, with other fonts digits."""
    cells = text(60, 740, "≥") + text(66, 740, "2") + text(160, 740, "①") + text(60, 710, "0") + text(160, 710, "－")
    path = tmp_path / "form.pdf"
    path.write_bytes(write_pdf(ruled((50, 150, 250), (760, 730, 700)) + cells))
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path), str(fonts)], capture_output=True, check=True, timeout=60
    )
    assert done.stdout.decode().strip() == "≥2 | ①\n0 | －"

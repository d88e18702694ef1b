"""PDF forms as an analyst reads them: pdfplumber's tables page by page, pandas for the records, three CSV texts at the end."""

import sys
from pathlib import Path

import pandas as pd
import pdfplumber

from bench.naive_records import written


def cells(path: Path) -> list[pd.DataFrame]:
    """Only the tables of texts, a page's own."""
    with pdfplumber.open(path) as pdf:
        return [
            pd.DataFrame([[(text or "").replace("\n", "") for text in row] for row in table])
            for page in pdf.pages
            for table in page.extract_tables()
        ]


def main(paths: list[str]) -> int:
    return written(cells, paths)


if __name__ == "__main__":
    main(sys.argv[1:])

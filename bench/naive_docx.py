"""Word forms as an analyst reads them: python-docx row by row, pandas for the records, three CSV texts at the end."""

import sys
from pathlib import Path

import docx
import pandas as pd

from bench.naive_records import written


def cells(path: Path) -> list[pd.DataFrame]:
    """Only the tables of texts."""
    tables = docx.Document(str(path)).tables
    return [
        pd.DataFrame([[cell.text.strip() for cell in row.cells] for row in table.rows]).fillna("") for table in tables
    ]


def main(paths: list[str]) -> int:
    return written(cells, paths)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Word forms as an analyst reads them: python-docx row by row, pandas to carry merged cells down, one CSV at the end."""

import sys
from pathlib import Path

import docx
import pandas as pd


def read(path: Path) -> list[pd.DataFrame]:
    frames = []
    for number, table in enumerate(docx.Document(str(path)).tables):
        rows = [[cell.text.strip() for cell in row.cells] for row in table.rows]
        frame = pd.DataFrame(rows).replace("", pd.NA).ffill(axis=0)
        frame.insert(0, "table", number)
        frame.insert(0, "file", path.name)
        frames.append(frame)
    return frames


def main(paths: list[str]) -> int:
    frames = [frame for path in paths for frame in read(Path(path))]
    return len(pd.concat(frames).to_csv(index=False))


if __name__ == "__main__":
    main(sys.argv[1:])

"""PDF forms as an analyst reads them: pdfplumber's tables page by page, pandas to carry merged cells down, one CSV."""

import sys
from pathlib import Path

import pandas as pd
import pdfplumber


def read(path: Path) -> list[pd.DataFrame]:
    frames = []
    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            for number, table in enumerate(page.extract_tables()):
                frame = pd.DataFrame([[(text or "").replace("\n", "") for text in row] for row in table])
                frame = frame.replace("", pd.NA).ffill(axis=0)
                frame.insert(0, "table", number)
                frame.insert(0, "page", page.page_number)
                frame.insert(0, "file", path.name)
                frames.append(frame)
    return frames


def main(paths: list[str]) -> int:
    frames = [frame for path in paths for frame in read(Path(path))]
    return len(pd.concat(frames).to_csv(index=False)) if frames else 0


if __name__ == "__main__":
    main(sys.argv[1:])

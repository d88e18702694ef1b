"""`documents.format`: the content's, and for what WPS Office shares with Word and Excel the one that the name says."""

from pathlib import Path

import pyarrow.parquet as pq

import yusuan
from tests.build_sheet import build_xlsx, tabs_of
from tests.build_xls import build_xls
from tests.engines import Inline
from tests.extract.test_read import compound_file
from yusuan.run import run

SHEET_TABS = tabs_of("项目名称 | 甲\n金额 | 5")


def formats(out: Path) -> dict[str, str]:
    return {row["path"]: row["format"] for row in pq.read_table(out / "documents.parquet").to_pylist()}


def test_files_of_wps_office_go_by_their_names(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    xls, doc = build_xls(SHEET_TABS), compound_file("WordDocument")
    (raw / "a.et").write_bytes(xls)
    (raw / "b.wps").write_bytes(doc)
    (raw / "c.et").write_bytes(build_xlsx(SHEET_TABS))
    run([raw], out, engine=Inline())
    assert formats(out) == {"a.et": "et", "b.wps": "wps", "c.et": "xlsx"}
    assert set(yusuan.read(raw / "a.et").documents["format"]) == {"et"}
    (raw / "a.et").rename(raw / "a.xls")
    (raw / "b.wps").rename(raw / "b.docx")
    run([raw], out, engine=Inline())
    assert formats(out) == {"a.xls": "xls", "b.docx": "doc", "c.et": "xlsx"}, (
        "whatever a name says, content comes first"
    )

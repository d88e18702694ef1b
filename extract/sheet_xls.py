"""Old Excel workbooks (.xls, and .et of WPS, which is the same) → grids: texts and merged ranges through python-calamine,
numbers as shown from the records themselves. Formats of Excel 95 and older are not read: their numbers stand as stored.
"""

from __future__ import annotations

import datetime
import io
from itertools import repeat
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from yusuan.extract.grid import Document, UnreadableError
from yusuan.extract.package import corrupt
from yusuan.extract.sheet_biff import Records, compound_stream, is_encrypted, sheet_records
from yusuan.extract.sheet_format import general
from yusuan.extract.sheet_grid import Sheet, document_of

_PANIC = "PanicException"
"""What a fault inside of calamine raises; no subclass of Exception, and importable from nowhere."""


def read_xls(data: bytes) -> Document:
    """All sheets with cells, hidden ones marked. Raises UnreadableError: `corrupt`, `encrypted`."""
    stream = compound_stream(data, ("Workbook", "Book"))
    if stream is not None and is_encrypted(stream):
        raise _encrypted()
    told = sheet_records(stream) if stream is not None else []
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [
            _read_sheet(workbook, index, told[index] if index < len(told) else Records())
            for index, about in enumerate(workbook.sheets_metadata)
            if about.typ == SheetTypeEnum.WorkSheet
        ]
    except PasswordError as error:
        raise _encrypted() from error
    except (CalamineError, ValueError, OSError) as error:
        raise corrupt(f"工作簿无法读取（{error}）") from error
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise corrupt(f"工作簿无法读取（{error}）") from error
    return document_of("xls", sheets)


def _encrypted() -> UnreadableError:
    return UnreadableError("encrypted", "表格文件已加密，需要密码才能打开。请取得密码，另存为不加密的文件后再试。")


def _read_sheet(workbook: CalamineWorkbook, index: int, told: Records) -> Sheet:
    about = workbook.sheets_metadata[index]
    found = workbook.get_sheet_by_index(index)
    sheet = Sheet(about.name, about.visible != SheetVisibleEnum.Visible)
    sheet.hidden_rows, sheet.hidden_cols = told.hidden_rows, told.hidden_cols
    shown = told.numbers
    top, left = found.start or (0, 0)
    for row, values in enumerate(found.to_python(), top):
        texts = [
            value if type(value) is str else _number(value, shown.get((row, col)))
            for col, value in enumerate(values, left)
        ]
        used = [(col, text) for col, text in enumerate(texts, left) if text and not text.isspace()]
        sheet.rows.extend(repeat(row, len(used)))
        sheet.cols.extend([col for col, _ in used])
        sheet.texts += [text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text for _, text in used]
    sheet.merges = [(*first, *last) for first, last in found.merged_cell_ranges or ()]
    return sheet


def _number(value: Any, shown: str | None) -> str:
    return _text(value) if shown is None else shown


def _text(value: Any) -> str:
    """A value that the records do not show: booleans, and everything in files older than Excel 97."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return general(repr(value))
    if isinstance(value, datetime.datetime):
        time = "" if value.time() == datetime.time() else f" {value:%H:%M:%S}"
        return f"{value.year}/{value.month}/{value.day}{time}"
    return str(value)

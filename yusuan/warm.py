"""Everything that a worker needs, loaded and used once: the server that workers are forked from imports this first.

A small form is read, so that layouts, patterns and tables, which are made when they are first used, are made once for all workers.
"""

import sys
from traceback import extract_tb
from types import TracebackType

import yusuan.extract.pdf
import yusuan.extract.word
from yusuan.codec import encode
from yusuan.extract.grid import Document, parse_grid
from yusuan.opening import Place
from yusuan.publish.arrow import without_pandas
from yusuan.work import Job, process

__all__ = ["yusuan"]

_FORM = """
项目名称 | 示例 | » | »
资金总额（万元） | 1.5 | 其中：财政拨款 | 1.5
实施期限 | 2024年1月1日至2024年12月31日 | » | »
一级指标 | 二级指标 | 三级指标 | 指标值
产出指标 | 数量指标 | 数量 | ≥1个
"""


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A worker that is forked while its run is being stopped finds the run's locks gone, and nobody is left to be told."""
    frames = extract_tb(trace)
    if not (isinstance(error, FileNotFoundError) and frames and frames[-1].filename.endswith("synchronize.py")):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _tell
without_pandas()
process([Job("form", Place(""), identity="0" * 64, grids=encode(Document("docx", (parse_grid(_FORM),))))])

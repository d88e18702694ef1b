"""Rows of several documents → Arrow tables that keep the rules of a release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from yusuan.convert import Converted, crashed
from yusuan.publish.arrow import RowError, to_arrow
from yusuan.publish.assemble import Tables, combine
from yusuan.publish.validate import problems
from yusuan.schemas import tables


def _columns(batch: Sequence[Converted]) -> Tables:
    """Raises RowError when a row does not fit its table or the tables do not keep their rules."""
    declared = tables()
    made = {
        name: to_arrow(table, [row for converted in batch for row in converted.rows.get(name, ())])
        for name, table in declared.items()
    }
    if found := problems(declared, made):
        raise RowError("; ".join(str(problem) for problem in found[:3]))
    return made


def checked(batch: list[Converted]) -> Tables:
    """The batch as tables. A document whose rows break the rules is a fault of ours and is crashed in `batch`."""
    try:
        return _columns(batch)
    except RowError as error:
        if len(batch) == 1:
            batch[0] = _refused(batch[0], error)
            return _columns(batch)
    parts = []
    for index, converted in enumerate(batch):
        alone = [converted]
        parts.append(checked(alone))
        batch[index] = alone[0]
    return combine(tables(), parts)


def _refused(converted: Converted, error: RowError) -> Converted:
    row = converted.document
    again = crashed(converted.document_id, f".{row['format']}", int(str(row["bytes"])), error)
    again.document["path"] = row["path"]
    return replace(again, named=converted.named)

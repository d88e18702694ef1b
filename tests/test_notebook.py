from pathlib import Path

import pandas as pd
import pytest

import yusuan
from tests.samples import form
from yusuan.inputs import InputError


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    (tmp_path / "a.docx").write_bytes(form("甲", "315,600"))
    (tmp_path / "b.docx").write_bytes(form("乙", "1,000"))
    return tmp_path


def test_every_table_is_a_frame_by_attribute_and_by_name(raw: Path) -> None:
    data = yusuan.read(raw)
    assert list(data) == ["documents", "sources", "projects", "funds", "indicators", "fields", "issues", "cells"]
    for name, frame in data.items():
        assert isinstance(frame, pd.DataFrame)
        assert frame is getattr(data, name)
        assert list(frame.columns) == data.arrow[name].column_names
    assert data.projects["project_name"].tolist() == ["甲", "乙"]
    assert "projects 2" in repr(data)
    with pytest.raises(KeyError, match="there are documents"):
        data["project"]


def test_money_can_be_computed_with_and_null_is_not_zero(raw: Path) -> None:
    data = yusuan.read([raw / "a.docx", str(raw / "b.docx")])
    total = data.funds[data.funds["source"] == "total"].groupby("period")["amount"].sum() / 10_000
    assert total.to_dict() == {"annual": pytest.approx(31.66), "implementation": pytest.approx(31.66)}
    assert data.projects["score_total"].isna().all()
    assert str(data.arrow["funds"]["amount"][0]) == "315600.00"
    assert data.projects["start_date"].dtype.kind == "M"
    assert str(data.funds["row"].dtype) == "Int32"


def test_grids_come_when_asked_for(raw: Path) -> None:
    data = yusuan.read(raw / "a.docx", grids=True)
    assert [len(grids) for grids in data.grids.values()] == [1]
    assert data.grids["a.docx"][0].n_cols == 8
    with pytest.raises(AttributeError, match="grids=True"):
        _ = yusuan.read(raw / "a.docx").grids


def test_a_document_that_cannot_be_read_is_a_warning_and_a_row(raw: Path) -> None:
    (raw / "c.docx").write_bytes(b"")
    with pytest.warns(UserWarning, match=r"1 of 3 documents could not be read, first c.docx \(corrupt\)"):
        data = yusuan.read(raw)
    assert data.documents["status"].tolist() == ["ok", "ok", "failed"]
    assert len(data.projects) == 2


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        yusuan.read(tmp_path / "no")


def test_the_package_has_no_other_lazy_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'raed'"):
        _ = yusuan.raed
    assert yusuan.Dataset.__name__ == "Dataset"

import os
from pathlib import Path

import pytest

from yusuan.found import assign_names, printable
from yusuan.inputs import InputError, discover


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def listed(*inputs: Path) -> list[str]:
    return [file.name for file in assign_names(discover(inputs))]


def test_folders_are_walked_in_code_point_order_without_what_is_no_document(tmp_path: Path) -> None:
    touch(tmp_path, "b.docx", "a/c.docx", "a-b.docx", "表.docx", ".gitkeep", "~$b.docx", "Thumbs.db", "sources.csv",
          ".git/x.docx", "__MACOSX/b.docx", "a/.DS_Store", "README.md")  # fmt: skip
    assert listed(tmp_path) == ["a-b.docx", "a/c.docx", "b.docx", "表.docx"]
    assert discover([tmp_path])[0].skipped == 8


def test_a_file_given_by_name_is_read_whatever_its_name(tmp_path: Path) -> None:
    touch(tmp_path, "~$b.docx")
    assert listed(tmp_path / "~$b.docx") == ["~$b.docx"]


def test_the_same_input_twice_is_one(tmp_path: Path) -> None:
    touch(tmp_path, "a.docx")
    assert listed(tmp_path, tmp_path / "x" / "..") == ["a.docx"]


def test_names_of_several_inputs(tmp_path: Path) -> None:
    touch(tmp_path, "1/raw/a.docx", "2/raw/a.docx", "3/a.docx", "4/a.docx")
    assert listed(tmp_path / "1/raw", tmp_path / "2/raw") == ["raw-2/a.docx", "raw/a.docx"]
    assert listed(tmp_path / "3/a.docx", tmp_path / "4/a.docx") == ["4/a.docx", "a.docx"]
    assert listed(tmp_path / "1/raw", tmp_path / "3/a.docx") == ["a.docx", "raw/a.docx"]


def test_loops_of_links_end_and_real_folders_give_the_name(tmp_path: Path) -> None:
    touch(tmp_path, "z/a.docx")
    (tmp_path / "a").symlink_to("z")
    (tmp_path / "z" / "up").symlink_to("..")
    outside = tmp_path.with_name("outside")
    touch(outside, "o.docx")
    (tmp_path / "linked").symlink_to(outside)
    assert listed(tmp_path) == ["linked/o.docx", "z/a.docx"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.docx")
    assert listed(tmp_path) == []
    with pytest.raises(InputError, match="neither a file nor a folder"):
        discover([tmp_path / "pipe.docx"])


def test_names_that_are_no_utf8_are_read_as_gb18030(tmp_path: Path) -> None:
    raw = os.fsdecode("预算.docx".encode("gb18030"))
    assert printable(raw) == "预算.docx"
    assert printable(os.fsdecode(b"\xff\xff.docx")).encode()
    try:
        (tmp_path / raw).write_text("1")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    (tmp_path / "预算.docx").write_text("2")
    assert listed(tmp_path) == ["预算.docx", "预算.docx (2)"]

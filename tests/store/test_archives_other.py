"""7z and RAR archives as inputs, honest and hostile; what happens without their libraries and programs."""

from __future__ import annotations

import io
import stat
import struct
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.build_rar import COMPRESSED, LOCKED, SPLIT_AFTER, build_rar3, build_rar5
from tests.engines import Inline
from tests.samples import form
from tests.store.test_archives import paths, publishers, zipped
from yusuan.archives import Limits, listing
from yusuan.found import printable
from yusuan.inputs import discover
from yusuan.members import RefusedError
from yusuan.opening import Place
from yusuan.run import run

py7zr = pytest.importorskip("py7zr", reason="the extra yusuan[archives] is not installed")
pytest.importorskip("rarfile", reason="the extra yusuan[archives] is not installed")


def build_7z(entries: Mapping[str, bytes], password: str | None = None, header: bool = False) -> bytes:
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w", password=password, header_encryption=header) as archive:
        for name, data in entries.items():
            archive.writestr(data, name)
    return target.getvalue()


BUILDS: dict[str, Callable[[Mapping[str, bytes]], bytes]] = {"7z": build_7z, "rar3": build_rar3, "rar5": build_rar5}
each_kind = pytest.mark.parametrize("kind", BUILDS)


def failures(folder: Path, out: Path) -> dict[str, tuple[str, str]]:
    done = run([folder], out, engine=Inline())
    return {failure.path: (failure.code, failure.message) for failure in done.failures}


@each_kind
def test_documents_are_found_read_and_renewed(tmp_path: Path, kind: str) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    build, archive = BUILDS[kind], raw / ("甲." + kind[:3].strip("0123456789.") if kind != "7z" else "甲.7z")
    inner = zipped({"深.docx": form("深", "4")})
    archive.write_bytes(
        build({"预算/一.docx": form("甲", "1"), "内.zip": inner, "二.docx": form("乙", "2"), "__MACOSX/x": b""})
    )
    (raw / "外.zip").write_bytes(zipped({"内.bin": b"", f"内{archive.suffix}": build({"三.docx": form("丙", "3")})}))
    expected = {f"{archive.name}!/预算/一.docx", f"{archive.name}!/内.zip!/深.docx", f"{archive.name}!/二.docx",
                f"外.zip!/内{archive.suffix}!/三.docx"}  # fmt: skip
    run([raw], out, engine=(engine := Inline()))
    assert {path for path, status in paths(out).items() if status == "ok"} == expected
    assert expected <= set(engine.names)
    assert not (out / ".store" / "spool").exists()
    run([raw], out, engine=(engine := Inline()))
    assert engine.names == []
    told = {"新.docx": form("新", "9"), "sources.csv": "path,publisher\n新.docx,甲局\n".encode()}
    archive.write_bytes(build(told))
    run([raw], out, engine=Inline())
    assert f"{archive.name}!/新.docx" in paths(out)
    assert publishers(out)[f"{archive.name}!/新.docx"] == "甲局"
    assert f"{archive.name}!/二.docx" not in paths(out)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_of_old_rar_archives(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.rar").write_bytes(build_rar3({"市直\\预算表（一）.docx": form()}, encoding))
    assert [item.name for root in discover([tmp_path]) for item in root.files] == ["a.rar!/市直/预算表（一）.docx"]


def test_the_kind_is_told_by_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(build_rar5({"1.docx": form("甲", "1")}))
    (tmp_path / "b.rar").write_bytes(zipped({"2.docx": form("乙", "2")}))
    (tmp_path / "c.7z").write_bytes(build_rar3({"3.docx": form("丙", "3")}))
    run([tmp_path], tmp_path / "out", engine=Inline())
    assert paths(tmp_path / "out") == {"a.zip!/1.docx": "ok", "b.rar!/2.docx": "ok", "c.7z!/3.docx": "ok"}


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(entries=2), "超过 2 个"),
        (Limits(total=1000), "解压后超过"),
        (Limits(ratio=5, harmless=1000), "压缩炸弹"),
    ],
)
@each_kind
def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path, limits: Limits, said: str, kind: str) -> None:
    data = BUILDS[kind]({f"{number}.docx": b"\0" * 30_000 for number in range(3)})
    path = tmp_path / "a"
    path.write_bytes(data)
    size = len(data) if kind == "7z" else 1000  # what is only stored has no ratio
    with pytest.raises(RefusedError, match=said):
        listing(Place(str(path)), path.name, size, printable, limits)


@each_kind
def test_what_is_nested_too_deep_is_refused_alone(tmp_path: Path, kind: str) -> None:
    second = BUILDS[kind](
        {f"3{'.7z' if kind == '7z' else '.rar'}": zipped({"1.docx": form()}), "4.docx": form("乙", "2")}
    )
    (tmp_path / "1.zip").write_bytes(zipped({"2.rar": second}))
    assert [code for code, _ in failures(tmp_path, tmp_path / "out").values()] == ["unsupported"]
    assert paths(tmp_path / "out")["1.zip!/2.rar!/4.docx"] == "ok"


def test_encrypted_archives_are_failed_rows_that_say_so(tmp_path: Path) -> None:
    (tmp_path / "a.7z").write_bytes(build_7z({"1.docx": form()}, "x"))
    (tmp_path / "b.7z").write_bytes(build_7z({"1.docx": form()}, "x", header=True))
    (tmp_path / "c.rar").write_bytes(build_rar3({"1.docx": form()}, flags=LOCKED))
    (tmp_path / "d.zip").write_bytes(zipped({"b.7z": build_7z({"1.docx": b"1"}, "x"), "2.docx": form("乙", "2")}))
    found = failures(tmp_path, tmp_path / "out")
    assert {path: code for path, (code, _) in found.items()} == dict.fromkeys(
        ["a.7z", "b.7z", "c.rar!/1.docx", "d.zip!/b.7z"], "encrypted"
    )
    assert all("密码" in message and "解压" in message for _, message in found.values())
    assert paths(tmp_path / "out")["d.zip!/2.docx"] == "ok"


@each_kind
def test_a_damaged_archive_is_a_failed_row(tmp_path: Path, kind: str) -> None:
    whole = BUILDS[kind]({f"{number}.docx": form(str(number), "1") for number in range(3)})
    for number, at in enumerate(range(8, len(whole), len(whole) // 25)):
        (tmp_path / f"{number}.rar").write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        (tmp_path / f"cut{number}.rar").write_bytes(whole[:at])
    found = failures(tmp_path, tmp_path / "out")
    assert {code for code, _ in found.values()} <= {"corrupt", "unsupported", "encrypted", "missing-tool", "too-large"}
    assert "corrupt" in {code for code, _ in found.values()}
    assert all(status in ("ok", "failed") for status in paths(tmp_path / "out").values())


def test_a_damaged_file_costs_the_others_nothing(tmp_path: Path) -> None:
    data = bytearray(build_rar5({"1.docx": form("甲", "1"), "2.docx": form("乙", "2"), "3.docx": form("丙", "3")}))
    data[data.index(b"2.docx") + 300] ^= 0xFF
    (tmp_path / "a.rar").write_bytes(data)
    assert {path: code for path, (code, _) in failures(tmp_path, tmp_path / "out").items()} == {
        "a.rar!/2.docx": "corrupt"
    }
    assert list(paths(tmp_path / "out").values()).count("ok") == 2


def test_names_that_point_outside_or_stand_twice(tmp_path: Path) -> None:
    good = form("甲", "1")
    data = build_7z({"aa/1.docx": form("乙", "2"), "bb/1.docx": form("丙", "3"), "cc.docx": good})
    plain = io.BytesIO()
    with py7zr.SevenZipFile(plain, "w", filters=[{"id": py7zr.FILTER_COPY}]) as archive:
        archive.set_encoded_header_mode(False)
        for name, each in (("aa.docx", form("乙", "2")), ("bb.docx", form("丙", "3")), ("cc.docx", good)):
            archive.writestr(each, name)
    twice = plain.getvalue().replace("bb.docx".encode("utf-16-le"), "aa.docx".encode("utf-16-le"))
    for raw in (data, twice):
        (tmp_path / "a.7z").write_bytes(_with_header_checksum(raw))
        found = failures(tmp_path, tmp_path / "out")
        assert paths(tmp_path / "out")["a.7z!/cc.docx"] == "ok"
    assert {code for code, _ in found.values()} == {"unsupported"}
    assert len(found) == 2


def _with_header_checksum(data: bytes) -> bytes:
    offset, size = struct.unpack_from("<QQ", data, 12)
    header = data[32 + offset : 32 + offset + size]
    start = struct.pack("<QQL", offset, size, zlib.crc32(header))
    return data[:8] + struct.pack("<L", zlib.crc32(start)) + start + data[32:]


def test_a_volume_is_no_archive_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.part1.rar").write_bytes(build_rar3({"1.docx": form()}, flags=SPLIT_AFTER))
    [(code, message)] = failures(tmp_path, tmp_path / "out").values()
    assert (code, "分卷" in message) == ("unsupported", True)


# --- libraries and programs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "library"), [("a.7z", "py7zr"), ("a.rar", "rarfile")])
def test_without_the_library_the_message_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, library: str
) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    build = build_7z if library == "py7zr" else build_rar5
    (raw / name).write_bytes(build({"1.docx": form("甲", "1")}))
    (raw / "b.zip").write_bytes(zipped({f"内{Path(name).suffix}": build({"2.docx": form("乙", "2")})}))
    with monkeypatch.context() as without:
        for module in [each for each in sys.modules if each.startswith(("yusuan.members_", library))]:
            without.delitem(sys.modules, module)
        without.setitem(sys.modules, library, None)
        found = failures(raw, out)
    assert {code for code, _ in found.values()} == {"missing-tool"}
    assert len(found) == 2
    assert all("yusuan[archives]" in message for _, message in found.values())
    assert failures(raw, out) == {}, "tried again once it is installed"
    assert set(paths(out).values()) == {"ok"}


def test_what_is_compressed_in_a_rar_archive_goes_through_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, out, tools = tmp_path / "raw", tmp_path / "out", tmp_path / "tools"
    raw.mkdir()
    tools.mkdir()
    data = form("甲", "1")
    (raw / "a.rar").write_bytes(build_rar3({"1.docx": data}, method=COMPRESSED, packed=b"packed"))
    monkeypatch.setenv("PATH", str(tools))
    [(code, message)] = failures(raw, out).values()
    assert code == "missing-tool"
    assert "libarchive-tools" in message
    _program(tools, data)
    assert failures(raw, out) == {}
    assert paths(out) == {"a.rar!/1.docx": "ok"}
    (tools / "data").write_bytes(data[:-1])
    (raw / "a.rar").write_bytes(build_rar3({"2.docx": data}, method=COMPRESSED, packed=b"other"))
    [(code, _)] = failures(raw, out).values()
    assert code == "corrupt", "the checksum tells what the program did not"


def _program(tools: Path, output: bytes) -> None:
    """An `unrar` that writes this for every archive."""
    tools.mkdir(exist_ok=True)
    (tools / "data").write_bytes(output)
    unrar = tools / "unrar"
    unrar.write_text(f"#!/bin/sh\ncase $1 in p) /bin/cat {tools}/data;; esac\n", "utf-8")
    unrar.chmod(unrar.stat().st_mode | stat.S_IXUSR)


def test_a_checksum_of_the_other_kind_is_looked_at_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, tools = tmp_path / "raw", tmp_path / "tools"
    raw.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    data = form("甲", "1")
    other = next(each for number in range(2, 99) if len(each := form("甲", str(number))) == len(data))
    (raw / "a.rar").write_bytes(build_rar5({"1.docx": data}, b"packed", blake=True))
    _program(tools, other)
    [(code, _)] = failures(raw, tmp_path / "wrong").values()
    assert code == "corrupt"
    _program(tools, data)
    assert failures(raw, tmp_path / "right") == {}


def test_a_locked_file_costs_those_behind_it_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, tools = tmp_path / "raw", tmp_path / "tools"
    raw.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    files = {"1.docx": form("甲", "1"), "2.docx": form("乙", "2")}
    (raw / "a.rar").write_bytes(build_rar3(files, method=COMPRESSED, packed=b"packed", locked=("1.docx",)))
    _program(tools, files["2.docx"])
    found = failures(raw, tmp_path / "out")
    assert {path: code for path, (code, _) in found.items()} == {"a.rar!/1.docx": "encrypted"}

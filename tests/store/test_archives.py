"""Archives as inputs, honest and hostile."""

import io
import tarfile
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.engines import Inline
from tests.samples import form
from yusuan.archives import Limits, RefusedError, listing
from yusuan.found import printable
from yusuan.inputs import discover
from yusuan.opening import Place
from yusuan.run import run


def zipped(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return target.getvalue()


def raw_names(data: bytes, name: str) -> bytes:
    """The zip file with names in GBK and no mark of it, as Chinese Windows writes them. `name` in UTF-8 is in it."""
    plain, gbk = name.encode(), name.encode("gb18030")
    stand_in = b"x" * len(gbk)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, zipfile.ZipFile(io.BytesIO(data)) as source:
        for info in source.infolist():
            archive.writestr(info.filename.encode().replace(plain, stand_in).decode(), source.read(info))
    return target.getvalue().replace(stand_in, gbk)


def tarred(entries: dict[str, bytes], mode: str = "w:gz") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link.docx")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return target.getvalue()


def paths(out: Path) -> dict[str, str]:
    documents = {row["document_id"]: row["status"] for row in pq.read_table(out / "documents.parquet").to_pylist()}
    return {row["path"]: documents[row["document_id"]] for row in pq.read_table(out / "sources.parquet").to_pylist()}


def test_documents_in_archives_are_found_read_and_renewed(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    inner = zipped({"deep.docx": form("深", "4")})
    (raw / "a.zip").write_bytes(zipped({"x/1.docx": form("甲", "1"), "__MACOSX/1.docx": b"", "inner.zip": inner}))
    (raw / "b.tar.gz").write_bytes(tarred({"2.docx": form("乙", "2"), "in.zip": inner}))
    (raw / "c.tgz").write_bytes(tarred({"../../3.docx": form("丙", "3")}))
    run([raw], out, engine=(engine := Inline()))
    expected = {"a.zip!/x/1.docx": "ok", "a.zip!/inner.zip!/deep.docx": "ok", "b.tar.gz!/2.docx": "ok",
                "b.tar.gz!/in.zip!/deep.docx": "ok", "c.tgz!/3.docx": "ok"}  # fmt: skip
    assert paths(out) == expected
    assert sorted(engine.names) == sorted(expected)
    assert not (out / ".store" / "spool").exists()
    run([raw], out, engine=(engine := Inline()))
    assert engine.names == []
    (raw / "a.zip").write_bytes(zipped({"x/1.docx": form("甲", "1"), "y.docx": form("新", "9")}))
    done = run([raw], out, engine=Inline())
    assert (paths(out).keys() - expected.keys(), done.gone) == ({"a.zip!/y.docx"}, 1)


def publishers(out: Path) -> dict[str, str | None]:
    told = {row["document_id"]: row["publisher"] for row in pq.read_table(out / "documents.parquet").to_pylist()}
    return {row["path"]: told[row["document_id"]] for row in pq.read_table(out / "sources.parquet").to_pylist()}


def test_an_archive_may_bring_its_own_sources_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    inner = zipped({"deep.docx": form("深", "4"), "sources.csv": "path,publisher\ndeep.docx,内局\n".encode()})
    facts = "path,publisher\n1.docx,甲局\nsub/2.docx,上级\n".encode("gb18030")
    nearer = "path,publisher\n2.docx,更近的\n".encode()
    (raw / "a.zip").write_bytes(
        zipped({"1.docx": form("甲", "1"), "sub/2.docx": form("乙", "2"), "sub/sources.csv": nearer,
                "sources.csv": facts, "in.zip": inner, "__MACOSX/sources.csv": b"\0"})
    )  # fmt: skip
    (raw / "b.tar.gz").write_bytes(tarred({"3.docx": form("丙", "3"), "sources.csv": b"path,publisher\n3.docx,C\n"}))
    (raw / "sources.csv").write_text("path,publisher\nb.tar.gz!/3.docx,外\n", "utf-8")
    done = run([raw], out, engine=Inline())
    assert done.messages == ()
    expected = {"a.zip!/1.docx": "甲局", "a.zip!/in.zip!/deep.docx": "内局", "a.zip!/sub/2.docx": "更近的",
                "b.tar.gz!/3.docx": "C"}  # fmt: skip
    assert publishers(out) == expected
    monkeypatch.setattr("yusuan.inputs.listing", None)  # an archive that has not changed is not gone through again
    run([raw], out, engine=Inline())
    assert publishers(out) == expected


def test_faults_of_a_sources_csv_in_an_archive_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"1.docx": form(), "sources.csv": b"path,publisher\nno.docx,A\n"}))
    done = run([tmp_path / "a.zip"], tmp_path / "out", engine=Inline())
    assert any("a.zip!/sources.csv, line 2: 'no.docx'" in message for message in done.messages)
    damaged = bytearray(zipped({"1.docx": form(), "sources.csv": b"path,publisher\n1.docx,A\n"}))
    damaged[damaged.index(b"sources.csv") + 20] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(damaged)
    done = run([tmp_path / "a.zip"], tmp_path / "out", engine=Inline())
    assert any(
        "a.zip!/sources.csv: is encrypted, damaged or too large, and not used" in message for message in done.messages
    )
    assert paths(tmp_path / "out") == {"a.zip!/1.docx": "ok"}


def test_names_in_gbk_and_utf8(tmp_path: Path) -> None:
    data = raw_names(zipped({"预算.docx": form()}), "预算")
    (tmp_path / "gbk.zip").write_bytes(data)
    (tmp_path / "utf.zip").write_bytes(zipped({"决算.docx": form()}))
    names = [item.name for root in discover([tmp_path]) for item in root.files]
    assert names == ["gbk.zip!/预算.docx", "utf.zip!/决算.docx"]
    run([tmp_path], tmp_path / "out", engine=Inline())
    assert set(paths(tmp_path / "out").values()) == {"ok"}


def test_an_archive_that_cannot_be_opened_is_a_failed_row_and_removes_nothing(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    whole = zipped({"1.docx": form("甲", "1")})
    (raw / "a.zip").write_bytes(whole)
    run([raw], out, engine=Inline())
    (raw / "a.zip").write_bytes(whole[:-30])
    done = run([raw], out, engine=Inline())
    assert [(failure.path, failure.code) for failure in done.failures] == [("a.zip", "corrupt")]
    assert paths(out) == {"a.zip": "failed", "a.zip!/1.docx": "ok"}
    (raw / "a.zip").write_bytes(zipped({"2.docx": form("甲", "1")}))
    assert run([raw], out, engine=Inline()).exit_code == 0
    assert paths(out) == {"a.zip!/2.docx": "ok"}


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(entries=2), "超过 2 个"),
        (Limits(total=1000), "解压后超过"),
        (Limits(ratio=5, harmless=1000), "压缩炸弹"),
    ],
)
@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path, limits: Limits, said: str, kind: str) -> None:
    entries = {f"{number}.docx": b"\0" * 30_000 for number in range(3)}
    data = zipped(entries) if kind == "zip" else tarred(entries)
    path = tmp_path / f"a.{kind}"
    path.write_bytes(data)
    with pytest.raises(RefusedError, match=said):
        listing(Place(str(path)), path.name, len(data), printable, limits)


def test_a_tar_header_without_end_is_not_read(tmp_path: Path) -> None:
    """A list of facts of 300 MB packs into 300 KB, and is read while the archive is listed, before any limit is asked."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", pax_headers={"comment": "x" * 3_000_000}) as archive:
        archive.addfile(tarfile.TarInfo("1.docx"), io.BytesIO(b""))
    (tmp_path / "a.tar.gz").write_bytes(target.getvalue())
    (tmp_path / "b.docx").write_bytes(form("甲", "1"))
    run([tmp_path], tmp_path / "out", engine=Inline())
    rows = {row["path"]: row for row in pq.read_table(tmp_path / "out" / "documents.parquet").to_pylist()}
    assert {name: row["status"] for name, row in rows.items()} == {"a.tar.gz": "failed", "b.docx": "ok"}
    assert "tar header" in rows["a.tar.gz"]["error"]


def test_what_is_nested_too_deep_or_encrypted_is_refused_alone(tmp_path: Path) -> None:
    third = zipped({"1.docx": form()})
    data = bytearray(zipped({"2.zip": zipped({"3.zip": third, "4.docx": form("乙", "2")})}))
    (tmp_path / "1.zip").write_bytes(data)
    locked = bytearray(zipped({"locked.docx": form("丙", "3")}))
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        locked[locked.index(signature) + offset] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    done = run([tmp_path], tmp_path / "out", engine=Inline())
    assert {failure.path: failure.code for failure in done.failures} == {
        "1.zip!/2.zip!/3.zip": "unsupported",
        "locked.zip!/locked.docx": "encrypted",
    }
    assert paths(tmp_path / "out")["1.zip!/2.zip!/4.docx"] == "ok"


def test_a_document_with_the_suffix_of_an_archive_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "form.zip").write_bytes(form())
    run([tmp_path / "form.zip"], tmp_path / "out", engine=Inline())
    assert paths(tmp_path / "out") == {"form.zip": "ok"}


def test_patterns_are_inputs_too(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    for year in ("2022", "2023"):
        (raw / year).mkdir(parents=True)
        (raw / year / "a.docx").write_bytes(form(year, "1"))
        (raw / year / "b.txt").write_text("no")
    run([f"{raw}/*/*.docx"], out, engine=Inline())
    assert paths(out) == {"2022/a.docx": "ok", "2023/a.docx": "ok"}
    (raw / "2022" / "a.docx").unlink()
    run([f"{raw}/*/*.docx"], out, engine=Inline())
    assert paths(out) == {"2023/a.docx": "ok"}

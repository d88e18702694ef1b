"""Old Word, RTF and OpenDocument through LibreOffice; what happens without it, and when it hangs or fails."""

from __future__ import annotations

import csv
import re
import stat
import subprocess
import time
import zipfile
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from tests.build import build_docx, build_zip
from tests.extract.test_read import compound_file
from tests.golden import as_csv, cases
from yusuan.extract import UnreadableError, office, read
from yusuan.extract.grid import Document, parse_grids, print_grid
from yusuan.extract.office_doc import BrokenError, cell_texts
from yusuan.normalize import normalize
from yusuan.opening import Place
from yusuan.work import Job, process

needs_soffice = pytest.mark.skipif(
    office.soffice() is None, reason="LibreOffice is missing (Debian: libreoffice-writer-nogui)"
)
RAW = sorted((Path(__file__).parent.parent.parent / "data" / "raw").glob("*.docx"))
FILTERS = {"doc": "doc:MS Word 97", "rtf": "rtf:Rich Text Format", "odt": "odt:writer8"}
OTHER_FILTERS = {"html": "html:HTML (StarWriter)", "xlsx": "xlsx:Calc MS Excel 2007 XML", "xls": "xls:MS Excel 97",
                 "ods": "ods:calc8"}  # fmt: skip
MERGED = "表（一） | » | »\n项目⏎名称 | 甲 | ∅\n资金 | 总额 | 5\n^ | 其中 | »"


def saved_as(folder: Path, kind: str, documents: dict[str, bytes]) -> dict[str, bytes]:
    """The documents as LibreOffice saves them in another format, all in one call."""
    for name, data in documents.items():
        (folder / f"{name}.docx").write_bytes(data)
    return {path.stem: path.read_bytes() for path in converted(folder, kind, sorted(folder.glob("*.docx")))}


def converted(folder: Path, kind: str, paths: list[Path], *more: str) -> list[Path]:
    program = office.soffice()
    assert program is not None
    target = folder / kind
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", *more, "--convert-to"]
    command += [(FILTERS | OTHER_FILTERS)[kind], "--outdir", str(target), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return sorted(target.iterdir())


def structures(document: Document) -> list[str]:
    """Grids in the notation; LibreOffice drops blanks at the ends of paragraphs."""
    return [re.sub(r"(?:\\?\s)+(?=⏎|\s\||\n|$)", "", print_grid(grid)) for grid in document.grids]


@needs_soffice
@pytest.mark.parametrize("kind", FILTERS)
def test_the_same_forms_give_the_same_facts(kind: str, tmp_path: Path) -> None:
    forms = {case.name: build_docx(parse_grids(case.form)) for case in cases()}
    made = saved_as(tmp_path, kind, forms)
    assert sorted(made) == sorted(forms)
    for (name, data), docx in zip(made.items(), office.convert_many(list(made.values())), strict=True):
        assert isinstance(docx, bytes), name
        document = office.read_converted(data, docx)
        assert (document.format, document.notes) == (kind, ()), name
        expected = normalize(read(forms[name]), "0" * 64)
        assert as_csv(normalize(document, "0" * 64)) == as_csv(expected), name


@needs_soffice
@pytest.mark.parametrize("kind", FILTERS)
def test_a_published_document_gives_the_same_facts(kind: str, tmp_path: Path) -> None:
    for path in RAW:
        original = path.read_bytes()
        [copy] = saved_as(tmp_path, kind, {"a": original}).values()
        document, expected = read(copy), read(original)
        assert document.format == kind
        assert document.notes == expected.notes
        assert document.title == expected.title
        assert structures(document) == structures(expected)
        assert as_csv(normalize(document, "0" * 64)) == as_csv(normalize(expected, "0" * 64))


@needs_soffice
@pytest.mark.parametrize("path", RAW, ids=lambda path: path.stem[:6])
def test_a_published_document_saved_as_web_page_and_workbook_gives_the_same_facts(path: Path, tmp_path: Path) -> None:
    """Blanks at the ends of paragraphs do not survive, and a spreadsheet shows 660,000 as the number 660000."""
    [page] = saved_as(tmp_path, "html", {"a": path.read_bytes()}).values()
    (tmp_path / "a.html").write_bytes(page)
    expected = facts(read(path))
    assert facts(read(page)) == expected
    for kind in ("xlsx", "xls", "ods"):
        [target] = converted(tmp_path, kind, [tmp_path / "a.html"], "--infilter=HTML (StarCalc)")
        document = read(target)
        assert document.format == kind
        assert facts(document) == expected, kind


def facts(document: Document) -> dict[str, list[dict[str, str]]]:
    tables = as_csv(normalize(document, "0" * 64))
    return {
        name: [
            {column: re.sub(r"\s", "", text) for column, text in row.items() if column != "amount_text"}
            for row in csv.DictReader(StringIO(tables[name]))
        ]
        for name in ("projects", "funds", "indicators")
    }


@needs_soffice
def test_one_broken_document_costs_the_others_nothing(tmp_path: Path) -> None:
    [good] = saved_as(tmp_path, "doc", {"a": build_docx(MERGED)}).values()
    results = office.convert_many([good, compound_file("WordDocument"), b"a | b", good])
    codes = [result.code if isinstance(result, UnreadableError) else "docx" for result in results]
    assert codes == ["docx", "corrupt", "unsupported", "docx"]


@needs_soffice
def test_a_table_that_the_conversion_drops_is_told(tmp_path: Path) -> None:
    """LibreOffice reads the last table of such a .doc as plain paragraphs."""
    whole = build_docx("项目名称 | 甲\n金额 | 5\n\n项目名称 | 乙\n金额 | 6")
    with zipfile.ZipFile(BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:p/><w:sectPr>", b"<w:sectPr>")
    made = saved_as(tmp_path, "doc", {"cut": build_zip(parts), "whole": whole})
    assert [cell for cell in cell_texts(made["cut"]) if cell] == [
        "项目名称",
        "甲",
        "金额",
        "5",
        "项目名称",
        "乙",
        "金额",
        "6",
    ]
    assert read(made["whole"]).notes == ()
    document = read(made["cut"])
    told = [note.code for note in document.notes]
    assert told == (["unread-part"] if len(document.grids) == 1 else [])  # a later LibreOffice may keep it


def test_a_worker_converts_the_old_documents_of_a_chunk_in_one_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for LibreOffice that makes everything the same form, notes its calls, and fails at one document."""
    (tmp_path / "made.docx").write_bytes(build_docx("项目名称 | 甲\n金额 | 5"))
    program = (
        f'echo "$@" >> {tmp_path}/calls\n'
        'while [ $# -gt 0 ]; do case "$1" in --outdir) out=$2; shift;; *.rtf) '
        f'grep -q broken "$1" || {{ mkdir -p $out; cp {tmp_path}/made.docx $out/$(basename $1 .rtf).docx; }};; esac; shift; done'
    )
    monkeypatch.setenv("YUSUAN_SOFFICE", script(tmp_path / "soffice", program))
    jobs = []
    for name in ("1", "2", "broken", "3"):
        (tmp_path / name).write_bytes(b"{\\rtf1 " + name.encode() + b"}")
        jobs.append(Job(name, Place(str(tmp_path / name))))
    (tmp_path / "other").write_bytes(build_docx("a | b"))
    rows = process([*jobs, Job("other", Place(str(tmp_path / "other")))]).tables["documents"].to_pylist()
    assert {row["path"]: (row["format"], row["error_code"]) for row in rows} == {
        **dict.fromkeys(["1", "2", "3"], ("rtf", None)),
        "broken": ("rtf", "corrupt"),
        "other": ("docx", None),
    }
    calls = (tmp_path / "calls").read_text("utf-8").splitlines()
    assert [call.count(".rtf") for call in calls] == [4, 1], "the broken one once more, alone"


def test_without_libreoffice_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUSUAN_SOFFICE", "/nowhere/soffice")
    for data in (b"{\\rtf1 a}", compound_file("WordDocument")):
        with pytest.raises(UnreadableError) as caught:
            read(data)
        assert caught.value.code == "missing-tool"
        assert "libreoffice-writer-nogui" in str(caught.value)
        assert "YUSUAN_SOFFICE" in str(caught.value)


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = tmp_path / "pids"
    hang = f"sleep 300 & echo $! >> {pids}; echo $$ >> {pids}; wait"
    monkeypatch.setenv("YUSUAN_SOFFICE", script(tmp_path / "soffice", hang))
    monkeypatch.setattr(office, "TIMEOUT_SECONDS", 0.5)
    with pytest.raises(UnreadableError) as caught:
        read(b"{\\rtf1 a}")
    assert caught.value.code == "timeout"
    started = [int(line) for line in pids.read_text("utf-8").split()]
    assert len(started) == 2
    for _ in range(50):
        if not any(_is_running(pid) for pid in started):
            break
        time.sleep(0.1)
    assert not any(_is_running(pid) for pid in started)


def _is_running(pid: int) -> bool:
    """Not gone, and no zombie that only waits for its parent."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_program_that_writes_nothing_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUSUAN_SOFFICE", script(tmp_path / "soffice", "exit 0"))
    with pytest.raises(UnreadableError) as caught:
        read(b"{\\rtf1 a}")
    assert caught.value.code == "corrupt"


def test_every_call_has_a_profile_of_its_own_without_macros_and_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    copy = f'for a in "$@"; do case $a in -env:*) cat "${{a#*file://}}/user/registrymodifications.xcu" >> {seen};; esac; done'
    monkeypatch.setenv("YUSUAN_SOFFICE", script(tmp_path / "soffice", f'{copy}; echo "$HOME" >> {tmp_path}/homes'))
    for _ in range(2):
        with pytest.raises(UnreadableError):
            read(b"{\\rtf1 a}")
    settings = seen.read_text("utf-8")
    assert settings.count("DisableMacrosExecution") == settings.count("ooInetProxyType") == 2
    homes = (tmp_path / "homes").read_text("utf-8").split()
    assert len(set(homes)) == 2
    assert not any(Path(home).exists() for home in homes)


def test_an_encrypted_document_is_named() -> None:
    manifest = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    parts = {"mimetype": "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": manifest}
    with pytest.raises(UnreadableError) as caught:
        read(build_zip(parts))
    assert caught.value.code == "encrypted"


@pytest.mark.parametrize("data", [b"", compound_file("WordDocument"), compound_file(), b"\xd0\xcf\x11\xe0" * 300])
def test_a_broken_compound_file_has_no_cell_texts(data: bytes) -> None:
    with pytest.raises(BrokenError):
        cell_texts(data)


def test_word_in_a_single_xml_file() -> None:
    with zipfile.ZipFile(BytesIO(build_docx(MERGED))) as archive:
        parts = "".join(
            f'<pkg:part pkg:name="/{name}" pkg:contentType="application/xml"><pkg:xmlData>'
            f"{re.sub(r'<[?]xml[^>]*[?]>', '', archive.read(name).decode())}</pkg:xmlData></pkg:part>"
            for name in archive.namelist()
            if not name.startswith("[")
        )
    namespace = "http://schemas.microsoft.com/office/2006/xmlPackage"
    head = '<?xml version="1.0" standalone="yes"?>\n<?mso-application progid="Word.Document"?>\n'
    document = read(f'{head}<pkg:package xmlns:pkg="{namespace}">{parts}</pkg:package>'.encode())
    assert document.format == "docx"
    assert print_grid(document.grids[0]) == MERGED


def test_what_breaks_the_conversion_of_several_documents_is_told_of_each_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(documents: list[bytes]) -> list[office.Outcome]:
        if len(documents) > 1 or b"bad" in documents[0]:
            raise RecursionError
        return [UnreadableError("corrupt", "坏")]

    monkeypatch.setattr(office, "convert_many", broken)
    for name, data in (("1.rtf", b"{\\rtf1 bad}"), ("2.rtf", b"{\\rtf1 good}")):
        (tmp_path / name).write_bytes(data)
    batch = process([Job(path.name, Place(str(path))) for path in sorted(tmp_path.iterdir())])
    assert batch.tables["documents"]["error_code"].to_pylist() == ["crashed", "corrupt"]

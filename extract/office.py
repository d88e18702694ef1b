"""Old Word (.doc, .wps), RTF, OpenDocument text and Word's XML files: LibreOffice makes them DOCX, the Word reader reads that.

Starting LibreOffice takes a hundred times as long as converting a small document: a worker converts the old documents among
some that it is given `together`. Every call has its own LibreOffice with a profile that is made for it and thrown away, so nothing a hostile file does lasts. Macros,
links to other files and the network are switched off in that profile. docs/decisions has what was measured against it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from yusuan.extract.grid import Document, UnreadableError, encrypted
from yusuan.extract.office_doc import BrokenError, EncryptedError, cell_texts
from yusuan.extract.office_lost import lost_notes
from yusuan.extract.package import Package
from yusuan.extract.sniff import sniff
from yusuan.extract.word import read_docx

Outcome = bytes | UnreadableError
TIMEOUT_SECONDS = 90.0
"""For the first document of a call; a file of forms takes 1 to 3 seconds."""
MORE_SECONDS = 5.0
"""For each other document of a call; one that takes longer is tried again alone."""
KINDS = {"doc": ("doc", ".doc"), "works": ("wps", ".wps"), "wordml": ("doc", ".xml"), "rtf": ("rtf", ".rtf"),
         "odt": ("odt", ".odt")}  # fmt: skip
"""What `sniff` says → the contract's name of the format, and the suffix under which LibreOffice gets it."""

_MISSING = (
    "读取这种文件（.doc、.wps、.rtf、.odt）需要 LibreOffice，本机没有找到。请先安装（Debian / Ubuntu："
    "apt install libreoffice-writer-nogui libreoffice-calc-nogui），或用环境变量 YUSUAN_SOFFICE 指明 soffice 的路径，然后重新运行。"
)
_SETTINGS = {
    "org.openoffice.Office.Common/Security/Scripting": {
        "DisableMacrosExecution": "true",
        "MacroSecurityLevel": "3",
        "BlockUntrustedRefererLinks": "true",
    },
    "org.openoffice.Office.Writer/Content/Update": {"Link": "0"},
    "org.openoffice.Inet/Settings": {
        "ooInetProxyType": "2",
        "ooInetHTTPProxyName": "127.0.0.1",
        "ooInetHTTPProxyPort": "9",
        "ooInetHTTPSProxyName": "127.0.0.1",
        "ooInetHTTPSProxyPort": "9",
        "ooInetNoProxy": "",
    },
}


def read_office(data: bytes) -> Document:
    """What the Word reader says of the converted document, under the format's own name.

    Raises UnreadableError: `missing-tool` without LibreOffice, `encrypted`, `timeout`, `corrupt`, and what the Word reader raises.
    """
    return read_converted(data, convert(data))


def read_converted(data: bytes, docx: bytes) -> Document:
    """`docx` is what `convert` made of `data`. What the conversion lost is a note (`unread-part`)."""
    kind = sniff(data)
    document = read_docx(docx)
    notes = (*document.notes, *lost_notes(kind, data, docx, document))
    return replace(document, format=KINDS[kind][0], notes=notes)


_ready: dict[bytes, Outcome] = {}


@contextmanager
def together(documents: Iterable[bytes]) -> Iterator[None]:
    """Inside, those of the documents that need LibreOffice are converted already: in one call, if they are several."""
    old = [data for data in dict.fromkeys(documents) if sniff(data) in KINDS]
    if len(old) > 1:
        try:
            _ready.update(zip(old, convert_many(old), strict=True))
        except Exception:  # whatever one of them breaks is reported when it is converted alone
            _ready.clear()
    try:
        yield
    finally:
        _ready.clear()


def convert(data: bytes) -> bytes:
    """The document as DOCX. Raises UnreadableError as `read_office`."""
    result = _ready.get(data) or convert_many([data])[0]
    if isinstance(result, UnreadableError):
        raise result
    return result


def convert_many(documents: Sequence[bytes]) -> list[Outcome]:
    """Each document as DOCX, or what stands against it. One call of LibreOffice.

    A document that breaks LibreOffice costs the others nothing: what is missing afterwards is tried alone.
    """
    results: list[Outcome] = [_checked(data) for data in documents]
    open_ones = [number for number, result in enumerate(results) if isinstance(result, bytes)]
    if not open_ones:
        return results
    program = soffice()
    if program is None:
        for number in open_ones:
            results[number] = UnreadableError("missing-tool", _MISSING)
        return results
    made = _convert(program, {number: documents[number] for number in open_ones})
    for number in open_ones:
        outcome = made[number]
        if isinstance(outcome, UnreadableError) and len(open_ones) > 1:
            outcome = _convert(program, {number: documents[number]})[number]
        results[number] = outcome
    return results


def soffice() -> str | None:
    """The program that `YUSUAN_SOFFICE` names, else the one on PATH; None where there is none."""
    named = os.environ.get("YUSUAN_SOFFICE")
    return shutil.which(named) if named else shutil.which("soffice") or shutil.which("libreoffice")


def _checked(data: bytes) -> Outcome:
    """The document, or why LibreOffice need not be asked."""
    kind = sniff(data)
    if kind not in KINDS:
        return UnreadableError(
            "unsupported", "LibreOffice 转换只用于 .doc、.wps、.rtf、.odt 文件。请另存为 .docx 后再试。"
        )
    try:
        return encrypted() if _is_encrypted(kind, data) else data
    except UnreadableError as error:
        return error


def _is_encrypted(kind: str, data: bytes) -> bool:
    if kind == "doc":
        try:
            cell_texts(data)
        except EncryptedError:
            return True
        except BrokenError:  # LibreOffice may read it all the same
            return False
    return kind == "odt" and Package(data).is_encrypted_opendocument()


# --- the program ------------------------------------------------------------------------------------------------------


def _convert(program: str, documents: dict[int, bytes]) -> dict[int, Outcome]:
    with tempfile.TemporaryDirectory(prefix="yusuan-soffice-", ignore_cleanup_errors=True) as scratch:
        work = Path(scratch)
        paths = {number: work / f"{number}{KINDS[sniff(data)][1]}" for number, data in documents.items()}
        for number, data in documents.items():
            paths[number].write_bytes(data)
        _write_profile(work / "profile")
        limit = TIMEOUT_SECONDS + MORE_SECONDS * (len(documents) - 1)
        ended = _run(program, work, list(paths.values()), limit)
        return {number: _outcome(work / "out" / f"{number}.docx", ended, limit) for number in documents}


def _write_profile(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, properties in _SETTINGS.items()
        for name, value in properties.items()
    )
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        f"{items}</oor:items>\n",
        encoding="utf-8",
    )


def _run(program: str, work: Path, paths: Sequence[Path], limit: float) -> bool:
    """Whether LibreOffice came to an end in time; nothing it started is left behind.

    `timeout` of coreutils stands guard as well where it is there: it outlives a worker that is killed.
    """
    guard = shutil.which("timeout")
    command = [guard, "--kill-after=5", str(round(limit) + 5)] if guard else []
    command += [program, f"-env:UserInstallation={(work / 'profile').as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(work / "out"), *map(str, paths)]
    own = {"HOME": str(work), "TMPDIR": str(work), "SAL_USE_VCLPLUGIN": "svp"}
    with subprocess.Popen(
        command, env=os.environ | own, cwd=work, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            return False
        finally:
            _kill_session(process.pid)
    return True


def _kill_session(leader: int) -> None:
    """Ends what is left of the processes that were started together, whether or not their first one still lives."""
    for _ in range(2):  # `timeout` puts the program into a group of its own inside of the session
        for group in _groups(leader):
            try:
                os.killpg(group, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue


def _groups(session: int) -> set[int]:
    """The process groups of a session; where there is no /proc the one that the session's first process leads."""
    groups = {session}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[3]) == session:
            groups.add(int(fields[2]))
    return groups


def _outcome(target: Path, ended: bool, limit: float) -> Outcome:
    if target.exists() and zipfile.is_zipfile(target):
        return target.read_bytes()
    if not ended:
        return UnreadableError(
            "timeout", f"LibreOffice 转换超过 {limit:.0f} 秒，已中止。请用 Word 或 WPS 打开后另存为 .docx 再试。"
        )
    return UnreadableError(
        "corrupt",
        "LibreOffice 打不开这个文件：可能已损坏或已加密。请重新下载，或用 Word / WPS 打开后另存为 .docx 再试。",
    )

"""What a worker does with some documents: bytes → Arrow tables of their rows. Local workers and engines call `process`.

A pure function of the files that the jobs name: no store, no clock, nothing kept between two calls.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field

from yusuan.batches import checked
from yusuan.codec import decode, encode
from yusuan.convert import MAX_BYTES, Converted, convert, document_id, failed, records, too_large
from yusuan.extract import pages_to_recognize
from yusuan.extract.office import together
from yusuan.opening import UNOPENED, Place, read_bytes
from yusuan.publish.assemble import Tables, fingerprints
from yusuan.schemas import tables

Convert = Callable[[bytes, str], Converted]
_GARBAGE = (50_000, 20, 50)


def settle() -> None:
    """For a process that does nothing but documents: looks for cyclic garbage less often, and never among what is loaded by now.

    Rows are many small objects without cycles; at Python's own thresholds a sixth of the time goes into looking at them.
    """
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


@dataclass(frozen=True, slots=True)
class Job:
    """One document to do. `name` is its path in `sources`, `size` in bytes as far as known.

    `known`: documents whose reading is in the store; if the bytes are one of them, only that is told. `refused`: (code,
    message) of a file that must not be opened by a reader. `grids`: a stored reading of document `identity`, to be
    normalized again instead of reading.
    """

    name: str
    place: Place
    size: int = 0
    known: Container[str] = frozenset()
    refused: tuple[str, str] | None = None
    identity: str = ""
    grids: bytes | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store keeps of a document beside its rows. `digest` changes when its reading does."""

    document_id: str
    digest: str
    grids: bytes | None
    named: bool
    trace: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """`identities`: the document of each job, in the order of the jobs. `made` and `tables`: documents that were done
    anew, each once. `prints`: project_id → digest of its facts."""

    identities: tuple[str, ...]
    made: tuple[Stored, ...] = ()
    tables: Tables = field(default_factory=dict)
    prints: dict[str, bytes] = field(default_factory=dict)


def unreadable_id(job: Job) -> str:
    """The document of a file without bytes to be known by: the hash of its path."""
    return document_id(f"unreadable\0{job.name}".encode())


def _unreadable(job: Job, why: object) -> Converted:
    identity = unreadable_id(job)
    if job.refused is not None:
        return failed(identity, job.name, 0, code=job.refused[0], message=job.refused[1])
    message = f"文件打不开（{why}）。请检查链接、权限和磁盘后重新运行。"
    return failed(identity, job.name, 0, code="unreadable", message=message)


def _opened(job: Job) -> tuple[str, bytes | None, Converted | None]:
    """(document, its bytes if they are to be read, else its rows; neither where it is known)."""
    if job.grids is not None:
        return job.identity, None, records(decode(job.grids), job.identity, job.size, job.name)
    try:
        data, identity, size = read_bytes(job.place, MAX_BYTES)
    except UNOPENED as error:
        converted = _unreadable(job, getattr(error, "strerror", None) or error)
        return converted.document_id, None, converted
    if identity in job.known:
        return identity, None, None
    if job.refused is not None:
        return identity, None, failed(identity, job.name, size, code=job.refused[0], message=job.refused[1])
    if data is None:
        return identity, None, failed(identity, job.name, size, code="too-large", message=too_large(size))
    return identity, data, None


def do(job: Job, reader: Convert) -> tuple[str, Converted | None]:
    """(document, its rows; None where it is known)."""
    identity, data, converted = _opened(job)
    return identity, converted if data is None else reader(data, job.name)


def process(jobs: Sequence[Job], reader: Convert = convert) -> Batch:
    """Never raises for what a document does; whoever calls must be ready for the process to die."""
    identities: list[str] = []
    there: set[str] = set()
    batch: list[Converted] = []
    opened = [_opened(job) for job in jobs]
    with together([data for _, data, _ in opened if data is not None]):
        for job, (identity, data, made) in zip(jobs, opened, strict=True):
            identities.append(identity)
            if identity in there:
                continue
            converted = made if data is None else reader(data, job.name)
            if converted is not None:
                there.add(identity)
                converted.document["path"] = job.name
                batch.append(converted)
    return pack(tuple(identities), batch)


def pack(identities: tuple[str, ...], batch: list[Converted]) -> Batch:
    if not batch:
        return Batch(identities)
    made = checked(batch)
    return Batch(identities, tuple(map(_stored, batch)), made, fingerprints(tables(), made))


def _stored(converted: Converted) -> Stored:
    grids = encode(converted.read) if converted.read else None
    told = grids or repr(sorted((k, v) for k, v in converted.document.items() if k != "path")).encode()
    digest = hashlib.blake2b(told, digest_size=16).hexdigest()
    return Stored(converted.document_id, digest, grids, converted.named, converted.trace)


def failure(
    job: Job, ask: Callable[[], tuple[str, int]], unanswered: tuple[type[Exception], ...], code: str, message: str
) -> Batch:
    """The batch of one document that no worker could do. `ask` has another worker `identify` it, and raises one of `unanswered`
    where not even its bytes come: a disk or a server that hangs.
    """
    try:
        identity, size = ask()
    except unanswered:
        identity, size = unreadable_id(job), 0
    converted = failed(identity, job.name, size, code=code, message=message)
    converted.document["path"] = job.name
    return pack((identity,), [converted])


def scans(job: Job) -> int:
    """Pages of a document that recognition must read; 0 where its bytes do not come."""
    if job.grids is not None:
        return 0
    try:
        data, _, _ = read_bytes(job.place, MAX_BYTES)
    except UNOPENED:
        return 0
    return pages_to_recognize(data) if data else 0


def identify(job: Job) -> tuple[str, int]:
    """(document, size in bytes) without reading it: for documents at which a worker died."""
    if job.grids is not None:
        return job.identity, job.size
    try:
        _, identity, size = read_bytes(job.place, MAX_BYTES)
    except (*UNOPENED, MemoryError):
        return unreadable_id(job), 0
    return identity, size

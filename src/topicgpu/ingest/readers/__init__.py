"""Files of any kind to documents: which reader takes a file is seen from what it holds, then from its name."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from topicgpu.config import CorpusSection
from topicgpu.errors import CorpusError
from topicgpu.ingest.archives import ZipArchive, unpack_gzip
from topicgpu.ingest.documents import Document
from topicgpu.ingest.encodings import decode
from topicgpu.ingest.files import SUFFIXES, read_bytes, shown
from topicgpu.ingest.readers.captions import is_captions, read_captions
from topicgpu.ingest.readers.json_text import parse_json
from topicgpu.ingest.readers.office import read_docx, read_pdf
from topicgpu.ingest.readers.plain import read_plain
from topicgpu.ingest.readers.rows import read_delimited, read_json_lines, read_parquet
from topicgpu.ingest.readers.speech_json import read_speech_json
from topicgpu.ingest.readers.timed_lines import is_timed_lines, read_timed_lines
from topicgpu.ingest.readers.web import is_page, read_page

__all__ = ["read_file"]

_GZIP, _ZIP, _PARQUET, _PDF = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06"), b"PAR1", b"%PDF-"
_WORD = re.compile(r"[^\W_]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_HALF = re.compile(r"[\ud800-\udfff]")  # of a character beyond U+FFFF, as programs that cut texts leave it


def read_file(path: Path, corpus: CorpusSection, failed: list[CorpusError] | None = None) -> list[Document]:
    """
    Read the documents of a file.

    Parameters
    ----------
    path : Path
        The file.
    corpus : CorpusSection
        Names of the columns of tables.
    failed : list of CorpusError or None
        Where given, members of an archive that can't be read are added here, and the others are read.

    Returns
    -------
    list of Document
        One, or several of a table or an archive, each with its own `part`; none where `failed` says why. Of plain
        text and Markdown the text is the decoded file, unchanged but for a byte order mark.

    Raises
    ------
    CorpusError
        If the file can't be read, or holds no words.
    """
    raw, name = read_bytes(path), shown(path)
    if _is_zip(raw, path.name):
        documents = _members(raw, name, corpus, failed)
    else:
        with _naming(name):
            documents = _documents(raw, path.name, corpus)
    sha256 = hashlib.sha256(raw).hexdigest()
    return [_whole(document._replace(sha256=sha256)) for document in documents]


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Say which file it is that a reader can't read."""
    try:
        yield
    except CorpusError as error:
        raise CorpusError(f"{path}: {error}") from error


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _is_zip(raw: bytes, name: str) -> bool:
    return raw.startswith(_ZIP) and not _is_docx(raw, name)


def _is_docx(raw: bytes, name: str) -> bool:
    if _suffix(name) == ".docx":
        return True
    try:
        return any(member.filename == "word/document.xml" for member in ZipArchive(raw).members)
    except CorpusError:  # whoever reads it says so
        return False


def _members(raw: bytes, path: str, corpus: CorpusSection, failed: list[CorpusError] | None) -> list[Document]:
    with _naming(path):
        archive = ZipArchive(raw)
    documents: list[Document] = []
    for member in archive.members:
        name = shown(member.filename)
        if _suffix(name) not in SUFFIXES:
            continue
        try:
            with _naming(f"{path}!{name}"):
                found = _documents(archive.read(member), PurePosixPath(name).name, corpus)
        except CorpusError as error:
            if failed is None:
                raise
            failed.append(error)
        else:
            documents += [document._replace(part=f"{name} {document.part}".strip()) for document in found]
    if not documents and not failed:
        raise CorpusError(f"{path}: holds no file that can be read, ending in {', '.join(SUFFIXES)}; leave it out.")
    return documents


def _documents(raw: bytes, name: str, corpus: CorpusSection) -> list[Document]:
    if raw.startswith(_GZIP):
        inside = unpack_gzip(raw)
        if inside.startswith(_GZIP):
            raise _nested()
        return _documents(inside, name.removesuffix(".gz"), corpus)
    if _is_zip(raw, name):
        raise _nested()
    if raw.startswith(_ZIP):
        return [read_docx(raw)]
    if raw[:1024].lstrip().startswith(_PDF):
        return [read_pdf(raw)]
    if raw.startswith(_PARQUET):
        return read_parquet(raw, corpus)
    text, warning = decode(raw)
    documents = _of_text(text, _suffix(name), corpus)
    return (
        [document._replace(warnings=(warning, *document.warnings)) for document in documents] if warning else documents
    )


def _nested() -> CorpusError:
    return CorpusError("is an archive inside an archive; unpack it yourself.")


def _of_text(text: str, suffix: str, corpus: CorpusSection) -> list[Document]:
    if not _WORD.search(text):
        raise CorpusError("is empty: it holds no words; fill it or take it out of the corpus.")
    if suffix in (".jsonl", ".ndjson"):
        return read_json_lines(text, corpus)
    if suffix == ".json" or (text.lstrip()[:1] in "{[" and _is_json(text)):
        return [read_speech_json(text)]
    if suffix in (".csv", ".tsv"):
        return read_delimited(text, corpus)
    if suffix in (".srt", ".vtt", ".sbv") or is_captions(text):
        return [read_captions(text)]
    if suffix in (".html", ".htm", ".xhtml") or is_page(text):
        return [read_page(text)]
    if is_timed_lines(text):
        return [read_timed_lines(text)]
    return [read_plain(text)]


def _is_json(text: str) -> bool:
    try:
        return isinstance(parse_json(text), dict | list)
    except CorpusError:
        return False


def _whole(document: Document) -> Document:
    """Put U+FFFD for halves of characters, which no file can hold, and leave out a language that is no code."""
    language = document.language if document.language and _LANGUAGE.fullmatch(document.language) else None
    n_halves = len(_HALF.findall(document.text))

    def mend(words: str | None) -> str | None:
        return words and _HALF.sub("\ufffd", words)

    warnings = (f"{n_halves} halves of characters stand as U+FFFD.",) if n_halves else ()
    return document._replace(
        text=_HALF.sub("\ufffd", document.text),
        cues=tuple(cue._replace(speaker=mend(cue.speaker)) for cue in document.cues),
        title=mend(document.title),
        language=language,
        part=mend(document.part) or "",
        warnings=(*document.warnings, *warnings),
    )

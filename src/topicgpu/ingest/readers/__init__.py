"""Files of any kind to documents: which reader takes a file is seen from what it holds, then from its name."""

import hashlib
import json
from pathlib import Path, PurePosixPath

from topicgpu.config import CorpusSection
from topicgpu.errors import CorpusError
from topicgpu.ingest.archives import unpack_gzip, unpack_zip
from topicgpu.ingest.documents import Document
from topicgpu.ingest.files import SUFFIXES, decode, read_bytes
from topicgpu.ingest.readers.captions import is_captions, read_captions
from topicgpu.ingest.readers.office import read_docx, read_pdf
from topicgpu.ingest.readers.rows import read_delimited, read_json_lines, read_parquet
from topicgpu.ingest.readers.speech_json import read_speech_json
from topicgpu.ingest.readers.timed_lines import is_timed_lines, read_timed_lines
from topicgpu.ingest.readers.web import is_page, read_page
from topicgpu.ops.words import count_words

__all__ = ["read_file"]

_ROWS = (".csv", ".tsv")
_JSON_LINES = (".jsonl", ".ndjson")


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
        One, or several of a table or an archive, each with its own `part`. Of plain text and Markdown the text is the
        decoded file, unchanged but for a byte order mark.

    Raises
    ------
    CorpusError
        If the file can't be read, or holds no words.
    """
    raw = read_bytes(path)
    if _is_zip(raw, path.name):
        return _members(raw, str(path), corpus, failed)
    return _documents(raw, str(path), path.name, corpus)


def _is_zip(raw: bytes, name: str) -> bool:
    is_docx = PurePosixPath(name).suffix.lower() == ".docx" or b"word/document.xml" in raw
    return raw.startswith(b"PK\x03\x04") and not is_docx


def _documents(raw: bytes, path: str, name: str, corpus: CorpusSection) -> list[Document]:
    sha256 = hashlib.sha256(raw).hexdigest()
    if raw.startswith(b"\x1f\x8b"):
        inside, name = unpack_gzip(raw, path), name.removesuffix(".gz")
        if inside.startswith(b"\x1f\x8b"):
            raise _nested(path)
        return [document._replace(sha256=sha256) for document in _documents(inside, path, name, corpus)]
    if _is_zip(raw, name):
        raise _nested(path)
    if raw.startswith(b"PK\x03\x04"):
        return [read_docx(raw, sha256, path)]
    if raw[:1024].lstrip().startswith(b"%PDF-"):
        return [read_pdf(raw, sha256, path)]
    if raw.startswith(b"PAR1"):
        return read_parquet(raw, sha256, path, corpus)
    text, warning = decode(raw, path)
    documents = _of_text(text, sha256, path, PurePosixPath(name).suffix.lower(), corpus)
    return (
        [document._replace(warnings=(warning, *document.warnings)) for document in documents] if warning else documents
    )


def _of_text(text: str, sha256: str, path: str, suffix: str, corpus: CorpusSection) -> list[Document]:
    if not count_words(text):
        raise CorpusError(f"{path}: is empty: it holds no words; fill it or take it out of the corpus.")
    if suffix in _JSON_LINES:
        return read_json_lines(text, sha256, path, corpus)
    if suffix == ".json" or (text.lstrip()[:1] in "{[" and _is_json(text)):
        return [read_speech_json(text, sha256, path)]
    if suffix in _ROWS:
        return read_delimited(text, sha256, path, corpus)
    if suffix in (".srt", ".vtt", ".sbv") or is_captions(text):
        return [read_captions(text, sha256, path)]
    if suffix in (".html", ".htm", ".xhtml") or is_page(text):
        return [read_page(text, sha256, path)]
    if is_timed_lines(text):
        return [read_timed_lines(text, sha256, path)]
    return [Document(text, sha256)]


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def _nested(path: str) -> CorpusError:
    return CorpusError(f"{path}: is an archive inside an archive; unpack it yourself.")


def _members(raw: bytes, path: str, corpus: CorpusSection, failed: list[CorpusError] | None) -> list[Document]:
    sha256, documents = hashlib.sha256(raw).hexdigest(), []
    for name, content in unpack_zip(raw, path):
        if PurePosixPath(name).suffix.lower() not in SUFFIXES:
            continue
        try:
            found = _documents(content, f"{path}!{name}", PurePosixPath(name).name, corpus)
        except CorpusError as error:
            if failed is None:
                raise
            failed.append(error)
        else:
            documents += [
                document._replace(sha256=sha256, part=f"{name} {document.part}".strip()) for document in found
            ]
    if not documents:
        raise CorpusError(f"{path}: holds no file that can be read, ending in {', '.join(SUFFIXES)}; leave it out.")
    return documents

"""PDF and DOCX files (extra `documents`): the words in reading order, page by page or paragraph by paragraph."""

import io
import logging
import zlib
from collections.abc import Iterator
from importlib.util import find_spec
from struct import error as StructError
from typing import Any
from zipfile import BadZipFile

from topicgpu.errors import CorpusError
from topicgpu.ingest.archives import ZipArchive
from topicgpu.ingest.dates import find_date
from topicgpu.ingest.documents import Document, Spoken, join_cues

# What the parsers raise on bytes that are not what they seem, beside errors of their own.
_DAMAGE = (
    ArithmeticError, AssertionError, AttributeError, BadZipFile, LookupError, NotImplementedError, OSError,
    RecursionError, StructError, TypeError, ValueError, zlib.error,
)  # fmt: skip
_MOST_TRAILERS = 200  # a file has one for each time it was saved; the parser's time is quadratic in broken ones
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # says what stands beside it again
_PIECES = {
    f"{_WORD}{name}": words for name, words in (("tab", "\t"), ("br", "\n"), ("cr", "\n"), ("noBreakHyphen", "-"))
}


def read_pdf(raw: bytes) -> Document:
    """
    Read a PDF.

    Parameters
    ----------
    raw : bytes
        The file.

    Returns
    -------
    Document
        A cue a page; title and date from the file's own fields.

    Raises
    ------
    CorpusError
        If it is damaged, encrypted or holds pictures of words only, or pypdf is not installed.
    """
    _need("pypdf")
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    n_trailers = raw.count(b"trailer")
    if n_trailers > _MOST_TRAILERS:
        raise CorpusError(
            f"can't be read as PDF ({n_trailers} trailers, over {_MOST_TRAILERS}); the file may be damaged."
        )
    logging.getLogger("pypdf").addHandler(logging.NullHandler())  # what it doubts would be lines without a file's name
    try:
        reader = PdfReader(io.BytesIO(raw))
        locked = reader.is_encrypted and not reader.decrypt("")
        pages = [] if locked else [page.extract_text() for page in reader.pages]
        facts = None if locked else reader.metadata
        title, created = (facts.title, facts.creation_date) if facts else (None, None)
    except DependencyError as error:
        raise CorpusError("is encrypted; save it without a password.") from error
    except (PyPdfError, *_DAMAGE) as error:
        raise CorpusError(f"can't be read as PDF ({_said(error)}); the file may be damaged.") from error
    if locked:
        raise CorpusError("is encrypted; save it without a password.")
    joined, cues = join_cues((Spoken(words, f"page {n}") for n, words in enumerate(pages, start=1)), "\n\n")
    if not cues:
        raise CorpusError(f"its {len(pages)} pages hold no text, perhaps pictures of it; run it through OCR first.")
    date = find_date(str(created.date())) if created else None
    return Document(joined, cues, title=str(title) if title else None, date=date)


def read_docx(raw: bytes) -> Document:
    """
    Read a DOCX.

    Parameters
    ----------
    raw : bytes
        The file.

    Returns
    -------
    Document
        A cue a paragraph, those in tables included, in reading order; title from the file's own fields.

    Raises
    ------
    CorpusError
        If it is damaged, unpacks to more than a text would, or python-docx is not installed.
    """
    _need("docx", "python-docx")
    from docx import Document as open_docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    archive = ZipArchive(raw)
    for member in archive.members:  # python-docx has no limits of its own
        archive.read(member)
    try:
        document = open_docx(io.BytesIO(raw))
        paragraphs = [
            "".join(_pieces(paragraph))
            for paragraph in document.element.body.iter(f"{_WORD}p")
            if next(paragraph.iterancestors(_FALLBACK), None) is None
        ]
        title = document.core_properties.title
    except (OpcError, LxmlError, *_DAMAGE) as error:
        raise CorpusError(f"can't be read as DOCX ({_said(error)}); the file may be damaged.") from error
    joined, cues = join_cues(Spoken(words, f"paragraph {n}") for n, words in enumerate(paragraphs, start=1))
    if not cues:
        raise CorpusError("holds no words; fill it or take it out of the corpus.")
    return Document(joined, cues, title=title or None)


def _pieces(element: Any) -> Iterator[str]:
    """Words of a paragraph, without those of the paragraphs inside it: text boxes."""
    for child in element:
        if child.tag == f"{_WORD}t":
            yield child.text or ""
        elif child.tag in _PIECES:
            yield _PIECES[child.tag]
        elif child.tag not in (f"{_WORD}p", f"{_WORD}pPr", _FALLBACK):
            yield from _pieces(child)


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _need(module: str, package: str = "") -> None:
    if find_spec(module) is None:
        raise CorpusError(
            f"needs {package or module}, which is not installed: pip install 'topicgpu[documents]', or leave the file "
            "out."
        )

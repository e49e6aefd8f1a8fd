"""PDF and DOCX files (extra `documents`): the words in reading order, page by page or paragraph by paragraph."""

import io
from importlib.util import find_spec

from topicgpu.errors import CorpusError
from topicgpu.ingest.dates import find_date
from topicgpu.ingest.documents import Document, Spoken, join_cues


def read_pdf(raw: bytes, sha256: str, path: str) -> Document:
    """
    Read a PDF.

    Parameters
    ----------
    raw : bytes
        The file.
    sha256 : str
        Of its bytes.
    path : str
        Named in errors.

    Returns
    -------
    Document
        A cue a page; title and date from the file's own fields.

    Raises
    ------
    CorpusError
        If it is damaged, encrypted or holds pictures of words only, or pypdf is not installed.
    """
    _need("pypdf", path)
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise CorpusError(f"{path}: is encrypted; save it without a password.")
        pages = [page.extract_text() for page in reader.pages]
        facts = reader.metadata
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise CorpusError(f"{path}: can't be read as PDF ({error}); the file may be damaged.") from error
    joined, cues = join_cues((Spoken(words, f"page {n}") for n, words in enumerate(pages, start=1)), "\n\n")
    if not cues:
        raise CorpusError(
            f"{path}: its {len(pages)} pages hold no text, perhaps pictures of it; run it through OCR first."
        )
    created = facts.creation_date if facts else None
    title = facts.title if facts else None
    return Document(joined, sha256, cues, title=title or None, date=find_date(str(created.date())) if created else None)


def read_docx(raw: bytes, sha256: str, path: str) -> Document:
    """
    Read a DOCX.

    Parameters
    ----------
    raw : bytes
        The file.
    sha256 : str
        Of its bytes.
    path : str
        Named in errors.

    Returns
    -------
    Document
        A cue a paragraph, those in tables included, in reading order; title from the file's own fields.

    Raises
    ------
    CorpusError
        If it is damaged or python-docx is not installed.
    """
    _need("docx", path, "python-docx")
    from zipfile import BadZipFile

    from docx import Document as open_docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import XMLSyntaxError

    try:
        document = open_docx(io.BytesIO(raw))
        paragraphs = list(document.element.body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"))
    except (OpcError, BadZipFile, XMLSyntaxError, KeyError, ValueError) as error:
        raise CorpusError(f"{path}: can't be read as DOCX ({error}); the file may be damaged.") from error
    text_tag = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
    spoken = (
        Spoken("".join(piece.text or "" for piece in paragraph.iter(text_tag)), f"paragraph {number}")
        for number, paragraph in enumerate(paragraphs, start=1)
    )
    joined, cues = join_cues(spoken)
    if not cues:
        raise CorpusError(f"{path}: holds no words; fill it or take it out of the corpus.")
    return Document(joined, sha256, cues, title=document.core_properties.title or None)


def _need(module: str, path: str, package: str = "") -> None:
    if find_spec(module) is None:
        raise CorpusError(
            f"{path}: needs {package or module}, which is not installed: pip install 'topicgpu[documents]', or leave "
            "the file out."
        )

"""HTML pages: the main text, found by trafilatura, without menus and scripts."""

import logging
import re

from topicgpu.errors import CorpusError
from topicgpu.ingest.dates import find_date
from topicgpu.ingest.documents import Document, Spoken, join_cues

_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)


def is_page(text: str) -> bool:
    """
    Tell whether a text is an HTML page, by how it begins.

    Parameters
    ----------
    text : str
        Decoded file.

    Returns
    -------
    bool
        True for a doctype or one of the outer tags.
    """
    return _PAGE.match(text[:5000]) is not None


def read_page(text: str) -> Document:
    """
    Read the main text of an HTML page.

    Parameters
    ----------
    text : str
        Decoded file.

    Returns
    -------
    Document
        A line a paragraph or heading; title, date and language from the page's metadata. Links are not followed.

    Raises
    ------
    CorpusError
        If the page has no main text.
    """
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").addHandler(logging.NullHandler())  # what is wrong with a page is said here
    page = bare_extraction(text, include_comments=False, favor_recall=True, with_metadata=True)
    found = page.as_dict() if page is not None and not isinstance(page, dict) else page or {}
    lines = (found.get("text") or "").splitlines()
    joined, cues = join_cues(Spoken(line, f"paragraph {number}") for number, line in enumerate(lines, start=1))
    if not cues:
        raise CorpusError("no main text is found in this page; save the text itself as .txt.")
    return Document(
        joined,
        cues,
        title=found.get("title") or None,
        date=find_date(found.get("date") or ""),
        language=found.get("language") or None,
    )

"""Plain text and Markdown: the canonical text is the file itself."""

from topicgpu.ingest.documents import Document
from topicgpu.ingest.front_matter import find_front_matter


def read_plain(text: str) -> Document:
    """
    Read plain text or Markdown.

    Parameters
    ----------
    text : str
        Decoded file.

    Returns
    -------
    Document
        The text unchanged; title, date and language from its front matter.

    Raises
    ------
    CorpusError
        If the date of its front matter does not exist.
    """
    front = find_front_matter(text)
    if front is None:
        return Document(text)
    return Document(text, title=front.title, date=front.date, language=front.language, head=front.end)

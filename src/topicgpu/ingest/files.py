"""Find the text files of a folder and decode them; every way in which a file can't be used is one sentence."""

import codecs
import hashlib
import os
import re
from pathlib import Path
from typing import NamedTuple

from topicgpu.errors import CorpusError
from topicgpu.ops.words import count_words

SUFFIXES = (".txt", ".md", ".markdown")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_MAX_CONTROL_SHARE = 0.05


class Document(NamedTuple):
    """A decoded file."""

    text: str  # unchanged but for the byte order mark
    sha256: str  # of the bytes


def list_files(folder: Path) -> list[Path]:
    """
    List the text files of a folder and of the folders in it, hidden ones and run folders left out.

    Parameters
    ----------
    folder : Path
        Where to look.

    Returns
    -------
    list of Path
        Sorted by path relative to the folder.

    Raises
    ------
    CorpusError
        If the folder is missing, is no folder, or can't be listed.
    """
    if not folder.exists():
        raise CorpusError(f"{folder}: no such folder; set corpus.path to a folder of {', '.join(SUFFIXES)} files.")
    if not folder.is_dir():
        raise CorpusError(f"{folder}: is a file, not a folder; set corpus.path to the folder that holds it.")
    found: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=_raise_unlistable):
        folders[:] = [name for name in folders if not name.startswith(".") and not _is_run(Path(parent, name))]
        paths = (Path(parent, name) for name in names if not name.startswith("."))
        found.extend(path for path in paths if path.suffix.lower() in SUFFIXES)
    for path in found:
        _check_name(path)
    return sorted(found, key=lambda path: path.relative_to(folder).parts)


def _check_name(path: Path) -> None:
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        shown = str(path).encode("utf-8", errors="backslashreplace").decode("ascii", errors="replace")
        raise CorpusError(f"{shown}: its name is not UTF-8; rename the file.") from None


def _is_run(folder: Path) -> bool:
    """Whether topicgpu writes its results here: a run inside the corpus must not read its own texts."""
    return (folder / ".lock").exists() and any((folder / name).exists() for name in ("manifest.json", "texts"))


def _raise_unlistable(error: OSError) -> None:
    raise CorpusError(f"{error.filename}: the folder can't be listed ({error.strerror}); check its permissions.")


def read_bytes(path: Path) -> bytes:
    """
    Read a file of the corpus.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bytes
        All of it.

    Raises
    ------
    CorpusError
        If it can't be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: can't be read ({error.strerror}); check the path and its permissions.") from error


def read_document(path: Path) -> Document:
    """
    Read and decode a text file: UTF-8, with a byte order mark or without, or UTF-16 with one.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Document
        Text with its line ends as they are, and the SHA-256 of the bytes.

    Raises
    ------
    CorpusError
        If the file can't be read, is not text, is in another encoding or holds no words.
    """
    raw = read_bytes(path)
    text = _decode(raw, path)
    if len(_CONTROL.findall(text)) > _MAX_CONTROL_SHARE * len(text):
        raise CorpusError(f"{path}: is a binary file, not text; take it out of the folder or convert it to plain text.")
    if not count_words(text):
        raise CorpusError(f"{path}: is empty: it holds no words; fill it or take it out of the corpus.")
    return Document(text, hashlib.sha256(raw).hexdigest())


def _decode(raw: bytes, path: Path) -> str:
    utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not utf16 and b"\x00" in raw:
        raise CorpusError(f"{path}: is a binary file, not text; take it out of the folder or convert it to plain text.")
    skipped = len(codecs.BOM_UTF8) if raw.startswith(codecs.BOM_UTF8) else 0
    try:
        return raw.decode("utf-16") if utf16 else raw[skipped:].decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + skipped
        raise CorpusError(
            f"{path}: is not {'UTF-16' if utf16 else 'UTF-8'} text (byte {offset} is 0x{raw[offset]:02X}); "
            "save the file as UTF-8."
        ) from error

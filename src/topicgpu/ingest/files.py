"""Find the files of a folder and decode them; every way in which a file can't be used is one sentence."""

import codecs
import os
import re
from itertools import takewhile
from pathlib import Path

from topicgpu.errors import CorpusError

_KINDS = (
    ".txt .md .markdown .srt .vtt .sbv .json .jsonl .ndjson .csv .tsv .parquet .html .htm .xhtml .pdf .docx .gz .zip"
)
SUFFIXES = tuple(_KINDS.split())
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_MAX_CONTROL_SHARE = 0.05
_PATTERN = re.compile(r"[*?\[]")
# What files of other times are written in; among all that there are, some odd one always fits a little better.
_LEGACY = (
    "cp1252 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 koi8_r shift_jis euc_jp gb18030 big5 euc_kr tis_620"
).split()
_FEW_ACCENTS = 0.2  # of the letters
_MARKS = "\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022\u20ac\u00a3\u00b0\u00ab\u00bb\u00a0\u00bf\u00a1\u201a\u201e"
_LEAST_WIDE, _MOSTLY, _GUESS_BYTES = 8, 0.7, 1 << 20


def root_of(path: Path) -> Path:
    """
    Find the folder that the names of a corpus's files are relative to.

    Parameters
    ----------
    path : Path
        A folder, a file, or a pattern with `*`, `?` or `[`.

    Returns
    -------
    Path
        The folder; that of the file; what stands before the pattern.
    """
    if path.is_dir():
        return path
    fixed = [part for part in takewhile(lambda part: not _PATTERN.search(part), path.parts)]
    return path.parent if len(fixed) == len(path.parts) else Path(*fixed)


def list_files(path: Path) -> list[Path]:
    """
    List the files of a corpus: of a folder and the folders in it, hidden ones and run folders left out.

    Parameters
    ----------
    path : Path
        A folder, a single file, or a pattern such as `talks/2024-*.srt`.

    Returns
    -------
    list of Path
        Sorted by path relative to the folder.

    Raises
    ------
    CorpusError
        If nothing is there, or a folder can't be listed.
    """
    if path.is_file():
        found = [path]
    elif path.is_dir():
        found = _walk(path)
    elif _PATTERN.search(str(path)):
        root = root_of(path)
        found = [file for file in root.glob(str(path.relative_to(root))) if _is_read(file) and file.is_file()]
        if not found:
            raise CorpusError(f"{path}: no file fits this pattern; known are {', '.join(SUFFIXES)}.")
    else:
        raise CorpusError(
            f"{path}: no such file or folder; set corpus.path to a folder, a file or a pattern such as talks/*.srt."
        )
    for file in found:
        _check_name(file)
    return sorted(found, key=lambda file: file.relative_to(root_of(path)).parts)


def _is_read(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _walk(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=_raise_unlistable):
        folders[:] = [name for name in folders if not name.startswith(".") and not _is_run(Path(parent, name))]
        found.extend(path for path in (Path(parent, name) for name in names) if _is_read(path))
    return found


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


def decode(raw: bytes, path: str) -> tuple[str, str | None]:
    """
    Decode the bytes of a text file.

    Parameters
    ----------
    raw : bytes
        UTF-8 or UTF-16, with a byte order mark or without; else the legacy encoding that fits its letters best.
    path : str
        Named in errors.

    Returns
    -------
    str, str or None
        Text with its line ends as they are, without the byte order mark, and a warning where the encoding was guessed.

    Raises
    ------
    CorpusError
        If the file is not text, or no encoding fits.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(_decode_as(raw, "utf-16", path), path), None
    if raw.startswith(codecs.BOM_UTF8):
        return _checked(_decode_as(raw[len(codecs.BOM_UTF8) :], "utf-8", path), path), None
    wide = _wide(raw)
    if wide:
        return _checked(_decode_as(raw, wide, path), path), f"read as {wide}: it has no byte order mark."
    if b"\x00" in raw:
        raise _binary(path)
    try:
        return _checked(raw.decode("utf-8"), path), None
    except UnicodeDecodeError as error:
        return _guessed(raw, path, error)


def _decode_as(raw: bytes, encoding: str, path: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path}: is not {encoding.upper()} text, though it says so (byte {error.start}); save the file as UTF-8."
        ) from error


def _wide(raw: bytes) -> str | None:
    """UTF-16 without a byte order mark: in most scripts' commonest characters every second byte is nothing."""
    head = raw[:4096]
    if len(head) < _LEAST_WIDE or len(raw) % 2:
        return None
    even, odd = head[::2].count(0) / (len(head) / 2), head[1::2].count(0) / (len(head) / 2)
    if odd > _MOSTLY and even < 1 - _MOSTLY:
        return "utf-16-le"
    return "utf-16-be" if even > _MOSTLY and odd < 1 - _MOSTLY else None


def _guessed(raw: bytes, path: str, error: UnicodeDecodeError) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    western = _western(raw)
    best = None if western else from_bytes(raw[:_GUESS_BYTES], cp_isolation=list(_LEGACY)).best()
    if best is None and not western:
        raise CorpusError(
            f"{path}: is not UTF-8 text (byte {error.start} is 0x{raw[error.start]:02X}), and no other encoding fits; "
            "save the file as UTF-8."
        ) from error
    encoding = best.encoding if best is not None else "cp1252"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as second:
        raise CorpusError(
            f"{path}: mixes encodings: byte {error.start} is not UTF-8, byte {second.start} is not {encoding}; "
            "save the file as UTF-8."
        ) from second
    return _checked(text, path), (
        f"not UTF-8 (byte {error.start} is 0x{raw[error.start]:02X}); read as {encoding}. Save it as UTF-8 to be sure."
    )


def _western(raw: bytes) -> bool:
    """Whether cp1252 fits: a few accents and typographic marks among ASCII letters, too few to guess from."""
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return False
    others = [character for character in text if not character.isascii()]
    accents = sum(map(str.isalpha, others))
    return accents <= _FEW_ACCENTS * sum(map(str.isalpha, text)) and all(c.isalpha() or c in _MARKS for c in others)


def _checked(text: str, path: str) -> str:
    if len(_CONTROL.findall(text)) > _MAX_CONTROL_SHARE * len(text):
        raise _binary(path)
    return text


def _binary(path: str) -> CorpusError:
    return CorpusError(f"{path}: is a binary file, not text; take it out of the folder or convert it to plain text.")

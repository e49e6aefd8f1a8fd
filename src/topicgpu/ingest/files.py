"""Find the files of a corpus and read them; every way in which a file can't be used is one sentence."""

import os
import re
import stat
from itertools import takewhile
from pathlib import Path

from topicgpu.errors import CorpusError

_KINDS = (
    ".txt .md .markdown .srt .vtt .sbv .json .jsonl .ndjson .csv .tsv .parquet .html .htm .xhtml .pdf .docx .gz .zip"
)
SUFFIXES = tuple(_KINDS.split())
MOST_BYTES = 500_000_000  # thousands of hours of talk; a source is held in memory, some thirty times as much
_PATTERN = re.compile(r"[*?\[]")
_ESCAPED = re.compile(r"[\udc80-\udcff]")  # bytes of a name that are not UTF-8


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
        If nothing is there.

    Notes
    -----
    Folders that can't be listed, links to nothing, pipes and names that are not UTF-8 are in the list too, so that
    whoever reads them says what is wrong with each.
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
    return sorted(found, key=lambda file: file.relative_to(root_of(path)).parts)


def _is_read(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _walk(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=lambda error: found.append(Path(error.filename))):
        folders[:] = [name for name in folders if not name.startswith(".") and not _is_run(Path(parent, name))]
        found.extend(path for path in (Path(parent, name) for name in names) if _is_read(path))
    return found


def _is_run(folder: Path) -> bool:
    """Whether topicgpu writes its results here: a run inside the corpus must not read its own texts."""
    return (folder / ".lock").exists() and any((folder / name).exists() for name in ("manifest.json", "texts"))


def shown(path: Path | str) -> str:
    """
    Write a path so that it stays on its line, whatever its name holds.

    Parameters
    ----------
    path : Path or str
        Of a file, or of a member of an archive.

    Returns
    -------
    str
        With line breaks, control characters and bytes that are no UTF-8 as escapes.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(path))


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
        If it can't be read, is no regular file or is too large.

    Notes
    -----
    Pipes and devices are not opened: they may never end.
    """
    name = shown(path)
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise CorpusError(f"{name}: the folder can't be listed; check its permissions.")
        if not stat.S_ISREG(found.st_mode):
            raise CorpusError(f"{name}: is a pipe, a socket or a device, not a file; take it out of the folder.")
        if found.st_size > MOST_BYTES:
            raise CorpusError(
                f"{name}: holds {found.st_size:,} bytes, over {MOST_BYTES:,}; split it into smaller files."
            )
        if _ESCAPED.search(str(path)):
            raise CorpusError(f"{name}: its name is not UTF-8; rename the file.")
        return path.read_bytes()
    except OSError as error:
        what = "is a link to nothing" if path.is_symlink() else f"can't be read ({error.strerror})"
        raise CorpusError(f"{name}: {what}; check the path and its permissions.") from error

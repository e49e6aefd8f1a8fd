"""Texts that lie on disk and are read when they are asked for, so that a corpus need not fit into memory."""

import tempfile
import weakref
from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from topicgpu.errors import RunFolderError
from topicgpu.store.files import damaged, missing, read_text


class _StoredTexts(ABC):
    """The text that was asked for last is kept: who cuts a source asks for the same one again and again."""

    _last: tuple[int, str] | None = None

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _read(self, row: int) -> str: ...

    def __getitem__(self, row: int) -> str:
        row = range(len(self))[row]
        if self._last is None or self._last[0] != row:
            self._last = None  # never two
            self._last = row, self._read(row)
        return self._last[1]

    def __iter__(self) -> Iterator[str]:
        return (self[row] for row in range(len(self)))


class TextSpool(_StoredTexts):
    """
    Texts in a file without a name, which is gone when nothing holds this object any more, or the process is killed.

    Parameters
    ----------
    folder : Path
        On the disk that takes the file; nothing is to be seen in it.
    texts : iterable of str
        Written as they come; one is held at a time.

    Raises
    ------
    RunFolderError
        If the disk does not take them.
    """

    def __init__(self, folder: Path, texts: Iterable[str]) -> None:
        self._starts = array("q", [0])
        try:
            # The name counts only on systems that can't do without one, until the file is open.
            self._file = tempfile.TemporaryFile(dir=folder, prefix=".texts.", suffix=".tmp")  # noqa: SIM115
        except OSError as error:
            raise _unwritable(folder, error) from error
        weakref.finalize(self, _close, self._file)
        for text in texts:
            data = text.encode("utf-8")
            try:
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                raise _unwritable(folder, error) from error
            self._starts.append(self._starts[-1] + len(data))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def _read(self, row: int) -> str:
        self._file.seek(self._starts[row])
        return self._file.read(self._starts[row + 1] - self._starts[row]).decode("utf-8")


class TextFiles(_StoredTexts):
    """
    The canonical texts of a run folder.

    Parameters
    ----------
    folder : Path
        Of the run.
    n_chars : sequence of int
        Of each text, as sources.parquet has them: offsets into a text of another length would mean nothing.

    Notes
    -----
    RunFolderError is raised where a file is missing, damaged or of another length.
    """

    def __init__(self, folder: Path, n_chars: Sequence[int]) -> None:
        self._folder, self._n_chars = folder, n_chars

    def __len__(self) -> int:
        return len(self._n_chars)

    def _read(self, row: int) -> str:
        path = self._folder / text_name(row)
        try:
            text = read_text(path)
        except FileNotFoundError:
            raise missing(path) from None
        except UnicodeDecodeError as error:
            raise damaged(path, error) from error
        if len(text) != self._n_chars[row]:
            raise damaged(path, ValueError(f"{len(text)} characters, and sources.parquet says {self._n_chars[row]}"))
        return text


def text_name(row: int) -> str:
    """
    Name the file of a text: its row's number, since ids may hold what no file name may.

    Parameters
    ----------
    row : int
        Of sources.parquet.

    Returns
    -------
    str
        Relative to the run folder.
    """
    return f"texts/{row:04d}.txt"


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # of a full disk, which was told already
        file.close()


def _unwritable(folder: Path, error: OSError) -> RunFolderError:
    return RunFolderError(f"{folder}: can't take the texts ({error.strerror or error}); free or choose another place.")

"""Archives: what a .gz or .zip holds, within limits, and never outside of it."""

import gzip
import io
import zipfile
import zlib
from lzma import LZMAError
from pathlib import PurePosixPath
from typing import IO, cast

from topicgpu.errors import CorpusError
from topicgpu.ingest.files import MOST_BYTES

_MOST_UNPACKED = 4_000_000_000  # of all that one archive holds
_MOST_RATIO = 200  # of the bytes packed; text is packed about fourfold, a bomb a thousandfold
_SMALL = 10_000_000  # that much is unpacked whatever the ratio
_MOST_MEMBERS = 100_000
_BLOCK = 1 << 20
_HIDDEN = (".", "__MACOSX")
# NotImplementedError: packed in a way that zipfile does not know; ValueError: a name or a place that is none.
_DAMAGE = (zipfile.BadZipFile, EOFError, LZMAError, NotImplementedError, OSError, ValueError, zlib.error)


def unpack_gzip(raw: bytes) -> bytes:
    """
    Unpack a gzip file.

    Parameters
    ----------
    raw : bytes
        The file.

    Returns
    -------
    bytes
        What it holds.

    Raises
    ------
    CorpusError
        If it is damaged, or unpacks to more than a text would.
    """
    limit = min(_limit(len(raw)), MOST_BYTES)
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
            content = _read(cast(IO[bytes], file), limit)
    except _DAMAGE as error:
        raise CorpusError(f"is damaged or cut off ({error}); get the file again.") from error
    return _within(content, limit, len(raw))


class ZipArchive:
    """
    A zip archive in memory.

    Parameters
    ----------
    raw : bytes
        The archive.

    Attributes
    ----------
    members : list of zipfile.ZipInfo
        In the order of their names; folders and hidden files are left out.

    Raises
    ------
    CorpusError
        If it is damaged, holds too many files, or a name leads out of it.

    Notes
    -----
    Nothing is written, so that no name can reach a file; one that tries is refused all the same.
    """

    def __init__(self, raw: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(raw))
        except _DAMAGE as error:
            raise CorpusError(f"is damaged or no zip archive ({error}); get the file again.") from error
        self._packed, self._left = len(raw), _limit(len(raw))
        files = [member for member in self._archive.infolist() if not member.is_dir()]
        if len(files) > _MOST_MEMBERS:
            raise CorpusError(f"holds {len(files):,} files, over {_MOST_MEMBERS:,}; unpack it yourself.")
        self.members = [member for member in sorted(files, key=lambda file: file.filename) if _is_shown(member)]

    def read(self, member: zipfile.ZipInfo) -> bytes:
        """
        Unpack a member.

        Parameters
        ----------
        member : zipfile.ZipInfo
            One of `members`.

        Returns
        -------
        bytes
            What it holds.

        Raises
        ------
        CorpusError
            If it is damaged or encrypted, or what is unpacked of the archive grows to more than texts would.
        """
        if member.flag_bits & 1:
            raise CorpusError("is encrypted; unpack it yourself.")
        limit = min(self._left, MOST_BYTES)
        try:
            with self._archive.open(member) as file:
                content = _read(file, limit)
        except _DAMAGE as error:
            raise CorpusError(f"is damaged or no zip archive ({error}); get the file again.") from error
        content = _within(content, limit, self._packed)
        self._left -= len(content)
        return content


def _is_shown(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in "".join(parts[:1]):
        raise CorpusError(f"its member {member.filename!r} leads out of the archive; it is not read.")
    return not any(part.startswith(_HIDDEN) for part in parts)


def _limit(packed: int) -> int:
    return min(_MOST_UNPACKED, max(_SMALL, _MOST_RATIO * packed))


def _read(file: IO[bytes], limit: int) -> bytes | None:
    """Read by blocks, so that a bomb is stopped before it is unpacked; None where there is more than the limit."""
    parts: list[bytes] = []
    size = 0
    while block := file.read(_BLOCK):
        size += len(block)
        if size > limit:
            return None
        parts.append(block)
    return b"".join(parts)


def _within(content: bytes | None, limit: int, packed: int) -> bytes:
    if content is None:
        raise CorpusError(
            f"unpacks to more than the {limit:,} bytes that an archive of {packed:,} may hold; unpack it yourself if "
            "it is text."
        )
    return content

"""Archives: what a .gz or .zip holds, within limits, and never outside of it."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, cast

from topicgpu.errors import CorpusError

_MOST_BYTES = 4_000_000_000  # of one member
_MOST_RATIO = 200  # of the bytes packed; text is packed about fourfold, a bomb a thousandfold
_SMALL = 10_000_000  # that much is unpacked whatever the ratio
_MOST_MEMBERS = 100_000
_BLOCK = 1 << 20


def unpack_gzip(raw: bytes, path: str) -> bytes:
    """
    Unpack a gzip file.

    Parameters
    ----------
    raw : bytes
        The file.
    path : str
        Named in errors.

    Returns
    -------
    bytes
        What it holds.

    Raises
    ------
    CorpusError
        If it is damaged, or unpacks to more than a text would.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
            return _read(cast(IO[bytes], file), len(raw), path)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorpusError(f"{path}: is damaged or cut off ({error}); get the file again.") from error


def unpack_zip(raw: bytes, path: str) -> Iterator[tuple[str, bytes]]:
    """
    Unpack a zip archive in memory.

    Parameters
    ----------
    raw : bytes
        The archive.
    path : str
        Named in errors.

    Yields
    ------
    (str, bytes)
        Name of a member and what it holds, in the order of their names; folders and hidden files are left out.

    Raises
    ------
    CorpusError
        If it is damaged or encrypted, a name leads out of it, or it unpacks to more than texts would.

    Notes
    -----
    Nothing is written, so that no name can reach a file; one that tries is refused all the same.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > _MOST_MEMBERS:
                raise CorpusError(f"{path}: holds {len(members):,} files, over {_MOST_MEMBERS:,}; unpack it yourself.")
            for member in sorted(members, key=lambda member: member.filename):
                parts = PurePosixPath(member.filename.replace("\\", "/")).parts
                if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in parts[0]:
                    raise CorpusError(
                        f"{path}: its member {member.filename!r} leads out of the archive; it is not read."
                    )
                if any(part.startswith((".", "__MACOSX")) for part in parts):
                    continue
                if member.flag_bits & 1:
                    raise CorpusError(f"{path}: its member {member.filename!r} is encrypted; unpack it yourself.")
                with archive.open(member) as file:
                    yield member.filename, _read(file, member.compress_size, f"{path}!{member.filename}")
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise CorpusError(f"{path}: is damaged or no zip archive ({error}); get the file again.") from error


def _read(file: IO[bytes], packed: int, path: str) -> bytes:
    """Read by blocks, so that a bomb is stopped before it is unpacked."""
    limit = min(_MOST_BYTES, max(_SMALL, _MOST_RATIO * packed))
    parts: list[bytes] = []
    size = 0
    while block := file.read(_BLOCK):
        size += len(block)
        if size > limit:
            raise CorpusError(
                f"{path}: unpacks to more than {limit:,} bytes from {packed:,}, which no text does; unpack it yourself "
                "if it is one."
            )
        parts.append(block)
    return b"".join(parts)

"""Decode text: UTF-8 and UTF-16 as they say, and what files of other times are written in, by what fits."""

import codecs
import re

from topicgpu.errors import CorpusError

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_MAX_CONTROL_SHARE = 0.05
# What files of other times are written in; among all that there are, some odd one always fits a little better.
_LEGACY = (
    "cp1252 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 koi8_r shift_jis euc_jp gb18030 big5 euc_kr tis_620"
).split()
_ALIKE = ("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "tis_620")  # their letters may be pairs of UTF-8
_ESCAPED, _NOT_ASCII = re.compile(r"[\udc80-\udcff]"), re.compile(r"[^\x00-\x7f]")
_LEAST_MIXED, _MIXED_TIMES = 3, 4  # of characters that are UTF-8; by which there may be more bytes that are not
_FEW_ACCENTS = 0.2  # of the letters
_MARKS = "\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022\u20ac\u00a3\u00b0\u00ab\u00bb\u00a0\u00bf\u00a1\u201a\u201e"
_LEAST_WIDE, _SPACES, _GUESS_BYTES = 8, 0.05, 1 << 20


def decode(raw: bytes) -> tuple[str, str | None]:
    """
    Decode the bytes of a text file.

    Parameters
    ----------
    raw : bytes
        UTF-8 or UTF-16, with a byte order mark or without; else the legacy encoding that fits its letters best.

    Returns
    -------
    str, str or None
        Text with its line ends as they are, without the byte order mark, and a warning where the encoding was guessed.

    Raises
    ------
    CorpusError
        If the file is not text, mixes encodings, or no encoding fits.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(_decode_as(raw, "utf-16")), None
    if raw.startswith(codecs.BOM_UTF8):
        return _checked(_decode_as(raw[len(codecs.BOM_UTF8) :], "utf-8")), None
    wide = _wide(raw)
    if wide:
        return _checked(_decode_as(raw, wide)), f"read as {wide}: it has no byte order mark."
    if b"\x00" in raw:
        raise _binary()
    try:
        return _checked(raw.decode("utf-8")), None
    except UnicodeDecodeError as error:
        return _guessed(raw, error)


def _decode_as(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"is not {encoding.upper()} text, though it says so (byte {error.start}); save the file as UTF-8."
        ) from error


def _wide(raw: bytes) -> str | None:
    """UTF-16 without a byte order mark: in most scripts every second byte of spaces, or of all, is nothing."""
    head = raw[:4096]
    if len(head) < _LEAST_WIDE or len(raw) % 2:
        return None
    even, odd = head[::2].count(0) / (len(head) / 2), head[1::2].count(0) / (len(head) / 2)
    if max(even, odd) < _SPACES or min(even, odd) > _SPACES * max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _guessed(raw: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    line = raw.count(b"\n", 0, error.start) + 1
    found = f"line {line} (byte {error.start} is 0x{raw[error.start]:02X})"
    encoding = "cp1252" if _western(raw) else _fitting(raw)
    if _is_mixed(raw, encoding):
        what = "is cut off inside a character of" if error.reason == "unexpected end of data" else "is not"
        raise CorpusError(f"{found} {what} UTF-8, as the rest is; save the whole file as UTF-8.") from error
    if encoding is None:
        raise CorpusError(f"{found} is not UTF-8, and no other encoding fits; save the file as UTF-8.") from error
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as second:
        raise CorpusError(
            f"mixes encodings: {found} is not UTF-8, byte {second.start} is not {encoding}; save the file as UTF-8."
        ) from second
    return _checked(text), (
        f"not UTF-8 (byte {error.start} is 0x{raw[error.start]:02X}); read as {encoding}. Save it as UTF-8 to be sure."
    )


def _fitting(raw: bytes) -> str | None:
    from charset_normalizer import from_bytes

    head = raw[:_GUESS_BYTES]
    if len(head) < len(raw):  # a line feed is a character of its own in all of them
        head = head[: head.rfind(b"\n") + 1] or head
    best = from_bytes(head, cp_isolation=list(_LEGACY)).best()
    return None if best is None else best.encoding


def _is_mixed(raw: bytes, encoding: str | None) -> bool:
    """Whether too much of a file is UTF-8 for chance: of Thai and Chinese up to a third is, of Russian a hundredth."""
    text = raw.decode("utf-8", errors="surrogateescape")
    n_bad = len(_ESCAPED.findall(text))
    n_good = len(_NOT_ASCII.findall(text)) - n_bad
    rare = encoding is not None and encoding not in _ALIKE
    return n_good > n_bad or (rare and n_good >= _LEAST_MIXED and _MIXED_TIMES * n_good > n_bad)


def _western(raw: bytes) -> bool:
    """Whether cp1252 fits: a few accents and typographic marks among ASCII letters, too few to guess from."""
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return False
    others = [character for character in text if not character.isascii()]
    accents = sum(map(str.isalpha, others))
    return accents <= _FEW_ACCENTS * sum(map(str.isalpha, text)) and all(c.isalpha() or c in _MARKS for c in others)


def _checked(text: str) -> str:
    if len(_CONTROL.findall(text)) > _MAX_CONTROL_SHARE * len(text):
        raise _binary()
    return text


def _binary() -> CorpusError:
    return CorpusError("is a binary file, not text; take it out of the folder or convert it to plain text.")

"""Masks over what may not be stored: every character of a match becomes one mark, so that all offsets stay."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from time import perf_counter

import regex

from topicgpu.config import IngestSection
from topicgpu.errors import ConfigError

MASK = "\u2588"  # FULL BLOCK: no letter, so no word and no term; no mark that ends a sentence; seen in every font
_LOOK_AT_CLOCK = 256  # matches
_Spans = list[tuple[int, int]]


class Redaction:
    """
    The patterns of `ingest.redact` at work on one source.

    Parameters
    ----------
    section : IngestSection
        Patterns and the time that they may take together.
    source : str
        Named where a pattern can't be used.

    Notes
    -----
    A pattern is of the package regex, whose matching can be stopped: Python's own could run for years on a few lines.
    All patterns see the text as it was; where two match the same character it is masked once.
    """

    def __init__(self, section: IngestSection, source: str) -> None:
        self._section, self._source = section, source
        self._left = section.redact_seconds
        self._text, self._spans = "", _Spans()
        self._known: dict[str, str] = {}
        self.matches: Counter[str] = Counter()

    def mask_text(self, text: str) -> str:
        """
        Mask the canonical text, which `mask` looks at from then on.

        Parameters
        ----------
        text : str
            As the reader gave it.

        Returns
        -------
        str
            Of the same length.
        """
        found = self._find(text)
        self._text, self._spans = text, _joined(found)
        self._count(found)
        return _masked(text, self._spans)

    def mask(self, words: str) -> str:
        """
        Mask a title, a name or another short string.

        Parameters
        ----------
        words : str
            As the file or sources.toml gave it.

        Returns
        -------
        str
            With its own matches masked, and with what is masked where it stands in the text: a pattern may need the
            words around a name.
        """
        if words in self._known:
            return self._known[words]
        at = self._text.find(words) if self._spans and words else -1
        if at < 0:
            self._known[words] = self.mask_alone(words)
        else:
            there = [(start - at, end - at) for start, end in self._masked_in(at, at + len(words))]
            self._known[words] = _masked(words, _joined(self._find(words) | {"": there}))
        return self._known[words]

    def mask_alone(self, words: str) -> str:
        """
        Mask a string that is not of the text, and that need not be looked for there.

        Parameters
        ----------
        words : str
            For example a locator: a file has thousands, no two the same.

        Returns
        -------
        str
            With its own matches masked.
        """
        found = self._find(words)
        self._count(found)
        return _masked(words, _joined(found))

    def mask_label(self, name: str, start: int, end: int) -> None:
        """
        Mask a speaker's name wherever `mask` meets it, as the label that it was read from is masked.

        Parameters
        ----------
        name : str
            Of the speaker. Where the label does not spell it out, it is masked as a whole.
        start, end : int
            Of the label, in which something is masked.
        """
        at = self._text.find(name, start, end)
        there = [(a - at, b - at) for a, b in self._masked_in(at, at + len(name))] if at >= 0 else [(0, len(name))]
        self._known[name] = _masked(self.mask(name), there)

    def touches(self, start: int, end: int) -> bool:
        """
        Tell whether something in a stretch of the text is masked.

        Parameters
        ----------
        start, end : int
            Of the stretch.

        Returns
        -------
        bool
            True where a match reaches into it.
        """
        return any(True for _ in self._masked_in(start, end))

    def _count(self, found: Mapping[str, _Spans]) -> None:
        self.matches.update({name: len(spans) for name, spans in found.items() if spans})

    def _masked_in(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        first = bisect_right(self._spans, start, key=lambda span: span[1])
        for at in range(first, bisect_left(self._spans, end, key=lambda span: span[0])):
            yield max(self._spans[at][0], start), min(self._spans[at][1], end)

    def _find(self, text: str) -> dict[str, _Spans]:
        return {name: list(self._matches(name, pattern, text)) for name, pattern in self._section.redact.items()}

    def _matches(self, name: str, pattern: str, text: str) -> Iterator[tuple[int, int]]:
        began = perf_counter()
        try:
            for number, match in enumerate(regex.compile(pattern).finditer(text, timeout=max(self._left, 1e-3))):
                if match.end() == match.start():
                    raise ConfigError(
                        f"ingest.redact: the pattern {name!r}, {pattern!r}, matches between two characters of "
                        f"{self._source}, so that there is nothing to mask; let it match what is to be masked."
                    )
                if number % _LOOK_AT_CLOCK == 0 and perf_counter() - began > self._left:
                    raise TimeoutError
                yield match.span()
        except TimeoutError:
            raise ConfigError(
                f"ingest.redact: the pattern {name!r}, {pattern!r}, was not through {self._source} when the "
                f"{self._section.redact_seconds:g} s of ingest.redact_seconds were over; make it simpler, without "
                "repeats inside repeats, or give it more time."
            ) from None
        self._left -= perf_counter() - began


def _joined(found: Mapping[str, _Spans]) -> _Spans:
    merged: _Spans = []
    for start, end in sorted(span for spans in found.values() for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _masked(text: str, spans: _Spans) -> str:
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], MASK * (end - start)]
        at = end
    return "".join([*parts, text[at:]])

"""Numbers in place of the names of speakers: the same one everywhere."""

import re
from collections import defaultdict

from topicgpu.types import Segments, Sources

_WORD = re.compile(r"\w+")


class Speakers:
    """
    Numbers in place of names.

    Parameters
    ----------
    sources : Sources
        Whose turns say who speaks.
    segments : Segments
        As the sources, of whose speakers some may be known to the segments alone.
    """

    def __init__(self, sources: Sources, segments: Segments) -> None:
        place = {source_id: row for row, source_id in enumerate(sources.source_id)}
        turns = sorted(
            zip(sources.turns.source_id, sources.turns.start_char, sources.turns.speaker, strict=True),
            key=lambda turn: (place[turn[0]], turn[1]),
        )
        named = dict.fromkeys(name for name in (*(turn[2] for turn in turns), *segments.speaker) if name is not None)
        # In the order in which the corpus first has them.
        self.numbers = {name: f"Speaker {number}" for number, name in enumerate(named, start=1)}
        self._by_word: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for name in sorted(named, key=len, reverse=True):
            first = _WORD.search(name)
            if first is not None:
                self._by_word[first[0].casefold()].append((name, first.start()))

    def number(self, name: str) -> str:
        """
        Put a number in place of a name.

        Parameters
        ----------
        name : str
            Of a speaker, or a word for speech of none.

        Returns
        -------
        str
            `Speaker 1` and so on; of none the word as it is.
        """
        return self.numbers.get(name, name)

    def hide(self, text: str) -> str:
        """
        Put numbers in place of the names in a sentence or a title.

        Parameters
        ----------
        text : str
            That the run wrote, not words of a source.

        Returns
        -------
        str
            Without the names, in capitals or not. A name of one word, which may be a word like any other, is replaced
            only where speakers are the matter; no sentence of a run names one elsewhere.
        """
        parts, at = [], 0
        of_speakers = "speaker" in text.casefold()
        for word in _WORD.finditer(text):
            if word.start() < at:
                continue
            for name, lead in self._by_word.get(word[0].casefold(), ()):
                start = word.start() - lead
                end = start + len(name)
                whole = start >= at and text[start:end].casefold() == name.casefold() and _ends(text, end)
                if whole and (of_speakers or len(_WORD.findall(name)) > 1):
                    parts += [text[at:start], self.numbers[name]]
                    at = end
                    break
        return "".join([*parts, text[at:]])


def _ends(text: str, end: int) -> bool:
    return end == len(text) or not (text[end - 1].isalnum() and text[end].isalnum())

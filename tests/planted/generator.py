"""
Planted corpora: dated plain-text transcripts whose themes, shares and drift are known.

`planted_corpus` writes a folder of texts with its sources.toml and returns the truth: which characters of which source
are about which theme. The sentences are English on everyday subjects, so that a real encoder can tell them apart.
"""

import math
import random
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from topicgpu.ops.words import count_words

NO_THEME = "none"
# Share of each theme at the first and at the last period; in between it moves in a straight line.
SHARES = {
    "gardening": (0.00, 0.20),
    "sailing": (0.20, 0.00),
    "baking": (0.25, 0.25),
    "chess": (0.08, 0.24),
    "football": (0.24, 0.08),
    "astronomy": (0.17, 0.17),
    NO_THEME: (0.06, 0.06),
}
TRUTH = {
    "gardening": "appears",
    "sailing": "fades",
    "baking": "persists",
    "chess": "rises",
    "football": "falls",
    "astronomy": "persists",
}
_SPEAKERS = ("Anna", "Bela", "Chen", "Dina")
_RUN_SENTENCES = (5, 10)  # before the subject changes, at least and at most
_TURN_SENTENCES = 3


class Stretch(NamedTuple):
    """Characters of a source that are about one theme."""

    source_id: str
    start_char: int
    end_char: int
    theme: str


@dataclass(frozen=True)
class Planted:
    """A corpus on disk and the truth about it."""

    folder: Path
    texts: dict[str, str]  # source id -> text
    stretches: tuple[Stretch, ...]
    shares: dict[str, dict[str, float]]  # source id -> theme -> share of its words, as written
    years: dict[str, int]  # source id -> year
    truth: dict[str, str]  # theme -> appears, fades, persists, rises, falls

    def theme_of(self, source_id: str, start_char: int, end_char: int) -> str:
        """
        Name the theme that takes most of a range of characters.

        Parameters
        ----------
        source_id : str
            A source.
        start_char, end_char : int
            The range, in code points of its text.

        Returns
        -------
        str
            A theme, or `none` for talk about nothing in particular.
        """
        overlap: Counter[str] = Counter()
        for stretch in self.stretches:
            if stretch.source_id == source_id:
                shared = min(end_char, stretch.end_char) - max(start_char, stretch.start_char)
                overlap[stretch.theme] += max(0, shared)
        return overlap.most_common(1)[0][0]


def planted_corpus(
    folder: Path,
    seed: int,
    *,
    years: Sequence[int] = (2021, 2023),
    sources_per_year: int = 3,
    words_per_source: int = 2400,
    speakers: bool = False,
    drift: bool = True,
    spread: float = 0.1,
) -> Planted:
    """
    Write a corpus of transcripts with known themes and known drift.

    Parameters
    ----------
    folder : Path
        Made if it is not there; gets one text a source, and sources.toml.
    seed : int
        The same seed and sizes write the same corpus.
    years : sequence of int
        In the order of time.
    sources_per_year : int
        Transcripts of each year.
    words_per_source : int
        Of each transcript, about.
    speakers : bool
        Whether turns begin with a name and a colon.
    drift : bool
        False: every source has the mean of the first and last shares, so that nothing changes.
    spread : float
        Standard deviation of the logarithm of a theme's share between sources of one year.

    Returns
    -------
    Planted
        The texts and the truth.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    writer = _Writer(rng)
    texts: dict[str, str] = {}
    stretches: list[Stretch] = []
    entries: list[str] = []
    year_of: dict[str, int] = {}
    for index, year in enumerate(years):
        progress = index / max(1, len(years) - 1) if drift else 0.5
        for number in range(sources_per_year):
            source_id = f"talk{year}{number}"
            wanted = {
                theme: (first + (last - first) * progress) * words_per_source * math.exp(rng.gauss(0, spread))
                for theme, (first, last) in SHARES.items()
            }
            texts[source_id], runs = _transcript(source_id, writer, wanted, speakers)
            stretches += runs
            year_of[source_id] = year
            (folder / f"{source_id}.txt").write_bytes(texts[source_id].encode())
            entries.append(_entry(source_id, year, number))
    (folder / "sources.toml").write_text("\n".join(entries), encoding="utf-8")
    return Planted(
        folder=folder,
        texts=texts,
        stretches=tuple(stretches),
        shares={source: _shares(texts[source], [s for s in stretches if s.source_id == source]) for source in texts},
        years=year_of,
        truth=TRUTH if drift else dict.fromkeys(TRUTH, "persists"),
    )


class _Writer:
    """Writes sentences that have not been written before, as long as the templates allow it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.used: set[str] = set()
        self.pools: dict[str, Any] = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text("utf-8"))

    def sentence(self, theme: str) -> str:
        pool = self.pools[theme]
        text = ""
        for _ in range(20):
            slots = {name: self.rng.choice(words) for name, words in pool.items() if name != "templates"}
            text = self.rng.choice(pool["templates"]).format(**slots)
            if text not in self.used:
                break
        self.used.add(text)
        return text


def _transcript(source_id: str, writer: _Writer, wanted: dict[str, float], speakers: bool) -> tuple[str, list[Stretch]]:
    text = ""
    stretches = []
    for theme, sentences in _in_turn(list(_runs(writer, wanted)), writer.rng):
        start = len(text)
        for first in range(0, len(sentences), _TURN_SENTENCES):
            name = f"{writer.rng.choice(_SPEAKERS)}: " if speakers else ""
            text += f"{name}{' '.join(sentences[first : first + _TURN_SENTENCES])}\n\n"
        stretches.append(Stretch(source_id, start, len(text) - 2, theme))
    return text, stretches


def _runs(writer: _Writer, wanted: dict[str, float]) -> Iterator[tuple[str, list[str]]]:
    for theme, words in wanted.items():
        left = words
        while left > 0:
            sentences: list[str] = []
            for _ in range(writer.rng.randint(*_RUN_SENTENCES)):
                if left > 0:
                    sentences.append(writer.sentence(theme))
                    left -= count_words(sentences[-1])
            yield theme, sentences


def _in_turn(runs: list[tuple[str, list[str]]], rng: random.Random) -> list[tuple[str, list[str]]]:
    """Shuffle, so that one theme does not follow itself where that can be helped."""
    waiting = rng.sample(runs, len(runs))
    ordered: list[tuple[str, list[str]]] = []
    while waiting:
        last = ordered[-1][0] if ordered else None
        at = next((index for index, (theme, _) in enumerate(waiting) if theme != last), 0)
        ordered.append(waiting.pop(at))
    return ordered


def _shares(text: str, stretches: list[Stretch]) -> dict[str, float]:
    words = dict.fromkeys(SHARES, 0)
    for stretch in stretches:
        words[stretch.theme] += count_words(text[stretch.start_char : stretch.end_char])
    return {theme: n / sum(words.values()) for theme, n in words.items()}


def _entry(source_id: str, year: int, number: int) -> str:
    return (
        "[[source]]\n"
        f'id = "{source_id}"\nfile = "{source_id}.txt"\ntitle = "Club evening {number + 1}, {year}"\n'
        f"date = {year}-{1 + number % 12:02d}-{10 + number % 18:02d}\n"
        'date_precision = "day"\ngenre = "club talk"\nlanguage = "en"\n'
    )

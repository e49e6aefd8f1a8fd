"""
How long the drift stage takes, by its parts, and how much memory: many sources, many segments, fifty themes.

    python benchmarks/drift_speed.py --out benchmarks/results/drift-speed-MACHINE.json

Sources of very different length, of three genres and some series, over 7, 2 and 30 periods; and 10,000 sources
of one segment. Segments of some 40 words are drawn from a vocabulary whose words are as frequent as Zipf's law says, in
an order of its own for each theme; their vectors lie around the theme's direction. A segment mostly goes on with the
theme of the one before. One theme in five grows, and moves, from period to period. Each corpus is measured in a process
of its own; the times of parts are processor time.
"""

import argparse
import itertools
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from record import write_record
from topicgpu import drift as stage
from topicgpu.config import DriftSection
from topicgpu.drift.changes import compared
from topicgpu.types import Ints, Strings, Vectors

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from planted.tables import Row, Tables, tables


class Corpus(NamedTuple):
    """What is planted."""

    name: str
    sources: int
    segments: int
    periods: int
    themes: int = 50


CORPORA = (
    Corpus("200 sources", 200, 100_000, 7),
    Corpus("two periods", 200, 100_000, 2),
    Corpus("thirty periods", 200, 100_000, 30),
    Corpus("sources of one segment", 10_000, 10_000, 7),
)
SEED = 7
DIMENSION, NOISE = 384, 0.8  # length of what is added to the direction of a theme
WORDS, VOCABULARY, SYLLABLES = (
    40,
    20_000,
    ("ba", "do", "fi", "gu", "ke", "la", "mo", "ni", "pa", "ru", "so", "te", "vi", "zu"),
)
COMMON = "the of and to a in that it is was for on we they with this are have not be".split()
USUAL = 0.4  # part of the words that are common ones
SPREAD = 1.0  # of the logarithm of a source's length
STAYS, NOTHING, FURTHER = 0.6, 0.2, 0.2  # segments: with the theme of the last one, of no theme, of two themes
GROWS, MOVES = 0.2, 0.05  # a period, for one theme in five: of its weight; of a second direction
GENRES, SERIES, SPEAKERS = ("call", "talk", "report"), 12, 300
SHARES = "source_cells period_cells speaker_cells".split()
CHANGES = "prevalence_changes themes_spoken vocabulary_changes content_changes moves speech_by splits".split()
FINDINGS = "presences judge find undecided instruments".split()
PARTS = ((stage, (*SHARES, *FINDINGS)), (compared, CHANGES))


def planted(corpus: Corpus) -> Tables:
    """Draw the tables of a corpus."""
    rng = np.random.default_rng(SEED)
    weight = np.exp(SPREAD * rng.normal(size=corpus.sources))
    extra = rng.multinomial(corpus.segments - corpus.sources, weight / weight.sum())
    ids = [f"s{number:05d}" for number in range(corpus.sources)]
    period = rng.permutation(np.arange(corpus.sources) % corpus.periods)
    of = np.repeat(np.arange(corpus.sources), extra + 1)
    theme = _themes(rng, corpus, of, period)
    further = np.where(rng.random(len(of)) < FURTHER, rng.integers(0, corpus.themes, len(of)), theme)
    texts = _texts(rng, theme, corpus.themes)
    speaker = rng.integers(0, SPEAKERS, (corpus.sources, 3))[of, rng.integers(0, 3, len(of))]
    rows = [
        Row(
            ids[of[row]],
            tuple(dict.fromkeys(f"t{each:02d}" for each in (theme[row], further[row]))) if theme[row] >= 0 else (),
            words=WORDS,
            speaker=f"Speaker {speaker[row]}",
            text=texts[row],
        )
        for row in range(len(of))
    ]
    dates = {source: str(1990 + year) for source, year in zip(ids, period.tolist(), strict=True)}
    genre = rng.integers(0, len(GENRES), corpus.sources)
    made = tables(
        rows,
        dates,
        {source: GENRES[kind] for source, kind in zip(ids, genre, strict=True)},
        [f"t{number:02d}" for number in range(corpus.themes)],
    )
    number = np.where(rng.random(corpus.sources) < 0.5, rng.integers(0, SERIES, corpus.sources), -1)
    genre_of_series = rng.integers(0, len(GENRES), SERIES)
    return made._replace(
        sources=replace(
            made.sources,
            genre=tuple(GENRES[kind] for kind in np.where(number < 0, genre, genre_of_series[number])),
            series=tuple(None if each < 0 else f"series {each}" for each in number),
        ),
        embeddings=replace(made.embeddings, vectors=_vectors(rng, theme, period[of], corpus.themes)),
    )


def _themes(rng: np.random.Generator, corpus: Corpus, of: Ints, period: Ints) -> Ints:
    usual = rng.gamma(0.5, size=(corpus.sources, corpus.themes)) + 1e-3
    usual[:, ::5] *= (1 + GROWS) ** period[:, None]
    reach = np.cumsum(usual, axis=1)
    drawn = (reach[of] < (rng.random(len(of)) * reach[of, -1])[:, None]).sum(axis=1)
    drawn[rng.random(len(of)) < NOTHING] = -1
    begins = (rng.random(len(of)) >= STAYS) | (np.diff(of, prepend=-1) > 0)
    return drawn[np.flatnonzero(begins)][np.cumsum(begins) - 1]


def _texts(rng: np.random.Generator, theme: Ints, n_themes: int) -> Strings:
    spelled = ["".join(parts) for parts in itertools.product(SYLLABLES, repeat=4)]
    words = np.array([*COMMON, *spelled[:VOCABULARY]], dtype=object)
    reach = np.cumsum(1 / np.arange(1, VOCABULARY + 1))
    order = np.stack([rng.permutation(VOCABULARY) for _ in range(n_themes + 1)])
    texts = []
    for each in theme.tolist():
        rank = np.searchsorted(reach, rng.random(WORDS) * reach[-1])
        drawn = order[each, rank] + len(COMMON)
        usual = rng.random(WORDS) < USUAL
        drawn[usual] = rng.integers(0, len(COMMON), int(usual.sum()))
        texts.append(" ".join(words[drawn]) + ".")
    return tuple(texts)


def _vectors(rng: np.random.Generator, theme: Ints, period: Ints, n_themes: int) -> Vectors:
    scale = np.float32(np.sqrt(DIMENSION))
    direction = rng.standard_normal((2, n_themes + 1, DIMENSION), dtype=np.float32) / scale
    rows = rng.standard_normal((len(theme), DIMENSION), dtype=np.float32) * (NOISE / scale)
    for each in range(-1, n_themes):
        own = theme == each
        rows[own] += direction[0, each]
        if each % 5 == 0:
            rows[own] += MOVES * period[own, None] * direction[1, each]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


@contextmanager
def timed(seconds: dict[str, float]) -> Iterator[None]:
    """Add up the processor time of each part."""
    usual = [(module, name, getattr(module, name)) for module, names in PARTS for name in names]
    for module, name, function in usual:
        setattr(module, name, _timed(function, seconds))
    try:
        yield
    finally:
        for module, name, function in usual:
            setattr(module, name, function)


def _timed(function: Callable[..., Any], seconds: dict[str, float]) -> Callable[..., Any]:
    @wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        start = time.process_time()
        try:
            return function(*arguments, **named)
        finally:
            seconds[function.__name__] = seconds.get(function.__name__, 0.0) + time.process_time() - start

    return run


def measure(corpus: Corpus) -> dict[str, Any]:
    """Plant a corpus and time its drift."""
    made = planted(corpus)
    before = _peak_mib()
    seconds: dict[str, float] = {}
    start, cpu = time.perf_counter(), time.process_time()
    with timed(seconds):
        found = stage.drift(*made, config=DriftSection(period="year"), seed=SEED)
    whole, cpu = time.perf_counter() - start, time.process_time() - cpu
    row: dict[str, Any] = corpus._asdict()
    row |= {"whole_s": round(whole, 1), "cpu_s": round(cpu, 1)}
    row |= {"peak_mib": _peak_mib(), "peak_before_mib": before, "findings": len(found.findings)}
    row |= {f"{name}_cpu_s": round(value, 1) for name, value in seconds.items()}
    return row


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--only", choices=[corpus.name for corpus in CORPORA], help="one corpus")
    options = parser.parse_args()
    rows = []
    for corpus in CORPORA:
        if options.only in (None, corpus.name):
            with ProcessPoolExecutor(1, get_context("spawn")) as own:
                rows.append(own.submit(measure, corpus).result())
            print(rows[-1], flush=True)
    write_record(options.out, "drift-speed", {"words": WORDS, "vocabulary": VOCABULARY, "dimension": DIMENSION}, rows)


if __name__ == "__main__":
    main()

"""
How fast are transcripts read and cut, and does the memory that it takes grow with the corpus?

    python benchmarks/ingest.py --out benchmarks/results/ingest-MACHINE.json

Each case is a corpus of made-up talk in one format, read by one process, its texts kept on disk as a run keeps them,
and then cut into segments by length. Tokens are counted as four thirds of the words: no encoder is loaded. Each
repetition is a fresh process. Rates are megabytes of files a minute of CPU time, and `wall` beside them. `peak_mb` is
VmHWM of /proc/self/status (Linux); `loaded_mb` is that peak before anything is read. Sources of one size in growing
numbers show what grows with the corpus: the tables, and the segments with their texts.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from memory import WORDS, peak_mb
from record import write_record

SEED, MEGABYTE = 0, 1_000_000
SMALL = "the of and to in is that it we for on are with this have not they what so but at from it’s don’t".split()
NAMES = ("Ann Baker", "Tom Carter", "Mary Wells")


class Case(NamedTuple):
    """A corpus: so many files of a kind, of so many bytes each."""

    kind: str
    files: int
    size: int
    repetitions: int = 3


CASES = (
    Case("plain", 10, MEGABYTE),
    Case("plain", 50, MEGABYTE, repetitions=1),
    Case("plain", 200, MEGABYTE, repetitions=1),
    Case("plain", 1, 20 * MEGABYTE, repetitions=1),
    Case("captions", 5, MEGABYTE),
    Case("captions", 20, MEGABYTE, repetitions=1),
    Case("table", 1, 5 * MEGABYTE),
)


def sentence(rng: random.Random) -> str:
    """Six to twenty-four words, some with a typographic apostrophe, nearly half of them small."""
    words = [rng.choice(SMALL if rng.random() < 0.45 else WORDS) for _ in range(rng.randint(6, 24))]
    if len(words) > 12:
        words[5] += ","
    return " ".join(words).capitalize() + rng.choice("...?")


def talk(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Who speaks, and what."""
    while True:
        yield rng.choice(NAMES), " ".join(sentence(rng) for _ in range(rng.randint(1, 9)))


def plain(rng: random.Random) -> Iterator[str]:
    """Turns, each a paragraph with a label."""
    return (f"{name}: {words}\n\n" for name, words in talk(rng))


def captions(rng: random.Random) -> Iterator[str]:
    """SubRip, nine words a caption."""
    number = 0
    for _, words in talk(rng):
        parts = words.split()
        for start in range(0, len(parts), 9):
            at = f"{number // 1200:02d}:{number // 20 % 60:02d}:{number % 20 * 3:02d}"
            number += 1
            yield f"{number}\n{at},000 --> {at},900\n{' '.join(parts[start : start + 9])}\n\n"


def table(rng: random.Random) -> Iterator[str]:
    """CSV, twenty sources in turn."""
    yield "text,source,date,speaker\n"
    for row, (name, words) in enumerate(talk(rng)):
        yield f'"{words}",source {row % 20},2024-01-{row % 20 + 1:02d},{name}\n'


KINDS: dict[str, tuple[Callable[[random.Random], Iterator[str]], str]] = {
    "plain": (plain, "txt"),
    "captions": (captions, "srt"),
    "table": (table, "csv"),
}


def make(folder: Path, case: Case) -> int:
    """Write the corpus and return its bytes."""
    parts, suffix = KINDS[case.kind]
    written = 0
    for number in range(case.files):
        stream, size = parts(random.Random(f"{SEED} {number}")), 0
        with (folder / f"2024-01-{number % 28 + 1:02d}-{number:03d}.{suffix}").open("wb") as file:
            while size < case.size:
                size += file.write(next(stream).encode())
        written += size
    return written


def count_tokens(texts: Sequence[str]) -> Any:
    """Four thirds of the words, and two."""
    return np.array([len(text.split()) * 4 // 3 + 2 for text in texts], dtype=np.int64)


def measure(folder: Path) -> dict[str, float]:
    """Read and cut a corpus in this process, which must have read nothing before."""
    from topicgpu.config import CorpusSection, SegmentSection
    from topicgpu.ingest import ingest
    from topicgpu.segment import segment
    from topicgpu.store import TextSpool

    loaded, cpu, wall = peak_mb(), time.process_time(), time.perf_counter()
    sources = ingest(CorpusSection(path=folder, workers=1), keep=partial(TextSpool, Path(tempfile.gettempdir())))
    read = {"ingest_cpu_s": time.process_time() - cpu, "ingest_wall_s": time.perf_counter() - wall}
    read_mb = peak_mb()
    segments = segment(sources, count_tokens, SegmentSection(method="length"), 256)
    return read | {
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "loaded_mb": loaded,
        "ingest_peak_mb": read_mb,
        "peak_mb": peak_mb(),
        "turns": len(sources.turns),
        "segments": len(segments),
    }


def row_of(case: Case) -> dict[str, Any]:
    """Measure one case in fresh processes; medians."""
    with tempfile.TemporaryDirectory() as folder:
        size = make(Path(folder), case) / 1e6
        command = [sys.executable, __file__, "--one", folder]
        printed = [
            subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            for _ in range(case.repetitions)
        ]
    figures = [json.loads(text) for text in printed]
    middle = {name: round(median(run[name] for run in figures), 2) for name in figures[0]}
    rates = {
        f"{what}mb_a_minute{clock}": round(60 * size / middle[f"{what}{time}_s"], 1)
        for what in ("ingest_", "")
        for time, clock in (("cpu", ""), ("wall", "_wall"))
    }
    return (
        {"kind": case.kind, "files": case.files, "mb": round(size, 1), "repetitions": case.repetitions} | rates | middle
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="JSON file to write")
    parser.add_argument("--divide", type=int, default=1, help="divide all sizes by this, for a trial")
    parser.add_argument("--one", type=Path, metavar="FOLDER", help="measure one corpus and print it")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one)))
        return
    if options.out is None:
        parser.error("give --out FILE")
    rows = []
    for case in CASES:
        rows.append(row_of(case._replace(size=case.size // options.divide)))
        print(rows[-1], flush=True)
    settings = {"seed": SEED, "processes": 1, "tokens": "4/3 of the words, and 2", "limits": "the defaults"}
    write_record(options.out, "ingest", settings, rows)


if __name__ == "__main__":
    main()

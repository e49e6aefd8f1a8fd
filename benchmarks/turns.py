"""
Are turns found where they begin, and given to the right speaker, in each shape that transcripts have?

    TOPICGPU_DATA=... python benchmarks/turns.py --out benchmarks/results/turns-MACHINE.json

Podcasts and earnings calls whose speakers are known are written out in the shapes of transcripts, each in every shape.
Found: a turn begins within the label's line, and the speaker is the one of the data; names in the data that differ are
different people. What is left out as an operator's talk, a stage direction or an advert counts as found where its label
does. Turns of the same speaker in a row are one in the shapes without labels.
"""

import argparse
import gzip
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from record import write_record
from topicgpu.ingest.turns import read_turns

SEED, EPISODES = 20260101, 20  # of each kind
MAX_TURNS = 400
SHAPES = {
    "plain": "{name}: {words}\n\n",
    "label line": "{name}:\n\n{words}\n\n",
    "capitals": "{upper}: {words}\n",
    "Markdown": "**{name}:** {words}\n\n",
    "bold line": "**{name}**\n\n{words}\n\n",
    "otter": "{name}  {clock}\n{words}\n\n",
    "rev": "{name} ({clock}):\n{words}\n\n",
    "time first": "[{clock}] {name}: {words}\n",
    "time inline": "{name} ({clock}) {words}\n\n",
    "name line": "{name}\n{words}\n\n",
    "with a company": "{name} -- Company -- Office\n\n{words}\n\n",
    "brackets": "[{name}] {words}\n",
    "angles": ">> {upper}: {words}\n",
    "numbered": "{name}: {words}\n\n",
    "record": "{name}. {words}\n\n",
}


class Said(NamedTuple):
    """A turn of the data."""

    speaker: str
    words: str


def load(path: Path, least: int = 20) -> dict[str, list[Said]]:
    """Episodes or calls of a file, turns of one speaker in a row joined."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    talks: dict[str, list[Said]] = {}
    for doc, turns in groupby(rows, key=lambda row: row["doc"]):
        for speaker, said in groupby(turns, key=lambda row: row["speaker"] or "Unknown"):
            words = " ".join(" ".join(row["text"].split()) for row in said)
            talks.setdefault(doc, []).append(Said(speaker, words))
    return {doc: turns[:MAX_TURNS] for doc, turns in talks.items() if len(turns) >= least}


def write(said: Sequence[Said], shape: str) -> tuple[str, list[tuple[int, int, str]]]:
    """Return the transcript, and where each turn's line begins, where its words end, and who speaks."""
    numbers: dict[str, int] = {}
    parts, truth, at = [], [], 0
    for row, (speaker, words) in enumerate(said):
        seconds = row * 17
        number = numbers.setdefault(speaker, len(numbers) + 1)
        clock = (
            f"{seconds // 60:02}:{seconds % 60:02}"
            if seconds < 3600
            else f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        )
        surname = speaker.split(",")[0].split()[-1].upper()
        office = f"Mr. {surname}" if surname.isalpha() and " " in speaker else "The CHAIRMAN"
        label = {"numbered": f"Speaker {number}", "record": office}.get(shape, speaker)
        part = SHAPES[shape].format(name=label, upper=label.upper(), clock=clock, words=words)
        truth.append((at, at + len(part.rstrip()), label))
        parts.append(part)
        at += len(part)
    return "".join(parts), truth


def score(text: str, truth: Sequence[tuple[int, int, str]]) -> Iterator[tuple[bool, bool]]:
    """For each turn: is its start found, and its start and speaker."""
    reading = read_turns(text)
    label_at = {drop.start: drop.end for drop in reading.dropped if drop.reason == "speaker label"}
    # Another spelling of a name that stands for one person is right.
    names: dict[str, Counter[str]] = {}
    found = []
    for start, end, speaker in truth:
        turn = next((turn for turn in reading.turns if start <= turn.start < end), None)
        begins = start in label_at
        given = turn.speaker if begins and turn is not None else None
        found.append((begins, speaker, given, turn is None))
        if given:
            names.setdefault(given, Counter())[speaker.casefold()] += 1
    person = {given: counter.most_common(1)[0][0] for given, counter in names.items()}
    for begins, speaker, given, empty in found:
        yield begins, begins and (empty or person.get(given or "") == speaker.casefold())
    extra = len(label_at.keys() - {start for start, _, _ in truth})
    for _ in range(extra):
        yield False, False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    options = parser.parse_args()
    data = Path(os.environ["TOPICGPU_DATA"]) / "data"
    rng = random.Random(SEED)
    podcasts: dict[str, list[Said]] = {}
    for path in sorted((data / "changelog-podcasts").glob("*.jsonl.gz")):
        podcasts |= load(path)
    sets = {"podcasts": podcasts, "earnings calls": load(data / "earnings21/earnings21.jsonl.gz")}
    rows: list[dict[str, Any]] = []
    for name, talks in sets.items():
        chosen = rng.sample(sorted(talks), EPISODES)
        for shape in SHAPES:
            begun = time.process_time()
            marks = [mark for doc in chosen for mark in score(*write(talks[doc], shape))]
            rows.append(
                {
                    "set": name,
                    "shape": shape,
                    "turns": len(marks),
                    "start": round(sum(start for start, _ in marks) / len(marks), 4),
                    "start_and_speaker": round(sum(both for _, both in marks) / len(marks), 4),
                    "cpu_s": round(time.process_time() - begun, 2),
                }
            )
            print(rows[-1])
    write_record(options.out, "turns", {"seed": SEED, "talks": EPISODES, "max_turns": MAX_TURNS}, rows)


if __name__ == "__main__":
    main()

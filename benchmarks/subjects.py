"""Texts whose changes of subject are known, as sentences: what benchmarks/passages.py is scored on."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.ops.words import word_spans
from topicgpu.segment.sentences import sentence_spans
from topicgpu.types import Ints

MARKED = Path(__file__).parent / "marked/boundaries.json"
SAMPLE_SEED = 20261125
_REPORTS = 200
_JOINED = 100
_ABSTRACTS = 10  # in each
_ARTICLES = 6  # in each
_MIN_SECTIONS = 4


@dataclass(frozen=True)
class Talk:
    """Sentences of one text, the turn that each is in, and where its subjects begin."""

    name: str
    sentences: tuple[str, ...]
    turns: Ints
    begins: NDArray[np.bool_]  # (n,), the first is never one


def load_subjects(data: Path) -> dict[str, list[Talk]]:
    """Give all sets by name: written ones, and the marked speech."""
    return {
        "beige-book": _beige_book(data),
        "acl-workshops": _workshops(data),
        "xquad": _xquad(data),
        "speech": _speech(data, "first"),
    }


def second_reading(data: Path) -> list[Talk]:
    """Give the speech as the second reader marked it."""
    return _speech(data, "second")


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _written(name: str, parts: Iterable[tuple[str, str]]) -> Talk:
    """Join texts; a subject begins where the label is another."""
    sentences: list[str] = []
    begins: list[bool] = []
    previous = None
    for text, label in parts:
        spans = sentence_spans(text, 0, len(text))
        sentences += [text[start:end] for start, end in spans]
        begins += [previous is not None and label != previous, *[False] * (len(spans) - 1)][: len(spans)]
        previous = label
    return Talk(name, tuple(sentences), np.zeros(len(sentences), dtype=np.int64), np.array(begins))


def _beige_book(data: Path) -> list[Talk]:
    """Reports of which every passage has a label, and which have several sections: a sample of them."""
    reports: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(data / "beige-book/beige-book.jsonl.gz"):
        reports.setdefault(row["doc"], []).append(row)
    full = [
        name
        for name, rows in reports.items()
        if all(row["label"] for row in rows) and len({row["label"] for row in rows}) >= _MIN_SECTIONS
    ]
    chosen = np.random.default_rng(SAMPLE_SEED).permutation(len(full))[:_REPORTS]
    return [_written(full[i], [(row["text"], row["label"]) for row in reports[full[i]]]) for i in sorted(chosen)]


def _workshops(data: Path) -> list[Talk]:
    """Abstracts in random order, no two of one label side by side."""
    rows = [row for row in _rows(data / "acl-workshops/acl-workshops.jsonl.gz") if row["label"]]
    left = np.random.default_rng(SAMPLE_SEED).permutation(len(rows)).tolist()
    talks = []
    for number in range(_JOINED):
        parts: list[tuple[str, str]] = []
        while len(parts) < _ABSTRACTS:
            at = next(i for i, row in enumerate(left) if not parts or rows[row]["label"] != parts[-1][1])
            row = rows[left.pop(at)]
            parts.append((row["text"], row["label"]))
        talks.append(_written(f"abstracts-{number}", parts))
    return talks


def _xquad(data: Path) -> list[Talk]:
    """English paragraphs of some articles after each other."""
    articles: dict[str, list[str]] = {}
    for row in _rows(data / "xquad-paragraphs/xquad-paragraphs.jsonl.gz"):
        if row["lang"] == "en":
            articles.setdefault(row["label"], []).append(row["text"])
    names = [list(articles)[i] for i in np.random.default_rng(SAMPLE_SEED).permutation(len(articles))]
    groups = [names[i : i + _ARTICLES] for i in range(0, len(names), _ARTICLES)]
    return [
        _written(f"articles-{number}", [(text, name) for name in group for text in articles[name]])
        for number, group in enumerate(groups)
    ]


def _speech(data: Path, reader: str) -> list[Talk]:
    marks = json.loads(MARKED.read_text(encoding="utf-8"))
    files = [*sorted((data / "changelog-podcasts").glob("*.jsonl.gz")), data / "earnings21/earnings21.jsonl.gz"]
    rows = [row for path in files for row in _rows(path) if row["doc"] in marks]
    return [
        _marked(name, [row["text"] for row in rows if row["doc"] == name], readings[reader])
        for name, readings in marks.items()
    ]


def _marked(name: str, texts: list[str], marks: list[list[int]]) -> Talk:
    sentences: list[str] = []
    turns: list[int] = []
    begins: list[bool] = []
    for turn, text in enumerate(texts):
        spans = sentence_spans(text, 0, len(text))
        words = word_spans(text)
        places = [words[word][0] if word < len(words) else len(text) for at, word in marks if at == turn]
        # A sentence holds the mark: the last one that begins at it or before it.
        held = {max((i for i, (start, _) in enumerate(spans) if start <= place), default=0) for place in places}
        sentences += [text[start:end] for start, end in spans]
        turns += [turn] * len(spans)
        begins += [i in held for i in range(len(spans))]
    begins[0] = False
    return Talk(name, tuple(sentences), np.array(turns, dtype=np.int64), np.array(begins))

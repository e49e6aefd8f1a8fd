"""
Are translations found, and nothing else? Parallel texts, of which half have their twin in the corpus and half have not.

    TOPICGPU_DATA=... python benchmarks/translations.py --out benchmarks/results/translations-MACHINE.json

Needs `pip install 'topicgpu[multilingual]'`.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from multilingual import Peer, _encoders, _parallel
from record import write_record
from topicgpu.ops.words import count_words
from topicgpu.repeats import find_repeats
from topicgpu.types import Embeddings, Segments

SEEDS = (0, 1)
LANGUAGES = {
    "sib200": (
        "eng_Latn zho_Hans deu_Latn fra_Latn spa_Latn por_Latn rus_Cyrl jpn_Jpan kor_Hang arb_Arab hin_Deva swh_Latn"
    ).split(),
    "xquad-paragraphs": "en zh de es ru ar hi vi tr el ro th".split(),
}
FURTHER = {
    "sib200": [("zho_Hans", "deu_Latn"), ("fra_Latn", "rus_Cyrl")],
    "xquad-paragraphs": [("zh", "ru"), ("de", "es")],
}
# Of n texts, the part that is in both languages: most of a language has its twin in the other one, half or none.
SHARES = {"most": 0.8, "half": 1 / 3, "none": 0.0}
CORPORA = [("most", True), ("half", False), ("half", True), ("none", False), ("none", True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors and the model are kept")
    options = parser.parse_args()
    if "TOPICGPU_DATA" not in os.environ:
        raise SystemExit("TOPICGPU_DATA is not set; it names the folder that holds data/")
    load = _encoders(options.cache.resolve() / "models")["multilingual-e5-small, 4 bits"]
    peer = Peer("multilingual-e5-small, 4 bits", load, options.cache)
    rows = []
    for name in LANGUAGES:
        for row in measure(peer, name, Path(os.environ["TOPICGPU_DATA"]) / "data"):
            rows.append(row)
            print(*row.values(), sep="  ", flush=True)
    settings = {
        "seeds": SEEDS,
        "most, half, none": "part of the texts in both languages: 0.8, a third, 0; the others in one alone, evenly",
        "counts": "sums over the seeds",
        "in order": "the texts of a language are one source, in the order of the set; otherwise each is a source",
    }
    write_record(options.out, "translations", settings, rows)


def measure(peer: Peer, name: str, data: Path) -> Iterator[dict[str, Any]]:
    """Pairs found and right, by either way, for each pair of languages."""
    texts = _parallel(data, name)
    english = LANGUAGES[name][0]
    for languages in [(english, other) for other in LANGUAGES[name][1:]] + FURTHER[name]:
        keys = sorted(texts[languages[0]])
        vectors = [peer.encode_once([texts[language][key] for key in keys]) for language in languages]
        for way in ("vectors, numbers and names", "numbers and names"):
            for share, ordered in CORPORA:
                sums = np.zeros(3, dtype=np.int64)
                for seed in SEEDS:
                    chosen = draw(len(keys), SHARES[share], seed)
                    tables = [texts[language] for language in languages]
                    segments = build(tables, languages, keys, chosen, ordered)
                    rows = np.concatenate([part[own] for part, own in zip(vectors, chosen, strict=True)])
                    sums += score(segments, rows, way, np.concatenate(chosen))
                yield {
                    "set": name,
                    "languages": "-".join(languages),
                    "by": way,
                    "translated": share,
                    "in_order": ordered,
                    "pairs": int(sums[0]),
                    "found": int(sums[1]),
                    "right": int(sums[2]),
                }


def draw(n: int, share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which of n texts are in the corpus in the one language, and in the other."""
    drawn = np.random.default_rng(seed).permutation(n)
    both = int(n * share)
    middle = both + (n - both) // 2
    return np.sort(drawn[:middle]), np.sort(np.concatenate([drawn[:both], drawn[middle:]]))


def build(
    tables: Sequence[dict[Any, str]],
    languages: Sequence[str],
    keys: Sequence[Any],
    chosen: Sequence[NDArray[np.int64]],
    ordered: bool,
) -> Segments:
    """A corpus of the chosen texts, the first language first."""
    rows = [(side, int(place)) for side, own in enumerate(chosen) for place in own]
    texts = tuple(tables[side][keys[place]] for side, place in rows)
    n = len(rows)
    sources = tuple(languages[side] if ordered else f"{languages[side]}-{place}" for side, place in rows)
    return Segments(
        segment_id=tuple(f"{languages[side]}:{place}-{place + 1}" for side, place in rows),
        source_id=sources,
        position=np.array([place for _, place in rows], dtype=np.int64),
        passage=np.full(n, -1, dtype=np.int64),
        start_char=np.zeros(n, dtype=np.int64),
        end_char=np.ones(n, dtype=np.int64),
        start_s=np.full(n, np.nan),
        end_s=np.full(n, np.nan),
        speaker=(None,) * n,
        language=tuple(languages[side] for side, _ in rows),
        date=("2024",) * n,
        text=texts,
        n_tokens=np.ones(n, dtype=np.int64),
        n_words=np.array([count_words(text) for text in texts], dtype=np.int64),
    )


def score(segments: Segments, vectors: NDArray[np.float32], way: str, truth: NDArray[np.int64]) -> tuple[int, int, int]:
    """Twins there are, pairs found, and pairs found that are twins."""
    n = len(segments)
    served = np.full(n, way != "numbers and names")
    embeddings = Embeddings(vectors, served, "E5", "", (), segments.fingerprint)
    repeats = find_repeats(segments, embeddings)
    pairs = [row for row, kind in enumerate(repeats.kind) if kind == "translation"]
    right = sum(truth[repeats.row[pair]] == truth[repeats.of[pair]] for pair in pairs)
    return n - len(set(truth.tolist())), len(pairs), int(right)


if __name__ == "__main__":
    main()

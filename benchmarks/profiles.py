"""Three mixes of text length from real data, and their cost: in FLOP, beside what torch can do, and by operation."""

import gzip
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SEED = 0
SIZES = {"titles": 2000, "segments": 300, "mixed": 300}  # texts; 30,000 to 50,000 tokens each
SEGMENT_WORDS, MIXED_WORDS = 100, (5, 250)
_GEMM_LEAST_S = 0.5
# Dense FLOP/s that the maker's data sheet promises; float32 without tensor cores, as torch computes it by default.
_DATA_SHEETS = {
    "NVIDIA H100 80GB HBM3": {"float32": 67e12, "float16": 989e12, "bfloat16": 989e12},
    "NVIDIA A100-SXM4-80GB": {"float32": 19.5e12, "float16": 312e12, "bfloat16": 312e12},
}
# What torch's operations are for; the first that fits the name counts.
_KINDS = {
    "attention": ("scaled_dot_product", "bmm", "softmax"),
    "gemm": ("linear", "addmm", "::mm", "matmul"),
    "gelu": ("gelu",),
    "layer_norm": ("layer_norm",),
    "embedding_lookup": ("::embedding", "index_select"),
    "copies": ("copy", "::cat", "::clone", "::contiguous", "::to", "::index", "::stack"),
}


def load_profiles(data: Path) -> dict[str, list[str]]:
    """
    Sample three sets of texts, the same on every machine: short, alike in length, and of all lengths.

    Parameters
    ----------
    data : Path
        The folder data/ of TOPICGPU_DATA.

    Returns
    -------
    dict of str to list of str
        `titles` of papers, `segments` of 100 spoken words, and a `mixed` set of 5 to 250 spoken words. No text is in
        a set twice, so that nothing is gained by computing equal texts once.
    """
    titles = [row["title"] for row in _rows(data / "acl-abstracts" / "acl-abstracts.jsonl.gz")]
    turns = _rows(data / "changelog-podcasts" / "practicalai.jsonl.gz")
    words = [word for turn in turns for word in turn["text"].split()]
    rng = random.Random(SEED)
    texts = {
        "titles": titles,
        "segments": list(_cut(words, lambda: SEGMENT_WORDS)),
        "mixed": list(_cut(words, lambda: rng.randint(*MIXED_WORDS))),
    }
    return {name: random.Random(SEED).sample(list(dict.fromkeys(texts[name])), n) for name, n in SIZES.items()}


class Shape(NamedTuple):
    """What decides the cost of a transformer encoder."""

    layers: int
    hidden: int
    intermediate: int
    parameters: int  # of the layers: embeddings are looked up, and a pooler sees one token of a text

    def flop(self, lengths: NDArray[np.int64]) -> float:
        """FLOP for texts of so many tokens, without padding: 2 P + 4 L h s a token in a text of s."""
        products = 2 * self.parameters * lengths.sum()
        attention = 4 * self.layers * self.hidden * (lengths**2).sum()
        return float(products + attention)

    def products(self, tokens: int) -> list[tuple[int, int, int]]:
        """The (m, k, n) of a layer's matrix products over so many tokens: query, key, value, output, up and down."""
        h, wide = self.hidden, self.intermediate
        return [(tokens, h, h)] * 4 + [(tokens, h, wide), (tokens, wide, h)]


def read_shape(folder: Path) -> Shape:
    """Read a BERT-like encoder's shape from its files."""
    from safetensors import safe_open

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    parameters = 0
    for path in folder.glob("*.safetensors"):
        with safe_open(path, framework="np") as weights:
            inner = [name for name in weights.keys() if ".layer." in name]  # noqa: SIM118 (not a dict)
            parameters += sum(int(np.prod(weights.get_slice(name).get_shape())) for name in inner)
    return Shape(config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"], parameters)


def gemm_rate(products: Sequence[tuple[int, int, int]], precision: str, device: str) -> float:
    """FLOP/s that torch reaches on these (m, k, n), one after another, so that each counts by its FLOP."""
    import torch

    kind: dict[str, Any] = {"dtype": getattr(torch, precision), "device": device}
    operands = [
        (torch.randn(m, k, **kind), torch.randn(n, k, **kind).T, torch.empty(m, n, **kind)) for m, k, n in products
    ]

    def once() -> None:
        for a, b, out in operands:
            torch.mm(a, b, out=out)
        synchronize()

    once()
    done, started = 0, time.perf_counter()
    while (seconds := time.perf_counter() - started) < _GEMM_LEAST_S:
        once()
        done += 1
    return done * sum(2 * m * k * n for m, k, n in products) / seconds


def synchronize() -> None:
    """Wait for the GPU, where there is one."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def data_sheet_rate(precision: str, device: str) -> float | None:
    """FLOP/s that the maker promises, a bound and not a measurement; None where the device is not known here."""
    import torch

    name = torch.cuda.get_device_name(device) if device != "cpu" else "CPU"
    return _DATA_SHEETS.get(name, {}).get(precision)


def breakdown(encoder: Any, texts: list[str]) -> dict[str, float]:
    """Parts of the time of one `encode` under torch's profiler, whose own cost is in the rest."""
    from torch.profiler import ProfilerActivity, profile

    tokenizing = []
    for _ in range(3):
        started = time.perf_counter()
        encoder.count_tokens(texts)
        tokenizing.append(time.perf_counter() - started)
    parts = {"tokenization": sorted(tokenizing)[1]} | dict.fromkeys([*_KINDS, "other_operations"], 0.0)
    with profile(activities=[ProfilerActivity.CPU]) as record:
        started = time.perf_counter()
        encoder.encode(texts)
        whole = time.perf_counter() - started
    for event in record.key_averages():
        kinds = (kind for kind, marks in _KINDS.items() if any(mark in event.key for mark in marks))
        parts[next(kinds, "other_operations")] += event.self_cpu_time_total / 1e6
    parts["rest"] = whole - sum(parts.values())
    return {kind: round(seconds / whole, 4) for kind, seconds in parts.items()}


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _cut(words: list[str], length: Callable[[], int]) -> Iterator[str]:
    """Pieces one after another; the last words, which may be too few, are left out."""
    start = 0
    while (end := start + length()) < len(words):
        yield " ".join(words[start:end])
        start = end

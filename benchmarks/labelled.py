"""The labelled sets of TOPICGPU_DATA, whole or sampled with a fixed seed, and their MiniLM vectors, computed once."""

import gzip
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import EmbeddingSection, NeighborsSection
from topicgpu.device import resolve_device
from topicgpu.embed import Encoder, StaticEncoder
from topicgpu.embed.locate import locate_model
from topicgpu.neighbors import find_neighbors
from topicgpu.types import Embeddings, Ints, Neighbors, Repeats

SAMPLE_SEED = 20260101


@dataclass(frozen=True)
class Case:
    """One labelled set: which rows, which column holds the label, and how many rows at most (None: all)."""

    name: str
    folder: str
    label: str
    limit: int | None
    language: str | None = None


@dataclass(frozen=True)
class Problem:
    """One labelled set, ready to be grouped."""

    embeddings: Embeddings
    neighbors: Neighbors
    truth: Ints


CASES = (
    Case("sib200", "sib200", "label", 1004, "eng_Latn"),
    Case("clinc150-intents", "clinc150", "label", 6000),
    Case("clinc150-domains", "clinc150", "domain", 6000),
    Case("banking77", "banking77", "label", 6000),
    Case("beige-book", "beige-book", "label", 4000),
    Case("acl-workshops", "acl-workshops", "label", 3000),
)


def data_folder() -> Path:
    """The folder data/ of TOPICGPU_DATA; ends the program where that is not set."""
    if "TOPICGPU_DATA" not in os.environ:
        raise SystemExit("TOPICGPU_DATA is not set; it names the folder that holds data/")
    return Path(os.environ["TOPICGPU_DATA"]) / "data"


def load_case(case: Case, data: Path) -> tuple[list[str], NDArray[np.int64]]:
    """Texts and integer labels of the sampled rows, without unlabelled and out-of-scope ones."""
    rows = read_rows(data / case.folder / f"{case.folder}.jsonl.gz")
    rows = [row for row in rows if row.get(case.label) not in (None, "oos")]
    if case.language:
        rows = [row for row in rows if row["lang"] == case.language]
    rng = np.random.default_rng(SAMPLE_SEED)
    keep = np.sort(rng.permutation(len(rows))[: case.limit])
    rows = [rows[i] for i in keep]
    labels = np.unique([row[case.label] for row in rows], return_inverse=True)[1]
    return [row["text"] for row in rows], labels.astype(np.int64)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Rows of a gzipped file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def embed_cached(texts: list[str], cache: Path) -> NDArray[np.float32]:
    """Unit vectors of the texts from all-MiniLM-L6-v2, kept in `cache` under a hash of the texts."""
    key = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    path = cache / f"{key}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        np.save(path, load_model().encode(texts))
    vectors: NDArray[np.float32] = np.load(path)
    return vectors


def prepare(vectors: NDArray[np.float32], truth: Ints) -> Problem:
    """Stand up the types for vectors that all take part."""
    n, nothing = len(vectors), np.empty(0, dtype=np.int64)
    embeddings = Embeddings(vectors, np.ones(n, dtype=bool), "all-MiniLM-L6-v2", "packaged", (), "rows")
    repeats = Repeats(nothing, nothing, (), np.empty(0), n, "rows")
    return Problem(embeddings, find_neighbors(embeddings, repeats, NeighborsSection(), "cpu"), truth)


def load_model() -> Encoder:
    """The packaged all-MiniLM-L6-v2 on the CPU."""
    config = EmbeddingSection()
    return Encoder(config, locate_model(config.model, download=False, announce=print), resolve_device("cpu"))


def load_static() -> StaticEncoder:
    """The static tier of the same model."""
    config = EmbeddingSection(tier="static")
    files = locate_model(config.model, download=False, announce=print)
    return StaticEncoder(config, files, resolve_device("cpu"), print)

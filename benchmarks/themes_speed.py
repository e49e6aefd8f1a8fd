"""
How long the themes stage takes after neighbors, by its parts: many segments, fifty guided themes.

    TOPICGPU_DATA=... python benchmarks/themes_speed.py --out benchmarks/results/themes-speed-MACHINE.json

Segments are the Beige Book's passages over and over, each vector moved a little so that none repeats another; guided
themes are its sectors and the labels of the other sets. Neighbors and groups are made before, and not timed.
"""

import argparse
import time
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np

from labelled import CASES, SAMPLE_SEED, data_folder, embed_cached, load_case, load_model
from record import write_record
from topicgpu import themes
from topicgpu.cluster import communities_of, find_clusters
from topicgpu.config import ClusterSection, GuidedTheme, NeighborsSection, ThemesSection
from topicgpu.neighbors import find_neighbors
from topicgpu.themes import described
from topicgpu.themes import guided as guided_stage
from topicgpu.types import Clusters, Embeddings, Neighbors, Repeats, Segments

PER_SOURCE = 200
JITTER = 0.03  # length of what is added to a vector
PARTS = (
    (guided_stage, ("guide",)),
    (themes, ("find_discovered", "fuzzy_graph", "find_parts", "find_families")),
    (themes, ("guided_stability", "discovered_stability")),
    (described, ("find_terms", "find_keywords", "keywords_by_language", "name_themes", "exemplars")),
    (themes, ("keep_ids",)),
)


def corpus(n: int, cache: Path) -> tuple[Segments, Embeddings, Repeats]:
    case = next(replace(case, limit=None) for case in CASES if case.name == "beige-book")
    texts, _ = load_case(case, data_folder())
    vectors = embed_cached(texts, cache)
    place = np.arange(n) % len(texts)
    rng = np.random.default_rng(SAMPLE_SEED)
    rows = vectors[place] + (JITTER * rng.normal(size=(n, vectors.shape[1]))).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    number = np.arange(n)
    said = tuple(texts[row] for row in place)
    zeros = np.zeros(n, dtype=np.int64)
    segments = Segments(
        segment_id=tuple(f"s{row // PER_SOURCE}:{row}-{row + 1}" for row in range(n)),
        source_id=tuple(f"s{row // PER_SOURCE}" for row in range(n)),
        position=number % PER_SOURCE,
        passage=number % PER_SOURCE // 4,
        start_char=number,
        end_char=number + 1,
        start_s=np.full(n, np.nan),
        end_s=np.full(n, np.nan),
        speaker=(None,) * n,
        language=("en",) * n,
        date=("2024",) * n,
        text=said,
        n_tokens=zeros + 60,
        n_words=zeros + 50,
    )
    of = segments.fingerprint
    embeddings = Embeddings(rows, np.ones(n, dtype=bool), "all-MiniLM-L6-v2", "packaged", (), of)
    return segments, embeddings, Repeats(zeros[:0], zeros[:0], (), np.zeros(0), n, of)


def guided(wanted: int) -> tuple[GuidedTheme, ...]:
    sets = tomllib.loads((Path(__file__).parent / "definitions.toml").read_text(encoding="utf-8"))
    order = ["beige-book", *(name for name in sets if name != "beige-book")]
    named = [tuple(definition) for name in order for definition in sets[name].values()]
    unique = list({name: text for name, text in reversed(named)}.items())[::-1][:wanted]
    return tuple(GuidedTheme(id=f"t{row}", name=name, description=text) for row, (name, text) in enumerate(unique))


def graph_and_groups(embeddings: Embeddings, repeats: Repeats, kept: Path) -> tuple[Neighbors, Clusters]:
    """Neighbors take minutes: they are kept."""
    if kept.exists():
        arrays = np.load(kept)
        neighbors = Neighbors(arrays["indices"], arrays["distances"], "cosine", False, None, embeddings.rows)
    else:
        neighbors = find_neighbors(embeddings, repeats, NeighborsSection(), "cpu")
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, indices=neighbors.indices, distances=neighbors.distances)
    return neighbors, find_clusters(embeddings, neighbors, ClusterSection(), 0)


def timed(function: Callable[..., Any], seconds: dict[str, float]) -> Callable[..., Any]:
    @wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            seconds[function.__name__] = seconds.get(function.__name__, 0.0) + time.perf_counter() - start

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--guided", type=int, default=50)
    options = parser.parse_args()
    segments, embeddings, repeats = corpus(options.rows, options.cache)
    neighbors, clusters = graph_and_groups(embeddings, repeats, options.cache / f"neighbors-{options.rows}.npz")
    config, encoder = ThemesSection(guided=guided(options.guided)), load_model()
    encoder.encode(["loaded"])  # as it is in a run, which embedded before
    seconds: dict[str, float] = {}
    for module, names in PARTS:
        for name in names:
            setattr(module, name, timed(getattr(module, name), seconds))
    start, cpu = time.perf_counter(), time.process_time()
    found = themes.find_themes(
        segments, embeddings, repeats, neighbors, clusters, config, 0, encoder.encode, communities_of
    )
    whole, cpu = time.perf_counter() - start, time.process_time() - cpu
    row = {"rows": options.rows, "guided": len(config.guided), "discovered": len(found.themes) - len(config.guided)}
    row |= {"subthemes": len(found.subthemes), "whole_s": round(whole, 1), "cpu_s": round(cpu, 1)}
    row |= {f"{name}_s": round(value, 1) for name, value in seconds.items()}
    print(row)
    write_record(options.out, "themes-speed", {"jitter": JITTER, "runs": config.stability_runs}, [row])


if __name__ == "__main__":
    main()

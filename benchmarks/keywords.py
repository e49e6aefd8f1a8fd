"""
Keywords of topicgpu and of BERTopic: NPMI coherence and diversity of ten terms a theme, on the same groups.

    TOPICGPU_DATA=... python benchmarks/keywords.py --out benchmarks/results/keywords-MACHINE.json --names docs/names.md

`partition` "topicgpu": all methods get the groups of topicgpu's clustering; BERTopic gets them as labels (its manual
mode), so that only its keywords are compared. "bertopic", on two sets: the groups that BERTopic's own pipeline finds,
topicgpu's keywords on the same ones, outliers left out. BERTopic as it comes takes words, no stop words out;
"stop words": with scikit-learn's list of English ones. `npmi`: a document is a text; `npmi_10`: each ten words in a
row, of at most 4,000 texts. `terms`: mean number a theme, since topicgpu leaves out what is never said with the rest;
`cut_npmi`, `cut_npmi_10`, `cut_diversity`: of that method's lists cut to topicgpu's lengths.
"""

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from coherence import Reference, diversity
from labelled import CASES, data_folder, embed_cached, load_case, load_model
from peer_ours import topicgpu as our_clusters
from record import write_record
from topicgpu.embed import Encoder
from topicgpu.ops.terms import find_terms
from topicgpu.themes.keywords import find_keywords
from topicgpu.themes.names import name_themes
from topicgpu.types import Floats, Ints

SETS = {case.name.removesuffix("-intents"): case for case in CASES if case.name != "clinc150-domains"}
OWN_PARTITION = ("banking77", "acl-workshops")  # sets whose groups BERTopic's pipeline finds too
N_TERMS, SHOWN = 10, 20
Lists = list[list[str]]


@cache
def encoder() -> Encoder:
    """The packaged MiniLM, loaded once."""
    return load_model()


def forms() -> dict[str, dict[str, Any]]:
    """BERTopic as it comes, and as its documentation advises."""
    from sklearn.feature_extraction.text import CountVectorizer

    return {
        "bertopic": {},
        "bertopic, stop words": {"vectorizer_model": CountVectorizer(stop_words="english")},
    }


def bertopic(
    texts: Sequence[str], vectors: Floats, labels: Ints | None, settings: Mapping[str, Any]
) -> tuple[Any, Ints]:
    """Fit BERTopic on these vectors, with given groups or by its own pipeline; its model and the groups."""
    from bertopic import BERTopic
    from bertopic.backend import BaseEmbedder
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction
    from umap import UMAP

    class Embedder(BaseEmbedder):  # type: ignore[misc]
        def embed(self, documents: Sequence[str], verbose: bool = False) -> Any:
            return encoder().encode(list(documents))

    given: dict[str, Any] = {"umap_model": BaseDimensionalityReduction(), "hdbscan_model": BaseCluster()}
    if labels is None:  # its defaults, with a seed
        given = {"umap_model": UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=0)}
    model = BERTopic(embedding_model=Embedder(), **given, **settings)
    model.fit(list(texts), embeddings=vectors, y=labels)
    return model, np.array(model.topics_)


def lists_of(model: Any, topics: Ints, labels: Ints) -> Lists:
    """BERTopic's terms in the order of the labels that it was given: it numbers topics by size."""
    topic_of = {int(label): int(topics[np.argmax(labels == label)]) for label in range(labels.max() + 1)}
    return [[term for term, _ in model.get_topic(topic_of[label]) if term][:N_TERMS] for label in sorted(topic_of)]


def ours(texts: Sequence[str], labels: Ints) -> tuple[Lists, list[str], float]:
    """Our keywords and names, and seconds for both."""
    started = time.perf_counter()
    terms, n = find_terms(texts), int(labels.max()) + 1
    found = find_keywords(terms, labels, n, N_TERMS)
    names = name_themes(terms, labels, n)
    return [[term for term, _ in theme] for theme in found], names, time.perf_counter() - started


def rows_of(name: str, texts: Sequence[str], vectors: Floats) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Every method on one set, and what is shown of it."""
    by_text, by_window = Reference(texts), Reference(texts[:: -(-len(texts) // 4000)], window=10)
    rows: list[dict[str, Any]] = []

    def put(partition: str, method: str, lists: Lists, mine: Lists, seconds: float | None = None) -> None:
        cut = [terms[: len(own)] for terms, own in zip(lists, mine, strict=True)]
        rows.append(
            {
                "set": name,
                "partition": partition,
                "method": method,
                "groups": len(lists),
                "terms": round(float(np.mean([len(terms) for terms in lists])), 2),
                "npmi": round(by_text.npmi(lists), 4),
                "npmi_10": round(by_window.npmi(lists), 4),
                "diversity": round(diversity(lists), 4),
                "cut_npmi": round(by_text.npmi(cut), 4),
                "cut_npmi_10": round(by_window.npmi(cut), 4),
                "cut_diversity": round(diversity(cut), 4),
                "seconds": seconds and round(seconds, 2),
            }
        )
        print(rows[-1], flush=True)

    labels = our_clusters()(vectors, [], 0, None).labels
    mine, names, seconds = ours(texts, labels)
    put("topicgpu", "topicgpu", mine, mine, seconds)
    shown: dict[str, Any] = {"sizes": np.bincount(labels).tolist(), "names": names, "topicgpu": mine}
    for form, settings in forms().items():
        lists = lists_of(*bertopic(texts, vectors, labels, settings), labels)
        put("topicgpu", form, lists, mine)
        shown[form] = lists
    if name not in OWN_PARTITION:
        return rows, shown
    own_model, topics = bertopic(texts, vectors, None, {})
    mine, _, seconds = ours(texts, topics)
    put("bertopic", "topicgpu", mine, mine, seconds)
    put("bertopic", "bertopic", lists_of(own_model, topics, topics), mine)
    return rows, shown


def page(shown: Mapping[str, Mapping[str, Any]]) -> str:
    """The names side by side, as Markdown."""
    head = (
        "| segments | topicgpu's name | its keywords | BERTopic | BERTopic without stop words |\n|---|---|---|---|---|"
    )
    parts = []
    for name, of_set in shown.items():
        n = len(of_set["names"])
        lines = [
            "| {} | {} | {} | {} | {} |".format(
                of_set["sizes"][theme],
                of_set["names"][theme],
                ", ".join(of_set["topicgpu"][theme][:6]),
                "_".join(["", *of_set["bertopic"][theme][:4]])[1:],
                "_".join(["", *of_set["bertopic, stop words"][theme][:4]])[1:],
            ).replace("_", r"\_")
            for theme in range(min(n, SHOWN))
        ]
        more = f"\n\nThe first {SHOWN} of {n}." if n > SHOWN else ""
        parts.append("\n".join([f"## {name}", "", head, *lines]) + more)
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--names", type=Path, help="Markdown file whose tables are written anew, from its first `## `")
    parser.add_argument("--sets", nargs="+", choices=tuple(SETS), default=tuple(SETS), metavar="NAME")
    parser.add_argument("--run", type=Path, help="a finished run's folder, whose themes are shown too")
    parser.add_argument("--cache", type=Path, default=Path("runs/vectors"), help="where vectors are kept")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    shown: dict[str, Any] = {}
    settings = {"encoder": "all-MiniLM-L6-v2", "terms": N_TERMS}
    if options.out.exists():  # of sets that are not measured now
        earlier = json.loads(options.out.read_text(encoding="utf-8"))["rows"]
        rows = [row for row in earlier if row["set"] not in options.sets]
    for name in options.sets:
        texts, _ = load_case(replace(SETS[name], limit=10**9), data_folder())
        found, shown[name] = rows_of(name, texts, embed_cached(texts, options.cache))
        rows += found
        write_record(options.out, "keywords", settings, rows)
    if options.run:
        shown["The five transcripts"] = themes_of(options.run)
    if options.names:
        before = options.names.read_text(encoding="utf-8").split("\n## ")[0].rstrip() if options.names.exists() else ""
        options.names.write_text(f"{before}\n\n{page(shown)}", encoding="utf-8")


def themes_of(folder: Path) -> dict[str, Any]:
    """The themes of a run, and BERTopic's keywords of the same segments."""
    from topicgpu.artifacts import load_embeddings, load_segments, load_themes

    segments = load_segments(folder)
    themes = load_themes(folder, segments)
    labels = themes.primary
    rows = np.flatnonzero(labels >= 0)
    texts, vectors = [segments.text[row] for row in rows.tolist()], load_embeddings(folder).vectors[rows]
    present = np.unique(labels[rows])
    numbers = np.searchsorted(present, labels[rows])
    shown = {
        form: lists_of(*bertopic(texts, vectors, numbers, forms()[form]), numbers)
        for form in ("bertopic", "bertopic, stop words")
    }
    own = [themes.themes[number] for number in present.tolist()]
    return {
        "sizes": np.bincount(numbers).tolist(),
        "names": [theme.name for theme in own],
        "topicgpu": [[keyword.term for keyword in theme.keywords] for theme in own],
        **shown,
    }


if __name__ == "__main__":
    main()

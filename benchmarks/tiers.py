"""
What do the int8 and the static tier lose, and what does the distiller's map give back?

    TOPICGPU_DATA=... python benchmarks/tiers.py --vectors CACHE \\
        --out benchmarks/results/tiers-MACHINE.json

For each labelled set and each kind of vectors: AMI of the default communities with the labels (mean of the seeds),
Spearman's correlation of its cosines with the model's, and the part of each text's ten nearest that both agree on. Of
the static tier also the first 256 and 128 numbers, and rows of tokens alone, with frequency weights and principal
components but without the fitted map, which is the recipe of model2vec. Speed is measured by embedding.py.
"""

import argparse
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import adjusted_mutual_info_score

from clusters import METHODS
from labelled import CASES, SAMPLE_SEED, embed_cached, load_case, load_model, prepare
from record import write_record
from topicgpu.config import DEFAULT_MODEL, EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import StaticEncoder, TextEncoder, load_encoder
from topicgpu.embed.distill import SIF, read_vocabulary
from topicgpu.embed.load import load_tokenizer
from topicgpu.embed.locate import locate_model

Vectors = NDArray[np.float32]
SEEDS, PAIRS, NEAREST = (0, 1, 2, 3, 4), 50_000, 10
MODEL, STATIC, ALONE = "model", "static", "tokens alone, weights, PCA"


def load_tiers() -> dict[str, TextEncoder]:
    """The tiers, shorter vectors of the static one, and its table without the fitted map."""
    files, device = locate_model(DEFAULT_MODEL, download=False, announce=print), resolve_device("cpu")

    def load(dimension: int) -> StaticEncoder:
        return StaticEncoder(EmbeddingSection(tier="static", dimension=dimension), files, device, print)

    tables = {STATIC: load(0), f"{STATIC}, 256 numbers": load(256), f"{STATIC}, 128 numbers": load(128), ALONE: load(0)}
    tables[ALONE].table = _tokens_alone(tables[STATIC].table.shape[0] - 1, files.folder)
    return {"int8": load_encoder(EmbeddingSection(tier="int8"), files, device, print), **tables}


def _tokens_alone(n_tokens: int, folder: Path) -> Any:
    import torch

    vocabulary = read_vocabulary(load_tokenizer(folder))
    alone = load_model().encode_tokens([[token] for token in vocabulary.ids.tolist()])
    rows = (alone - alone.mean(axis=0)) * (SIF / (SIF + vocabulary.share))[:, None]
    _, _, axes = np.linalg.svd(rows, full_matrices=False)
    table = np.zeros((n_tokens + 1, rows.shape[1]), dtype=np.float32)
    table[vocabulary.ids] = rows @ axes.T
    table[-1] = table[vocabulary.ids].mean(axis=0)
    return torch.from_numpy(table)


def likeness(vectors: Vectors, reference: Vectors) -> dict[str, float]:
    """How far the use of vectors agrees: the order of cosines, and the nearest texts."""
    rng, n = np.random.default_rng(SAMPLE_SEED), len(vectors)
    one, other = rng.integers(0, n, (2, PAIRS))
    one, other = one[one != other], other[one != other]
    cosines = [(rows[one] * rows[other]).sum(axis=1) for rows in (vectors, reference)]
    nearest = []
    for rows in (vectors, reference):
        similarity = rows @ rows.T
        np.fill_diagonal(similarity, -np.inf)
        nearest.append(np.argpartition(-similarity, NEAREST, axis=1)[:, :NEAREST])
    kept = np.mean([np.isin(ours, theirs).mean() for ours, theirs in zip(*nearest, strict=True)])
    return {"spearman": round(float(spearmanr(*cosines)[0]), 4), "nearest_kept": round(float(kept), 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--vectors", type=Path, required=True, help="folder that keeps the model's vectors")
    options = parser.parse_args()
    data = Path(os.environ["TOPICGPU_DATA"]) / "data"
    tiers, find, rows = load_tiers(), METHODS["communities (default)"], []
    for case in CASES:
        texts, truth = load_case(case, data)
        reference = embed_cached(texts, options.vectors)
        exact = 0.0
        for name in (MODEL, *tiers):
            vectors = reference if name == MODEL else tiers[name].encode(texts)
            problem = prepare(vectors, truth)
            scores = [adjusted_mutual_info_score(truth, find(problem, seed)) for seed in SEEDS]
            exact = exact or float(np.mean(scores))
            row = {"set": case.name, "n": len(texts), "vectors": name, "ami": round(float(np.mean(scores)), 4)}
            row |= {"ami_sd": round(float(np.std(scores, ddof=1)), 4)}
            row |= {"ami_loss": round(exact - float(np.mean(scores)), 4)} | likeness(vectors, reference)
            rows.append(row)
            print(row, flush=True)
    settings = {"model": DEFAULT_MODEL, "seeds": list(SEEDS), "sample_seed": SAMPLE_SEED, "pairs": PAIRS}
    write_record(options.out, "static_tier", settings | {"nearest": NEAREST}, rows)


if __name__ == "__main__":
    main()

"""
How many texts a second beside sentence-transformers and its ONNX backend, and how near to what the machine can do?

    TOPICGPU_DATA=... python benchmarks/embedding.py --onnx-python PEER/bin/python \\
        --out benchmarks/results/embedding-MACHINE.json

All are loaded and warm before the clock starts, get the same texts and the same cores, and take turns within each
round; a time is from texts to vectors, tokenization included. Nothing is cached. PEER is an environment of its own
with sentence-transformers and optimum-onnx[onnxruntime], which need an older transformers than topicgpu does.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from profiles import (
    SEED,
    Shape,
    data_sheet_rate,
    gemm_rate,
    load_profiles,
    read_shape,
    synchronize,
)
from record import write_record

Vectors = NDArray[np.float32]
ROUNDS, THREADS, NEAREST = 7, os.cpu_count() or 1, 10
OURS, REFERENCE, TIERS = "topicgpu", "sentence-transformers", ("int8", "static")
PRECISIONS = {"cpu": ("float32",), "cuda": ("float32", "float16", "bfloat16")}
GEMM_TOKENS = {"cpu": 2048, "cuda": 65_536}  # what topicgpu has under way, on two cores or a GPU
LAYER, CUBE = "torch GEMM, a layer's shapes", "torch GEMM, 4096^3"


class Entrant(NamedTuple):
    """An engine that is loaded: texts to seconds and vectors."""

    name: str
    precision: str  # what it is compared at
    run: Callable[[list[str]], tuple[float, Vectors]]


def load_entrants(folder: Path, device: str) -> list[Entrant]:
    """All that run in this process, topicgpu at float32 first."""
    from sentence_transformers import SentenceTransformer

    entrants = []
    for precision in PRECISIONS[device]:
        kwargs = {} if precision == "float32" else {"dtype": getattr(torch, precision)}
        peer = SentenceTransformer(str(folder), device=device, local_files_only=True, model_kwargs=kwargs)
        entrants.append(Entrant(OURS, precision, _timed(load_topicgpu(precision, device).encode)))
        entrants.append(Entrant(REFERENCE, precision, _timed(peer.encode)))
    if device == "cpu":
        entrants.append(Entrant(f"{OURS}, one batch on all cores", "float32", _timed(_in_turn().encode)))
        for tier in TIERS:
            entrants.append(Entrant(f"{OURS}, {tier}", "float32", _timed(load_topicgpu("auto", device, tier).encode)))
    return entrants


def load_topicgpu(precision: str, device: str, tier: str = "model") -> Any:
    """Of a long text this encoder reads the beginning alone, as sentence-transformers does; a table reads it whole."""
    # Imported here, since the peer's environment runs this file too and lacks topicgpu.
    from topicgpu.config import EmbeddingSection
    from topicgpu.device import resolve_device
    from topicgpu.embed import load_encoder
    from topicgpu.embed.locate import locate_model

    config = EmbeddingSection.model_validate({"tier": tier, "precision": precision, "long_texts": "truncate"})
    files = locate_model(config.model, download=False, announce=print)
    return load_encoder(config, files, resolve_device(device), print)


def _in_turn() -> Any:
    """What topicgpu would be with batches one after the other, as large as those that it has under way."""
    from topicgpu.embed.engine import Engine

    encoder = load_topicgpu("float32", "cpu")
    encoder._engine = Engine(encoder._unit_vectors, GEMM_TOKENS["cpu"], None)
    return encoder


def _timed(encode: Callable[[list[str]], Vectors]) -> Callable[[list[str]], tuple[float, Vectors]]:
    def run(texts: list[str]) -> tuple[float, Vectors]:
        torch.set_num_threads(THREADS)  # another engine may have set it for itself
        started = time.perf_counter()
        vectors = encode(texts)
        synchronize()
        return time.perf_counter() - started, vectors

    return run


@contextmanager
def onnx_peer(python: Path | None, folder: Path) -> Iterator[tuple[list[Entrant], dict[str, Any]]]:
    """sentence-transformers' ONNX backend in a process of another environment, if there is one, and its versions."""
    if python is None:
        yield [], {}
        return
    command = [str(python), __file__, "--serve", str(folder)]
    with (
        tempfile.TemporaryDirectory() as scratch,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child,
    ):

        def answer() -> dict[str, Any]:
            line = child.stdout.readline() if child.stdout else ""
            if not line:
                raise SystemExit(f"{python} ended; it needs sentence-transformers and optimum-onnx[onnxruntime]")
            return dict(json.loads(line))

        def run(texts: list[str]) -> tuple[float, Vectors]:
            path = Path(scratch) / "vectors.npy"
            print(json.dumps({"texts": texts, "vectors": str(path)}), file=child.stdin, flush=True)
            return answer()["seconds"], np.load(path)

        versions = answer()
        yield [Entrant(f"{REFERENCE}, ONNX", "float32", run)], versions


def serve(folder: str) -> None:
    """Be that process: a request a line, answered with the seconds of `encode` alone."""
    import onnxruntime
    from sentence_transformers import SentenceTransformer

    session = onnxruntime.SessionOptions()
    session.intra_op_num_threads = THREADS
    kwargs = {"export": True, "provider": "CPUExecutionProvider", "session_options": session}
    with redirect_stdout(sys.stderr):  # the model is exported here, into a temporary folder
        model = SentenceTransformer(folder, device="cpu", backend="onnx", model_kwargs=kwargs)
    names = ("sentence-transformers", "transformers", "optimum", "optimum-onnx", "onnx", "onnxruntime", "torch")
    print(json.dumps({name: version(name) for name in names}), flush=True)
    run = _timed(model.encode)
    for line in sys.stdin:
        request = json.loads(line)
        seconds, vectors = run(request["texts"])
        np.save(request["vectors"], vectors)
        print(json.dumps({"seconds": seconds}), flush=True)


class Results(NamedTuple):
    """What was measured on one set of texts."""

    vectors: dict[tuple[str, str], Vectors]  # of an entrant at a precision
    seconds: list[dict[tuple[str, str], float]]  # a round
    gemm: list[dict[tuple[str, str], float]]  # FLOP/s of a product at a precision, a round


def measure(texts: list[str], entrants: list[Entrant], shape: Shape, device: str, rounds: int) -> Results:
    """Let all run once unmeasured, then once a round; who begins moves on from round to round."""
    results = Results({(name, precision): run(texts)[1] for name, precision, run in entrants}, [], [])
    products = {LAYER: shape.products(GEMM_TOKENS[device]), CUBE: [(4096, 4096, 4096)]}
    for turn in range(rounds):
        first = turn % len(entrants)
        order = [*entrants[first:], *entrants[:first]]
        results.seconds.append({(name, precision): run(texts)[0] for name, precision, run in order})
        kinds = [(name, precision) for name in products for precision in PRECISIONS[device]]
        results.gemm.append({kind: gemm_rate(products[kind[0]], kind[1], device) for kind in kinds})
    return results


def describe(
    entrant: Entrant, results: Results, lengths: NDArray[np.int64], shape: Shape, device: str
) -> dict[str, Any]:
    """One row: medians over the rounds of rates, and of ratios taken within a round."""
    key = entrant.name, entrant.precision
    seconds = np.array([turn[key] for turn in results.seconds])
    theirs = np.array([turn[REFERENCE, entrant.precision] for turn in results.seconds])
    exact = np.array([turn[OURS, entrant.precision] for turn in results.seconds])
    vectors, reference = results.vectors[key].astype(np.float32), results.vectors[REFERENCE, "float32"]
    n, tokens = len(lengths), int(lengths.sum())
    row: dict[str, Any] = {"contestant": entrant.name, "precision": entrant.precision, "n": n, "tokens": tokens}
    row |= _spread("texts_per_s", n / seconds, 1) | _spread("tokens_per_s", tokens / seconds, 0)
    row |= _spread("ratio_to_sentence_transformers", theirs / seconds, 3)
    row |= _spread("ratio_to_topicgpu", exact / seconds, 3)
    if "static" not in entrant.name:  # it runs no model, and its vectors lie in a space of their own
        row["cosine"] = round(float((vectors * reference).sum(axis=1).mean()), 5)
        rates = shape.flop(lengths) / seconds
        row |= _spread("gflops", rates / 1e9, 1)
        row |= _spread("share_of_gemm", rates / [turn[LAYER, entrant.precision] for turn in results.gemm], 3)
        if bound := data_sheet_rate(entrant.precision, device):
            row |= _spread("share_of_data_sheet", rates / bound, 4)
        row["max_difference"] = float(f"{np.abs(vectors - reference).max():.2e}")
    return row | {"nearest_kept": round(_nearest_kept(vectors, reference), 4)}


def _spread(name: str, values: NDArray[np.float64], digits: int) -> dict[str, float]:
    figures = {name: np.median(values), f"{name}_min": values.min(), f"{name}_max": values.max()}
    return {key: round(float(value), digits) for key, value in figures.items()}


def _nearest_kept(vectors: Vectors, reference: Vectors) -> float:
    """What half a precision does to the use of vectors: the part of each text's nearest others that both agree on."""
    nearest = []
    for rows in (vectors, reference):
        similarity = rows @ rows.T
        np.fill_diagonal(similarity, -np.inf)
        nearest.append(np.argsort(-similarity, axis=1, kind="stable")[:, :NEAREST])
    return float(np.mean([np.isin(ours, theirs).mean() for ours, theirs in zip(*nearest, strict=True)]))


def gpu_peak_bytes(entrant: Entrant, texts: list[str]) -> int:
    """GPU memory that embedding takes above what all loaded models hold."""
    held = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    entrant.run(texts)
    return torch.cuda.max_memory_allocated() - held


def compete(options: argparse.Namespace) -> None:
    """Measure everything on every set of texts."""
    from topicgpu.config import DEFAULT_MODEL
    from topicgpu.embed.locate import locate_model

    device, folder = options.device, locate_model(DEFAULT_MODEL, download=False, announce=print).folder
    shape, rows = read_shape(folder), []
    with onnx_peer(options.onnx_python, folder) as (peers, peer_versions):
        ours, entrants = load_topicgpu("float32", device), [*load_entrants(folder, device), *peers]
        for entrant in entrants:
            entrant.run(["weights are loaded at the first text"])
        for profile, texts in load_profiles(Path(os.environ["TOPICGPU_DATA"]) / "data").items():
            texts = texts[: options.limit]
            lengths = np.minimum(ours.count_tokens(texts), ours.info.max_tokens)
            results = measure(texts, entrants, shape, device, options.rounds)
            found = [describe(entrant, results, lengths, shape, device) for entrant in entrants]
            if device != "cpu":
                found = [
                    row | {"gpu_peak_bytes": gpu_peak_bytes(e, texts)} for e, row in zip(entrants, found, strict=True)
                ]
            for name, precision in results.gemm[0]:
                rates = np.array([turn[name, precision] for turn in results.gemm])
                found.append({"contestant": name, "precision": precision} | _spread("gflops", rates / 1e9, 1))
            rows += [{"profile": profile} | row for row in found]
            print(*rows[-len(found) :], sep="\n", flush=True)
    settings = {
        "model": DEFAULT_MODEL,
        "device": device,
        "threads": THREADS,
        "rounds": options.rounds,
        "seed": SEED,
        "nearest": NEAREST,
        "flop": f"2 P + 4 L h s a token in a text of s tokens, padding not counted; {shape._asdict()}",
        "tokens": "those that the model reads, special ones included",
        "peers": "defaults of sentence-transformers; the ONNX model is exported by it and not optimized further",
        "versions": {name: version(name) for name in (REFERENCE, "transformers", "tokenizers")},
        "onnx_versions": peer_versions,
    }
    write_record(options.out, "embedding", settings, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="JSON file to write")
    parser.add_argument("--device", default="cpu", choices=PRECISIONS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--limit", type=int, help="texts of each profile at most, for a trial")
    parser.add_argument("--onnx-python", type=Path, help="python of an environment with the ONNX backend (CPU)")
    parser.add_argument("--serve", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    if options.out is None or "TOPICGPU_DATA" not in os.environ:
        parser.error("give --out FILE, and set TOPICGPU_DATA to the folder that holds data/")
    if options.device != "cpu" and options.onnx_python:
        parser.error("--onnx-python is for --device cpu")
    compete(options)


if __name__ == "__main__":
    main()

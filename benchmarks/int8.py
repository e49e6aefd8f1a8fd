"""
Is int8 on a CPU worth a tier of its own, beside topicgpu's float32 without padding?

    TOPICGPU_DATA=... python benchmarks/int8.py --out benchmarks/results/int8-MACHINE.json

The rule was fixed before the first measurement: a variant is kept if, on some mix of text lengths, it embeds at least
1.3 times the texts that float32 does at a mean cosine of at least 0.98 to its vectors, and the default communities lose
at most 0.02 AMI (mean of five seeds) on each labelled set. All variants get the same texts, tokens and cores, take
turns within each round, and have the batch size that suits them best; a time is from texts to vectors, tokenization
included. Everything is exported and quantized here, from the model's folder. What is not installed of onnx and
onnxruntime, or of openvino and nncf, is named and left out.
"""

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score

from clusters import METHODS
from labelled import CASES, SAMPLE_SEED, load_case, prepare
from profiles import SEED, breakdown, load_profiles
from record import write_record
from topicgpu.config import DEFAULT_MODEL, EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import Encoder
from topicgpu.embed.locate import locate_model

Vectors = NDArray[np.float32]
Encode = Callable[[list[str]], Vectors]
LEAST_GAIN, LEAST_COSINE, MOST_AMI_LOSS = 1.3, 0.98, 0.02
FLOAT32 = "topicgpu float32"
ROUNDS, THREADS, BUDGETS, SEEDS, LABELLED_ROWS = 5, os.cpu_count() or 1, (512, 1024, 2048), (0, 1, 2, 3, 4), 1000
TIMED = {"titles": 300, "segments": 80, "mixed": 80}  # texts; 4,000 to 13,000 tokens
COMPARED = {"titles": slice(500), "segments": slice(260), "mixed": slice(260)}
# Static quantization needs examples; these are in neither of the above.
CALIBRATION = {"titles": slice(1000, 1080), "segments": slice(260, 300), "mixed": slice(260, 300)}
ALONE = 40  # texts that are embedded once more, each in a batch of its own


class Variant(NamedTuple):
    """An engine: tokens a batch to a function from texts to unit vectors."""

    name: str
    int8: bool
    at: Callable[[int], Encode]


@cache
def load_topicgpu(batch_tokens: int) -> Encoder:
    """Of a long text this encoder reads the beginning alone, so that each text is one sequence."""
    config = EmbeddingSection(batch_tokens=batch_tokens, long_texts="truncate")
    return Encoder(config, locate_model(config.model, download=False, announce=print), resolve_device("cpu"))


def torch_int8(engine: str, spared: str = "nothing") -> Variant:
    """Quantize the linear layers of topicgpu's own model, weights a channel, inputs a batch; packing stays."""
    from torch.ao.quantization import per_channel_dynamic_qconfig, quantize_dynamic

    @cache
    def at(batch_tokens: int) -> Encode:
        encoder = load_topicgpu.__wrapped__(batch_tokens)
        model = encoder.forward._model  # packing was proved on it at float32; int8 would not pass that proof
        linear = [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
        torch.backends.quantized.engine = engine
        wanted = {name: per_channel_dynamic_qconfig for name in linear if not _is_down(name) or spared == "nothing"}
        quantize_dynamic(model, wanted, dtype=torch.qint8, inplace=True)
        return encoder.encode

    return Variant(f"torch int8, {engine}" + (f", {spared} float32" if spared != "nothing" else ""), True, at)


def _is_down(name: str) -> bool:
    """Whether it is the product after the activation function, whose inputs are the hardest to quantize."""
    return name.endswith("output.dense") and "attention" not in name


def peer(run: Callable[[dict[str, NDArray[np.int64]]], Vectors]) -> Callable[[int], Encode]:
    """Feed another runtime with topicgpu's tokens in batches of like lengths, padded to their longest."""

    def at(batch_tokens: int) -> Encode:
        def encode(texts: list[str]) -> Vectors:
            sequences = load_topicgpu(0).prepare(texts).pieces.sequences
            order = np.argsort([-len(sequence) for sequence in sequences], kind="stable")
            parts, start = [], 0
            while start < len(order):
                end = start + max(1, batch_tokens // len(sequences[order[start]]))
                parts.append(run(_padded([sequences[row] for row in order[start:end]])))
                start = end
            vectors = np.empty((len(texts), parts[0].shape[1]), dtype=np.float32)
            vectors[order] = np.concatenate(parts)
            return vectors

        return encode

    return at


def _padded(sequences: list[NDArray[np.int32]]) -> dict[str, NDArray[np.int64]]:
    ids = np.zeros((len(sequences), len(sequences[0])), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)], mask[row, : len(sequence)] = sequence, 1
    return {"input_ids": ids, "attention_mask": mask}


class _Pooled(torch.nn.Module):
    """The model with pooling and norm, to export."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return torch.nn.functional.normalize((hidden * weights).sum(1) / weights.sum(1), dim=1)


def export_onnx(path: Path) -> None:
    """Trace the model, since onnxruntime finds attention only in the graph that the older exporter writes."""
    from transformers import AutoModel

    folder = locate_model(DEFAULT_MODEL, download=False, announce=print).folder
    model = _Pooled(AutoModel.from_pretrained(folder, attn_implementation="eager")).eval()
    ids, mask = torch.randint(1000, 20_000, (3, 17)), torch.ones(3, 17, dtype=torch.long)
    mask[1, 10:] = 0
    names, free = ["input_ids", "attention_mask"], {0: "batch", 1: "length"}
    options: dict[str, Any] = {"dynamo": False, "opset_version": 17, "input_names": names, "output_names": ["vectors"]}
    free_axes = {"input_ids": free, "attention_mask": free, "vectors": {0: "batch"}}
    torch.onnx.export(model, (ids, mask), str(path), dynamic_axes=free_axes, **options)


def onnx_variants(exported: Path) -> Iterator[Variant]:
    """Onnxruntime with its fusions for BERT, then with dynamic quantization: weights a channel, inputs a batch."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.optimizer import optimize_model

    fused = exported.with_name("fused.onnx")
    shape = load_topicgpu(0).forward._model.config
    heads, hidden = shape.num_attention_heads, shape.hidden_size
    graph = optimize_model(str(exported), model_type="bert", num_heads=heads, hidden_size=hidden, opt_level=0)
    graph.save_model_to_file(str(fused))
    if graph.get_fused_operator_statistics()["Attention"] != shape.num_hidden_layers:
        raise SystemExit("onnxruntime fused no attention; compare it with its fusions or not at all")
    yield Variant("onnxruntime float32", False, peer(_onnx_run(fused)))
    for reduce_range in (False, True):
        path = exported.with_name(f"int8-{reduce_range}.onnx")
        quantize_dynamic(
            fused,
            path,
            op_types_to_quantize=["MatMul", "Attention"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=reduce_range,
            extra_options={"DefaultTensorType": 1},  # float32, where the fused operators hide it
        )
        name = "onnxruntime int8" + (", reduce_range" if reduce_range else "")
        yield Variant(name, True, peer(_onnx_run(path)))


def _onnx_session(path: Path, profile: Path | None = None) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    if profile is not None:
        options.enable_profiling, options.profile_file_prefix = True, str(profile)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _onnx_run(path: Path) -> Callable[[dict[str, NDArray[np.int64]]], Vectors]:
    session = _onnx_session(path)
    return lambda inputs: session.run(None, inputs)[0]


def onnx_operations(path: Path, texts: list[str]) -> dict[str, float]:
    """Shares of the time of one encode by operator, from onnxruntime's own profiler."""
    session = _onnx_session(path, path.with_suffix(""))
    peer(lambda inputs: session.run(None, inputs)[0])(BUDGETS[0])(texts)
    events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    spent: Counter[str] = Counter()
    for event in events:
        if event.get("cat") == "Node" and "op_name" in event["args"]:
            spent[event["args"]["op_name"]] += event["dur"]
    whole = sum(spent.values())
    return {name: round(took / whole, 3) for name, took in spent.most_common() if took >= whole / 100}


def openvino_variants(exported: Path, profiles: dict[str, list[str]]) -> Iterator[Variant]:
    """OpenVINO, then with weights and activations quantized by examples."""
    import nncf
    import openvino

    core = openvino.Core()
    options = {"INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}

    def compiled(model: Any) -> Callable[[int], Encode]:
        request = core.compile_model(model, "CPU", options).create_infer_request()
        return peer(lambda inputs: np.array(request.infer(inputs)[0]))

    yield Variant("openvino float32", False, compiled(core.read_model(exported)))
    examples: list[dict[str, NDArray[np.int64]]] = []

    def collect(inputs: dict[str, NDArray[np.int64]]) -> Vectors:
        examples.append(inputs)
        return np.empty((len(inputs["input_ids"]), 1), dtype=np.float32)

    for name, rows in CALIBRATION.items():
        peer(collect)(BUDGETS[0])(profiles[name][rows])
    kind = nncf.ModelType.TRANSFORMER
    model = nncf.quantize(core.read_model(exported), nncf.Dataset(examples), model_type=kind, subset_size=len(examples))
    yield Variant("openvino int8", True, compiled(model))


def load_variants(scratch: Path, profiles: dict[str, list[str]]) -> tuple[list[Variant], dict[str, str]]:
    """All that can run here, float32 without padding first, and why the others can't."""
    variants, skipped = [Variant(FLOAT32, False, lambda budget: load_topicgpu(budget).encode)], {}
    engines = torch.backends.quantized.supported_engines
    for engine in ("x86", "onednn"):
        if engine in engines:
            variants += [torch_int8(engine), torch_int8(engine, "down")]
        else:
            skipped[f"torch int8, {engine}"] = f"this torch has only {', '.join(engines)}"
    missing = {name: [need for need in needs if find_spec(need) is None] for name, needs in _PEERS.items()}
    exported = scratch / "exported.onnx"
    if not all(missing.values()):
        export_onnx(exported)
    if not missing["onnxruntime"]:
        variants += onnx_variants(exported)
    if not missing["openvino"]:
        variants += openvino_variants(exported, profiles)
    return variants, skipped | {name: f"not installed: {', '.join(needs)}" for name, needs in missing.items() if needs}


_PEERS = {"onnxruntime": ("onnxruntime", "onnx"), "openvino": ("openvino", "nncf", "onnx")}


def best_budget(variant: Variant, texts: list[str]) -> int:
    """Tokens a batch at which half of the texts are embedded fastest, each tried twice and the first not counted."""
    seconds = {}
    for budget in BUDGETS:
        encode = variant.at(budget)
        encode(texts[:8])
        seconds[budget] = _seconds(encode, texts[::2])[0]
    return min(seconds, key=lambda budget: seconds[budget])


def _seconds(encode: Encode, texts: list[str]) -> tuple[float, float]:
    """Wall and CPU time: where CPU time is far below wall time by cores, others had the cores."""
    torch.set_num_threads(THREADS)
    started, cpu = time.perf_counter(), time.process_time()
    encode(texts)
    return time.perf_counter() - started, time.process_time() - cpu


def race(variants: list[Variant], budgets: dict[str, int], texts: list[str]) -> dict[str, NDArray[np.float64]]:
    """Wall and CPU seconds of each variant in each round; who begins moves on from round to round."""
    seconds: dict[str, list[tuple[float, float]]] = {variant.name: [] for variant in variants}
    for turn in range(ROUNDS):
        first = turn % len(variants)
        for variant in [*variants[first:], *variants[:first]]:
            seconds[variant.name].append(_seconds(variant.at(budgets[variant.name]), texts))
    return {name: np.array(times).T for name, times in seconds.items()}


def _spread(name: str, values: NDArray[np.float64], digits: int) -> dict[str, float]:
    figures = {name: np.median(values), f"{name}_min": values.min(), f"{name}_max": values.max()}
    return {key: round(float(value), digits) for key, value in figures.items()}


def measure_profile(profile: str, texts: list[str], variants: list[Variant]) -> list[dict[str, Any]]:
    """Speed and likeness of each variant on one mix of lengths."""
    timed, compared = texts[: TIMED[profile]], texts[COMPARED[profile]]
    budgets = {variant.name: best_budget(variant, timed) for variant in variants}
    seconds = race(variants, budgets, timed)
    reference = load_topicgpu(0).encode(compared)
    rows = []
    for name, int8, at in variants:
        encode = at(budgets[name])
        vectors = encode(compared)
        cosines = (vectors * reference).sum(1)
        alone = np.concatenate([encode([text]) for text in compared[:ALONE]])
        row = {"profile": profile, "variant": name, "int8": int8, "n": len(timed), "batch_tokens": budgets[name]}
        wall, cpu = seconds[name]
        row |= _spread("texts_per_s", len(timed) / wall, 1) | _spread("ratio_to_float32", seconds[FLOAT32][0] / wall, 3)
        row |= {"cores_used": round(float(np.median(cpu / wall)), 2)}
        row |= {"n_compared": len(compared), "cosine": round(float(cosines.mean()), 5)}
        row |= {"cosine_p5": round(float(np.percentile(cosines, 5)), 5)}
        rows.append(row | {"least_cosine_alone": round(float((alone * vectors[:ALONE]).sum(1).min()), 5)})
        print(rows[-1], flush=True)
    return rows


def fast_and_alike(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The profiles on which a variant meets the first two limits."""
    mine = [row for row in rows if row.get("variant") == name]
    return [row for row in mine if row["ratio_to_float32"] >= LEAST_GAIN and row["cosine"] >= LEAST_COSINE]


def measure_groups(candidates: list[Variant], data: Path) -> list[dict[str, Any]]:
    """AMI of the default communities on vectors of float32 and of each candidate, mean of the seeds."""
    find, rows = METHODS["communities (default)"], []
    known: dict[tuple[str, ...], Vectors] = {}  # two cases are about the same texts
    for case in CASES:
        texts, truth = load_case(replace(case, limit=min(case.limit, LABELLED_ROWS)), data)
        found = {}
        for name, _, at in candidates:
            key = (name, *texts)
            known[key] = known[key] if key in known else at(BUDGETS[0])(texts)
            problem = prepare(known[key], truth)
            found[name] = [adjusted_mutual_info_score(truth, find(problem, seed)) for seed in SEEDS]
        base = float(np.mean(found[FLOAT32]))
        for name, scores in found.items():
            row = {"set": case.name, "n": len(texts), "variant": name, "ami": round(float(np.mean(scores)), 4)}
            row |= {
                "ami_sd": round(float(np.std(scores, ddof=1)), 4),
                "ami_loss": round(base - float(np.mean(scores)), 4),
            }
            rows.append(row)
            print(row, flush=True)
    return rows


def judge(variant: Variant, speed: list[dict[str, Any]], groups: list[dict[str, Any]]) -> dict[str, Any]:
    """Apply the rule to one variant."""
    mine = [row for row in speed if row.get("variant") == variant.name]
    best = max(mine, key=lambda row: (row["cosine"] >= LEAST_COSINE, row["ratio_to_float32"]))
    says = f"at best {best['ratio_to_float32']:.2f} times float32 ({best['profile']}, cosine {best['cosine']:.4f})"
    losses = {row["set"]: row["ami_loss"] for row in groups if row["variant"] == variant.name}
    if losses:
        worst = max(losses, key=lambda name: losses[name])
        says += f"; AMI loss {np.mean(list(losses.values())):.3f} in the mean, {losses[worst]:.3f} at most ({worst})"
    kept = bool(losses) and bool(max(losses.values()) <= MOST_AMI_LOSS)
    return {"variant": variant.name, "kept": kept, "reason": says}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    options = parser.parse_args()
    if "TOPICGPU_DATA" not in os.environ:
        raise SystemExit("TOPICGPU_DATA is not set; it names the folder that holds data/")
    data = Path(os.environ["TOPICGPU_DATA"]) / "data"
    profiles = load_profiles(data)
    with tempfile.TemporaryDirectory() as scratch:
        variants, skipped = load_variants(Path(scratch), profiles)
        for name, why in skipped.items():
            print(f"left out: {name} ({why})", flush=True)
        rows = [row for name, texts in profiles.items() for row in measure_profile(name, texts, variants)]
        candidates = [v for v in variants if v.name == FLOAT32 or (v.int8 and fast_and_alike(rows, v.name))]
        groups = measure_groups(candidates, data)
        verdicts = [judge(variant, rows, groups) for variant in variants if variant.int8]
        print(*verdicts, sep="\n", flush=True)
        parts = [
            {"profile": name} | {"float32": breakdown(load_topicgpu(0), profiles[name][:n])}
            for name, n in TIMED.items()
        ]
        for path in sorted(Path(scratch).glob("int8-*.onnx"))[:1]:
            parts = [
                row | {"onnxruntime int8": onnx_operations(path, profiles[row["profile"]][: TIMED[row["profile"]]])}
                for row in parts
            ]
    settings = {
        "model": DEFAULT_MODEL,
        "rule": f"ratio >= {LEAST_GAIN} at cosine >= {LEAST_COSINE}, AMI loss <= {MOST_AMI_LOSS} on each labelled set",
        "threads": THREADS,
        "rounds": ROUNDS,
        "batch_tokens_tried": BUDGETS,
        "profile_seed": SEED,
        "sample_seed": SAMPLE_SEED,
        "seeds": SEEDS,
        "labelled_rows": LABELLED_ROWS,
        "least_cosine_alone": f"of {ALONE} texts embedded in a batch and alone, by the same variant",
        "down": "the product after the activation function",
        "left_out": skipped,
        "versions": {name: version(name) for name in _VERSIONS if find_spec(name)},
    }
    write_record(options.out, "int8", settings, [*rows, *groups, *parts, *verdicts])


_VERSIONS = ("transformers", "onnx", "onnxruntime", "openvino", "nncf")


if __name__ == "__main__":
    main()

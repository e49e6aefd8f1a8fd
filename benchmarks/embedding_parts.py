"""
Where does the time of one core go while it embeds?

    TOPICGPU_DATA=... python benchmarks/embedding_parts.py --out benchmarks/results/embedding-parts-MACHINE.json

torch's profiler sees one thread, so that a single core embeds one batch after the other here, as each core does in
`embedding.py`, where the rates are. The profiler's own cost is in the rest.
"""

import argparse
import os
from pathlib import Path

import torch

from embedding import load_topicgpu
from profiles import SEED, breakdown, load_profiles
from record import write_record
from topicgpu.config import DEFAULT_MODEL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--limit", type=int, default=300, help="texts of each profile at most")
    options = parser.parse_args()
    torch.set_num_threads(1)
    encoder, rows = load_topicgpu("float32", "cpu"), []
    encoder.encode(["weights are loaded at the first text"])
    for profile, texts in load_profiles(Path(os.environ["TOPICGPU_DATA"]) / "data").items():
        texts = texts[: options.limit]
        breakdown(encoder, texts)  # the first time is not counted
        rows.append({"profile": profile, "n": len(texts), "parts_of_time": breakdown(encoder, texts)})
        print(rows[-1], flush=True)
    write_record(options.out, "embedding_parts", {"model": DEFAULT_MODEL, "threads": 1, "seed": SEED}, rows)


if __name__ == "__main__":
    main()

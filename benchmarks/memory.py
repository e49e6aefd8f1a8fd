"""
Does the memory that embedding takes grow with the number of texts?

    python benchmarks/memory.py --out benchmarks/results/memory-MACHINE.json

Each size is a fresh process that embeds a stream of short made-up texts, all different, and writes the vectors to a
file; its peak is VmHWM of /proc/self/status (Linux). `loaded_mb` is that peak once the encoder has done its first
texts, so that `grown_mb` is what the stream added.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from record import write_record

SIZES = {"model": (2_000, 5_000, 10_000, 40_000), "static": (10_000, 50_000, 200_000)}
FIRST, SEED, LENGTH = 256, 0, (5, 15)
WORDS = """
    market price bank rate river bridge storm train station engine garden winter summer lesson teacher student paper
    answer question number measure table window light shadow color picture music song voice letter language word story
    history city village street house kitchen bread water salt sugar field farm animal horse bird forest island ocean
    ship captain map journey mountain road wheel metal glass stone fire smoke cloud rain wind night morning hour week
    doctor patient heart blood hand friend child family mother father king law court judge crime police army peace
    vote party leader speech news plan budget tax trade worker factory machine tool
""".split()


def made_up_texts(n: int) -> Iterator[str]:
    """Random words; the first three count the texts, so that no two are equal."""
    rng, base = random.Random(SEED), len(WORDS)
    for number in range(n):
        digits = (number % base, number // base % base, number // base**2)
        words = [WORDS[digit] for digit in digits] + rng.choices(WORDS, k=rng.randint(*LENGTH))
        yield " ".join(words)


def peak_mb() -> float:
    """Peak of this process alone: `ru_maxrss` would begin with what the parent held when it forked."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def one_size(tier: str, n: int) -> dict[str, Any]:
    """Measure in this process, which must have embedded nothing before."""
    from topicgpu.config import EmbeddingSection
    from topicgpu.device import resolve_device
    from topicgpu.embed import load_encoder
    from topicgpu.embed.locate import locate_model

    config = EmbeddingSection.model_validate({"tier": tier})
    files = locate_model(config.model, download=False, announce=print)
    encoder = load_encoder(config, files, resolve_device("cpu"), print)
    encoder.encode(list(made_up_texts(FIRST)))
    loaded, started, done = peak_mb(), time.perf_counter(), 0
    with tempfile.TemporaryFile() as file:
        for start, vectors in encoder.encode_windows(made_up_texts(n)):
            file.seek(start * vectors[0].nbytes)
            file.write(vectors.data)
            done += len(vectors)
    seconds, peak = time.perf_counter() - started, peak_mb()
    if done != n:
        raise SystemExit(f"{done} of {n} texts were embedded")
    figures = {"loaded_mb": loaded, "peak_mb": peak, "grown_mb": peak - loaded, "texts_per_s": n / seconds}
    return {"tier": tier, "n": n} | {name: round(value, 1) for name, value in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="JSON file to write")
    parser.add_argument("--divide", type=int, default=1, help="divide all sizes by this, for a trial")
    parser.add_argument("--one", nargs=2, metavar=("TIER", "N"), help="measure one size and print it")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one_size(options.one[0], int(options.one[1]))))
        return
    if options.out is None:
        parser.error("give --out FILE")
    rows = []
    one_size("static", FIRST)  # distills the table, if it is not there
    for tier, n in ((tier, n) for tier, sizes in SIZES.items() for n in sizes):
        command = [sys.executable, __file__, "--one", tier, str(n // options.divide)]
        printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        rows.append(json.loads(printed.splitlines()[-1]))
        print(rows[-1], flush=True)
    settings = {
        "encoder": "all-MiniLM-L6-v2",
        "device": "cpu",
        "texts": f"{3 + LENGTH[0]} to {3 + LENGTH[1]} random words",
        "seed": SEED,
        "texts_before_loaded": FIRST,
    }
    write_record(options.out, "memory", settings, rows)


if __name__ == "__main__":
    main()

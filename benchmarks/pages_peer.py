"""
One peer's page of the same corpus, made in an environment of its own.

    PEER/bin/python benchmarks/pages_peer.py PEER JOB OUT

PEER is bertopic, datamapplot, embedding-atlas or evidently. JOB is a folder with texts.json (texts, themes, dates: one
a segment) and arrays.npz (vectors, xy); OUT a folder for its pages. Nothing of topicgpu is needed. Each peer gets what
it asks for, with its defaults, and is told to work without a network where it can be told.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Job = dict[str, Any]


def bertopic(job: Job, out: Path) -> None:
    """BERTopic's figures, an HTML file each: it has no page that holds them all."""
    from bertopic import BERTopic

    texts, vectors = job["texts"], job["vectors"]
    years = [int(date[:4]) for date in job["dates"]]  # dates as text fail with pandas 3
    model = BERTopic()
    model.fit(texts, vectors)
    figures: dict[str, Callable[[], Any]] = {
        "topics": model.visualize_topics,
        "barchart": model.visualize_barchart,
        "hierarchy": model.visualize_hierarchy,
        "documents": lambda: model.visualize_documents(texts, embeddings=vectors, reduced_embeddings=job["xy"]),
        "topics_over_time": lambda: model.visualize_topics_over_time(model.topics_over_time(texts, years)),
    }
    for name, draw in figures.items():
        draw().write_html(out / f"{name}.html")


def datamapplot(job: Job, out: Path) -> None:
    """DataMapPlot's interactive map as it comes: its offline mode wants files that it fetches from the web before."""
    import datamapplot as library

    plot = library.create_interactive_plot(job["xy"], np.array(job["themes"]), hover_text=np.array(job["texts"]))
    plot.save(out / "map.html")


def embedding_atlas(job: Job, out: Path) -> None:
    """The static application that embedding-atlas exports."""
    import pandas as pd

    table = pd.DataFrame({"text": job["texts"], "theme": job["themes"], "date": job["dates"]})
    table[["x", "y"]] = job["xy"]
    table.to_parquet(out / "job.parquet")
    command = ["embedding-atlas", "job.parquet", "--text", "text", "--x", "x", "--y", "y"]
    command[0] = str(Path(sys.executable).with_name(command[0]))
    subprocess.run([*command, "--export-application", "application"], cwd=out, check=True)
    (out / "job.parquet").unlink()


def evidently(job: Job, out: Path) -> None:
    """Evidently's report on text: drift of the later half of the dates against the earlier."""
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    later = np.array(job["dates"]) > sorted(set(job["dates"]))[(len(set(job["dates"])) - 1) // 2]
    table = pd.DataFrame({"theme": job["themes"], "words": [len(text.split()) for text in job["texts"]]})
    table["text"] = job["texts"]
    kinds = DataDefinition(text_columns=["text"], categorical_columns=["theme"], numerical_columns=["words"])
    sides = [Dataset.from_pandas(table[side].reset_index(drop=True), kinds) for side in (later, ~later)]
    Report([DataDriftPreset()]).run(*sides).save_html(str(out / "report.html"))


PEERS = {"bertopic": bertopic, "datamapplot": datamapplot, "embedding-atlas": embedding_atlas, "evidently": evidently}


def main() -> None:
    name, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    job = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    with np.load(folder / "arrays.npz") as arrays:
        job |= {key: arrays[key] for key in arrays.files}
    PEERS[name](job, out)


if __name__ == "__main__":
    main()

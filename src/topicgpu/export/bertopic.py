"""A BERTopic model in its own format, and the documents that its methods ask for."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from topicgpu.export.finished import Finished
from topicgpu.export.joined import JOINED, joined
from topicgpu.report.withheld import withhold_columns
from topicgpu.store import write_table

_OWN = {"topic": pa.int64(), "time": pa.timestamp("s")}  # BERTopic of today reads no dates written as text


def write_bertopic(run: Finished, folder: Path) -> None:
    """
    Write model/ as safetensors, and documents.parquet: the documents of the model in their order.

    Parameters
    ----------
    run : Run
        With neighbors, clusters and themes.
    folder : Path
        That is there.

    Notes
    -----
    Where `report.text` is false neither the texts nor the table of words by topic are written: topics, their keywords
    and vectors are, and what BERTopic draws of those.
    """
    results = run.results()
    model = run.to_bertopic()
    model.save(folder / "model", serialization="safetensors", save_ctfidf=results.config.report.text)
    columns: dict[str, Any] = withhold_columns(joined(results), results)
    first_day = dict(zip(results.sources.source_id, results.sources.date_start, strict=True))
    columns["topic"] = list(model.topics_)
    days = [first_day[source_id] for source_id in results.segments.source_id]
    columns["time"] = np.array(days, dtype="datetime64[D]").astype("datetime64[s]")  # NaT where undated
    schema: dict[str, pa.DataType] = {name: kind for name, kind in JOINED.items() if name in columns}
    write_table(folder / "documents.parquet", columns, {}, _OWN | schema)

"""The map for DataMapPlot: places, and layers of labels from the finest to the coarsest."""

from pathlib import Path

import pyarrow as pa

from topicgpu.export.finished import Finished
from topicgpu.export.joined import JOINED
from topicgpu.export.places import placed
from topicgpu.store import write_table, write_text

UNLABELLED = "Unlabelled"  # DataMapPlot's word for a point without a label
_LAYERS = ("subtheme", "theme", "family")
_PLOT = """\
import datamapplot
import pandas as pd

table = pd.read_parquet("map.parquet")
layers = [table[name].to_numpy(dtype=object) for name in ("subtheme", "theme", "family") if name in table]
plot = datamapplot.create_interactive_plot(table[["x", "y"]].to_numpy(), *layers, hover_text={hover})
plot.save("map.html")
"""


def write_datamap(run: Finished, folder: Path) -> None:
    """
    Write map.parquet, and plot.py that draws it.

    Parameters
    ----------
    run : Run
        With a map and themes.
    folder : Path
        That is there.
    """
    _, columns = placed(run.results())
    layers = {name: columns[name] for name in _LAYERS if any(columns[name])}  # an empty layer can't be drawn
    columns |= {name: [label or UNLABELLED for label in labels] for name, labels in layers.items()}
    kept = ("segment_id", "x", "y", *layers, "title", "date", "genre", "period", "text")
    schema: dict[str, pa.DataType] = {name: JOINED[name] for name in kept if name in columns}
    write_table(folder / "map.parquet", columns, {}, schema)
    write_text(folder / "plot.py", _PLOT.format(hover='table["text"]' if "text" in columns else 'table["title"]'))

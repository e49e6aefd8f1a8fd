"""The map for embedding-atlas and DataMapPlot: columns as these programs take them."""

import numpy as np
import pandas as pd

from export.conftest import write_run
from topicgpu.export.datamap import UNLABELLED


def test_embedding_atlas_gets_places_text_themes_and_neighbors(harbour_run):
    folder = harbour_run.export("embedding-atlas")
    table = pd.read_parquet(folder / "segments.parquet")
    segments, xy = harbour_run.segments, harbour_run.map.xy
    rows = np.flatnonzero(np.isfinite(xy).all(axis=1))
    assert len(rows) == len(segments) - 1
    assert np.array_equal(table[["x", "y"]].to_numpy(), xy[rows])
    assert table["text"].tolist() == [segments.text[row] for row in rows]
    assert table["theme"].tolist()[0] == "Cranes and boxes"
    for row, neighbors in zip(rows, table["neighbors"], strict=True):
        assert set(neighbors) == {"ids", "distances"}
        expected = [i for i in harbour_run.neighbors.indices[row] if i in rows]
        assert [rows[i] for i in neighbors["ids"]] == expected
        assert len(neighbors["distances"]) == len(expected)


def test_embedding_atlas_gets_the_names_of_the_themes_as_labels(harbour_run):
    labels = pd.read_parquet(harbour_run.export("embedding-atlas") / "labels.parquet")
    assert list(labels.columns) == ["x", "y", "text", "level", "priority"]
    assert labels["text"].tolist() == ["Cranes and boxes", "ropes, nets", "Lamps <at> night"]
    assert labels["priority"].tolist() == [2, 3, 2]


def test_datamapplot_gets_a_layer_for_each_level_that_is_there(harbour_run):
    folder = harbour_run.export("datamapplot")
    table = pd.read_parquet(folder / "map.parquet")
    assert "subtheme" not in table
    assert "family" not in table
    assert table["theme"].tolist()[:5] == [
        "Cranes and boxes",
        "ropes, nets",
        "ropes, nets",
        "Lamps <at> night",
        UNLABELLED,
    ]
    assert table[["x", "y"]].notna().all().all()
    compile((folder / "plot.py").read_text(), "plot.py", "exec")


def test_without_text_titles_are_what_a_point_shows(tmp_path):
    folder = write_run(tmp_path / "run", text=False).export("datamapplot")
    assert 'hover_text=table["title"]' in (folder / "plot.py").read_text()

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from topicgpu.config import MapSection, NeighborsSection
from topicgpu.errors import MisalignedError
from topicgpu.neighbors import find_neighbors
from topicgpu.reduce import layout_map
from topicgpu.types import Embeddings, Repeats


def grouped(sizes, d=16, seed=0):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(len(sizes), d))
    vectors = np.repeat(centres, sizes, axis=0) + 0.2 * rng.normal(size=(sum(sizes), d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def mapped(vectors, served=None, seed=0):
    served = np.ones(len(vectors), dtype=bool) if served is None else served
    embeddings = Embeddings(vectors, served, "encoder", "revision", (), "rows")
    nothing = np.empty(0, dtype=np.int64)
    repeats = Repeats(nothing, nothing, (), np.empty(0), len(vectors), "rows")
    neighbors = find_neighbors(embeddings, repeats, NeighborsSection(), "cpu")
    return layout_map(embeddings, neighbors, MapSection(), seed)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 15])
def test_few_rows(n):
    found = mapped(grouped([n]))
    assert found.xy.shape == (n, 2)
    assert found.xy.dtype == np.float32
    assert np.isfinite(found.xy).all() == (n != 1)
    assert found.method == "principal axes"


def test_equal_rows_get_a_finite_place():
    assert np.isfinite(mapped(np.repeat(grouped([1]), 5, axis=0)).xy).all()


def test_an_encoder_of_one_number_gets_a_plane():
    assert mapped(np.ones((4, 1), dtype=np.float32)).xy.shape == (4, 2)


def test_other_segments_are_refused():
    vectors = grouped([4])
    embeddings = Embeddings(vectors, np.ones(4, dtype=bool), "encoder", "revision", (), "rows")
    others = Embeddings(vectors, np.ones(4, dtype=bool), "encoder", "revision", (), "others")
    nothing = np.empty(0, dtype=np.int64)
    repeats = Repeats(nothing, nothing, (), np.empty(0), 4, "others")
    neighbors = find_neighbors(others, repeats, NeighborsSection(), "cpu")
    with pytest.raises(MisalignedError, match="Neighbors was made from the segments"):
        layout_map(embeddings, neighbors, MapSection(), 0)


@pytest.mark.slow
def test_groups_stay_together_and_rows_without_part_have_no_place():
    vectors = grouped([40, 40, 40])
    served = np.ones(120, dtype=bool)
    served[[3, 77]] = False
    found = mapped(vectors, served)
    assert found.method.startswith("UMAP: reference (torch): ")
    assert np.isnan(found.xy[~served]).all()
    places, groups = found.xy[served], np.repeat([0, 1, 2], 40)[served]
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (groups[apart.argmin(axis=1)] == groups).all()


@pytest.mark.slow
def test_one_seed_gives_one_map_in_every_process():
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_map import grouped, mapped\n"
        "print(mapped(grouped([30, 30]), seed=4).xy.tobytes().hex())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", program, str(Path(__file__).parent)],
            env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        for hash_seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stderr == ""

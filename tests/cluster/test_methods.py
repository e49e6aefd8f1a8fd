"""The methods of other packages: what they are handed, what is made of their answer, and what is said without them."""

import sys
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, homogeneity_score

from cluster.test_find import clustered, grouped
from topicgpu.config import ClusterSection
from topicgpu.errors import ConfigError, MissingExtraError


def test_kmeans_finds_separated_groups():
    vectors, groups = grouped([20, 60, 40])
    found = clustered(vectors, method="kmeans", n_clusters=3)
    assert adjusted_rand_score(groups, found.labels) == 1.0
    assert np.bincount(found.labels).tolist() == [60, 40, 20]
    assert found.method == "kmeans: k-means, 3 clusters"


def test_the_strength_of_kmeans_is_the_cosine_with_the_mean():
    vectors, groups = grouped([30, 30])
    found = clustered(vectors, method="kmeans", n_clusters=2)
    means = np.stack([vectors[groups == group].mean(axis=0) for group in groups])
    cosines = (vectors * means).sum(axis=1) / np.linalg.norm(means, axis=1)
    np.testing.assert_allclose(found.strengths, cosines, rtol=1e-5)
    one_mean = clustered(np.concatenate([vectors, -vectors[:5]]), method="kmeans", n_clusters=1)
    assert (one_mean.strengths[-5:] == 0).all()


def test_kmeans_leaves_out_rows_that_take_no_part_and_small_clusters():
    vectors, groups = grouped([30, 30, 4], noise=0.01)
    served = np.ones(64, dtype=bool)
    served[:7] = False
    found = clustered(vectors, served, method="kmeans", n_clusters=3, min_size=5)
    assert (found.labels[~served] == -1).all()
    assert (found.labels[served & (groups == 2)] == -1).all()
    assert set(found.labels[served & (groups < 2)]) == {0, 1}


def test_more_clusters_than_rows_are_refused():
    with pytest.raises(ConfigError, match=r"cluster.n_clusters = 9 must be at most 8, the segments that take part"):
        clustered(grouped([8])[0], method="kmeans", n_clusters=9)


def test_fewer_different_rows_than_clusters_give_fewer_clusters():
    assert set(clustered(np.ones((12, 4), dtype=np.float32) / 2, method="kmeans", n_clusters=3).labels) == {0}


@pytest.mark.parametrize("n", [0, 1])
def test_nothing_to_divide_is_unassigned(n):
    assert clustered(grouped([n])[0], method="kmeans", n_clusters=3).labels.tolist() == [-1] * n


@pytest.mark.parametrize("settings", [{"method": "kmeans"}, {"n_clusters": 4}])
def test_a_number_of_clusters_is_for_kmeans_and_needed_there(settings):
    with pytest.raises(ValueError, match="n_clusters is what method kmeans needs and no other method takes"):
        ClusterSection(**settings)


@pytest.mark.parametrize(("method", "extra"), [("evoc", r"topicgpu\[evoc\]"), ("cuml", r"topicgpu\[cuda12\]")])
def test_a_package_that_is_not_installed_is_named_with_its_extra(method, extra):
    if find_spec(method) is not None:
        pytest.skip(f"{method} is installed")
    with pytest.raises(MissingExtraError, match=f'cluster.method = "{method}" needs {method}.*{extra}'):
        clustered(grouped([20])[0], method=method)


@pytest.mark.slow
def test_evoc_honours_its_seed_and_its_strengths_are_shares():
    pytest.importorskip("evoc")
    vectors, groups = grouped([40, 60, 80])
    found, again = (clustered(vectors, method="evoc", seed=3) for _ in range(2))
    kept = found.labels >= 0
    assert kept.mean() > 0.5
    assert homogeneity_score(groups[kept], found.labels[kept]) > 0.9
    assert found.strengths.min() >= 0
    assert found.strengths.max() <= 1
    assert found.labels.tolist() == again.labels.tolist()


class _StandIn:
    """An estimator of a package that is not here: keeps what it is handed, and answers as it is told."""

    made: list = []  # noqa: RUF012 - cleared by the fixture

    def __init__(self, **settings):
        self.settings = settings
        self.made.append(self)

    def fit(self, vectors):
        self.labels_ = np.where(np.arange(len(vectors)) < len(vectors) - 2, 7, -1).astype(np.int32)
        self.probabilities_ = np.linspace(0, 1.0001, len(vectors)).astype(np.float32)
        return self

    def fit_transform(self, vectors):
        return vectors[:, :5]


@pytest.fixture
def stand_in_for_cuml(monkeypatch):
    """Not cuML, which needs a GPU: modules with the same names, to see what would be asked of it."""
    _StandIn.made.clear()
    package = ModuleType("cuml")
    package.__spec__ = SimpleNamespace(name="cuml")
    monkeypatch.setitem(sys.modules, "cuml", package)
    for name in ("cluster", "manifold"):
        module = ModuleType(f"cuml.{name}")
        module.HDBSCAN = module.UMAP = _StandIn
        monkeypatch.setitem(sys.modules, f"cuml.{name}", module)
    return _StandIn.made


def test_what_cuml_would_be_asked_and_what_is_made_of_its_answer(stand_in_for_cuml):
    vectors, _ = grouped([40])
    found = clustered(vectors, method="cuml", min_size=9, seed=5)
    umap, hdbscan = (made.settings for made in stand_in_for_cuml)
    assert umap == {
        "n_neighbors": 15,
        "n_components": 5,
        "min_dist": 0.0,
        "metric": "cosine",
        "random_state": 5,
        "output_type": "numpy",
    }
    assert hdbscan == {"min_cluster_size": 9, "output_type": "numpy"}
    assert found.labels.tolist() == [0] * 38 + [-1] * 2
    assert found.labels.dtype == np.int64
    assert found.strengths.max() <= 1
    assert clustered(grouped([15])[0], method="cuml").labels.tolist() == [-1] * 15

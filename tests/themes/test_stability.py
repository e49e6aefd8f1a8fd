import numpy as np
import pytest

from planted.vectors import graph_of, planted_vectors
from topicgpu.cluster import communities_of
from topicgpu.config import ThemesSection
from topicgpu.themes.stability import discovered_stability, guided_stability, samples, stability
from topicgpu.types import Levels

STABLE_FROM = ThemesSection.model_fields["stable_from"].default


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("by", ["chance", "a plane"])
def test_half_of_a_wide_theme_is_marked_and_close_themes_are_not(seed, by):
    vectors, theme_of = planted_vectors((30, 40, 60, 40), 60, seed)
    rng = np.random.default_rng(seed)
    wide = np.flatnonzero(theme_of == 4)
    side = rng.random(60) if by == "chance" else (vectors[wide] - vectors[wide].mean(axis=0)) @ rng.normal(size=64)
    theme_of[wide[np.argsort(side)[:30]]] = 5
    found = discovered_stability(
        theme_of, graph_of(vectors), Levels(theme_of[None], (1.0,), 0), communities_of, 5, seed
    )
    assert (found[:4] > 0.95).all()
    assert (found[4:] < STABLE_FROM).all()


def test_what_a_search_makes_of_a_wide_theme_alone_is_mostly_marked():
    vectors, nothing = planted_vectors((), 400, 0)
    groups = communities_of(graph_of(vectors), 1.0, 0)
    levels = Levels(nothing[None], (1.0,), 0)
    found = discovered_stability(groups, graph_of(vectors), levels, communities_of, 5, 0)
    assert len(found) > 3
    assert np.mean(found < STABLE_FROM) > 0.8


def test_the_number_is_the_mean_overlap_over_the_runs():
    groups = np.repeat([0, 1], 50)

    def regroup(places, seed):
        return groups[places] if seed == 11 else np.zeros(len(places), dtype=np.int64)  # one run knows, one does not

    found = stability(groups, regroup, [np.arange(100), np.arange(100)], seed=10)
    assert found == pytest.approx([0.75, 0.75])


def test_a_theme_that_no_run_saw_has_no_number():
    found = stability(np.array([0, 0, 1]), lambda places, _: np.zeros(len(places), dtype=np.int64), [np.arange(2)], 0)
    assert found[0] == 1
    assert np.isnan(found[1])


def test_samples_are_nine_in_ten_rows():
    parts = list(samples(200, 3, 0))
    assert [len(part) for part in parts] == [180] * 3
    assert len({tuple(part) for part in parts}) == 3
    assert all((np.diff(part) > 0).all() for part in parts)
    assert [part.tolist() for part in samples(200, 3, 0)] == [part.tolist() for part in parts]


@pytest.mark.parametrize(("n", "runs"), [(10_000, 5), (40_000, 2), (300_000, 1)])
def test_a_large_corpus_has_fewer_runs_and_no_smaller_samples(n, runs):
    theme_of, seen = np.zeros(n, dtype=np.int64), []

    def guide(rows):
        seen.append(len(rows))
        return theme_of[rows]

    assert guided_stability(theme_of, 1, guide, 5, 0)[0] == 1
    assert seen == [n * 9 // 10] * runs
    guided_stability(theme_of, 1, guide, 0, 0)
    assert len(seen) == runs


def test_guided_themes_depend_on_the_corpus_as_far_as_their_rule_does():
    truth = np.repeat([0, 1, -1], 40)
    assert guided_stability(truth, 3, lambda rows: truth[rows], 5, 0)[:2].tolist() == [1, 1]
    assert np.isnan(guided_stability(truth, 3, lambda rows: truth[rows], 5, 0)[2])
    fickle = guided_stability(truth, 2, lambda rows: np.where(rows % 2, truth[rows], -1), 5, 0)
    assert fickle == pytest.approx([0.5, 0.5], abs=0.05)


def test_without_runs_or_levels_nothing_is_measured():
    theme_of = np.repeat([0, 1], 20)
    graph = graph_of(planted_vectors((20, 20), 0, 0)[0], 15)
    assert np.isnan(discovered_stability(theme_of, graph, None, communities_of, 5, 0)).tolist() == [True, True]
    levels = Levels(theme_of[None], (1.0,), 0)
    assert np.isnan(discovered_stability(theme_of, graph, levels, communities_of, 0, 0)).tolist() == [True, True]

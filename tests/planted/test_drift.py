import numpy as np
import pytest

from planted import drift
from planted.replications import Effect, mean_distances, planted_case


def _rng(seed=0):
    return np.random.default_rng(seed)


def test_sources_differ_in_length_and_keep_to_a_theme_for_some_segments():
    said = drift.talk(_rng(), drift.draw_shares(_rng(), drift.genres(_rng(), np.zeros(300, dtype=np.int64))))
    lengths = np.bincount(said.source)
    assert (lengths.min(), lengths.max()) == (20, 600)
    assert np.quantile(lengths, 0.9) > 4 * np.quantile(lengths, 0.1)
    assert 0.7 < (said.theme[1:] == said.theme[:-1]).mean() < 0.85
    assert said.shares.sum(axis=1).max() <= 1 + 1e-12


@pytest.mark.parametrize("points", [0.05, -0.03])
def test_a_share_moves_by_the_points_and_other_themes_stay(points):
    shares = drift.draw_shares(_rng(), drift.genres(_rng(), np.zeros(4000, dtype=np.int64)))
    after = np.arange(4000) >= 2000
    moved = drift.move_share(shares, after, points)
    assert (moved - shares)[after, drift.SHARED].mean() == pytest.approx(points, rel=0.05)
    assert np.array_equal(moved[~after], shares[~after])
    assert np.array_equal(moved[:, 2:-1], shares[:, 2:-1])
    assert moved.min() >= 0
    assert moved.sum(axis=1) == pytest.approx(1)


def test_wander_has_the_coefficient_and_the_spread_from_the_first_step():
    paths = np.stack([drift.wander(_rng(seed), 40, 0.7) for seed in range(2000)])
    assert paths.std(axis=0) == pytest.approx(0.7, rel=0.1)
    assert np.corrcoef(paths[:, :-1].ravel(), paths[:, 1:].ravel())[0, 1] == pytest.approx(0.5, abs=0.02)


def test_the_mix_moves_and_what_is_inside_genres_stays():
    case = planted_case(_rng(), "mix", (1000, 1000))
    later, genre = case.later, case.units.stratum
    assert genre[later].mean() > 0.7
    assert genre[~later].mean() < 0.3
    share = case.shares[:, drift.SHARED]
    assert share[later].mean() - share[~later].mean() > 0.03
    for number in (0, 1):
        inside = genre == number
        assert share[inside & later].mean() == pytest.approx(share[inside & ~later].mean(), abs=0.02)


def test_content_and_terms_move_without_the_share():
    still, moved = (
        planted_case(_rng(), "exchangeable", (40, 40), effect) for effect in (Effect(), Effect(content=0.5, terms=3.0))
    )
    assert np.array_equal(still.shares, moved.shares)
    assert not np.allclose(still.terms[40:], moved.terms[40:])
    means = [
        [case.vectors[(case.source < 40) == before].mean(axis=0) for before in (True, False)] for case in (still, moved)
    ]
    sides = [np.linalg.norm(after - before) for before, after in means]
    assert sides[1] > 0.3 > sides[0]


def test_mean_distances_are_those_of_all_pairs():
    vectors = _rng().normal(size=(6, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    table = mean_distances(vectors, np.array([0, 0, 0, 2, 2, 2]), 3)
    apart = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    assert table[0, 2] == pytest.approx(apart[:3, 3:].mean(), abs=1e-6)
    assert table[0, 0] == pytest.approx(apart[:3, :3].mean(), abs=1e-3)  # float32: a row is not quite 0 from itself
    assert table[1].tolist() == [0, 0, 0]

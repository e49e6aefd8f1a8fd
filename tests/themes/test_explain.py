"""Why a segment has its themes, on the hand-made segments of the stage's tests."""

from dataclasses import replace

import numpy as np
import pytest

from planted.tables import Row, tables
from themes.test_find_themes import SUBJECTS, encode, guided
from topicgpu.cluster import communities_of
from topicgpu.config import ThemesSection
from topicgpu.themes import find_themes
from topicgpu.themes.explain import explain
from topicgpu.types import Clusters, Neighbors

SAID = ["bread"] * 4 + ["rocket"] * 4 + ["garden"] * 8 + ["hm"] * 16


@pytest.fixture(scope="module")
def made():
    """Tables, themes (bread and rocket guided, garden discovered) and settings; like subjects are neighbors."""
    n = len(SAID)
    base = tables([Row(f"s{row // 4}", words=30) for row in range(n)], {f"s{row // 4}": "2024" for row in range(n)})
    segments = replace(base.segments, text=tuple(SUBJECTS.get(subject, "Hm.") for subject in SAID))
    rows = segments.fingerprint
    vectors = encode(segments.text) + 0.1 * np.random.default_rng(0).normal(size=(n, len(SUBJECTS) + 12))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    embeddings = replace(base.embeddings, vectors=vectors, rows=rows)
    distances = 1 - vectors @ vectors.T
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1)[:, :3]
    neighbors = Neighbors(nearest, np.take_along_axis(distances, nearest, axis=1).clip(0), "cosine", True, None, rows)
    repeats = replace(base.repeats, rows=rows)
    labels = np.array([{"garden": 0}.get(subject, -1) for subject in SAID])
    clusters = Clusters(labels, np.where(labels < 0, 0, 0.75).astype(np.float32), "hand", rows)
    config = ThemesSection(guided=guided("bread", "rocket"), background=(), min_segments=4)
    themes = find_themes(segments, embeddings, repeats, neighbors, clusters, config, 0, encode, communities_of)
    return segments, embeddings, repeats, neighbors, themes, config, encode


def test_a_guided_theme_is_explained_by_phrases_terms_steps_and_neighbors(made):
    explanation = explain(*made, row=1)
    segments, themes = made[0], made[4]
    first, runner_up = explanation.themes
    assert (first.theme_id, first.kind, first.rank) == ("bread", "guided", 1)
    assert first.phrases[0][1] == max(cosine for _, cosine in first.phrases)
    assert all("bread" in phrase.lower() for phrase, _ in first.phrases)
    assert first.terms == ("bread",)
    assert "flour" in first.grown_terms
    assert dict(first.steps)["in order"] == pytest.approx(first.strength)
    assert first.strength == pytest.approx(float(themes.strength[(themes.row == 1) & (themes.rank == 1)][0]), abs=1e-6)
    assert set(first.neighbors) <= set(segments.segment_id[:4])
    assert runner_up.rank is None
    assert runner_up.strength < first.strength


def test_a_discovered_theme_is_explained_by_its_keywords_and_neighbors(made):
    explanation = explain(*made, row=9)
    discovered = explanation.themes[0]
    assert (discovered.kind, discovered.rank) == ("discovered", 1)
    assert "garden" in discovered.terms
    assert set(discovered.neighbors) <= set(made[0].segment_id[8:16])


def test_a_segment_about_nothing_shows_what_came_nearest(made):
    explanation = explain(*made, row=30)
    (nearest,) = explanation.themes
    assert nearest.rank is None
    assert explanation.no_theme > nearest.strength


def test_an_explanation_reads_as_text(made):
    text = str(explain(*made, row=1))
    assert text.splitlines()[0] == made[0].segment_id[1]
    assert "theme 1: Bread (bread), strength " in text
    assert "not carried: Rocket (rocket)" in text
    assert "terms: bread" in text
    assert "no guided theme: 0." in text

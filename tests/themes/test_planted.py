"""Planted corpora with the real encoder, from text files to findings: what was planted is found."""

import json

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import topicgpu
from planted.generator import NO_THEME, planted_corpus
from topicgpu.config import DEFAULT_MODEL
from topicgpu.embed.locate import locate_model
from topicgpu.errors import ModelError, RunFolderError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning"),
]
GUIDED = {
    "gardening": ("growing flowers and vegetables in a garden", "sowing seeds, pruning plants", "compost and pests"),
    "sailing": ("sailing boats at sea", "hoisting sails in the wind", "anchoring in the harbour with the crew"),
    "baking": ("baking bread and cakes at home", "kneading dough and letting it rise", "a cake in the oven"),
    "chess": ("playing chess games and tournaments", "openings and endgames", "losing a knight or a rook"),
    "football": ("football matches, players and clubs", "scoring from a penalty", "the manager and the league"),
    "astronomy": ("watching stars and planets in the night sky", "telescopes and galaxies", "meteor showers"),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    try:
        locate_model(DEFAULT_MODEL, False, pytest.fail)
    except ModelError as error:
        pytest.skip(f"the default encoder is not on this machine: {error}")
    return planted_corpus(tmp_path_factory.mktemp("planted") / "texts", 0, words_per_source=2500)


def run(planted, folder, themes):
    path = folder / "planted.toml"
    lines = ["[corpus]", f"path = {json.dumps(str(planted.folder))}", "[embedding]", 'device = "cpu"', *themes]
    path.write_text("\n".join(lines))
    return topicgpu.run(path, folder / "run")


@pytest.fixture(scope="module")
def guided(planted, tmp_path_factory):
    themes = ["[themes]", "discover = false"]
    for name, (description, *seeds) in GUIDED.items():
        themes += ["[[themes.guided]]", f'id = "{name}"', f'name = "{name}"', f'description = "{description}"']
        themes += [f"seeds = {json.dumps(seeds)}"]
    return run(planted, tmp_path_factory.mktemp("guided"), themes)


@pytest.fixture(scope="module")
def discovered(planted, tmp_path_factory):
    return run(planted, tmp_path_factory.mktemp("discovered"), [])


def truth_of(planted, segments):
    places = zip(segments.source_id, segments.start_char, segments.end_char, strict=True)
    return [planted.theme_of(*place) for place in places]


def found_by(themes, truth):
    """The planted theme that most segments of each found one are about."""
    names = np.array(truth)
    return [
        max(set(truth), key=lambda name: (names[themes.primary == i] == name).sum()) for i in range(len(themes.themes))
    ]


def test_guided_themes_are_the_planted_ones(planted, guided):
    truth = truth_of(planted, guided.segments)
    assert adjusted_rand_score(truth, guided.themes.primary) > 0.7
    assert found_by(guided.themes, truth) == list(GUIDED)


def test_shares_are_near_those_planted(planted, guided):
    table = guided.drift.prevalence
    errors = [
        abs(table.share[row] - planted.shares[table.key[row]][table.theme_id[row] or NO_THEME])
        for row in range(len(table))
        if (table.level[row], table.measure[row], table.unit[row]) == ("source", "primary", "words")
    ]
    assert len(errors) == 6 * (len(GUIDED) + 1)
    assert max(errors) < 0.12
    assert np.mean(errors) < 0.03


def test_what_appears_and_fades_is_found(planted, guided):
    found = {finding.theme_id: finding.kind for finding in guided.drift.findings}
    assert {theme for theme, kind in found.items() if kind == "appears"} == {"gardening"}
    assert {theme for theme, kind in found.items() if kind == "fades"} == {"sailing"}
    for theme, kind in found.items():
        assert kind == planted.truth[theme]


def test_discovery_finds_about_as_many_themes_and_the_same_drift(planted, discovered):
    truth = truth_of(planted, discovered.segments)
    names = found_by(discovered.themes, truth)
    assert set(GUIDED) <= set(names)
    assert len(GUIDED) <= len(names) <= len(GUIDED) + 3
    assert adjusted_rand_score(truth, discovered.themes.primary) > 0.65
    ids = [theme.theme_id for theme in discovered.themes.themes]
    found = {(names[ids.index(f.theme_id)], f.kind) for f in discovered.drift.findings}
    assert {name for name, kind in found if kind == "appears"} == {"gardening"}
    assert {name for name, kind in found if kind == "fades"} == {"sailing"}


def test_a_run_explains_a_segment_and_knows_its_own(guided):
    first = int(guided.themes.row[0])
    explanation = guided.explain(guided.segments.segment_id[first])
    theme = guided.themes.themes[guided.themes.theme[0]]
    assert explanation.themes[0].theme_id == theme.theme_id
    assert explanation.themes[0].strength == pytest.approx(float(guided.themes.strength[0]), abs=1e-4)
    with pytest.raises(RunFolderError, match="has no segment 'nobody:0-1'"):
        guided.explain("nobody:0-1")

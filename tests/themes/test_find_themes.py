"""The whole stage on hand-made segments: guided themes, then what the rest shows."""

from dataclasses import replace

import numpy as np
import pytest

from planted.tables import Row, tables
from topicgpu.cluster import communities_of
from topicgpu.config import GuidedTheme, NeighborsSection, ThemesSection
from topicgpu.errors import MisalignedError
from topicgpu.neighbors import find_neighbors
from topicgpu.themes import find_themes
from topicgpu.types import Clusters, Levels

SUBJECTS = {
    "bread": "The bread and the flour stay in the warm oven for another hour before the crust of the bread is brown.",
    "rocket": "A rocket with one engine climbs to orbit while the second rocket engine waits on the pad for fuel.",
    "garden": "In the garden we plant seeds, water the soil, and wait for the garden seeds to come up in spring.",
    "chess": "The knight takes the bishop, and the chess player looks at the clock before the knight moves again.",
}
LABELS = {subject: label for label, subject in enumerate(SUBJECTS)}


def encode(texts):
    """One axis a subject that a text names."""
    axes = np.eye(len(SUBJECTS) + 12)
    rows = [sum((axes[LABELS[word]] for word in SUBJECTS if word in text.lower()), axes[-1] * 0.1) for text in texts]
    return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32).reshape(len(texts), len(axes))


def stage(subjects, served=None, repeats=(), clusters=None, **settings):
    """Run the stage; one source in each four segments, and clusters that know the subjects unless others are given."""
    n = len(subjects)
    repeat_of = dict(repeats)
    rows = [
        Row(f"s{row // 4}", words=30, served=served is None or served[row], repeats=repeat_of.get(row))
        for row in range(n)
    ]
    made = tables(rows, {f"s{row // 4}": "2024" for row in range(n)})
    segments = replace(made.segments, text=tuple(SUBJECTS.get(subject, "Hm.") for subject in subjects))
    vectors = encode(segments.text) + 0.1 * np.random.default_rng(0).normal(size=(n, len(SUBJECTS) + 12))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    vectors[~made.embeddings.served] = 0
    labels = np.array(
        [LABELS.get(subject, -1) for subject in subjects] if clusters is None else clusters, dtype=np.int64
    )
    labels = np.where(made.embeddings.served, labels, -1)
    rows_of = segments.fingerprint
    embeddings = replace(made.embeddings, vectors=vectors, rows=rows_of)
    said = replace(made.repeats, rows=rows_of)
    depth = np.where(labels < 0, 0, 0.75).astype(np.float32)
    return segments, find_themes(
        segments,
        embeddings,
        said,
        find_neighbors(embeddings, said, NeighborsSection(k=8), "cpu"),
        Clusters(labels, depth, "hand", rows_of, Levels(labels[None], (1.0,), 0)),
        ThemesSection(**{"min_segments": 4, "background": (), **settings}),
        0,
        encode,
        communities_of,
    )


def guided(*names):
    return tuple(GuidedTheme(id=name, name=name.capitalize(), description=f"the {name}") for name in names)


MIXED = ["bread"] * 4 + ["rocket"] * 4 + ["garden"] * 8 + ["chess"] * 8 + ["hm"] * 16


def test_guided_first_then_what_they_leave():
    _, themes = stage(MIXED, guided=guided("bread", "rocket"))
    assert [(theme.kind, theme.size) for theme in themes.themes] == [
        ("guided", 4),
        ("guided", 4),
        ("discovered", 8),
        ("discovered", 8),
    ]
    assert [theme.theme_id for theme in themes.themes[:2]] == ["bread", "rocket"]
    assert [theme.description for theme in themes.themes] == ["the bread", "the rocket", None, None]
    assert themes.primary.tolist() == [0] * 4 + [1] * 4 + [2] * 8 + [3] * 8 + [-1] * 16
    assert (themes.strength[themes.theme >= 2] < 0.75).all()
    assert (themes.strength[themes.theme >= 2] > 0.6).all()
    assert [theme.stability > 0.9 for theme in themes.themes[2:]] == [True, True]


def test_rows_are_ascending_and_ranks_count_from_one():
    _, themes = stage(MIXED, guided=guided("bread", "rocket", "garden"))
    order = list(zip(themes.row.tolist(), themes.rank.tolist(), strict=True))
    assert order == sorted(order)
    for row in set(themes.row.tolist()):
        assert themes.rank[themes.row == row].tolist() == list(range(1, int((themes.row == row).sum()) + 1))
    assert ((themes.strength >= 0) & (themes.strength <= 1)).all()


def test_discovered_only():
    _, themes = stage(MIXED)
    assert [theme.kind for theme in themes.themes] == ["discovered"] * 4
    assert [theme.size for theme in themes.themes] == [8, 8, 4, 4]
    assert len(themes.near_row) == 0


def test_guided_only():
    _, themes = stage(MIXED, guided=guided("bread"), discover=False)
    assert [theme.theme_id for theme in themes.themes] == ["bread"]
    assert themes.primary.tolist() == [0] * 4 + [-1] * 36


def test_rows_in_other_languages_get_no_theme_and_lend_no_words():
    served = [row % 2 == 0 for row in range(len(MIXED))]
    segments, themes = stage(MIXED, served=served, guided=guided("bread"), min_segments=2)
    assert set(themes.row.tolist()) <= set(np.flatnonzero(served).tolist())
    assert set(themes.near_row.tolist()) <= set(np.flatnonzero(served).tolist())
    assert {segments.segment_id.index(name) % 2 for theme in themes.themes for name in theme.exemplars} == {0}


def test_no_served_rows_leave_the_guided_themes_empty():
    _, themes = stage(["bread"] * 4, served=[False] * 4, guided=guided("bread", "rocket"))
    assert [(theme.theme_id, theme.size) for theme in themes.themes] == [("bread", 0), ("rocket", 0)]
    assert [(theme.keywords, theme.exemplars) for theme in themes.themes] == [((), ()), ((), ())]
    assert len(themes.row) == len(themes.near_row) == 0


@pytest.mark.parametrize("subjects", [[], ["bread"]])
def test_no_rows_and_one_row(subjects):
    _, themes = stage(subjects, guided=guided("bread"))
    assert [theme.size for theme in themes.themes] == [0]
    assert themes.primary.tolist() == [-1] * len(subjects)


def test_repeats_carry_the_theme_and_are_not_counted():
    subjects = [*MIXED, "chess", "chess"]
    _, plain = stage(subjects, guided=guided("bread"))
    segments, themes = stage(subjects, guided=guided("bread"), repeats=[(40, 16), (41, 16)])
    chess = [theme.size for theme in themes.themes if "knight" in dict(theme.keywords)]
    assert chess == [8]
    assert [theme.size for theme in plain.themes if "knight" in dict(theme.keywords)] == [10]
    assert themes.primary[40] == themes.primary[41] == themes.primary[16]
    quoted = {segments.segment_id.index(name) for theme in themes.themes for name in theme.exemplars}
    assert not quoted & {40, 41}


def test_no_segment_carries_more_themes_than_allowed():
    _, themes = stage(MIXED, guided=guided("bread", "rocket"), max_per_segment=1)
    assert set(themes.rank.tolist()) == {1}


def test_near_rows_do_not_carry_the_theme_that_they_come_near():
    _, themes = stage(MIXED, guided=guided("bread", "rocket", "garden"))
    carried = set(zip(themes.row.tolist(), themes.theme.tolist(), strict=True))
    near = set(zip(themes.near_row.tolist(), themes.near_theme.tolist(), strict=True))
    assert not carried & near
    assert (themes.near_strength >= 0.05).all()


def test_keywords_and_exemplars_come_from_the_themes_own_segments():
    segments, themes = stage(MIXED, guided=guided("bread", "rocket"), n_keywords=3, n_exemplars=2)
    for theme, subject in zip(themes.themes[:2], ("bread", "rocket"), strict=True):
        assert len(theme.keywords) == 3
        assert all(word in SUBJECTS[subject].lower() for term, _ in theme.keywords for word in term.split())
        assert len(theme.exemplars) == 2
        rows = [segments.segment_id.index(name) for name in theme.exemplars]
        assert {segments.text[row] for row in rows} == {SUBJECTS[subject]}


def test_ids_are_unique_and_the_same_again():
    twice = [0] * 4 + [1] * 4 + [2] * 8 + [3] * 4 + [4] * 4 + [-1] * 16  # the talk of chess in two groups
    _, once = stage(MIXED, clusters=twice)
    _, again = stage(MIXED, clusters=twice)
    ids = [theme.theme_id for theme in once.themes]
    assert ids == ["d1", "d2", "d3", "d4", "d5"]
    assert ids == [theme.theme_id for theme in again.themes]
    assert len({theme.name for theme in once.themes}) == 5  # two groups say the same, and are told apart


def test_wide_themes_have_parts_that_carry_their_parents_segments():
    subjects = [*(["bread"] * 20 + ["rocket"] * 20 + ["garden"] * 20), *["chess"] * 20]
    _, themes = stage(subjects, clusters=[0] * 60 + [1] * 20, min_segments=8)
    assert [(theme.level, theme.parent_id, theme.size) for theme in themes.subthemes] == [("subtheme", "d1", 20)] * 3
    assert [theme.theme_id for theme in themes.all] == ["d1", "d2", "d3", "d4", "d5"]
    assert themes.sub_row.tolist() == list(range(60))
    assert (themes.primary[themes.sub_row] == 0).all()
    assert len({tuple(themes.sub[start : start + 20]) for start in (0, 20, 40)}) == 3
    assert sorted(theme.keywords[0].term in SUBJECTS["bread"] for theme in themes.subthemes) == [False, False, True]
    _, without = stage(subjects, clusters=[0] * 60 + [1] * 20, min_segments=8, subthemes=False)
    assert without.subthemes == ()
    assert len(without.sub_row) == 0


def test_a_guided_theme_that_discovery_finds_again_says_so_and_is_not_doubled():
    _, themes = stage(MIXED, guided=guided("garden"))
    assert themes.themes[0].found_again == pytest.approx(8 / 9)  # it has one row more
    assert not [theme for theme in themes.themes[1:] if "garden" in theme.name]


def test_soft_noise_has_a_further_theme_and_no_primary_one():
    _, themes = stage(MIXED, noise={"policy": "soft"})
    assert (themes.primary[24:] == -1).all()
    assert set(themes.row[themes.rank == 2].tolist()) == set(range(24, 40))
    _, assigned = stage(MIXED, noise={"policy": "assign"})
    assert (assigned.primary >= 0).all()


def test_rows_too_unsure_for_a_guided_theme_make_no_other_one():
    _, sure = stage(MIXED, guided=guided("garden", "chess"))
    _, strict = stage(MIXED, guided=guided("garden", "chess"), threshold=1.0)
    assert [theme.size for theme in strict.themes[:2]] == [0, 0]
    assert [theme.size for theme in strict.themes[2:]] == [theme.size for theme in sure.themes[2:]]


def test_repeats_make_no_theme_unstable():
    once, again = MIXED, MIXED + MIXED
    copies = [(row + len(once), row) for row in range(len(once))]
    _, without = stage(once, guided=guided("bread", "rocket"))
    _, with_copies = stage(again, guided=guided("bread", "rocket"), repeats=copies)
    for before, after in zip(without.themes[:2], with_copies.themes[:2], strict=True):
        assert after.size == before.size
        assert after.stability == pytest.approx(before.stability, abs=0.1)
        assert not after.unstable


def test_stability_is_not_measured_without_runs():
    _, themes = stage(MIXED, guided=guided("bread"), stability_runs=0)
    assert {theme.stability for theme in themes.themes} == {None}
    assert not any(theme.unstable for theme in themes.themes)


def test_segments_that_are_all_the_same_make_one_theme():
    _, themes = stage(["bread"] * 20, clusters=[0] * 20)
    assert [theme.size for theme in themes.themes] == [20]


def test_more_guided_themes_than_segments():
    _, themes = stage(["bread", "rocket"], guided=guided("bread", "rocket", "garden", "chess"))
    assert len(themes.themes) == 4
    assert sum(theme.size for theme in themes.themes) <= 2


def test_one_source():
    made, themes = stage(["bread"] * 4)
    assert len(set(made.source_id)) == 1
    assert [theme.size for theme in themes.themes] == [4]


def test_tables_of_other_segments_are_refused():
    made = tables([Row("a")], {"a": "2024"})
    clusters = Clusters(np.array([0]), np.ones(1, dtype=np.float32), "hand", "other")
    neighbors = find_neighbors(made.embeddings, made.repeats, NeighborsSection(), "cpu")
    with pytest.raises(MisalignedError, match="Clusters was made from the segments"):
        find_themes(
            made.segments,
            made.embeddings,
            made.repeats,
            neighbors,
            clusters,
            ThemesSection(),
            0,
            encode,
            communities_of,
        )

"""Permanent ids: what they survive, and when a theme is another one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicgpu.themes.adopting import adopt
from topicgpu.themes.matching import keep_ids
from topicgpu.types import Segments, Theme, ThemeIds, Themes

NO_ROWS = np.zeros(0, dtype=np.int64)


def segments_of(spans):
    """Segments at (source, start, end)."""
    n = len(spans)
    zeros = np.zeros(n, dtype=np.int64)
    sources, starts, ends = zip(*spans, strict=True) if spans else ((), (), ())
    return Segments(
        segment_id=tuple(f"{source}:{start}-{end}" for source, start, end in spans),
        source_id=tuple(sources),
        position=zeros,
        passage=zeros,
        start_char=np.array(starts, dtype=np.int64),
        end_char=np.array(ends, dtype=np.int64),
        start_s=zeros * np.nan,
        end_s=zeros * np.nan,
        speaker=(None,) * n,
        language=("en",) * n,
        date=(None,) * n,
        text=tuple(map(str, spans)),
        n_tokens=zeros,
        n_words=zeros,
    )


def cut(n, size=100, source="a"):
    return [(source, row * size, (row + 1) * size) for row in range(n)]


def themes_of(labels, segments, subs=None, families=(), guided=()):
    """Themes 0, 1, ... of the labels, by falling size; -1: none. `families` are sets of labels."""
    labels = np.asarray(labels)
    names = sorted(set(labels.tolist()) - {-1}, key=lambda label: (label not in guided, -np.sum(labels == label)))
    place = {label: number for number, label in enumerate(names)}
    parent = {label: f"family {number}" for number, members in enumerate(families) for label in members}
    row = np.flatnonzero(labels >= 0)
    sub_names = sorted(set(subs or ()) - {None})
    sub_row = np.array([r for r, sub in enumerate(subs or ()) if sub is not None], dtype=np.int64)

    def theme(label):
        if label in guided:
            return Theme(f"guided_{label}", "G", "guided", "text", (), 0, ())
        return Theme(f"new {label}", f"name {label}", "discovered", None, (), 0, (), parent_id=parent.get(label))

    return Themes(
        themes=tuple(theme(label) for label in names),
        row=row,
        theme=np.array([place[label] for label in labels[row].tolist()], dtype=np.int64),
        strength=np.ones(len(row), dtype=np.float32),
        rank=np.ones(len(row), dtype=np.int64),
        near_row=NO_ROWS,
        near_theme=NO_ROWS,
        near_strength=np.zeros(0, dtype=np.float32),
        n_rows=len(segments),
        rows=segments.fingerprint,
        subthemes=tuple(
            Theme(f"sub {s}", f"s {s}", "discovered", None, (), 0, (), theme(s[0]).theme_id, level="subtheme")
            for s in sub_names
        ),
        sub_row=sub_row,
        sub=np.array([sub_names.index(subs[r]) for r in sub_row], dtype=np.int64),
        families=tuple(
            Theme(f"family {n}", "", "discovered", None, (), 0, (), level="family") for n in range(len(families))
        ),
    )


def run(labels, spans=None, earlier=None, **parts):
    """The ids of each row's theme, and what a later run goes on from."""
    segments = segments_of(cut(len(labels)) if spans is None else spans)
    kept = keep_ids(themes_of(labels, segments, **parts), segments, earlier)
    primary = kept.primary
    return [kept.themes[theme].theme_id if theme >= 0 else None for theme in primary], kept.ids, kept


def known(ids):
    return {theme.theme_id: theme.retired for theme in ids.known}


BASE = [0] * 8 + [1] * 6 + [2] * 4 + [-1] * 4
BASE_IDS = ["d1"] * 8 + ["d2"] * 6 + ["d3"] * 4 + [None] * 4


def test_the_first_run_counts_from_one():
    ids, memory, kept = run(BASE)
    assert ids == BASE_IDS
    assert memory.next_number == 4
    assert known(memory) == {"d1": False, "d2": False, "d3": False}
    assert [theme.kept_from for theme in kept.themes] == [None] * 3


def test_an_added_source_changes_no_id_however_large_it_is():
    _, memory, _ = run(BASE)
    added = [2] * 30 + [3] * 20
    ids, later, kept = run([*BASE, *added], [*cut(len(BASE)), *cut(50, source="b")], memory)
    assert ids == [*BASE_IDS, *["d3"] * 30, *["d4"] * 20]
    assert {theme.theme_id: theme.kept_from for theme in kept.themes} == {"d1": 1, "d2": 1, "d3": 1, "d4": None}
    assert later.next_number == 5


def test_a_source_that_is_taken_away_changes_no_id():
    labels, spans = [*BASE, *[2] * 30], [*cut(len(BASE)), *cut(30, source="b")]
    before, memory, _ = run(labels, spans)
    ids, _, _ = run(BASE, earlier=memory)
    assert ids == before[: len(BASE)]


@given(st.permutations(range(4)), st.permutations(range(len(BASE))))
def test_another_order_of_sources_and_of_themes_changes_no_id(names, order):
    spans = [("abcd"[row % 4], row * 100, row * 100 + 100) for row in range(len(BASE))]
    _, memory, _ = run(BASE, spans)
    renamed = [label if label < 0 else names[label] for label in BASE]
    ids, _, _ = run([renamed[row] for row in order], [spans[row] for row in order], memory)
    assert ids == [BASE_IDS[row] for row in order]


def test_another_seed_moves_a_few_rows_and_no_id():
    _, memory, _ = run(BASE)
    ids, _, kept = run([0] * 7 + [1] * 8 + [2] * 3 + [-1] * 4, earlier=memory)
    assert ids == ["d1"] * 7 + ["d2"] * 8 + ["d3"] * 3 + [None] * 4
    overlap = {theme.theme_id: theme.kept_from for theme in kept.themes}
    assert overlap == pytest.approx({"d1": 7 / 8, "d2": 6 / 8, "d3": 3 / 4}, abs=1e-6)


@pytest.mark.parametrize("size", [30, 70, 250])
def test_another_cut_of_the_same_text_changes_no_id(size):
    _, memory, _ = run(BASE)
    middle = [min(row * size + size // 2, 2199) // 100 for row in range(2200 // size)]
    ids, _, _ = run([BASE[row] for row in middle], cut(len(middle), size), memory)
    assert ids == [BASE_IDS[row] for row in middle]


def test_of_a_theme_that_splits_the_larger_half_keeps_the_id():
    _, memory, _ = run(BASE)
    ids, later, _ = run([3] * 3 + [0] * 5 + BASE[8:], earlier=memory)
    assert ids == ["d4"] * 3 + ["d1"] * 5 + BASE_IDS[8:]
    assert not any(known(later).values())


def test_of_equal_halves_one_keeps_the_id_whatever_their_order():
    _, memory, _ = run(BASE)
    for first, second in ((0, 3), (3, 0)):
        ids, _, _ = run([first] * 4 + [second] * 4 + BASE[8:], earlier=memory)
        assert ids == ["d1"] * 4 + ["d4"] * 4 + BASE_IDS[8:]


def test_themes_that_become_one_keep_the_id_of_the_larger_and_retire_the_other():
    _, memory, _ = run(BASE)
    ids, later, _ = run([0] * 8 + [1] * 6 + [1] * 4 + [-1] * 4, earlier=memory)
    assert ids == ["d1"] * 8 + ["d2"] * 10 + [None] * 4
    assert [(theme.theme_id, theme.name) for theme in later.retired] == [("d3", "name 2")]


def test_less_than_half_is_another_theme_and_its_id_is_not_given_again():
    _, memory, _ = run(BASE)
    ids, later, _ = run([0] * 3 + [4] * 3 + [5] * 2 + BASE[8:], earlier=memory)
    assert set(ids[:8]) == {"d4", "d5", "d6"}
    assert known(later)["d1"]
    ids, again, _ = run([0] * 3 + [4] * 3 + [5] * 2 + BASE[8:], earlier=later)
    assert set(ids[:8]) == {"d4", "d5", "d6"}
    assert again.next_number == later.next_number == 7


def test_a_retired_theme_that_comes_back_has_its_id_again():
    _, memory, _ = run(BASE)
    _, without, _ = run([0] * 3 + [4] * 3 + [5] * 2 + BASE[8:], earlier=memory)
    ids, back, kept = run(BASE, earlier=without)
    assert ids == BASE_IDS
    assert known(back) == {"d1": False, "d2": False, "d3": False, "d4": True, "d5": True, "d6": True}
    assert {theme.theme_id: theme.kept_from for theme in kept.themes}["d1"] == 1


def test_rows_that_had_no_theme_count_against_a_match():
    _, memory, _ = run([0] * 4 + [-1] * 10)
    ids, _, _ = run([0] * 9 + [-1] * 5, earlier=memory)
    assert ids[0] == "d2"


def test_each_level_keeps_its_own_ids_and_parents_follow():
    subs = [(0, 0)] * 4 + [(0, 1)] * 4 + [None] * 14
    _, memory, first = run(BASE, subs=subs, families=({0, 1},))
    assert [theme.theme_id for theme in first.all] == ["d1", "d2", "d3", "d4", "d5", "d6"]
    assert [theme.parent_id for theme in first.all] == ["d6", "d6", None, "d1", "d1", None]
    swapped = [{0: 2, 2: 0}.get(label, label) for label in BASE]
    other = [(2, 1)] * 4 + [(2, 0)] * 4 + [None] * 14
    _, _, again = run(swapped, earlier=memory, subs=other, families=({2, 1},))
    assert {theme.theme_id: theme.parent_id for theme in again.all} == {
        theme.theme_id: theme.parent_id for theme in first.all
    }


def test_guided_themes_keep_their_ids_and_are_not_counted():
    ids, memory, kept = run(BASE, guided=(1,))
    assert [theme.theme_id for theme in kept.themes] == ["guided_1", "d1", "d2"]
    assert ids[8] == "guided_1"
    assert "guided_1" not in memory.theme_id


def test_the_same_themes_again_are_the_same_result():
    _, memory, first = run(BASE)
    changed = [0] * 7 + [1] * 8 + [2] * 3 + [-1] * 4
    _, second_memory, second = run(changed, earlier=memory)
    for labels, result, earlier in ((BASE, first, memory), (changed, second, second_memory)):
        _, ids, again = run(labels, earlier=earlier)
        assert again.themes == result.themes
        for name in ("known", "theme_id", "source_id", "next_number", "origin"):
            assert getattr(ids, name) == getattr(earlier, name)
        assert ids.start_char.tolist() == earlier.start_char.tolist()


def test_no_segments_and_no_themes():
    ids, memory, _ = run([])
    assert ids == []
    assert memory.next_number == 1
    _, memory, _ = run(BASE)
    ids, later, _ = run([-1] * 4, earlier=memory)
    assert ids == [None] * 4
    assert known(later) == {"d1": True, "d2": True, "d3": True}
    ids, _, _ = run(BASE, earlier=later)
    assert ids == BASE_IDS


labels_of = st.lists(st.integers(-1, 5), min_size=1, max_size=30)


@given(st.lists(labels_of, min_size=1, max_size=5))
def test_no_id_is_given_twice_and_none_is_lost(runs):
    memory, ever = ThemeIds(), set()
    for labels in runs:
        ids, later, kept = run(labels, earlier=memory)
        named = [theme.theme_id for theme in kept.themes]
        assert len(set(named)) == len(named)
        new = {theme_id for theme_id in named if theme_id not in ever}
        assert all(int(theme_id[1:]) >= memory.next_number for theme_id in new)
        ever |= set(named)
        assert set(known(later)) == ever
        assert {theme.theme_id for theme in later.retired} == ever - set(named)
        assert later.next_number == len(ever) + 1
        assert run(labels, earlier=memory)[0] == ids
        memory = later


def test_three_hundred_themes_keep_their_ids_when_a_tenth_of_the_rows_move():
    labels = np.random.default_rng(0).permutation(np.arange(30_000) % 300)
    _, memory, _ = run(labels.tolist())
    moved = np.where(np.random.default_rng(1).random(30_000) < 0.1, (labels + 1) % 300, labels)
    segments = segments_of(cut(30_000))
    found = themes_of(moved, segments)
    kept = keep_ids(found, segments, memory)
    assert sorted(theme.theme_id for theme in kept.themes) == sorted(f"d{number + 1}" for number in range(300))
    assert kept.ids.next_number == 301


# Ids of another run


SPACE, FOOD, MONEY, LAW = range(4)


def talk(**sources):
    """Labels and spans of sources of 20 segments: their theme in a word."""
    labels = [label for label in sources.values() for _ in range(20)]
    return labels, [span for source in sources for span in cut(20, source=source)]


def ids_by_source(labels, spans, earlier):
    ids, memory, _ = run(labels, spans, earlier)
    return {span[0]: theme_id for span, theme_id in zip(spans, ids, strict=True)}, memory


def test_themes_of_another_run_take_no_id_that_is_given():
    _, theirs = ids_by_source(*talk(a=SPACE, b=FOOD), None)
    ids, own = ids_by_source(*talk(a=SPACE, b=FOOD, d=LAW), theirs)
    assert ids == {"a": "d1", "b": "d2", "d": "d3"}
    there, theirs = ids_by_source(*talk(a=SPACE, b=FOOD, c=MONEY), theirs)
    assert there["c"] == "d3"  # both runs went on counting
    again, own = ids_by_source(*talk(a=SPACE, b=FOOD, d=LAW), adopt(own, theirs))
    assert again == ids
    grown, own = ids_by_source(*talk(a=SPACE, b=FOOD, d=LAW, c=MONEY), own)
    assert grown == {**ids, "c": "d4"}
    assert own.next_number == 5
    # And once more: what is known by now is not added again.
    assert adopt(own, theirs).known == own.known
    assert adopt(own, theirs).theme_id == own.theme_id


def test_what_another_run_found_is_known_by_its_id_where_that_is_free():
    _, theirs = ids_by_source(*talk(a=SPACE, b=FOOD), None)
    _, own = ids_by_source(*talk(a=SPACE, b=FOOD), theirs)
    _, theirs = ids_by_source(*talk(a=SPACE, b=FOOD, c=MONEY), theirs)
    ids, own = ids_by_source(*talk(a=SPACE, b=FOOD, d=LAW, c=MONEY), adopt(own, theirs))
    assert ids == {"a": "d1", "b": "d2", "c": "d3", "d": "d4"}


def test_what_the_other_run_says_of_text_that_is_new_here_counts():
    labels, spans = talk(a=SPACE, b=FOOD)
    _, own = ids_by_source(labels, spans, None)
    more = [FOOD] * 2 + [MONEY] * 4 + [-1] * 14
    _, theirs, _ = run([*labels, *more], [*spans, *cut(20, source="c")], own)
    known_here = adopt(own, theirs)
    assert {theme.theme_id for theme in known_here.retired} == {"d3"}
    # A theme of all of the new source is not the one that the other run found in a fifth of it.
    ids, _, _ = run([*labels, *[MONEY] * 20], [*spans, *cut(20, source="c")], known_here)
    assert ids[-1] == "d4"
    ids, _, _ = run([*labels, *more], [*spans, *cut(20, source="c")], known_here)
    assert ids[40:46] == ["d2"] * 2 + ["d3"] * 4


def test_levels_are_adopted_each_among_themselves():
    subs = [(0, 0)] * 4 + [(0, 1)] * 4 + [None] * 14
    _, theirs, _ = run(BASE, subs=subs, families=({0, 1},))
    _, own, _ = run(BASE)
    adopted = adopt(own, theirs)
    assert {theme.theme_id: theme.level for theme in adopted.retired} == {
        "d4": "subtheme",
        "d5": "subtheme",
        "d6": "family",
    }
    assert adopted.known[: len(own.known)] == own.known
    _, memory, kept = run(BASE, subs=subs, families=({0, 1},), earlier=adopted)
    assert sorted(theme.theme_id for theme in kept.all) == ["d1", "d2", "d3", "d4", "d5", "d6"]
    assert memory.next_number == 7


def test_retired_themes_of_another_run_stay_there():
    _, theirs, _ = run(BASE)
    _, theirs, _ = run([0] * 3 + [4] * 3 + [5] * 2 + BASE[8:], earlier=theirs)
    _, own, _ = run(BASE)
    adopted = adopt(own, theirs)
    assert {theme.theme_id for theme in adopted.retired} == {"d4", "d5", "d6"}
    assert adopted.next_number == 7


@given(st.lists(st.tuples(st.booleans(), labels_of), min_size=1, max_size=6))
def test_an_id_that_a_folder_gave_is_never_given_to_another_theme(runs):
    """Two folders in turn, the one going on from the other: what is as it was keeps its id at each run."""
    theirs, own, last = ThemeIds(), ThemeIds(), []
    for here, labels in runs:
        if not here:
            _, theirs, _ = run(labels, earlier=theirs)
            continue
        if last:
            before = run(last, earlier=own)[0]
            assert run(last, earlier=adopt(own, theirs))[0] == before
        earlier = adopt(own, theirs)
        assert earlier.known[: len(own.known)] == own.known
        assert len({theme.theme_id for theme in earlier.known}) == len(earlier.known)
        _, own, _ = run(labels, earlier=earlier)
        last = labels

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planted.designs import BOTH, PERIODS
from planted.tables import Row, tables
from topicgpu.drift.changes.mix import speech_by, splits
from topicgpu.drift.changes.prevalence import prevalence_changes
from topicgpu.drift.periods import Calendar
from topicgpu.drift.shares.counts import count_units
from topicgpu.drift.units import inference_units

_YEARS = {"a": "2024", "b": "2024", "c": "2024", "d": "2025", "e": "2025"}


def _parts(rows, dates=_YEARS, kind="source"):
    made = tables(rows, dates, theme_ids=("x", "y"))
    counts = count_units(*made)
    calendar = Calendar(
        "year", PERIODS, {source: dates[source][:4] for source in sorted({r.source for r in rows})}, (), ()
    )
    return made, counts, inference_units(made.sources, calendar, kind)


def _split(rows, by, labels, dates=_YEARS, unit=0):
    _, counts, units = _parts(rows, dates)
    named = tuple(labels[counts.source_ids[source]] for source in counts.source)
    return splits(speech_by(counts, by, named, unit), units, BOTH, ("x", "y"), PERIODS)


def _talk(source, share, **values):
    return [Row(source, ("x",), share, **values), Row(source, (), 100 - share, **values)]


def test_mix_and_inside_solved_by_hand():
    # Interviews go from two thirds of the sources at 30 % to one half at 40 %; reports stay at 10 %.
    rows = [*_talk("a", 30), *_talk("b", 30), *_talk("c", 10), *_talk("d", 40), *_talk("e", 10)]
    genres = {"a": "interview", "b": "interview", "c": "report", "d": "interview", "e": "report"}
    split = _split(rows, "genre", genres)[0]
    assert split.mix == pytest.approx((1 / 2 - 2 / 3) * 0.35 + (1 / 2 - 1 / 3) * 0.10)
    assert split.inside == pytest.approx((1 / 2 + 2 / 3) / 2 * 0.1)
    assert split.total == pytest.approx(0.25 - 0.7 / 3)
    assert (split.only_from, split.only_to, split.unsplit) == ((), (), 0.0)
    assert (split.theme_id, split.by, split.from_, split.to) == ("x", "genre", "2024", "2025")


def test_kinds_of_one_side_are_named_and_not_split():
    rows = [*_talk("a", 30), *_talk("b", 30), *_talk("c", 60), *_talk("d", 40), *_talk("e", 80)]
    split = _split(rows, "series", {"a": "p", "b": "p", "c": "q", "d": "p", "e": None})[0]
    assert (split.only_from, split.only_to) == (("q",), ("not given",))
    assert split.mix == 0  # of p alone: that q goes and another comes is in one piece with what they say
    assert split.inside == pytest.approx(0.1)
    assert split.unsplit == pytest.approx(0.2 - 0.1)
    assert split.total == pytest.approx(split.mix + split.inside + split.unsplit)


def test_many_kinds_of_one_side_are_counted_and_not_all_named():
    sources = [f"s{number:02d}" for number in range(30)]
    rows = [row for source in sources for row in _talk(source, 30)]
    dates = {source: "2024" if source < "s25" else "2025" for source in sources}
    split = _split(rows, "series", {source: source for source in sources}, dates)[0]
    assert split.only_from == tuple(sources[:20])
    assert (split.n_only_from, split.n_only_to, len(split.only_to)) == (25, 5, 5)


def test_no_common_kind_splits_nothing():
    rows = [*_talk("a", 30), *_talk("d", 50)]
    split = _split(rows, "genre", {"a": "interview", "d": "report"}, {"a": "2024", "d": "2025"})[0]
    assert math.isnan(split.mix)
    assert math.isnan(split.inside)
    assert (split.total, split.unsplit) == pytest.approx((0.2, 0.2))
    assert (split.only_from, split.only_to) == (("interview",), ("report",))


def test_one_kind_alone_has_no_mix_to_tell_of():
    assert _split([*_talk("a", 30), *_talk("d", 50)], "genre", dict.fromkeys(_YEARS, "talk")) == ()


def test_a_side_without_speech_has_no_split():
    assert _split(_talk("a", 30), "genre", {"a": "talk"}) == ()


def test_speakers_of_one_source_share_its_one_vote():
    # Anna says what she always said and Bela as well; Bela speaks more in a source that is ten times as long.
    rows = [Row("a", ("x",), 60, speaker="Anna"), Row("a", (), 20, speaker="Anna"), Row("a", (), 20, speaker="Bela"),
            Row("d", ("x",), 150, speaker="Anna"), Row("d", (), 50, speaker="Anna"), Row("d", (), 800, speaker="Bela"),
            ]  # fmt: skip
    _, counts, units = _parts(rows)
    labels = tuple(rows[row].speaker for row in counts.row)
    split = splits(speech_by(counts, "speaker", labels, 0), units, BOTH, ("x", "y"), PERIODS)[0]
    assert split.inside == pytest.approx(0)
    assert split.mix == pytest.approx((0.2 - 0.8) * 0.75)
    assert split.total == pytest.approx(0.15 - 0.6)


_rows = st.lists(
    st.builds(
        Row,
        source=st.sampled_from("abcde"),
        themes=st.lists(st.sampled_from("xy"), unique=True, max_size=2).map(tuple),
        words=st.integers(0, 80),
        seconds=st.none() | st.floats(0, 60),
        speaker=st.sampled_from([None, "Anna", "Bela", "Carl"]),
    ),
    min_size=1,
    max_size=40,
)


@settings(deadline=None, max_examples=40)
@given(_rows, st.sampled_from(["source", "date"]), st.integers(0, 2))
def test_parts_add_up_to_the_change_of_prevalence(rows, kind, unit):
    _, counts, units = _parts(rows, _YEARS | {"b": "2024-03", "c": "2024-03"}, kind)
    theme, total = (table[unit] for table in counts.sums(counts.source, len(counts.source_ids)))
    known = total > 0
    shares = np.where(known[:, None], theme[:, :2] / np.where(known, total, 1.0)[:, None], np.nan)
    n_segments = np.bincount(counts.source, minlength=len(known)).astype(float)
    effects = prevalence_changes(shares, n_segments, units, BOTH, PERIODS, (0, 1), "words", 0.05, 0)
    labels = tuple(rows[row].speaker for row in counts.row)
    made = splits(speech_by(counts, "speaker", labels, unit), units, BOTH, ("x", "y"), PERIODS)
    for split, change in zip(made, effects if made else (), strict=True):
        assert split.total == pytest.approx(change.effect, abs=1e-12)
        parts = np.array([split.mix, split.inside, split.unsplit])
        assert np.nansum(parts) == pytest.approx(split.total, abs=1e-12)

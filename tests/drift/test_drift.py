from dataclasses import fields, replace

import numpy as np
import pytest

from planted.generator import planted_corpus
from planted.tables import Row, Tables, planted_tables, tables
from topicgpu.config import DriftSection
from topicgpu.drift import drift
from topicgpu.errors import MisalignedError
from topicgpu.types import Drift


def _equal(one: Drift, other: Drift) -> bool:
    def columns(table):
        return [getattr(table, field.name) for field in fields(table)]

    pairs = [
        *zip(columns(one.prevalence), columns(other.prevalence), strict=True),
        *zip(columns(one.changes), columns(other.changes), strict=True),
    ]
    same = [np.array_equal(a, b, equal_nan=True) if isinstance(a, np.ndarray) else a == b for a, b in pairs]
    return all(same) and (one.findings, one.periods, one.pooled) == (other.findings, other.periods, other.pooled)


@pytest.mark.parametrize("n_sources", [3, 6])
@pytest.mark.parametrize("seed", [0, 1])
def test_planted_changes_are_found_and_nothing_else(tmp_path, seed, n_sources):
    planted = planted_corpus(tmp_path, seed, sources_per_year=n_sources, words_per_source=8000)
    result = drift(*planted_tables(planted), DriftSection(), 0)
    assert {finding.theme_id: finding.kind for finding in result.findings} == planted.truth


def test_planted_shares_are_counted_to_the_word(tmp_path):
    planted = planted_corpus(tmp_path, 2, sources_per_year=1, words_per_source=600)
    table = drift(*planted_tables(planted), DriftSection(), 0).prevalence
    for index, theme in enumerate(table.theme_id):
        if (table.level[index], table.unit[index], table.measure[index]) == ("source", "words", "primary"):
            assert table.share[index] == pytest.approx(planted.shares[table.key[index]][theme or "none"])


@pytest.mark.parametrize("seed", range(4))
def test_a_corpus_without_change_gives_no_rise_and_no_fall(tmp_path, seed):
    planted = planted_corpus(tmp_path, seed, drift=False, sources_per_year=2)
    kinds = {finding.kind for finding in drift(*planted_tables(planted), DriftSection(), 0).findings}
    assert not kinds & {"rises", "falls", "appears", "fades"}


@pytest.mark.slow
@pytest.mark.parametrize("per_period", [2, 5])
def test_chance_rises_and_falls_are_rare(per_period):
    rng = np.random.default_rng(0)
    false = 0
    for _ in range(40):
        dates = {f"s{i}": "2024" if i < per_period else "2026" for i in range(2 * per_period)}
        rows = []
        for source in dates:
            runs = rng.choice(["t0", "t1", "t2", "t3", "t4"], 40)
            rows += [Row(source, (str(theme),)) for theme in runs for _ in range(rng.integers(1, 5))]
        found = drift(*tables(rows, dates), DriftSection(), 0).findings
        false += sum(finding.kind in ("rises", "falls") for finding in found)
    assert false <= 4  # of 200 themes


def _shuffled(made: Tables, rng) -> Tables:
    """The same corpus with its sources in another order, and its segments with them."""
    ids = [made.sources.source_id[i] for i in rng.permutation(len(made.sources))]
    order = np.array(sorted(range(len(made.segments)), key=lambda row: ids.index(made.segments.source_id[row])))
    place = np.argsort(order)

    def pick(table, chosen, skip=()):
        columns = {}
        for field in fields(table):
            column = getattr(table, field.name)
            if field.name not in skip and len(column) == len(chosen):
                columns[field.name] = column[chosen] if isinstance(column, np.ndarray) else tuple(
                    column[i] for i in chosen)  # fmt: skip
        return replace(table, **columns)

    segments = pick(made.segments, order)
    by_source = [made.sources.source_id.index(source) for source in ids]
    rows = place[made.themes.row]
    by_row = np.lexsort((made.themes.rank, rows))
    themes = replace(
        made.themes,
        row=rows[by_row],
        theme=made.themes.theme[by_row],
        strength=made.themes.strength[by_row],
        rank=made.themes.rank[by_row],
        rows=segments.fingerprint,
    )
    return Tables(
        pick(made.sources, by_source, skip=("turns", "dropped", "warnings")),
        segments,
        replace(made.embeddings, served=made.embeddings.served[order], rows=segments.fingerprint),
        replace(made.repeats, row=place[made.repeats.row], of=place[made.repeats.of], rows=segments.fingerprint),
        themes,
    )


def test_the_order_of_the_sources_changes_nothing(tmp_path):
    made = planted_tables(planted_corpus(tmp_path, 3, words_per_source=2000))
    other = _shuffled(made, np.random.default_rng(0))
    assert other.segments.segment_id != made.segments.segment_id
    assert _equal(drift(*made, DriftSection(), 7), drift(*other, DriftSection(), 7))


def test_the_same_seed_gives_the_same_and_another_seed_other_draws(tmp_path):
    made = planted_tables(planted_corpus(tmp_path, 3, words_per_source=4000))
    assert _equal(drift(*made, DriftSection(), 1), drift(*made, DriftSection(), 1))
    one, other = (drift(*made, DriftSection(), seed).prevalence for seed in (1, 2))
    assert not np.array_equal(one.low, other.low, equal_nan=True)
    np.testing.assert_array_equal(one.share, other.share)


def test_repeats_and_unserved_rows_change_nothing_when_taken_away():
    rows = [Row("a", ("x",), 20), Row("a", (), 30), Row("b", ("x",), 10), Row("b", ("y",), 50)]
    dates = {"a": "2024", "b": "2026"}
    more = [*rows, Row("a", ("x",), 20, repeats=0), Row("b", ("y",), 99, served=False)]
    assert _equal(
        drift(*tables(rows, dates), DriftSection(), 0),
        drift(*tables(more, dates), DriftSection(), 0),
    )


@pytest.mark.parametrize(
    ("rows", "dates"),
    [
        ([], {}),
        ([], {"a": "2024"}),
        ([Row("a")], {"a": None}),
        ([Row("a", ("x",), 0)], {"a": "2024"}),
        ([Row("a", ("x",), repeats=0)], {"a": "2024"}),
        ([Row("a", ("x",), served=False), Row("b", ("x",), served=False)], {"a": "2024", "b": "2026"}),
    ],
)
def test_next_to_nothing_is_measured_without_a_statement_of_change(rows, dates):
    result = drift(*tables(rows, dates), DriftSection(), 0)
    assert len(result.changes) == 0
    assert not result.findings or result.findings[0].kind == "absent"
    assert any("nothing can be said about change" in sentence for sentence in result.undecided)


def test_a_theme_with_no_segment_has_rows_of_zero_with_an_upper_bound():
    result = drift(*tables([Row("a", ("x",))] * 1, {"a": "2024"}, theme_ids=["x", "y"]), DriftSection(), 0)
    high = [h for theme, h in zip(result.prevalence.theme_id, result.prevalence.high, strict=True) if theme == "y"]
    assert "y" in result.pooled
    assert 0 < np.nanmax(high) < 1


def test_tables_of_other_segments_are_refused():
    one, other = (tables([Row("a", ("x",), words)] * 1, {"a": "2024"}) for words in (1, 2))
    changed = replace(other.themes, rows="0" * 64)
    with pytest.raises(MisalignedError, match="Themes was made from the segments 000000000000"):
        drift(*one[:4], changed, DriftSection(), 0)


def test_a_segment_of_an_unknown_source_is_refused():
    made = tables([Row("a", ("x",))], {"a": "2024"})
    with pytest.raises(MisalignedError, match="belongs to source 'a', which is not among the 1 sources"):
        drift(tables([], {"b": "2024"}).sources, *made[1:], DriftSection(), 0)

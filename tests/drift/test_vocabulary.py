"""Changes of vocabulary: the log odds, the test of the clearest term, and the terms that a reader sees."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array

from planted.tables import Row, tables
from topicgpu.drift.changes.design import Comparison, Design, assignments
from topicgpu.drift.changes.log_odds import LogOdds, without_each
from topicgpu.drift.changes.spoken import SaidBy, themes_spoken
from topicgpu.drift.changes.terms_moved import terms_table
from topicgpu.drift.changes.vocabulary import Clearest, largest_z, vocabulary_changes, widespread_terms
from topicgpu.drift.periods import assign_periods
from topicgpu.drift.shares.counts import count_units
from topicgpu.drift.units import inference_units

YEARS = Comparison("period", (0,), (1,))
FILLER = ("copper", "iron", "nickel", "silver", "zinc", "cobalt", "lithium", "tin")


def made_of(later, stratum=None):
    later = np.array(later, dtype=bool)
    n = len(later)
    return Design(np.arange(n), later, np.zeros(n, dtype=np.int64) if stratum is None else stratum, np.arange(0))


def corpus(texts, dates, genres=None, speakers=None, languages=None):
    """Tables of one theme, made of the texts of each source."""
    said = [(source, text) for source, own in texts.items() for text in own]
    rows = [Row(source, ("metals",), speaker=(speakers or {}).get(source)) for source, _ in said]
    made = tables(rows, dates, genres)
    spoken = tuple((languages or {}).get(source, "en") for source, _ in said)
    return made._replace(segments=replace(made.segments, text=tuple(text for _, text in said), language=spoken))


def prepared(made):
    counts = count_units(*made)
    calendar = assign_periods(made.sources, set(counts.source_ids), "year")
    units = inference_units(made.sources, calendar, "source")
    return themes_spoken(made.segments, counts, units), units, calendar.periods


def changed(made, comparison=YEARS):
    spoken, units, periods = prepared(made)
    changes, moved = vocabulary_changes(
        [Clearest(own) for own in spoken], units, comparison, range(len(periods)), 0.05, 0
    )
    return changes[0], terms_table(moved, ("metals",), periods)


def talk(rng, said=None, n=12, share=0.7):
    """Segments that say metals at random, and some of them a word more."""
    texts = [" ".join(rng.choice(FILLER, 3)) for _ in range(n)]
    return [f"{text} {said}" if said and rng.random() < share else text for text in texts]


def years(n):
    return {f"s{i}": "2024" if i < n else "2025" for i in range(2 * n)}


def test_log_odds_solved_by_hand():
    # One segment a unit counts as one. Prior: on each side a unit of one segment, which says the term at (3 + 1/2) / 9.
    segments, exposure = np.array([[1.0], [0], [0], [0], [1], [1], [0], [0]]), np.ones((8, 1))
    made = made_of([0, 0, 0, 0, 1, 1, 1, 1])
    log_odds, variance = LogOdds(segments, exposure, np.zeros(1, dtype=np.int64), made)(made.later[None])
    rates = [(said + 3.5 / 9) / 5 for said in (1, 2)]
    before, after = (rate / (1 - rate) for rate in rates)
    assert log_odds.item() == pytest.approx(np.log(after / before), rel=1e-5)

    def side(rate, said):
        binomial = 1 / (5 * rate * (1 - rate))
        between = sum((int(unit < said) - rate) ** 2 for unit in range(4)) * 4 / 3 * binomial**2
        return max(binomial, between)

    assert variance.item() == pytest.approx(side(rates[0], 1) + side(rates[1], 2), rel=1e-5)


@given(st.integers(2, 5), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_sides_that_change_places_turn_the_sign_and_nothing_else(k, n_languages, seed):
    rng = np.random.default_rng(seed)
    exposure = rng.integers(0, 60, (2 * k, n_languages)).astype(float)
    language = rng.integers(0, n_languages, 4)
    segments = rng.binomial(exposure[:, language].astype(int), 0.3).astype(float)
    made = made_of(np.arange(2 * k) < k)
    deals = assignments(made, 0)
    compare = LogOdds(segments, exposure, language, made)
    (one, its_variance), (other, variance) = compare(deals), compare(~deals)
    np.testing.assert_array_equal(one, -other, strict=True)
    np.testing.assert_array_equal(its_variance, variance)
    assert np.isfinite(one).all()
    assert (variance > 0).all()


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_the_units_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    exposure = rng.integers(1, 60, (9, 1)).astype(float)
    segments = rng.binomial(exposure.astype(int), 0.3, (9, 5)).astype(float)
    made, order = made_of(np.arange(9) < 4), rng.permutation(9)
    turned = made_of(made.later[order])
    language = np.zeros(5, dtype=np.int64)
    one = LogOdds(segments, exposure, language, made)(made.later[None])
    other = LogOdds(segments[order], exposure[order], language, turned)(turned.later[None])
    np.testing.assert_array_equal(one, other)


@given(st.integers(2, 9), st.integers(1, 3), st.integers(1, 2), st.integers(0, 2**32 - 1))
def test_log_odds_without_a_unit_are_those_of_the_others(n, n_strata, n_languages, seed):
    rng = np.random.default_rng(seed)
    exposure = rng.integers(0, 60, (n, n_languages)).astype(float)
    exposure[:2] += 1
    segments = rng.binomial(exposure[:, -1].astype(int), 0.3).astype(float)
    made = made_of(rng.random(n) < 0.5, rng.integers(0, n_strata, n))
    expected = np.full(n, np.nan)
    for unit, rest in enumerate(~np.eye(n, dtype=bool)):
        part = made_of(made.later[rest], made.stratum[rest])
        if len(np.intersect1d(part.stratum[part.later], part.stratum[~part.later])):
            compare = LogOdds(segments[rest, None], exposure[rest], np.array([n_languages - 1]), part)
            expected[unit] = compare(part.later[None])[0].item()
    found = without_each(segments, exposure, n_languages - 1, made)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_a_change_of_the_mix_of_strata_is_no_change_of_words():
    # In stratum 1 every segment says the term, in stratum 0 none; the later side has more units of stratum 1.
    stratum = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    later = np.arange(8) >= 4
    exposure = np.full((8, 1), 10.0)
    segments = np.where(stratum == 1, 10.0, 0.0)[:, None]
    language = np.zeros(1, dtype=np.int64)
    inside, across = (
        LogOdds(segments, exposure, language, made)(later[None])[0].item()
        for made in (made_of(later, stratum), made_of(later))
    )
    assert inside == pytest.approx(0, abs=1e-5)
    assert across > 1


def test_a_planted_word_is_found_and_leads_the_list():
    rng = np.random.default_rng(0)
    dates = years(5)
    change, terms = changed(corpus({s: talk(rng, "tariffs" if y == "2025" else None) for s, y in dates.items()}, dates))
    assert change.status == "tested"
    assert change.p == pytest.approx(2 / 252)
    assert (terms.term[0], terms.n_from[0], terms.sources_from[0], terms.sources_to[0]) == ("tariffs", 0, 0, 5)
    assert change.effect == terms.log_odds[0] > 2
    assert change.term == terms.term[0]
    assert change.loo_low <= change.effect <= change.loo_high
    assert terms.only_in[0] is None
    assert change.rests_on is None
    assert 0 < change.reach(0.05) <= change.reach(2 / 252)
    assert change.reach(1 / 252) == np.inf


def test_words_that_do_not_move_are_not_called_clear():
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        dates = years(4)
        found += changed(corpus({source: talk(rng) for source in dates}, dates))[0].p <= 0.05
    assert found <= 3  # 20 times 2/70 are expected


def test_a_term_that_one_source_carries_says_so_and_is_not_the_tests():
    rng = np.random.default_rng(1)
    dates = years(5)
    texts = {source: talk(rng, "gallium" if source == "s7" else None) for source in dates}
    change, terms = changed(corpus(texts, dates))
    only = dict(zip(terms.term, terms.only_in, strict=True))
    assert only["gallium"] == "s7"
    assert terms.term[0] != "gallium"
    assert change.p > 0.05


def test_what_is_said_later_changes_nothing_about_an_earlier_comparison():
    rng = np.random.default_rng(2)
    dates = years(3)
    texts = {source: talk(rng, "language") for source in dates}
    future = {f"t{i}": talk(rng, "large language models", n=30, share=1.0) for i in range(3)}
    alone = changed(corpus(texts, dates))
    known = changed(corpus(future | texts, dict.fromkeys(future, "2026") | dates))
    assert repr(alone[0]) == repr(known[0])
    assert (alone[1].term, alone[1].log_odds.tolist()) == (known[1].term, known[1].log_odds.tolist())


def test_the_order_of_the_sources_changes_nothing():
    rng = np.random.default_rng(3)
    dates = years(3)
    texts = {source: talk(rng, "tariffs") for source in dates}
    one, other = (changed(corpus({s: texts[s] for s in order}, dates)) for order in (list(dates), list(dates)[::-1]))
    assert repr(one[0]) == repr(other[0])
    assert (one[1].term, one[1].log_odds.tolist()) == (other[1].term, other[1].log_odds.tolist())


def test_a_term_counts_in_the_segments_of_its_language():
    dates = years(4)
    own = [*FILLER[:4], *(f"{metal} tariffs" for metal in FILLER[4:])]
    texts = dict.fromkeys(dates, own) | {key: [f"Zink {metal}" for metal in FILLER] for key in ("s6", "s7")}
    spoken, units, _ = prepared(corpus(texts, dates, languages={"s6": "de", "s7": "de"}))
    said = spoken[0].said_by(np.arange(len(units)))
    column = said.written.index("tariffs")
    log_odds, _ = said.log_odds(np.array([column]), made_of(np.arange(8) >= 4))(np.arange(8)[None] >= 4)
    assert said.exposure[:, said.language[column]].tolist() == [8] * 6 + [0] * 2
    assert log_odds.item() == pytest.approx(0, abs=1e-5)


def test_names_of_who_speaks_are_no_words_of_the_theme():
    rng = np.random.default_rng(5)
    dates = years(4)
    texts = {source: talk(rng, "Ada Miller and Bank") for source in dates}
    _, terms = changed(corpus(texts | {"s0": talk(rng)}, dates, speakers={"s7": "Ada Miller"}))
    spoken, units, _ = prepared(corpus(texts, dates, speakers={"s7": "Ada Miller"}))
    said = spoken[0].said_by(np.arange(len(units)))
    written = {said.written[term] for term in widespread_terms(said, made_of(np.arange(8) >= 4))}
    assert not {word for word in (*terms.term, *written) if "Miller" in word and "Bank" not in word}
    assert any("Bank" in word for word in written)


@pytest.mark.parametrize(
    ("dates", "why"),
    [
        (years(1), "1 against 1 source cannot show a change beyond themselves"),
        ({"s0": "2024", "s1": "2024", "s2": "2024", "s3": "2025", "s4": "2025"}, "3 against 2"),
    ],
)
def test_a_design_that_cannot_show_it_is_described(dates, why):
    rng = np.random.default_rng(6)
    change, _ = changed(corpus({s: talk(rng, "tariffs", share=0.5) for s in dates}, dates))
    assert change.status == "described"
    assert change.why.startswith(why)
    assert np.isnan(change.p)
    assert np.isfinite(change.effect)
    assert change.reach is None
    assert change.detectable == np.inf


def test_sides_of_no_common_kind_are_described_by_all_their_units():
    rng = np.random.default_rng(7)
    dates = years(2)
    texts = {source: talk(rng, "tariffs" if date == "2025" else None) for source, date in dates.items()}
    genres = {source: "news" if date == "2025" else "podcast" for source, date in dates.items()}
    change, terms = changed(corpus(texts, dates, genres))
    assert change.why == "no kind of source is on both sides"
    assert (change.n_from, change.n_to, change.units_from, change.units_to) == (2, 2, 0, 0)
    assert terms.term[0] == "tariffs"


def test_a_side_without_the_theme_has_no_vocabulary():
    made = corpus({"s0": ["copper", "iron"], "s1": ["copper"]}, {"s0": "2024", "s1": "2024", "s2": "2025"})
    change, terms = changed(made)
    assert change.why == "one side does not speak of it"
    assert np.isnan(change.effect)
    assert len(terms) == 0


def test_units_that_share_no_word_have_no_clearest_term():
    dates = years(4)
    change, terms = changed(corpus({source: [metal] * 3 for source, metal in zip(dates, FILLER, strict=True)}, dates))
    assert change.p == 1
    assert np.isnan(change.effect)
    assert set(terms.only_in) <= set(dates)


def test_a_list_says_nothing_twice():
    rng = np.random.default_rng(8)
    dates = years(5)
    texts = {source: talk(rng) for source in dates}
    for source in [source for source, date in dates.items() if date == "2025"]:
        texts[source] = [f"{text} {word}" for text, word in zip(texts[source], ["verify", "verified"] * 6, strict=True)]
    _, terms = changed(corpus(texts, dates))
    assert sum("verif" in term for term in terms.term) == 1


@pytest.mark.parametrize(("n_units", "kept"), [(4, 600), (20, 500)])
def test_the_more_deals_the_fewer_terms_and_the_rarest_go_first(n_units, kept):
    said_by = np.tile(np.arange(600) % (n_units - 1) + 2, (n_units, 1)) > np.arange(n_units)[:, None]
    names = tuple(f"w{term}" for term in range(600))
    said = SaidBy(
        names,
        tuple((name,) for name in names),
        ("en",) * 600,
        csc_array(said_by.astype(float)),
        np.ones((n_units, 1)),
        np.zeros(600, dtype=np.int64),
    )
    terms = widespread_terms(said, made_of(np.arange(n_units) % 2 == 0))
    assert len(terms) == kept
    assert said.n_units[terms].min() >= np.delete(said.n_units, terms).max(initial=0)


def test_a_theme_that_is_said_more_in_the_same_words_has_not_moved_its_words():
    dates = years(6)
    texts = {source: ["always"] * (4 if date == dates["s0"] else 12) for source, date in dates.items()}
    change, _ = changed(corpus(texts, dates))
    assert change.p == 1.0


def test_a_turn_of_the_circle_takes_the_terms_of_all_periods():
    rng = np.random.default_rng(0)
    dates = years(3)
    statistic = Clearest(prepared(corpus({s: talk(rng) for s in dates}, dates))[0][0])
    made = made_of([0, 0, 0, 1, 1, 1])
    turned = statistic.at(made)
    assert turned.shape == (1,)
    assert turned == largest_z(statistic.spoken.all, made, made.later[None])


def test_segments_of_units_that_take_no_part_are_in_no_count_of_a_term():
    dates = years(5) | {"alone": years(1)["s0"]}
    rng = np.random.default_rng(1)
    texts = {source: talk(rng, "tariffs" if date == "2025" else None) for source, date in dates.items()}
    usual, _ = changed(corpus(texts, dates))
    genres = {source: "talk" for source in dates} | {"alone": "letter"}
    _, terms = changed(corpus(texts, dates, genres=genres))
    compared = [source for source in dates if source != "alone"]
    totals = [sum(len(texts[source]) for source in compared if dates[source] == date) for date in ("2024", "2025")]
    assert usual.units_from == 6
    assert [terms.of_from[0], terms.of_to[0]] == totals
    assert (terms.n_to <= terms.of_to).all()

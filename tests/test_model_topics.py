"""What BERTopic users type: attributes, tables, changes and topics over time."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from planted.talk import SUBJECTS, encode, talk
from topicgpu.errors import InputError
from topicgpu.model import ThemeModel

TEXTS, TRUTH = talk()


@pytest.fixture
def model():
    return ThemeModel(encode).fit(TEXTS)


@pytest.fixture
def with_outliers(model):
    model.update_topics(None, [*model.topics_[:-3], -1, -1, -1])
    return model


def test_topic_info_has_bertopics_columns_and_the_theme_ids(model):
    info = model.get_topic_info()
    assert list(info.columns)[:5] == ["Topic", "Count", "Name", "Representation", "Representative_Docs"]
    assert info.Topic.tolist() == [0, 1, 2]
    assert info.Count.tolist() == [40, 30, 20]
    assert info.theme_id.tolist() == list(model.theme_ids_)
    assert set(info.Representation[0]) <= words_of("space")
    assert model.get_topic_info(1).Count.tolist() == [30]


def words_of(subject):
    return set(SUBJECTS[subject]) | {f"{one} {two}" for one in SUBJECTS[subject] for two in SUBJECTS[subject]}


def test_topics_without_a_theme_are_a_row_of_their_own(with_outliers):
    info = with_outliers.get_topic_info()
    assert info.Topic.tolist() == [-1, 0, 1, 2]
    assert info.Count.tolist() == [3, *(np.bincount(TRUTH[:-3]))]
    assert info.theme_id[0] is None or pd.isna(info.theme_id[0])
    assert with_outliers.get_topic(-1) == []


def test_get_topic_and_its_likes(model):
    assert model.get_topic(0) == model.get_topics()[0] == model.topic_representations_[0]
    weights = [weight for _, weight in model.get_topic(0)]
    assert weights == sorted(weights, reverse=True)
    assert model.get_topic(7) is False
    assert model.get_topic_freq().Count.tolist() == [40, 30, 20]
    assert model.get_topic_freq(2) == 20
    assert model.topic_embeddings_.shape == (3, 25)
    assert all(text in TEXTS for text in model.get_representative_docs(1))
    assert model.topic_labels_[0].startswith("0_")


def test_document_info_has_a_row_for_each_document(model):
    table = model.get_document_info(TEXTS, metadata={"Subject": TRUTH})
    assert table.Document.tolist() == TEXTS
    assert table.Topic.tolist() == model.topics_
    assert table.Subject.tolist() == TRUTH.tolist()
    assert table.Representative_document.sum() >= 3
    assert {"Name", "Representation", "Top_n_words", "Probability", "theme_id"} <= set(table.columns)


def test_find_topics_by_a_text(model):
    topics, similarity = model.find_topics("yeast and dough", top_n=2)
    assert topics[0] == model.labels_[TRUTH == 1][0]
    assert similarity == sorted(similarity, reverse=True)
    with pytest.raises(InputError, match="must be a text"):
        model.find_topics(" ")


def test_labels_by_hand(model):
    model.set_topic_labels({0: "Space"})
    assert model.get_topic_info().CustomName.tolist()[0] == "Space"
    model.set_topic_labels(["a", "b", "c"])
    assert model.get_topic_info().CustomName.tolist() == ["a", "b", "c"]
    with pytest.raises(InputError, match="2 names for 3 topics"):
        model.set_topic_labels(["a", "b"])
    with pytest.raises(InputError, match="topic 9"):
        model.set_topic_labels({9: "a"})


def test_merged_topics_are_one(model):
    largest = model.theme_ids_[0]
    model.merge_topics(TEXTS, [0, 2])
    assert model.topic_sizes_ == {0: 60, 1: 30}
    assert model.theme_ids_[0] == largest
    assert (model.labels_ == np.where(TRUTH == 1, 1, 0)).all()
    assert model.predict(TEXTS).tolist() == model.topics_
    texts, truth = talk((5, 5, 5), seed=4)
    assert (model.predict(texts) == np.where(truth == 1, 1, 0)).all()
    with pytest.raises(InputError, match="topic 2 is not there"):
        model.merge_topics(None, [[0, 2]])


def test_a_topic_in_two_groups_is_refused(model):
    with pytest.raises(InputError, match="in two groups"):
        model.merge_topics(None, [[0, 1], [1, 2]])


def test_a_merged_document_carries_the_theme_once():
    model = ThemeModel(encode, guided=[{"name": "rocket launch orbit"}, {"name": "engine booster capsule"}]).fit(TEXTS)
    model.merge_topics(None, [0, 1])
    themes = model.themes_
    assert len(set(zip(themes.row.tolist(), themes.theme.tolist(), strict=True))) == len(themes.row)
    for row in np.unique(themes.row):
        assert themes.rank[themes.row == row].tolist() == list(range(1, (themes.row == row).sum() + 1))


def test_reduced_topics(model):
    assert model.reduce_topics(TEXTS, nr_topics=2) is model
    assert len(model.topic_sizes_) == 2
    before = model.topics_
    assert model.reduce_topics(nr_topics="auto").topics_ == before
    with pytest.raises(InputError, match="nr_topics = 0"):
        model.reduce_topics(nr_topics=0)


@pytest.mark.parametrize("strategy", ["neighbors", "embeddings", "c-tf-idf"])
def test_outliers_get_a_topic_only_when_they_are_updated(with_outliers, strategy):
    before = with_outliers.topics_
    proposed = with_outliers.reduce_outliers(strategy=strategy)
    assert with_outliers.topics_ == before
    assert proposed == TRUTH.tolist()
    with_outliers.update_topics(None, proposed)
    assert with_outliers.topics_ == proposed


def test_outliers_below_the_threshold_stay(with_outliers):
    assert with_outliers.reduce_outliers(strategy="c-tf-idf", threshold=0.99)[-3:] == [-1, -1, -1]


def test_updated_topics_keep_their_numbers(model):
    wanted = np.where(model.labels_ == 0, 2, model.labels_)
    model.update_topics(TEXTS, wanted)
    assert model.topics_ == wanted.tolist()
    assert model.topic_sizes_ == {0: 0, 1: 30, 2: 60}
    with pytest.raises(InputError, match="topic 3 is not there"):
        model.update_topics(TEXTS, np.full(90, 3))


def test_unknown_strategies_are_refused(with_outliers):
    with pytest.raises(InputError, match="strategy = 'distributions'"):
        with_outliers.reduce_outliers(strategy="distributions")


def test_documents_that_are_not_those_of_the_fit_are_refused(model):
    with pytest.raises(InputError, match="docs has 1 rows"):
        model.get_document_info(["a"])


def test_hierarchical_topics_join_all(model):
    table = model.hierarchical_topics(TEXTS)
    assert table.Parent_ID.tolist() == ["3", "4"]
    assert table.Topics.iloc[-1] == [0, 1, 2]
    assert table.Distance.is_monotonic_increasing


def test_shares_over_time_are_of_the_periods_documents(model):
    years = np.where(np.arange(90) < 30, 2020, 2021)
    table = model.topics_over_time(TEXTS, years)
    assert list(table.columns)[:4] == ["Topic", "Words", "Frequency", "Timestamp"]
    assert table.groupby("Timestamp").Share.sum().tolist() == pytest.approx([1, 1])
    assert table.groupby("Timestamp").Documents.first().tolist() == [30, 60]
    first = table[(table.Topic == 0) & (table.Timestamp == pd.Timestamp("2020-01-01"))]
    assert first.Share.item() == (model.labels_[:30] == 0).mean()
    assert table.Frequency.sum() == 90


def test_a_constant_share_of_a_growing_corpus_is_constant():
    topics = [0, 1] * 5 + [0, 1] * 40
    model = ThemeModel(encode).fit(TEXTS)
    table = model.topics_over_time(None, [2020] * 10 + [2021] * 80, topics=topics)
    assert table[table.Topic == 0].Share.tolist() == [0.5, 0.5]


def test_later_documents_change_nothing_of_an_earlier_period(model):
    dates = ["2020-05-01"] * 30 + ["2021-06-01"] * 60
    early = model.topics_over_time(None, dates, topics=TRUTH, n_words=20)
    other = ThemeModel(encode).fit([*TEXTS[:30], *(f"{text} unheard words" for text in TEXTS[30:])])
    late = other.topics_over_time(None, dates, topics=TRUTH, n_words=20)
    first = pd.Timestamp("2020-01-01")
    assert early[early.Timestamp == first].Words.tolist() == late[late.Timestamp == first].Words.tolist()
    assert early[early.Timestamp != first].Words.tolist() != late[late.Timestamp != first].Words.tolist()


@pytest.mark.parametrize(
    "day",
    [
        "2020-03-05",
        date(2020, 3, 5),
        datetime(2020, 3, 5, 12, tzinfo=UTC),
        pd.Timestamp("2020-03-05"),
        np.datetime64("2020-03-05"),
    ],
)
def test_times_of_any_kind(model, day):
    table = model.topics_over_time(None, [day] * 90, period="month")
    assert table.Timestamp.unique().tolist() == [pd.Timestamp("2020-03-01")]


def test_a_day_in_another_zone_is_counted_in_utc(model):
    times = ["2020-01-01T01:00:00+05:00"] * 45 + ["2020-01-01"] * 45
    table = model.topics_over_time(None, times, period="D")
    assert table.Timestamp.unique().tolist() == [pd.Timestamp("2019-12-31"), pd.Timestamp("2020-01-01")]


@pytest.mark.parametrize("period", ["Q", "QE", "QS", "quarter"])
def test_periods_by_pandas_letters(model, period):
    table = model.topics_over_time(None, ["2020-02-01"] * 45 + ["2020-05-01"] * 45, period=period)
    assert table.Timestamp.unique().tolist() == [pd.Timestamp("2020-01-01"), pd.Timestamp("2020-04-01")]


def test_bins_of_one_width_hold_the_last_document_too(model):
    table = model.topics_over_time(None, pd.date_range("2020-01-01", periods=90), nr_bins=4)
    assert table.groupby("Timestamp").Documents.first().sum() == 90
    assert table.Timestamp.nunique() == 4


def test_times_of_the_fit_are_kept():
    model = ThemeModel(encode).fit(TEXTS, timestamps=[2020] * 45 + [2021] * 45)
    assert model.topics_over_time().Timestamp.nunique() == 2


def test_formats_that_are_not_iso_are_named(model):
    table = model.topics_over_time(None, ["05.03.2020"] * 90, datetime_format="%d.%m.%Y", period="day")
    assert table.Timestamp.unique().tolist() == [pd.Timestamp("2020-03-05")]
    with pytest.raises(InputError, match="give datetime_format"):
        model.topics_over_time(None, ["05.03.2020"] * 90)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "were not handed to fit"),
        ({"timestamps": [2020] * 90, "period": "fortnight"}, "period = 'fortnight'"),
        ({"timestamps": [2020] * 90, "nr_bins": 0}, "at least 1"),
        ({"timestamps": [2020] * 90, "topics": [0]}, "topics has 1 rows"),
    ],
)
def test_impossible_questions_about_time_are_one_sentence(model, arguments, says):
    with pytest.raises(InputError, match=says):
        model.topics_over_time(None, **arguments)


def test_years_in_a_column_of_floats_are_years(model):
    table = model.topics_over_time(None, pd.Series([2020.0] * 45 + [2021.0] * 45), period="year")
    assert table.Timestamp.unique().tolist() == [pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01")]


@pytest.mark.parametrize("value", [2020.5, np.nan, np.inf, True])
def test_numbers_that_are_no_years_are_refused(model, value):
    with pytest.raises(InputError, match="row 89 is"):
        model.topics_over_time(None, [2020.0] * 89 + [value])


def test_words_over_time_know_the_languages():
    texts = [
        "der Hafen und die Segel der Schiffe im Hafen" if subject == 2 else text
        for text, subject in zip(TEXTS, TRUTH, strict=True)
    ]
    languages = ["de" if subject == 2 else "en" for subject in TRUTH]
    fitted = ThemeModel(encode).fit(texts, languages=languages)
    table = fitted.topics_over_time(None, [2020] * 90, topics=TRUTH, n_words=20)
    words = table[table.Topic == 2].Words.item().split(", ")
    assert "hafen" in [word.lower() for word in words]
    assert not {"der", "und", "die", "im"} & {part for word in words for part in word.lower().split()}


def test_groups_of_topics_may_be_arrays(model):
    model.merge_topics(None, [np.array([0, 1])])
    assert len(model.theme_ids_) == 2


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        ([[]], "a group without topics"),
        ([], "a group without topics"),
        ([0, [1, 2]], "or groups of topics"),
        (["a"], "topic a"),
    ],
)
def test_groups_that_are_none_are_refused(model, groups, says):
    with pytest.raises(InputError, match=says):
        model.merge_topics(None, groups)


def test_a_document_that_moves_comes_near_no_other_topic():
    guided = [{"name": "rocket launch orbit"}, {"name": "engine booster capsule"}]
    model = ThemeModel(encode, guided=guided, stability_runs=0).fit(TEXTS)
    themes = model.themes_
    assert len(themes.near_row)
    row = int(themes.near_row[0])
    topics = model.labels_
    topics[row] = int(model._found.place[themes.near_theme[0]])
    model.update_topics(None, topics)
    assert row not in model.themes_.near_row
    assert model.topics_[row] == topics[row]


def test_a_strategy_that_is_none_is_refused_where_no_document_is_without_a_topic(model):
    assert -1 not in model.topics_
    with pytest.raises(InputError, match="strategy = 'nonsense'"):
        model.reduce_outliers(strategy="nonsense")


def test_words_by_representation_as_bertopic_gives_them(model):
    assert model.get_topic(0, full=True) == {"Main": model.get_topic(0)}
    assert model.get_topic(9, full=True) is False
    assert model.get_topics(full=True) == {"Main": model.get_topics()}


def test_a_joined_topic_was_not_measured(model):
    model.merge_topics(None, [0, 1])
    stability = model.get_topic_info().Stability
    assert pd.isna(stability[0])
    assert not pd.isna(stability[1])

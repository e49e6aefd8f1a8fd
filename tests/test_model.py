"""The estimator by scikit-learn's rules: what is fitted, what new documents get, what is refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import topicgpu
from planted.talk import encode, talk
from topicgpu.config import ThemesSection
from topicgpu.errors import ConfigError, InputError, ModelError, TopicGPUError
from topicgpu.model import ThemeModel
from topicgpu.model.settings import guided_themes, seed_of

TEXTS, TRUTH = talk()
VECTORS = encode(TEXTS)


@pytest.fixture(scope="module")
def model():
    return ThemeModel(encode).fit(TEXTS)


def expected_to_fail(estimator):
    return {"check_fit_score_takes_y": "BERTopic users hand vectors in second place; a column there is taken as y"}


@parametrize_with_checks([ThemeModel()], expected_failed_checks=expected_to_fail)
def test_scikit_learns_checks_hold(estimator, check):
    check(estimator)


def test_the_package_has_it():
    assert topicgpu.ThemeModel is ThemeModel


def test_planted_subjects_are_found_by_falling_size(model):
    assert adjusted_rand_score(TRUTH, model.labels_) == 1
    assert model.topic_sizes_ == {0: 40, 1: 30, 2: 20}
    assert model.topics_ == model.labels_.tolist()
    assert all(isinstance(topic, int) for topic in model.topics_)
    assert ((model.probabilities_ > 0) & (model.probabilities_ <= 1)).all()


def test_a_clone_has_the_arguments_and_nothing_fitted(model):
    other = clone(ThemeModel(encode, min_topic_size=5, guided=[{"name": "Bread"}]))
    assert other.get_params()["min_topic_size"] == 5
    assert other.guided == [{"name": "Bread"}]
    with pytest.raises(ValueError, match="not fitted"):
        _ = other.topics_


def test_vectors_alone_give_the_same_topics_and_no_keywords(model):
    alone = ThemeModel().fit(VECTORS)
    assert adjusted_rand_score(alone.labels_, model.labels_) == 1
    assert alone.get_topic(0) == []
    assert alone.representative_docs_[0] == []


def test_vectors_handed_in_are_those_of_the_encoder(model):
    assert ThemeModel().fit(TEXTS, VECTORS).topics_ == model.topics_
    assert ThemeModel(encode).fit(TEXTS, embeddings=VECTORS).topics_ == model.topics_


def test_one_random_state_gives_one_result(model):
    assert ThemeModel(encode, random_state=0).fit(TEXTS).transform(TEXTS).tobytes() == model.transform(TEXTS).tobytes()


def test_a_random_state_draws_the_seed_and_none_draws_another_each_time():
    assert seed_of(np.random.RandomState(3)) == seed_of(np.random.RandomState(3)) != seed_of(np.random.RandomState(4))
    assert seed_of(None) != seed_of(None)
    assert seed_of(np.int64(7)) == 7


def test_fitted_documents_are_assigned_as_in_the_fit(model):
    assert model.predict(TEXTS).tolist() == model.topics_
    assert model.predict(TEXTS[5:9]).tolist() == model.topics_[5:9]
    assert ThemeModel(encode).fit_transform(TEXTS).tobytes() == model.transform(TEXTS).tobytes()
    assert ThemeModel(encode).fit_predict(TEXTS).tolist() == model.topics_


def test_new_documents_get_the_topic_of_what_is_like_them(model):
    texts, truth = talk((10, 10, 10), seed=1)
    assert adjusted_rand_score(truth, model.predict(texts)) == 1
    strengths = model.transform(texts)
    assert strengths.shape == (30, 3)
    assert (strengths.argmax(axis=1) == model.predict(texts)).all()
    assert (strengths.sum(axis=1) <= 1 + 1e-9).all()


def test_what_is_like_nothing_has_no_theme(model):
    strange = ["quite other words altogether", "and these are others again"]
    assert model.predict(strange).tolist() == [-1, -1]
    assert not model.transform(strange).any()
    assert (model.novelty(strange) == 1).all()
    assert model.novelty(TEXTS).max() < 1


def test_one_text_is_a_list_of_one(model):
    assert model.predict("rocket orbit launch engine").shape == (1,)


def test_it_works_in_a_pipeline_before_a_classifier():
    pipeline = make_pipeline(ThemeModel(encode), LogisticRegression())
    assert pipeline.fit(TEXTS, TRUTH).score(*talk((10, 10, 10), seed=2)) >= 0.9
    pipeline.set_params(thememodel__min_topic_size=4)
    assert pipeline.fit(TEXTS, [str(label) for label in TRUTH]).score(TEXTS, [str(label) for label in TRUTH]) == 1


def test_columns_of_the_output_are_named(model):
    frame = clone(model).set_output(transform="pandas").fit_transform(TEXTS)
    assert list(frame.columns) == ["thememodel0", "thememodel1", "thememodel2"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"guided": [{"id": "bread", "name": "Bread", "description": "bread dough flour oven"}]},
        {"guided": [{"name": "bread dough flour oven"}]},
        {"zeroshot_topic_list": ["bread dough flour oven"]},
        {"seed_topic_list": [["bread", "dough", "flour", "oven"]]},
    ],
)
def test_guided_themes_in_each_spelling(arguments):
    model = ThemeModel(encode, **arguments).fit(TEXTS)
    info = model.get_topic_info()
    guided = int(info.Topic[info.Kind == "guided"].iloc[0])
    assert (model.labels_[TRUTH == 1] == guided).mean() > 0.5
    assert (model.labels_[TRUTH != 1] != guided).all()
    assert (info.Kind == "discovered").any()


def test_guided_themes_alone():
    model = ThemeModel(encode, guided=[{"name": "bread dough flour oven"}], discover=False).fit(TEXTS)
    assert set(model.topics_) == {-1, 0}


def test_fewer_topics_when_asked():
    assert ThemeModel(encode, nr_topics=2).fit(TEXTS).topic_sizes_.keys() == {0, 1}
    assert ThemeModel(encode, nr_topics=9).fit(TEXTS).topic_sizes_.keys() == {0, 1, 2}
    assert ThemeModel(encode, nr_topics="auto").fit(TEXTS).topic_sizes_.keys() == {0, 1, 2}


def test_twenty_repeats_are_no_theme():
    assert ThemeModel(encode).fit(["bread dough flour"] * 20).topics_ == [-1] * 20


@pytest.mark.parametrize("n", [1, 2, 5])
def test_fewer_documents_than_a_theme_needs(n):
    assert ThemeModel(encode).fit(TEXTS[:n]).topics_ == [-1] * n


def test_documents_without_words_have_no_theme_and_change_none(model):
    assert ThemeModel(encode).fit([*TEXTS, "", " "]).topics_ == [*model.topics_, -1, -1]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda model: model.fit([]), "documents has no row"),
        (lambda model: model.fit([*TEXTS, None]), "row 90 is None"),
        (lambda model: model.fit(TEXTS, VECTORS[:5]), "5 rows for 90 documents"),
        (lambda model: model.fit(TEXTS, VECTORS[:, 0][:, None, None]), "table of numbers"),
        (lambda model: model.fit(TEXTS, np.where(VECTORS == 3, np.nan, VECTORS)), "NaN or inf"),
        (lambda model: model.fit(TEXTS, timestamps=["2020"]), "1 rows for 90 documents"),
        (lambda model: model.fit(TEXTS, timestamps=["2020"] * 89 + ["soon"]), "row 89 is 'soon'"),
        (lambda model: model.fit(TEXTS, timestamps=["2020"] * 89 + [None]), "row 89 is None"),
        (lambda model: model.fit(TEXTS, sources=["a"] * 3), "sources has 3 rows"),
        (lambda model: model.fit(TEXTS, sources=["a", "b"] * 45), "must stand together; row 2"),
        (lambda model: model.fit(TEXTS).transform(TEXTS, VECTORS[:, :4]), "4 dimensions"),
    ],
)
def test_bad_input_is_one_sentence(call, says):
    with pytest.raises(InputError, match=says) as error:
        call(ThemeModel(encode))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"min_topic_size": 1}, "min_segments"),
        ({"noise": "hide"}, "noise.policy"),
        ({"nr_topics": 0}, "nr_topics = 0"),
        ({"nr_topics": "many"}, "nr_topics = 'many'"),
        ({"guided": ["bread"]}, "guided theme 0 is 'bread'"),
        ({"guided": [{"name": "Bread"}, {"name": "Bread"}]}, "two guided themes have the name"),
        ({"guided": [{"name": "Bread"}], "nr_topics": 1}, "guided themes are not joined"),
        ({"discover": False}, "there would be no themes"),
        ({"nr_topics": True}, "nr_topics = True"),
        ({"random_state": -1}, "random_state = -1"),
        ({"random_state": "seven"}, "random_state = 'seven'"),
    ],
)
def test_impossible_arguments_are_one_sentence(arguments, says):
    with pytest.raises(TopicGPUError, match=says) as error:
        ThemeModel(encode, **arguments).fit(TEXTS)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("guided", [None, [{"name": "Bread"}]])
def test_vectors_of_another_encoder_are_refused(guided):
    with pytest.raises(ConfigError, match="gives 25 dimensions and the embeddings have 24"):
        ThemeModel(encode, guided=guided).fit(TEXTS, VECTORS[:, :24])


def test_an_encoder_that_is_none_is_refused():
    with pytest.raises(ModelError, match="neither a function nor an object"):
        ThemeModel(embedding_model=3).fit(TEXTS)


def test_the_defaults_are_those_of_a_run():
    assert ThemeModel()._config() == ThemesSection()


@pytest.mark.parametrize(
    "y",
    [
        TRUTH,
        TRUTH[:, None],
        TRUTH[:, None] / 2,
        np.eye(3, dtype=int)[TRUTH],
        np.eye(3, dtype=bool)[TRUTH],
        pd.DataFrame(np.eye(3)[TRUTH]),
        [["bread"]] * 90,
    ],
)
def test_a_target_in_second_place_is_not_taken_for_vectors(model, y):
    assert ThemeModel(encode).fit(TEXTS, y).topics_ == model.topics_
    assert ThemeModel().fit(VECTORS, y).topics_ == model.topics_


def test_what_comes_with_vectors_is_a_target(model):
    assert ThemeModel().fit(VECTORS, np.eye(3)[TRUTH]).topics_ == model.topics_


@pytest.fixture
def mixed():
    """Rows in no group in particular, with topics that are not those of their neighbors."""
    vectors = VECTORS + np.random.default_rng(0).normal(0, 0.5, VECTORS.shape)
    mixed = ThemeModel(noise_threshold=0.0).fit(vectors)
    topics = np.arange(90) % len(mixed.theme_ids_)
    topics[80:] = -1
    mixed.update_topics(None, topics)
    return mixed, vectors, topics


def test_strengths_of_fitted_documents_are_shares_of_the_others(mixed):
    mixed, vectors, topics = mixed
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    expected = np.zeros((90, topics.max() + 1))
    for row in range(80):
        nearest = np.argsort(-cosines[row])[:10]
        for other in nearest[topics[nearest] >= 0]:
            expected[row, topics[other]] += cosines[row, other] / cosines[row, nearest].sum()
    assert np.allclose(mixed.transform(vectors), expected, atol=1e-5)
    assert mixed.predict(vectors).tolist() == topics.tolist()


def test_documents_without_a_theme_have_no_strengths():
    soft = ThemeModel(encode, noise="soft", noise_threshold=0.8).fit(TEXTS)
    none = soft.labels_ < 0
    assert none.any()
    assert np.isin(np.flatnonzero(none), soft.themes_.row).any()  # they carry themes, as further ones
    assert not soft.transform(TEXTS)[none].any()


def test_a_repeat_has_the_strengths_of_what_it_repeats(model):
    twice = ThemeModel(encode).fit([*TEXTS, TEXTS[0]])
    strengths = twice.transform([*TEXTS, TEXTS[0]])
    assert strengths[-1].tolist() == strengths[0].tolist()
    assert strengths[0].any()


def test_a_fit_that_fails_leaves_the_last_one(model):
    other = clone(model).fit(TEXTS)
    before = dict(vars(other))
    other.representation_model = "none of BERTopic's"
    with pytest.raises(TypeError, match="unsupported type str"):
        other.fit(TEXTS[:60])
    assert {name: vars(other)[name] for name in before if name != "representation_model"} == {
        name: value for name, value in before.items() if name != "representation_model"
    }
    with pytest.raises(InputError, match="must be finite"):
        other.fit(np.full((9, 4), np.nan))
    assert other.n_features_in_ == 25
    assert other.predict(TEXTS).tolist() == model.topics_


def test_names_of_one_or_two_letters_and_of_any_script_are_guided_themes():
    themes = guided_themes(None, np.array(["AI", "经济", "太空", "None", "d2", "x" * 90]), None)
    assert [theme.name for theme in themes[:5]] == ["AI", "经济", "太空", "None", "d2"]
    assert [theme.id for theme in themes[:5]] == ["ai", "g2", "g3", "g4", "g5"]
    assert len(themes[5].name) == 80
    assert themes[5].description == "x" * 90


def test_an_id_that_the_user_gave_is_not_given_again():
    themes = guided_themes([{"name": "经济", "id": "g2"}], ["太空", "经济学"], None)
    assert [theme.id for theme in themes] == ["g2", "g3", "g4"]


def test_lists_of_seeds_that_begin_alike_have_names_of_their_own():
    words = ["bread", "dough", "flour"]
    names = [theme.name for theme in guided_themes(None, None, [words, [*words, "oven"], [*words, "oven", "loaf"]])]
    assert names == ["bread, dough, flour", "bread, dough, flour, oven", "bread, dough, flour, oven, loaf"]


def test_arguments_may_be_numpys():
    model = ThemeModel(encode, nr_topics=np.int64(2), min_topic_size=np.int64(8), random_state=np.int64(0)).fit(TEXTS)
    assert len(model.theme_ids_) == 2


def test_an_encoder_may_be_a_path(tiny_model, tmp_path):
    model = ThemeModel(tiny_model).fit(TEXTS)
    assert model.topics_ == ThemeModel(str(tiny_model)).fit(TEXTS).topics_
    model.save(tmp_path)
    assert ThemeModel.load(tmp_path).embedding_model == str(tiny_model)

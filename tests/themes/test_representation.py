"""BERTopic's representation models on our terms."""

import numpy as np
import pytest

from topicgpu.errors import ConfigError
from topicgpu.themes.representation import with_representation
from topicgpu.themes.terms import find_terms

TEXTS = ["rocket, orbit", "rocket, fuel", "orbit, fuel", "bread, oven", "bread, flour", "oven, flour", "noise"]
CLASSES = np.array([0, 0, 0, 2, 2, 2, -1])  # no text in class 1
WORDS = [{"rocket", "orbit", "fuel"}, set(), {"bread", "oven", "flour"}]


def encode(texts):
    axes = {word: axis for axis, word in enumerate(sorted(WORDS[0] | WORDS[2]))}
    rows = [np.bincount([axes[word] for word in axes if word in text] or [6], minlength=7) for text in texts]
    return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)


def chosen(model, wanted=2):
    found = with_representation(model, find_terms(TEXTS), TEXTS, CLASSES, 3, wanted, encode)
    return [[keyword.term for keyword in keywords] for keywords in found]


@pytest.mark.filterwarnings("ignore")  # bertopic's own
@pytest.mark.parametrize("name", ["MaximalMarginalRelevance", "KeyBERTInspired"])
def test_representation_models_of_bertopic_choose_among_our_terms(name):
    import bertopic.representation

    found = chosen(getattr(bertopic.representation, name)(top_n_words=2))
    assert [len(terms) for terms in found] == [2, 0, 2]
    assert all(set(terms) <= words for terms, words in zip(found, WORDS, strict=True))


def test_a_function_gets_candidates_and_texts():
    seen = []

    def model(candidates, texts):
        seen.append(({term for term, _ in candidates}, texts))
        return [("A name", 1.0), ("", 0.0)]

    assert chosen(model) == [["A name"], [], ["A name"]]
    assert seen == [(WORDS[0], TEXTS[:3]), (WORDS[2], TEXTS[3:6])]


def test_anything_else_is_one_sentence():
    with pytest.raises(ConfigError, match="extract_topics"):
        chosen(3)

"""Models to BERTopic and back, and its representation models here."""

from dataclasses import replace
from typing import Any

import numpy as np

from topicgpu.bertopic import Embedder, GivenTopics
from topicgpu.errors import InputError
from topicgpu.model.attributes import NO_THEME
from topicgpu.model.found import Found
from topicgpu.types import Clusters, Ints, Keyword, Neighbors, Theme

_NO_WORD = ("", 1e-5)  # as BERTopic writes a word that is not there


def fitted_bertopic(
    found: Found, predict: Any, embedding_model: Any, device: str, representation_model: Any = None
) -> Any:
    """
    Fit a BERTopic on topics that are there.

    Parameters
    ----------
    found : Found
        Documents with texts, and t topics.
    predict : callable
        Vectors to topics, for new documents.
    embedding_model : object
        Of the estimator.
    device : str
        Of the estimator.
    representation_model : object, list or dict, optional
        BERTopic's.

    Returns
    -------
    bertopic.BERTopic
        With our numbers; with our keywords too, where no representation model is given.

    Raises
    ------
    InputError
        If there are no texts: BERTopic counts words.
    """
    from bertopic import BERTopic
    from bertopic.dimensionality import BaseDimensionalityReduction
    from sklearn.feature_extraction.text import CountVectorizer

    from topicgpu.ops.terms import terms_of

    if not found.has_texts:
        raise InputError("the model was fitted on vectors alone, and BERTopic counts words; fit on texts.")
    model = BERTopic(
        embedding_model=Embedder(embedding_model, device=device),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=GivenTopics(predict, found.probabilities),
        vectorizer_model=CountVectorizer(analyzer=terms_of),  # so that what BERTopic words again has our words
        representation_model=representation_model,
    )
    # Its sort by size leaves equal sizes in any order; ours are sorted.
    model._sort_mappings_by_frequency = lambda documents: documents
    model.fit(list(found.segments.text), embeddings=found.embeddings.vectors, y=found.topics.tolist())
    del model._sort_mappings_by_frequency
    if representation_model is None:
        _use_our_words(model, found)
    return model


def _use_our_words(model: Any, found: Found) -> None:
    place = {segment_id: row for row, segment_id in enumerate(found.segments.segment_id)}
    for topic, theme in enumerate(found.themes.themes[number] for number in found.order):
        if topic not in model.topic_representations_:
            continue  # a guided theme that no document carries
        words = [(word.term, float(word.weight)) for word in theme.keywords]
        if words:  # BERTopic can't draw a topic without any
            model.topic_representations_[topic] = words
        model.representative_docs_[topic] = [found.segments.text[place[exemplar]] for exemplar in theme.exemplars]
    _pad_words(model.topic_representations_)
    names = {topic: f"{topic}_{found.themes.themes[number].name}" for topic, number in enumerate(found.order)}
    names[-1] = NO_THEME
    model.set_topic_labels({topic: name for topic, name in names.items() if topic in model.topic_representations_})


def _pad_words(words_of: dict[int, list[tuple[str, float]]]) -> None:
    """Give every topic as many words as the one with most, as BERTopic does: it draws them as one array."""
    most = max(map(len, words_of.values()))
    for topic, words in words_of.items():
        words_of[topic] = [*words, *[_NO_WORD] * (most - len(words))]


def represented(found: Found, predict: Any, embedding_model: Any, device: str, representation_model: Any) -> Found:
    """
    Word the keywords by one of BERTopic's representation models.

    Parameters
    ----------
    found : Found
        With texts.
    predict, embedding_model, device : object
        As for `fitted_bertopic`.
    representation_model : object, list or dict
        BERTopic's.

    Returns
    -------
    Found
        With other keywords; what such a model leaves empty keeps ours. One term alone is a discovered theme's name.
    """
    model = fitted_bertopic(found, predict, embedding_model, device, representation_model)
    themes = list(found.themes.themes)
    for topic, number in enumerate(found.order):
        words = tuple(Keyword(term, float(weight)) for term, weight in model.get_topic(topic) or () if term)
        if words:
            one = len(words) == 1 and themes[number].kind == "discovered"  # a name that the model made up
            name = words[0].term if one else themes[number].name
            themes[number] = replace(themes[number], keywords=words, name=name)
    return replace(found, themes=replace(found.themes, themes=tuple(themes)))


def read_topics(model: Any, n_documents: int) -> tuple[Ints, Any]:
    """
    Read which topics a BERTopic gave its documents.

    Parameters
    ----------
    model : bertopic.BERTopic
        Fitted.
    n_documents : int
        That it was fitted on.

    Returns
    -------
    topics : ndarray of int64, shape (n,)
        Its numbers, -1 for none.
    strengths : ndarray of float32, shape (n,)
        Its probabilities, 1 where it kept none; 0 for none.

    Raises
    ------
    InputError
        If it is not fitted, or on other documents.
    """
    topics = getattr(model, "topics_", None)
    if topics is None:
        raise InputError("the BERTopic is not fitted; fit it before it is read.")
    if len(topics) != n_documents:
        raise InputError(f"the BERTopic was fitted on {len(topics)} documents, and {n_documents} were handed in.")
    labels = np.asarray(topics, dtype=np.int64)
    given = getattr(model, "probabilities_", None)
    strengths = np.ones(n_documents) if given is None else np.asarray(given, dtype=np.float64)
    if strengths.ndim == 2:  # calculate_probabilities=True keeps all of them
        strengths = strengths[np.arange(n_documents), labels]
    strengths = np.where(labels >= 0, np.clip(strengths, 0, 1), 0).astype(np.float32)
    return labels, strengths


def given_clusters(labels: Ints, strengths: Any) -> Any:
    """
    Make the stage of clusters say what is given.

    Parameters
    ----------
    labels : ndarray of int64, shape (n,)
        Groups, -1 for none.
    strengths : ndarray of float32, shape (n,)
        In [0, 1].

    Returns
    -------
    callable
        For `find`.
    """

    def clusters(neighbors: Neighbors) -> Clusters:
        return Clusters(labels, strengths, "BERTopic", neighbors.rows)

    return clusters


def with_bertopic_words(found: Found, labels: Ints, model: Any) -> Found:
    """
    Give themes the words, names and ids of the BERTopic that they were read from.

    Parameters
    ----------
    found : Found
        Of its labels.
    labels : ndarray of int64, shape (n,)
        Its topics.
    model : bertopic.BERTopic
        Fitted.

    Returns
    -------
    Found
        Ids are `bertopic_0` ... by BERTopic's numbers.
    """
    primary = found.themes.primary
    themes: list[Theme] = []
    topics: list[int] = []
    for number, theme in enumerate(found.themes.themes):
        topic = int(labels[primary.tolist().index(number)])
        words = tuple(Keyword(term, float(weight)) for term, weight in model.get_topic(topic) or () if term)
        label = str(model.topic_labels_[topic])
        own = f"{topic}_"  # the label is the number and the words, or the name of a zero-shot topic as it was given
        name = label.removeprefix(own).replace("_", ", ") if label.startswith(own) else label
        themes.append(replace(theme, theme_id=f"bertopic_{topic}", name=name or theme.name, keywords=words))
        topics.append(topic)
    order = np.lexsort((topics, [-theme.size for theme in themes]))
    return replace(found, themes=replace(found.themes, themes=tuple(themes)), order=order)

"""The results of a run as what a fit finds: the way from a run to a BERTopic."""

from functools import partial
from typing import Any

from topicgpu.errors import InputError
from topicgpu.model.found import Found, topic_order
from topicgpu.model.interop import fitted_bertopic
from topicgpu.model.predicting import topics_of_vectors
from topicgpu.types import Clusters, Embeddings, Neighbors, Repeats, Segments, Themes

_MAX_NOVELTY = 0.99  # as `ThemeModel` has it


def bertopic_of_run(
    segments: Segments,
    embeddings: Embeddings,
    repeats: Repeats,
    neighbors: Neighbors,
    clusters: Clusters,
    themes: Themes,
    embedding_model: Any,
    device: str,
) -> Any:
    """
    Make a fitted BERTopic whose documents are the segments of a run.

    Parameters
    ----------
    segments : Segments
        Of the run: the documents.
    embeddings : Embeddings
        Of the run.
    repeats : Repeats
        Of the run.
    neighbors : Neighbors
        Of the run.
    clusters : Clusters
        Of the run.
    themes : Themes
        Of the run: the topics.
    embedding_model : object
        That the vectors were made with, as for `ThemeModel`; loaded when a new document comes.
    device : str
        Where it runs.

    Returns
    -------
    bertopic.BERTopic
        Topics by falling size with our keywords, and the names of the themes as custom labels. Segments without a
        theme are -1. It gives new documents the topics of the segments that they are most like.

    Raises
    ------
    InputError
        If there is no theme that a segment carries.
    """
    found = Found(
        segments, embeddings, repeats, neighbors, clusters, themes, topic_order(themes), times=None, has_texts=True
    )
    if not (found.topics >= 0).any():
        raise InputError("the run has no theme that a segment carries, and a BERTopic without a topic can't be made.")
    predict = partial(topics_of_vectors, found, device=device, limit=_MAX_NOVELTY)
    return fitted_bertopic(found, predict, embedding_model, device)

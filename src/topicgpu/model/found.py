"""What the stages of a run make of documents: the same functions, one row a document, nothing written."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from topicgpu.config import ClusterSection, NeighborsSection, ThemesSection
from topicgpu.config.sections import NoiseSection
from topicgpu.model.times import Times
from topicgpu.types import Clusters, Embeddings, Encode, Floats, Ints, Neighbors, Repeats, Segments, ThemeIds, Themes


@dataclass(frozen=True, eq=False)
class Found:
    """Documents and what was found in them; `order` says which theme has which topic number."""

    segments: Segments
    embeddings: Embeddings
    repeats: Repeats
    neighbors: Neighbors
    clusters: Clusters
    themes: Themes
    order: Ints  # (t,) index into `themes.themes` of each topic
    times: Times | None
    has_texts: bool

    def __len__(self) -> int:
        return len(self.segments)

    @cached_property
    def place(self) -> Ints:
        """(t,) topic number of each theme of `themes.themes`."""
        place = np.empty_like(self.order)
        place[self.order] = np.arange(len(self.order))
        return place

    @cached_property
    def topics(self) -> Ints:
        """(n,) topic of each document, -1 for none."""
        return self.as_topics(self.themes.primary)

    def as_topics(self, themes: Ints) -> Ints:
        """
        Turn numbers of themes into topics.

        Parameters
        ----------
        themes : ndarray of int64
            Indices into `themes.themes`; -1 for none.

        Returns
        -------
        ndarray of int64
            Topic numbers; -1 for none.
        """
        return np.append(self.place, -1)[themes]

    @property
    def theme_ids(self) -> tuple[str, ...]:
        """Id of each topic's theme."""
        return tuple(self.themes.themes[place].theme_id for place in self.order)

    @cached_property
    def probabilities(self) -> Floats:
        """(n,) strength of each document's topic, 0 where it has none."""
        probabilities = np.zeros(len(self))
        first = self.themes.rank == 1
        probabilities[self.themes.row[first]] = self.themes.strength[first]
        return probabilities

    @cached_property
    def centers(self) -> NDArray[np.float32]:
        """(t, d) unit mean of the documents of each topic, repeats left out; zero where there is none."""
        counted = self.topics.copy()
        counted[self.repeats.mask] = -1
        member = _indicator(counted, len(self.order))
        sums: NDArray[np.float32] = np.asarray(member.T @ self.embeddings.vectors, dtype=np.float32)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        centers: NDArray[np.float32] = np.divide(sums, norms, out=np.zeros_like(sums), where=norms > 0)
        return centers

    def with_themes(self, themes: Themes) -> "Found":
        """
        Take other themes of the same documents, and number them by falling size.

        Parameters
        ----------
        themes : Themes
            Of the same segments.

        Returns
        -------
        Found
            A new one.
        """
        return replace(self, themes=themes, order=topic_order(themes))


def _indicator(labels: Ints, n_labels: int) -> sparse.csr_array:
    rows = np.flatnonzero(labels >= 0)
    return sparse.csr_array((np.ones(len(rows), dtype=np.float32), (rows, labels[rows])), shape=(len(labels), n_labels))


def topic_order(themes: Themes) -> Ints:
    """
    Order themes by falling number of documents.

    Parameters
    ----------
    themes : Themes
        t themes.

    Returns
    -------
    ndarray of int64, shape (t,)
        Their indices; equal sizes in their own order.
    """
    primary = themes.primary
    sizes = np.bincount(primary[primary >= 0], minlength=len(themes.themes))
    return np.argsort(-sizes, kind="stable")


def find(
    segments: Segments,
    embeddings: Embeddings,
    config: ThemesSection,
    min_size: int,
    seed: int,
    device: str,
    encode: Encode,
    times: Times | None = None,
    given: Callable[[Neighbors], Clusters] | None = None,
) -> Found:
    """
    Run the stages from repeats to themes.

    Parameters
    ----------
    segments : Segments
        n rows; all texts empty where there are only vectors.
    embeddings : Embeddings
        Their vectors.
    config : ThemesSection
        Guided themes and limits.
    min_size : int
        Documents that a group needs.
    seed : int
        Of everything that draws.
    device : str
        `cpu`, `cuda` or `cuda:N`.
    encode : callable
        Texts to unit vectors, for the phrases of guided themes.
    times : ndarray of datetime64, optional
        Of the documents.
    given : callable, optional
        Gives groups instead of the stage that finds them: each is a topic as it is, of whatever size, and no document
        counts as a repeat or as noise.

    Returns
    -------
    Found
        With themes in the order of `find_themes`, and topics by falling size.
    """
    from topicgpu.cluster import communities_of, find_clusters
    from topicgpu.neighbors import find_neighbors
    from topicgpu.repeats import find_repeats
    from topicgpu.themes import find_themes

    has_texts = any(segments.text)
    if given is not None:
        embeddings, config = _as_given(embeddings, config)
    if has_texts and given is None:
        repeats = find_repeats(segments, embeddings, device)
    else:
        repeats = no_repeats(len(segments), segments.fingerprint)
    neighbors = find_neighbors(embeddings, repeats, NeighborsSection(), device, seed)
    if given is None:
        clusters = find_clusters(embeddings, neighbors, ClusterSection(min_size=min_size), seed, device)
    else:
        clusters = given(neighbors)
    group = partial(communities_of, device=device)
    themes = find_themes(segments, embeddings, repeats, neighbors, clusters, config, seed, encode, group)
    themes = replace(themes, ids=ThemeIds())  # ids are kept from run to run of a folder; each fit counts from d1
    return Found(segments, embeddings, repeats, neighbors, clusters, themes, topic_order(themes), times, has_texts)


def _as_given(embeddings: Embeddings, config: ThemesSection) -> tuple[Embeddings, ThemesSection]:
    """Every document takes part, and nothing but the groups says what its topic is."""
    kept = {"guided": (), "discover": True, "min_segments": 1, "noise": NoiseSection(threshold=0.0)}
    return replace(embeddings, served=np.ones_like(embeddings.served)), config.model_copy(update=kept)


def no_repeats(n_rows: int, rows: str) -> Repeats:
    """
    Say that no document repeats another.

    Parameters
    ----------
    n_rows : int
        Documents.
    rows : str
        Fingerprint of their segments.

    Returns
    -------
    Repeats
        Of none.
    """
    nothing = np.zeros(0, dtype=np.int64)
    return Repeats(nothing, nothing, (), np.zeros(0), n_rows, rows)

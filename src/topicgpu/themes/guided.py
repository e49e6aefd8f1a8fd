"""Guided themes: what each segment says about each definition, together with the segments around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from topicgpu.config import GuidedTheme
from topicgpu.ops.decode import decode
from topicgpu.themes.context import neighbor_graph, shared_by_twins, softmax, with_neighbors, with_passages
from topicgpu.themes.evidence import in_units_of_noise, phrase_evidence, phrases_of
from topicgpu.themes.lexical import Vocabulary
from topicgpu.types import Embeddings, Encode, Floats, Ints, Neighbors, Repeats, Segments

# Chosen on the sets of benchmarks/guided.py and on labelled talk together; the power alone was chosen for each set on
# the others (docs/measured.md). A unit of evidence, the noise of the corpus, is a unit of log-likelihood.
_WORDS_WEIGHT = 0.3
_GROWN_WEIGHT = 0.2  # of the terms that the corpus adds to a definition
_CALM = 0.5  # power of the posteriors: context says much the same several times, so they are surer than right
_ORDER_WEIGHT = 0.5  # of what the order of the source says: it says again what the passage and the neighbors said
_FURTHER_FROM = 0.2  # strength that a second or third theme needs
_NEAR_FROM = 0.05  # strength below which a theme is not worth a second look


@dataclass(frozen=True, eq=False)
class Rows:
    """The segments that an encoder serves, and how they hang together."""

    place: Ints  # (n,) rows of the segments
    vectors: NDArray[np.float32]  # (n, d) unit rows, in the order of the sources
    texts: tuple[str, ...]
    source_of: tuple[str, ...]  # equal ones stand together
    passage_of: Ints  # (n,) within the source; -1: not known
    graph: sparse.csr_array  # (n, n) weights of the nearest neighbors
    twins: Ints  # (m, 2) a translation and what it translates

    @classmethod
    def of(cls, segments: Segments, embeddings: Embeddings, repeats: Repeats, neighbors: Neighbors) -> "Rows":
        """
        Take the served segments from the tables of a run.

        Parameters
        ----------
        segments : Segments
            n rows.
        embeddings : Embeddings
            Which of them are served.
        repeats : Repeats
            Translations are twins.
        neighbors : Neighbors
            The most similar ones of each.

        Returns
        -------
        Rows
            Aligned to the served ones.
        """
        served = np.flatnonzero(embeddings.served)
        now = np.full(len(segments), -1, dtype=np.int64)
        now[served] = np.arange(len(served))
        translated = np.array([kind == "translation" for kind in repeats.kind], dtype=bool)
        twins = now[np.column_stack([repeats.row, repeats.of])[translated]].reshape(-1, 2)
        return cls(
            served,
            embeddings.vectors[served],
            tuple(segments.text[row] for row in served),
            tuple(segments.source_id[row] for row in served),
            segments.passage[served],
            neighbor_graph(neighbors, served),
            twins[(twins >= 0).all(axis=1)],
        )

    def among(self, segments: Ints) -> "Rows":
        """
        Take some of the rows, as if they were all there are.

        Parameters
        ----------
        segments : ndarray of int64
            Rows of the segments, ascending; those that are not served are passed over.

        Returns
        -------
        Rows
            Neighbors and twins are those among them.
        """
        kept = np.flatnonzero(np.isin(self.place, segments))
        if len(kept) == len(self.place):
            return self
        now = np.full(len(self.place), -1, dtype=np.int64)
        now[kept] = np.arange(len(kept))
        graph = sparse.csr_array(self.graph[kept][:, kept])
        sums: Floats = np.asarray(graph.sum(axis=1))
        twins = now[self.twins]
        return Rows(
            self.place[kept],
            self.vectors[kept],
            tuple(self.texts[row] for row in kept),
            tuple(self.source_of[row] for row in kept),
            self.passage_of[kept],
            sparse.csr_array(sparse.diags_array(1 / np.where(sums > 0, sums, 1)) @ graph),
            twins[(twins >= 0).all(axis=1)],
        )


class Guided(NamedTuple):
    """Posteriors, and on what they rest; each table is (n, t + 1) with "no theme" last, rows add to 1."""

    posterior: Floats
    alone: Floats  # from a row's own phrases and words, ...
    with_passage: Floats  # ... and those of its passage, ...
    with_neighbors: Floats  # ... and of the rows most like it; the order of the source makes `posterior` of it
    vocabulary: Vocabulary
    term_weights: Floats  # (t, terms) of the terms that the corpus adds
    excluded: NDArray[np.bool_]  # (n, t)


def guide(rows: Rows, themes: Sequence[GuidedTheme], background: Sequence[str], encode: Encode) -> Guided:
    """
    Estimate how likely each row is about each guided theme, step by step.

    Parameters
    ----------
    rows : Rows
        n segments.
    themes : sequence of GuidedTheme, length t
        Definitions and phrases.
    background : sequence of str
        Phrases for talk about no theme.
    encode : callable
        Texts (m,) to unit vectors (m, d).

    Returns
    -------
    Guided
        Calibrated on labelled sets: of rows with a strength of 0.7, about 0.7 are about the theme, within 0.02 to 0.2
        by the set (docs/measured.md).

    Notes
    -----
    Evidence of phrases and words is added up, shared with twins, with the passage, with the most similar rows and along
    the source. Then the terms that mark the rows found so far join the definitions' words, and it is done once more. A
    row that is nearer to what a theme leaves out than to its phrases can't be about it, whatever is around. Time
    O(n (d phrases + t (neighbors + t) + words)).
    """
    evidence, excluded = phrase_evidence(rows.vectors, themes, background, encode)
    vocabulary = Vocabulary(rows.texts, [" ".join([theme.name, *phrases_of(theme)]) for theme in themes])
    evidence[:, :-1] += _WORDS_WEIGHT * vocabulary.shared()
    first = _infer(evidence, excluded, rows)[-1]
    term_weights = vocabulary.weights(first[:, :-1])
    evidence[:, :-1] += _GROWN_WEIGHT * in_units_of_noise(vocabulary.used(term_weights))
    evidence[:, -1] += _GROWN_WEIGHT * evidence[:, -1].min()  # the level that luck alone reaches, once more
    steps = (_calm(step) for step in _infer(evidence, excluded, rows))
    alone, with_passage, with_neighbors_, posterior = steps
    posterior = shared_by_twins(posterior, rows.twins)
    return Guided(posterior, alone, with_passage, with_neighbors_, vocabulary, term_weights, excluded)


def _infer(evidence: Floats, excluded: NDArray[np.bool_], rows: Rows) -> tuple[Floats, Floats, Floats, Floats]:
    """Posteriors of rows alone, with passages, with neighbors, in order."""

    def possible(table: Floats) -> Floats:
        kept = table.copy()
        kept[:, :-1][excluded] = -np.inf
        return kept

    own = shared_by_twins(evidence, rows.twins)
    passages = possible(with_passages(own, rows.source_of, rows.passage_of))
    field = with_neighbors(passages, rows.graph)
    lengths = [len(list(group)) for _, group in groupby(rows.source_of)]
    without, ordered = softmax(field), decode(field, lengths).posterior
    posterior = without ** (1 - _ORDER_WEIGHT) * ordered**_ORDER_WEIGHT
    posterior /= posterior.sum(axis=1, keepdims=True)
    return softmax(possible(own)), softmax(passages), without, posterior


def _calm(posterior: Floats) -> Floats:
    calm: Floats = posterior**_CALM
    calm /= calm.sum(axis=1, keepdims=True)
    return calm


class Assigned(NamedTuple):
    """Which rows carry which themes, and which come near."""

    rows: Ints  # ascending
    themes: Ints
    strengths: NDArray[np.float32]
    ranks: Ints  # from 1 within a row; 0 where a row only comes near


def assign(posterior: Floats, at_most: int, at_least: float = 0.0) -> Assigned:
    """
    Turn posteriors into assignments: a row carries the themes that it is likely enough to be about.

    Parameters
    ----------
    posterior : ndarray of float64, shape (n, t + 1)
        The last column is "no theme"; a row where it is the largest carries nothing.
    at_most : int
        Themes a row may carry.
    at_least : float
        Strength below which a row carries no theme.

    Returns
    -------
    Assigned
        A row's largest posterior has rank 1, further ones of at least 0.2 follow; what is over 0.05 comes near.
    """
    themes = posterior[:, :-1]
    order = np.argsort(-themes, axis=1, kind="stable")
    sorted_ = np.take_along_axis(themes, order, axis=1)
    place = np.arange(themes.shape[1])
    about = (sorted_[:, :1] >= np.maximum(posterior[:, -1:], at_least)) & (place < at_most)
    carried = about & ((place == 0) | (sorted_ >= _FURTHER_FROM))
    rows, places = np.nonzero(carried | (sorted_ >= _NEAR_FROM))
    ranks = np.where(carried[rows, places], places + 1, 0)
    return Assigned(rows, order[rows, places], sorted_[rows, places].astype(np.float32), ranks)

"""Topics changed after the fit: joined, moved, counted over time."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import InputError
from topicgpu.model.fitted import N_EXEMPLARS, Fitted
from topicgpu.model.found import Found
from topicgpu.model.merging import join_order
from topicgpu.model.nearest import nearest_with_topic
from topicgpu.model.over_time import topics_over_time
from topicgpu.model.regroup import merged, moved, reduced
from topicgpu.model.settings import topic_count
from topicgpu.model.times import read_times
from topicgpu.ops.words import word_spans
from topicgpu.types import Ints

_STRATEGIES = ("neighbors", "embeddings", "c-tf-idf")


class TopicEdits(Fitted):
    """What changes topics, by BERTopic's names. Documents may be handed in as there; the model knows them."""

    def merge_topics(self, docs: Sequence[str] | None, topics_to_merge: Sequence[Any]) -> None:
        """
        Join topics that are one by your judgement.

        Parameters
        ----------
        docs : sequence of str or None
            The documents of the fit.
        topics_to_merge : sequence of int, or of sequences of int
            Topics that become one, or several such groups.
        """
        self._check_documents(docs)
        nested = {np.ndim(group) for group in topics_to_merge}
        if len(nested) > 1:
            raise InputError(f"topics_to_merge = {topics_to_merge!r} must be topics, or groups of topics.")
        groups = topics_to_merge if nested == {1} else [topics_to_merge]
        self._replace(merged(self._found, groups, self.top_n_words, N_EXEMPLARS))

    def reduce_topics(self, docs: Sequence[str] | None = None, nr_topics: int | str = "auto") -> Self:
        """
        Join the nearest topics, small ones first, until there are so many.

        Parameters
        ----------
        docs : sequence of str, optional
            The documents of the fit.
        nr_topics : int or "auto"
            Topics that are left; "auto": as many as there are, since the fit chose their number from the data.

        Returns
        -------
        ThemeModel
            Itself.
        """
        self._check_documents(docs)
        at_most = topic_count(nr_topics)
        if at_most is not None:
            self._replace(reduced(self._found, at_most, self.top_n_words, N_EXEMPLARS, self._device))
        return self

    def update_topics(self, docs: Sequence[str] | None, topics: Sequence[int]) -> None:
        """
        Give documents other topics, and word the topics again. Their numbers stay.

        Parameters
        ----------
        docs : sequence of str or None
            The documents of the fit.
        topics : sequence of int
            One for each document, -1 for none.
        """
        self._check_documents(docs)
        wanted = np.asarray(topics, dtype=np.int64)
        strengths = np.zeros(len(wanted), dtype=np.float32)
        some = np.flatnonzero(wanted >= 0)
        if len(some) and len(wanted) == len(self._found) and wanted.max() < len(self._found.order):
            cosines = np.einsum("ij,ij->i", self._found.embeddings.vectors[some], self._found.centers[wanted[some]])
            strengths[some] = np.clip(cosines, 0, 1)
        self._replace(moved(self._found, wanted, strengths, self.top_n_words, N_EXEMPLARS), numbers_stay=True)

    def reduce_outliers(
        self,
        documents: Sequence[str] | None = None,
        topics: Sequence[int] | None = None,
        strategy: str = "neighbors",
        threshold: float = 0.0,
    ) -> list[int]:
        """
        Propose topics for documents that have none. Nothing is changed until `update_topics`.

        Parameters
        ----------
        documents : sequence of str, optional
            The documents of the fit.
        topics : sequence of int, optional
            Their topics; those of the fit if not given.
        strategy : {"neighbors", "embeddings", "c-tf-idf"}
            By the topics of the most similar documents that have one, by the nearest mean of a topic, or by the
            keywords that a text uses.
        threshold : float
            Share of the neighbors, cosine, or sum of keyword weights below which a document stays without a topic.

        Returns
        -------
        list of int
            A topic for each document.
        """
        self._check_documents(documents)
        if strategy not in _STRATEGIES:
            raise InputError(f"strategy = {strategy!r} must be one of {', '.join(_STRATEGIES)}.")
        found = self._found
        current = found.topics.copy() if topics is None else np.asarray(topics, dtype=np.int64)
        if len(current) != len(found):
            raise InputError(f"topics has {len(current)} rows for {len(found)} documents; give one for each.")
        rows = np.flatnonzero((current < 0) & found.embeddings.served)
        if len(rows) and len(found.order):
            scores = self._outlier_scores(rows, strategy)
            best = scores.max(axis=1)
            current[rows] = np.where((best > 0) & (best >= threshold), scores.argmax(axis=1), -1)
        return [int(topic) for topic in current]

    def _outlier_scores(self, rows: Ints, strategy: str) -> NDArray[Any]:
        found = self._found
        if strategy == "neighbors":
            return nearest_with_topic(found, rows, self._device)
        if strategy == "embeddings":
            return found.embeddings.vectors[rows] @ found.centers.T
        return _keyword_scores(found, rows)

    def hierarchical_topics(self, docs: Sequence[str] | None = None) -> Any:
        """
        List in what order topics would be joined.

        Parameters
        ----------
        docs : sequence of str, optional
            The documents of the fit.

        Returns
        -------
        pandas.DataFrame
            Parent_ID, Parent_Name, Topics, Child_Left_ID, Child_Left_Name, Child_Right_ID, Child_Right_Name, Distance;
            ids are strings, as in BERTopic. Distance is the number of the join over that of all: joins of a graph need
            not move apart step by step.
        """
        import pandas as pd

        self._check_documents(docs)
        t = len(self._found.order)
        names = {topic: self._theme(topic).name for topic in range(t)}
        members = {topic: [topic] for topic in range(t)}
        joins = join_order(self._found, self._device)
        rows = []
        for step, (left, right, _) in enumerate(joins):
            parent = t + step
            members[parent] = sorted(members[left] + members[right])
            names[parent] = " + ".join(dict.fromkeys(names[topic] for topic in members[parent][:2]))
            rows.append(
                {
                    "Parent_ID": str(parent),
                    "Parent_Name": names[parent],
                    "Topics": members[parent],
                    "Child_Left_ID": str(left),
                    "Child_Left_Name": names[left],
                    "Child_Right_ID": str(right),
                    "Child_Right_Name": names[right],
                    "Distance": (step + 1) / len(joins),
                }
            )
        return pd.DataFrame(rows)

    def topics_over_time(
        self,
        docs: Sequence[str] | None = None,
        timestamps: Any = None,
        topics: Sequence[int] | None = None,
        nr_bins: int | None = None,
        datetime_format: str | None = None,
        *,
        period: str = "auto",
        n_words: int = 5,
    ) -> Any:
        """
        Count topics by calendar period, as shares of the period's documents.

        Parameters
        ----------
        docs : sequence of str, optional
            The documents of the fit.
        timestamps : sequence, optional
            As for `fit`; what was handed in there if not given.
        topics : sequence of int, optional
            Other topics of the documents.
        nr_bins : int, optional
            Bins of one width instead of periods.
        datetime_format : str, optional
            Of timestamps that are strings and not ISO 8601, as `strptime` has it.
        period : str
            auto, year, quarter, month, week, day, or pandas' letters for them; auto: the coarsest with at least two.
        n_words : int
            Words a topic and period.

        Returns
        -------
        pandas.DataFrame
            Topic, Words, Frequency, Timestamp as in BERTopic; Share (of the period's documents, -1 among the topics, so
            that they add to 1), Documents (of the period), theme_id. Words are of the period's documents alone.
        """
        self._check_documents(docs)
        found = self._found
        if timestamps is not None:
            times = read_times(timestamps, len(found), datetime_format)
        elif found.times is not None:
            times = found.times
        else:
            raise InputError("timestamps were not handed to fit; hand them in here.")
        labels = found.topics if topics is None else np.asarray(topics, dtype=np.int64)
        if len(labels) != len(found):
            raise InputError(f"topics has {len(labels)} rows for {len(found)} documents; give one for each.")
        return topics_over_time(found, labels, times, period, nr_bins, n_words)

    def _replace(self, found: Found, numbers_stay: bool = False) -> None:
        if found is not self.found_ and not numbers_stay:
            self.custom_labels_ = None  # they went by the old numbers
        self.found_ = found


def _keyword_scores(found: Found, rows: Ints) -> NDArray[Any]:
    """(m, t) sum of the weights of the topic's keywords that a text says, over that of all of them."""
    scores = np.zeros((len(rows), len(found.order)))
    keywords = [
        [(_plain(word.term), word.weight) for word in found.themes.themes[place].keywords] for place in found.order
    ]
    for number, row in enumerate(rows):
        text = _plain(found.segments.text[row])
        for topic, words in enumerate(keywords):
            total = sum(weight for _, weight in words)
            scores[number, topic] = sum(weight for term, weight in words if term in text) / total if total else 0.0
    return scores


def _plain(text: str) -> str:
    """Words in lower case, each between two spaces: so a phrase is found in a text, and no word inside another."""
    return " " + " ".join(text[start:end].casefold() for start, end in word_spans(text)) + " "

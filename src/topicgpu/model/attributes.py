"""What BERTopic users read from a fitted model: attributes by the names that they type."""

import numpy as np

from topicgpu.model.fitted import Fitted
from topicgpu.types import Floats, Ints, Strings, Themes, Vectors

NO_THEME = "-1_no theme"


class TopicAttributes(Fitted):
    """Topics as attributes, each derived from what was found."""

    @property
    def themes_(self) -> Themes:
        """What the stage of themes gives."""
        return self._found.themes

    @property
    def labels_(self) -> Ints:
        """(n,) topic of each document, -1 for none."""
        return self._found.topics.copy()

    @property
    def topics_(self) -> list[int]:
        """Topic of each document, -1 for none."""
        topics: list[int] = self._found.topics.tolist()
        return topics

    @property
    def probabilities_(self) -> Floats:
        """(n,) strength of each document's topic, 0 where it has none."""
        return self._found.probabilities.copy()

    @property
    def theme_ids_(self) -> Strings:
        """Id of each topic's theme: it stays when topics are joined, renumbered, saved and loaded."""
        return self._found.theme_ids

    @property
    def topic_sizes_(self) -> dict[int, int]:
        """Documents of each topic; -1 where some have none."""
        topics, counts = np.unique(self._found.topics, return_counts=True)
        sizes = dict.fromkeys(range(len(self._found.order)), 0)
        sizes |= {int(topic): int(count) for topic, count in zip(topics, counts, strict=True)}
        return dict(sorted(sizes.items()))

    @property
    def topic_labels_(self) -> dict[int, str]:
        """Number and name of each topic."""
        names = {topic: f"{topic}_{self._theme(topic).name}" for topic in range(len(self._found.order))}
        return ({-1: NO_THEME} if -1 in self.topic_sizes_ else {}) | names

    @property
    def topic_representations_(self) -> dict[int, list[tuple[str, float]]]:
        """Keywords of each topic with their weights, by falling weight."""
        return {
            topic: [(word.term, word.weight) for word in self._theme(topic).keywords] if topic >= 0 else []
            for topic in self.topic_sizes_
        }

    @property
    def topic_embeddings_(self) -> Vectors:
        """(t, d) unit mean of each topic's documents; -1 has none."""
        return self._found.centers.copy()

    @property
    def representative_docs_(self) -> dict[int, list[str]]:
        """Documents that show each topic best."""
        place = {segment_id: row for row, segment_id in enumerate(self._found.segments.segment_id)}
        texts = self._found.segments.text
        return {
            topic: [texts[place[exemplar]] for exemplar in self._theme(topic).exemplars]
            if self._found.has_texts
            else []
            for topic in range(len(self._found.order))
        }

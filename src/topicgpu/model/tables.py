"""What BERTopic users read from a fitted model: tables by the names that they type."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from topicgpu.errors import InputError
from topicgpu.model.attributes import TopicAttributes


class TopicTables(TopicAttributes):
    """Topics as pandas tables, and words by topic."""

    def get_topic(self, topic: int, full: bool = False) -> Any:
        """
        List a topic's keywords.

        Parameters
        ----------
        topic : int
            Its number.
        full : bool
            By representation, as in BERTopic: here there is one, Main.

        Returns
        -------
        list of (str, float), dict or False
            Keywords with their weights; False where there is no such topic. Topic -1 has none.
        """
        words = self.topic_representations_.get(topic, False)
        return {"Main": words} if full and words is not False else words

    def get_topics(self, full: bool = False) -> dict[Any, Any]:
        """
        List the keywords of all topics.

        Parameters
        ----------
        full : bool
            As for `get_topic`.

        Returns
        -------
        dict
            Topic to its keywords with their weights.
        """
        return {"Main": self.topic_representations_} if full else self.topic_representations_

    def get_topic_info(self, topic: int | None = None) -> Any:
        """
        Describe topics.

        Parameters
        ----------
        topic : int, optional
            One of them; all if not given.

        Returns
        -------
        pandas.DataFrame
            Topic, Count, Name, Representation, Representative_Docs as in BERTopic; theme_id, Kind, Stability;
            CustomName after `set_topic_labels`.
        """
        import pandas as pd

        sizes, labels = self.topic_sizes_, self.topic_labels_
        documents = self.representative_docs_ | {-1: []}
        themes = {number: self._theme(number) if number >= 0 else None for number in sizes}
        table = pd.DataFrame(
            {
                "Topic": list(sizes),
                "Count": list(sizes.values()),
                "Name": [labels[number] for number in sizes],
                "Representation": [[word for word, _ in self.topic_representations_[number]] for number in sizes],
                "Representative_Docs": [documents[number] for number in sizes],
                "theme_id": [theme.theme_id if theme else None for theme in themes.values()],
                "Kind": [theme.kind if theme else None for theme in themes.values()],
                "Stability": [theme.stability if theme else None for theme in themes.values()],
            }
        )
        if self.custom_labels_ is not None:
            table.insert(3, "CustomName", [self.custom_labels_.get(number, labels[number]) for number in sizes])
        return table if topic is None else table[table.Topic == topic].reset_index(drop=True)

    def get_topic_freq(self, topic: int | None = None) -> Any:
        """
        Count the documents of topics.

        Parameters
        ----------
        topic : int, optional
            One of them.

        Returns
        -------
        pandas.DataFrame or int
            Topic and Count by falling count; the count alone of the topic that was asked for.
        """
        import pandas as pd

        sizes = self.topic_sizes_
        if topic is not None:
            return sizes.get(topic, 0)
        table = pd.DataFrame({"Topic": list(sizes), "Count": list(sizes.values())})
        return table.sort_values("Count", ascending=False, kind="stable").reset_index(drop=True)

    def get_document_info(self, docs: Sequence[str] | None = None, df: Any = None, metadata: Any = None) -> Any:
        """
        List each document with its topic.

        Parameters
        ----------
        docs : sequence of str, optional
            The documents of the fit; the model knows them.
        df : pandas.DataFrame, optional
            More columns, a row for each document.
        metadata : dict, optional
            More columns.

        Returns
        -------
        pandas.DataFrame
            Document, Topic, Name, Representation, Representative_Docs, Top_n_words, Probability,
            Representative_document as in BERTopic, and theme_id.
        """
        import pandas as pd

        self._check_documents(docs)
        info = self.get_topic_info().set_index("Topic")
        topics = self.topics_
        shown = {text for texts in self.representative_docs_.values() for text in texts}
        table = pd.DataFrame({"Document": list(self._found.segments.text), "Topic": topics})
        for column in [name for name in info.columns if name not in ("Count", "Kind", "Stability", "theme_id")]:
            table[column] = [info.at[topic, column] for topic in topics]
        table["Top_n_words"] = [" - ".join(info.at[topic, "Representation"]) for topic in topics]
        table["Probability"] = self.probabilities_
        table["Representative_document"] = [text in shown for text in self._found.segments.text]
        table["theme_id"] = [info.at[topic, "theme_id"] for topic in topics]
        for more in (df, metadata):
            for column in more if more is not None else ():
                table[column] = list(more[column])
        return table

    def get_representative_docs(self, topic: int | None = None) -> Any:
        """
        Give the documents that show topics best.

        Parameters
        ----------
        topic : int, optional
            One of them.

        Returns
        -------
        dict or list of str
            Topic to its documents, or those of the topic that was asked for.
        """
        documents = self.representative_docs_
        return documents if topic is None else documents.get(topic, [])

    def find_topics(self, search_term: str, top_n: int = 5) -> tuple[list[int], list[float]]:
        """
        Find the topics whose documents are most like a text.

        Parameters
        ----------
        search_term : str
            A word or a sentence.
        top_n : int
            How many.

        Returns
        -------
        topics : list of int
            Most similar first.
        similarity : list of float
            Cosine of the text's vector and the mean of the topic's documents.
        """
        if not isinstance(search_term, str) or not search_term.strip():
            raise InputError(f"search_term = {search_term!r} must be a text.")
        cosines = self._found.centers @ self._vectors_of([search_term])[0]
        order = np.argsort(-cosines, kind="stable")[:top_n]
        return order.tolist(), [float(cosine) for cosine in cosines[order]]

    def set_topic_labels(self, topic_labels: Sequence[str] | dict[int, str]) -> None:
        """
        Name topics by hand; `get_topic_info` shows the names as CustomName.

        Parameters
        ----------
        topic_labels : sequence of str or dict
            One for each row of `get_topic_info`, in that order; or topic to name.
        """
        topics = list(self.topic_sizes_)
        if not isinstance(topic_labels, dict):
            if len(topic_labels) != len(topics):
                raise InputError(
                    f"topic_labels has {len(topic_labels)} names for {len(topics)} topics; -1 is one of them."
                )
            topic_labels = dict(zip(topics, topic_labels, strict=True))
        missing = [topic for topic in topic_labels if topic not in topics]
        if missing:
            raise InputError(f"topic_labels names topic {missing[0]}, which is not there.")
        self.custom_labels_ = dict(topic_labels)

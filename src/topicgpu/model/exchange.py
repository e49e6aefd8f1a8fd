"""A model to disk and to BERTopic, and back."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from topicgpu.model import saving
from topicgpu.model.documents import read_documents
from topicgpu.model.fitted import Fitted
from topicgpu.model.found import Found
from topicgpu.model.segments import as_segments


class Exchange(Fitted):
    """What writes and reads whole models."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """
        Write the model into a folder: one safetensors file and one JSON file.

        Parameters
        ----------
        path : str or Path
            Folder; a model that is there is replaced at one stroke.

        Notes
        -----
        The documents' texts are in it. An encoder that is an object is not, nor is a representation model.
        """
        saving.save(Path(path), self.get_params(deep=False), self._found, self.custom_labels_)

    @classmethod
    def load(cls, path: str | os.PathLike[str], embedding_model: Any = None, *, device: str = "auto") -> Self:
        """
        Read a model, on any machine, without the network.

        Parameters
        ----------
        path : str or Path
            Folder that `save` wrote.
        embedding_model : object, optional
            As for the constructor; needed for new texts where the model was fitted with an object.
        device : str
            Of this machine.

        Returns
        -------
        ThemeModel
            Gives the same assignments as the one that was saved.

        Raises
        ------
        RunFolderError
            If there is no model, or it is damaged.
        """
        params, found, labels = saving.load(Path(path))
        if embedding_model is not None:
            params["embedding_model"] = embedding_model
        model = cls(**params | {"device": device})
        model.found_, model.custom_labels_ = found, labels
        model.n_features_in_ = found.embeddings.vectors.shape[1]
        return model

    def to_bertopic(self) -> Any:
        """
        Make a fitted BERTopic with these topics.

        Returns
        -------
        bertopic.BERTopic
            Of the installed release: topics with the same numbers, our keywords, and the names as custom labels. It
            gives new documents the topics that `predict` gives now, whatever is changed here later.

        Raises
        ------
        InputError
            If the model was fitted on vectors alone.
        """
        from topicgpu.model.interop import fitted_bertopic

        found = self._found
        return fitted_bertopic(found, self._topics_by(found), self.embedding_model, self.device)

    @classmethod
    def from_bertopic(cls, model: Any, documents: Sequence[str], embeddings: Any = None, **params: Any) -> Self:
        """
        Read the topics of a fitted BERTopic.

        Parameters
        ----------
        model : bertopic.BERTopic
            Fitted.
        documents : sequence of str
            That it was fitted on, in that order; it does not keep them.
        embeddings : array_like of shape (n, d), optional
            Their vectors.
        **params : object
            Of the constructor, for later fits; here nothing is looked for, and no document is noise.

        Returns
        -------
        ThemeModel
            The same groups of documents as topics by falling size (of one size: by BERTopic's numbers), with its words;
            `theme_ids_` are `bertopic_0` ... by its numbers.

        Raises
        ------
        InputError
            If it is not fitted, or on other documents.
        """
        from topicgpu.model.interop import given_clusters, read_topics, with_bertopic_words

        new = cls(**{"min_topic_size": 2, "subthemes": False, "stability_runs": 0} | params)
        given = read_documents(new, documents, embeddings, fitting=True)
        labels, strengths = read_topics(model, given.n_rows)
        segments = as_segments(given.texts or ("",) * given.n_rows, None, None, None)
        found = new._find(given, segments, clusters=given_clusters(labels, strengths))
        new.found_, new.custom_labels_ = with_bertopic_words(found, labels, model), None
        return new

    def _with_words_of(self, representation_model: Any, found: Found) -> Found:
        from topicgpu.model.interop import represented

        return represented(found, self._topics_by(found), self.embedding_model, self.device, representation_model)

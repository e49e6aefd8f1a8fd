"""Our encoder in BERTopic's place for one."""

import warnings
from collections.abc import Sequence
from typing import Any

from topicgpu.model.encoders import encoder_of
from topicgpu.types import Vectors

with warnings.catch_warnings():
    # umap-learn says at import that its neural variant, which is not used here, lacks TensorFlow.
    warnings.filterwarnings("ignore", message="Tensorflow not installed", category=ImportWarning)
    from bertopic.backend import BaseEmbedder


class Embedder(BaseEmbedder):  # type: ignore[misc]
    """
    An encoder of topicgpu in BERTopic's place `embedding_model`.

    Parameters
    ----------
    embedding_model : None, str, callable or object
        As for `ThemeModel`; None: the packaged all-MiniLM-L6-v2. Loaded when it is first needed.
    device : str
        `auto`, `cpu`, `cuda` or `cuda:N`.
    """

    def __init__(self, embedding_model: Any = None, device: str = "auto") -> None:
        super().__init__(embedding_model)
        self.device = device

    def embed(self, documents: Sequence[str], verbose: bool = False) -> Vectors:
        """
        Embed texts.

        Parameters
        ----------
        documents : sequence of str
            Documents or words.
        verbose : bool
            Not used.

        Returns
        -------
        ndarray of float32, shape (n, d)
            Unit vectors.
        """
        return encoder_of(self.embedding_model, self.device).encode(list(documents))

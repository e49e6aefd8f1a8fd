"""Our encoder in BERTopic's place for one."""

import warnings
from collections.abc import Sequence
from typing import Any

from topicgpu.model.documents import read_texts
from topicgpu.model.encoders import Tier, encoder_of
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
    embedding_model : None, str, Path, callable or object
        As for `ThemeModel`; None: the packaged all-MiniLM-L6-v2. Loaded when it is first needed.
    device : str
        `auto`, `cpu`, `cuda` or `cuda:N`.
    tier : {"model", "int8", "static"}
        As a configuration's `embedding.tier`: the model, the model in 8 bits, or a table of its words' vectors, which
        is much faster and loses what the order of words says.
    """

    def __init__(self, embedding_model: Any = None, device: str = "auto", tier: Tier = "model") -> None:
        super().__init__(embedding_model)
        self.device = device
        self.tier = tier

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
        return encoder_of(self.embedding_model, self.device, self.tier).encode(list(read_texts(documents)))

"""The encoder that an argument stands for, loaded when it is first needed."""

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from topicgpu.config import DEFAULT_MODEL, EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import CustomEncoder, TextEncoder, load_encoder
from topicgpu.embed.locate import locate_model
from topicgpu.errors import ConfigError, ModelError
from topicgpu.store import default_root
from topicgpu.types import Encode, Vectors

Tier = Literal["model", "int8", "static"]


class MissingEncoder:
    """
    Stands for an encoder that was handed in as an object, and is in no folder.

    Parameters
    ----------
    name : str
        Of its class.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def encode(self, texts: list[str]) -> Any:
        """
        Refuse.

        Parameters
        ----------
        texts : list of str
            Any.

        Raises
        ------
        ModelError
            Always.
        """
        raise ModelError(
            f"the model was fitted with an encoder of class {self.name}, which its folder does not hold; hand it in: "
            "ThemeModel.load(path, embedding_model=...)."
        )


def encoder_of(embedding_model: Any, device: str, tier: Tier = "model") -> TextEncoder:
    """
    Make the encoder that an argument stands for.

    Parameters
    ----------
    embedding_model : None, str, Path, callable or object
        None: the packaged all-MiniLM-L6-v2; a folder or a model's name; a function from texts to vectors; an object
        with a method `encode` or, as BERTopic's backends, `embed`.
    device : str
        Where a model that topicgpu loads runs.
    tier : {"model", "int8", "static"}
        Of a model that topicgpu loads, as in a configuration's `embedding.tier`.

    Returns
    -------
    TextEncoder
        Loaded; models by name are kept for the process.

    Raises
    ------
    ModelError
        If it can't be found or is neither.
    ConfigError
        If a tier is wanted of a function or an object, or can't be had here.
    """
    if _is_name(embedding_model):
        return _by_name(os.fspath(embedding_model or DEFAULT_MODEL), device, tier)
    if tier != "model":
        raise ConfigError(
            f"tier is {tier!r}, and embedding_model is {type(embedding_model).__name__}; tiers are made of models by "
            "name or folder: hand in one of these, or leave tier out."
        )
    if isinstance(embedding_model, TextEncoder):
        return embedding_model
    if not hasattr(embedding_model, "encode") and hasattr(embedding_model, "embed"):
        return CustomEncoder(embedding_model.embed, type(embedding_model).__name__)
    return CustomEncoder(embedding_model)


def _is_name(embedding_model: Any) -> bool:
    return embedding_model is None or isinstance(embedding_model, str | os.PathLike)


@lru_cache(maxsize=2)
def _by_name(model: str, device: str, tier: Tier) -> TextEncoder:
    config = EmbeddingSection(model=model, device=device, tier=tier)
    files = locate_model(model, False, lambda text: None, default_root() / "models")
    return load_encoder(config, files, resolve_device(device), lambda text: None)


def lazy_encode(embedding_model: Any, device: str, width: int, revision: str = "") -> Encode:
    """
    Encode phrases into the space of vectors that are there, loading the encoder when it is first needed.

    Parameters
    ----------
    embedding_model : object
        As for `encoder_of`.
    device : str
        As for `encoder_of`.
    width : int
        Dimensions of the vectors.
    revision : str
        Of the encoder that they are from, where that is known.

    Returns
    -------
    callable
        Texts (m,) to unit vectors (m, width); raises ConfigError where the encoder is not the one of the vectors.
    """

    def encode(texts: Sequence[str]) -> Vectors:
        encoder = encoder_of(embedding_model, device)
        _check_width(encoder, width)
        if revision and encoder.info.revision and encoder.info.revision != revision:
            raise ConfigError(
                f"embedding_model has the weights {encoder.info.revision[:12]}, and the model was fitted with those of "
                f"{revision[:12]}; hand in the encoder that it was fitted with."
            )
        return encoder.encode(list(texts))

    return encode


def check_width(embedding_model: Any, device: str, width: int) -> None:
    """
    Check that vectors may be an encoder's, where that is a function or an object: one by name is not loaded for it.

    Parameters
    ----------
    embedding_model : object
        As for `encoder_of`.
    device : str
        As for `encoder_of`.
    width : int
        Dimensions of the vectors.

    Raises
    ------
    ConfigError
        If it gives others.
    """
    if not _is_name(embedding_model) and not isinstance(embedding_model, MissingEncoder):
        _check_width(encoder_of(embedding_model, device), width)


def _check_width(encoder: TextEncoder, width: int) -> None:
    if encoder.info.dimension != width:
        raise ConfigError(
            f"embedding_model gives {encoder.info.dimension} dimensions and the embeddings have {width}; hand in the "
            "encoder that they were made with."
        )

"""The estimator's arguments in the words of the configuration, and its encoder."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from topicgpu.config import DEFAULT_MODEL, EmbeddingSection, GuidedTheme, ThemesSection
from topicgpu.device import resolve_device
from topicgpu.embed import CustomEncoder, TextEncoder, load_encoder
from topicgpu.embed.locate import locate_model
from topicgpu.errors import ConfigError
from topicgpu.store import default_root

_ID_LENGTH = 60
Made = TypeVar("Made")


def guided_themes(
    guided: Sequence[Any] | None, zeroshot: Sequence[str] | None, seeds: Sequence[Sequence[str]] | None
) -> tuple[GuidedTheme, ...]:
    """
    Read guided themes in any of their spellings.

    Parameters
    ----------
    guided : sequence of GuidedTheme or dict, optional
        Definitions; in a dict only `name` is needed: its description is the name then, and its id made from it.
    zeroshot : sequence of str, optional
        Names alone.
    seeds : sequence of sequence of str, optional
        Words of a theme each.

    Returns
    -------
    tuple of GuidedTheme
        In this order.

    Raises
    ------
    ConfigError
        If one is no definition.
    """
    entries: list[Any] = list(guided or ())
    entries += [{"name": name} for name in zeroshot or ()]
    entries += [
        {"name": ", ".join(words[:3]), "description": ", ".join(words), "seeds": words} for words in seeds or ()
    ]
    themes: list[GuidedTheme] = []
    for number, entry in enumerate(entries):
        if not isinstance(entry, GuidedTheme):
            entry = _theme(entry, number, {theme.id for theme in themes})
        themes.append(entry)
    return tuple(themes)


def _theme(entry: Any, number: int, used: set[str]) -> GuidedTheme:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise ConfigError(f"guided theme {number} is {entry!r}; it must be a dict with at least a name.")
    stem = re.sub(r"[^a-z0-9]+", "_", entry["name"].lower()).strip("_")[:_ID_LENGTH]
    made = stem if stem[:1].isalpha() and stem not in used else f"g{number + 1}"
    return checked(lambda: GuidedTheme(**{"id": made, "description": entry["name"]} | entry), f"guided theme {number}")


def themes_section(**settings: Any) -> ThemesSection:
    """
    Make the section of the configuration that the stage of themes reads.

    Parameters
    ----------
    **settings : object
        Its keys.

    Returns
    -------
    ThemesSection
        Checked.

    Raises
    ------
    ConfigError
        If a value is impossible.
    """
    return checked(lambda: ThemesSection(**settings), "ThemeModel")


def checked(make: Callable[[], Made], what: str) -> Made:
    """
    Call a pydantic model; say in one sentence what is wrong.

    Parameters
    ----------
    make : callable
        Makes the object.
    what : str
        Begins the sentence.

    Returns
    -------
    object
        What `make` gives.

    Raises
    ------
    ConfigError
        If pydantic refuses.
    """
    try:
        return make()
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        reason = problem["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{what}: {key + ': ' if key else ''}{reason}; got {problem['input']!r}.") from None


def encoder_of(embedding_model: Any, device: str) -> TextEncoder:
    """
    Make the encoder that an argument stands for.

    Parameters
    ----------
    embedding_model : None, str, callable or object
        None: the packaged all-MiniLM-L6-v2; a folder or a model's name; a function from texts to vectors; an object
        with a method `encode` or, as BERTopic's backends, `embed`.
    device : str
        Where a model that topicgpu loads runs.

    Returns
    -------
    TextEncoder
        Loaded; models by name are kept for the process.

    Raises
    ------
    ModelError
        If it can't be found or is neither.
    """
    if embedding_model is None or isinstance(embedding_model, str):
        return _by_name(embedding_model or DEFAULT_MODEL, device)
    if isinstance(embedding_model, TextEncoder):
        return embedding_model
    if not hasattr(embedding_model, "encode") and hasattr(embedding_model, "embed"):
        return CustomEncoder(embedding_model.embed, type(embedding_model).__name__)
    return CustomEncoder(embedding_model)


@lru_cache(maxsize=2)
def _by_name(model: str, device: str) -> TextEncoder:
    config = EmbeddingSection(model=model, device=device)
    files = locate_model(model, False, lambda text: None, default_root() / "models")
    return load_encoder(config, files, resolve_device(device), lambda text: None)


def lazy_encode(
    embedding_model: Any, device: str, width: int, revision: str = ""
) -> Callable[[Sequence[str]], NDArray[np.float32]]:
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

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        encoder = encoder_of(embedding_model, device)
        if encoder.info.dimension != width:
            raise ConfigError(
                f"embedding_model gives {encoder.info.dimension} dimensions and the embeddings have {width}; hand in "
                "the encoder that they were made with."
            )
        if revision and encoder.info.revision and encoder.info.revision != revision:
            raise ConfigError(
                f"embedding_model has the weights {encoder.info.revision[:12]}, and the model was fitted with those of "
                f"{revision[:12]}; hand in the encoder that it was fitted with."
            )
        return encoder.encode(list(texts))

    return encode

"""Segments to vectors: one unit row a segment, zero where the encoder does not serve the language."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topicgpu.embed.base import EncoderInfo, Progress, TextEncoder
from topicgpu.embed.cached import CachedEncoder, cache_folder
from topicgpu.embed.custom import CustomEncoder
from topicgpu.embed.encoder import Encoder
from topicgpu.embed.int8 import Int8Encoder
from topicgpu.embed.static import StaticEncoder
from topicgpu.errors import DeviceError, TextTooLargeError
from topicgpu.types import Embeddings, Segments, Strings

if TYPE_CHECKING:
    from topicgpu.config import EmbeddingSection
    from topicgpu.device import Device
    from topicgpu.embed.locate import ModelFiles

__all__ = [
    "CachedEncoder",
    "CustomEncoder",
    "Encoder",
    "EncoderInfo",
    "Int8Encoder",
    "Progress",
    "StaticEncoder",
    "TextEncoder",
    "cache_folder",
    "embed",
    "encode_served",
    "load_encoder",
    "serves",
]

# Words that no language identifier can place ("OK.", a name) are read as far as the encoder can.
_UNDETERMINED = "und"


def load_encoder(
    config: "EmbeddingSection", files: "ModelFiles", device: "Device", announce: Callable[[str], object]
) -> TextEncoder:
    """
    Load the encoder of a configuration.

    Parameters
    ----------
    config : EmbeddingSection
        Which model and which tier of it.
    files : ModelFiles
        Where the model is.
    device : Device
        Where it runs, or is distilled.
    announce : callable
        Told one sentence before a table is distilled or a model is quantized.

    Returns
    -------
    TextEncoder
        The model, the model in 8 bits, or its table.

    Raises
    ------
    ModelError
        If the model's files can't be loaded.
    ConfigError
        If prompt, limit or dimension are impossible for this model, or the tier here.
    """
    if config.tier == "static":
        return StaticEncoder(config, files, device, announce)
    if config.tier == "int8":
        return Int8Encoder(config, files, device, announce)
    return Encoder(config, files, device)


def serves(languages: Strings, language: str) -> bool:
    """
    Whether an encoder with these languages serves a segment in this one.

    Parameters
    ----------
    languages : tuple of str
        ISO 639-1 codes; empty: the encoder states none, and all are taken as served.
    language : str
        Of the segment; `und` counts as served.

    Returns
    -------
    bool
        True where the vector can be trusted.
    """
    # A region or script ("en-US", "zh-Hans") is served where its language is.
    primary = language.partition("-")[0].lower()
    return (
        not languages or primary == _UNDETERMINED or primary in {code.partition("-")[0].lower() for code in languages}
    )


def encode_served(
    texts: Sequence[str], languages: Sequence[str], encoder: TextEncoder, progress: Progress | None = None
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """
    Embed the texts whose language the encoder serves.

    Parameters
    ----------
    texts : sequence of str, length n
        Of any length.
    languages : sequence of str, length n
        ISO 639-1 codes.
    encoder : TextEncoder
        With or without a cache before it.
    progress : callable, optional
        Told texts done, texts in all and tokens read after each batch; equal texts count once.

    Returns
    -------
    tuple of (ndarray of float32, ndarray of bool)
        Unit rows (n, d), zero where the language is not served, and which are served (n,).

    Raises
    ------
    TextTooLargeError
        If a text does not fit into the device's memory even alone.
    """
    info = encoder.info
    served = np.array([serves(info.languages, language) for language in languages], dtype=bool)
    vectors = np.zeros((len(texts), info.dimension), dtype=np.float32)
    if served.any():
        kept = [text for text, keep in zip(texts, served, strict=True) if keep]
        vectors[served] = encoder.encode(kept, progress)
    return vectors, served


def embed(segments: Segments, encoder: TextEncoder, progress: Progress | None = None) -> Embeddings:
    """
    Embed the segments whose language the encoder serves.

    Parameters
    ----------
    segments : Segments
        n rows.
    encoder : TextEncoder
        With or without a cache before it.
    progress : callable, optional
        Told segments done, segments in all and tokens read after each batch; equal texts count once.

    Returns
    -------
    Embeddings
        (n, d) float32; zero rows for segments that are not served.

    Raises
    ------
    DeviceError
        If a segment does not fit into the device's memory even alone.
    """
    info = encoder.info
    try:
        vectors, served = encode_served(segments.text, segments.language, encoder, progress)
    except TextTooLargeError as error:
        where = segments.segment_id[segments.text.index(error.text)]
        raise DeviceError(f"{where}: {error}") from error
    return Embeddings(
        vectors=vectors,
        served=served,
        encoder=info.model,
        revision=info.revision,
        languages=info.languages,
        rows=segments.fingerprint,
    )

"""Segments to vectors: one unit row a segment, zero where the encoder does not serve the language."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from topicgpu.embed.encoder import Encoder, EncoderInfo
from topicgpu.types import Embeddings, Segments, Strings

__all__ = ["Encoder", "EncoderInfo", "embed", "serves"]

# Words that no language identifier can place ("OK.", a name) are read as far as the encoder can.
_UNDETERMINED = "und"


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


def embed(segments: Segments, encode: Callable[[Sequence[str]], NDArray[np.float32]], info: EncoderInfo) -> Embeddings:
    """
    Embed the segments whose language the encoder serves.

    Parameters
    ----------
    segments : Segments
        n rows.
    encode : callable
        Texts (m,) to unit vectors (m, d).
    info : EncoderInfo
        What the encoder is and which languages it serves.

    Returns
    -------
    Embeddings
        (n, d) float32; zero rows for segments that are not served.
    """
    served = np.array([serves(info.languages, language) for language in segments.language], dtype=bool)
    vectors = np.zeros((len(segments), info.dimension), dtype=np.float32)
    if served.any():
        vectors[served] = encode([text for text, keep in zip(segments.text, served, strict=True) if keep])
    return Embeddings(
        vectors=vectors,
        served=served,
        encoder=info.model,
        revision=info.revision,
        languages=info.languages,
        rows=segments.fingerprint,
    )

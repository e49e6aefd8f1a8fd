"""Which languages of a corpus may say the same, which of two is kept, and how they can be compared."""

from collections.abc import Iterator
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.repeats.by_anchors import pairs_by_anchors
from topicgpu.repeats.by_vectors import LEAST_ROWS, pairs_by_vectors
from topicgpu.repeats.order import Side
from topicgpu.types import Embeddings, Ints, Segments

_LEAST_WORDS = 10  # shorter segments ("Thank you very much.") are said in every language without being a translation
_UNDETERMINED = "und"


class LanguagePair(NamedTuple):
    """Two languages that are compared."""

    language: str  # its segments become repeats
    kept: str
    by: Literal["vectors, numbers and names", "numbers and names"]


def language_pairs(segments: Segments, embeddings: Embeddings) -> list[LanguagePair]:
    """
    List the languages of a corpus by two, and how each two can be compared.

    Parameters
    ----------
    segments : Segments
        n rows.
    embeddings : Embeddings
        Which rows are served.

    Returns
    -------
    list of LanguagePair
        By vectors, too, where the encoder serves both and there are rows enough to tell a translation from what is only
        alike. Kept is the language that is served and, of two that are, the one with more words; pairs with the most
        spoken one come first.
    """
    rows = _rows_by_language(segments, np.ones(len(segments), dtype=bool))
    served = {language: bool(embeddings.served[own].all()) for language, own in rows.items()}
    words = {language: int(segments.n_words[own].sum()) for language, own in rows.items()}
    ranked = sorted(rows, key=lambda language: (not served[language], -words[language], language))
    return [
        LanguagePair(
            language,
            kept,
            "vectors, numbers and names"
            if served[language] and served[kept] and min(len(rows[language]), len(rows[kept])) >= LEAST_ROWS
            else "numbers and names",
        )
        for kept, language in combinations(ranked, 2)
    ]


def find_translations(
    segments: Segments, embeddings: Embeddings, pair: LanguagePair, eligible: NDArray[np.bool_], device: str
) -> Iterator[tuple[int, int, float]]:
    """
    Find the segments of one language that say what those of another say.

    Parameters
    ----------
    segments : Segments
        n rows.
    embeddings : Embeddings
        Their vectors.
    pair : LanguagePair
        From `language_pairs`.
    eligible : ndarray of bool, shape (n,)
        Rows that repeat none of their own language.
    device : str
        Where the products run.

    Yields
    ------
    (int, int, float)
        Row, the row that it translates, and how sure that is, in (0, 1].
    """
    rows = _rows_by_language(segments, eligible & (segments.n_words >= _LEAST_WORDS))
    twins, kept = (rows.get(language, np.empty(0, dtype=np.int64)) for language in (pair.language, pair.kept))
    left, right = (
        Side([segments.text[row] for row in own], [segments.source_id[row] for row in own]) for own in (twins, kept)
    )
    found = {twin: (original, score) for twin, original, score in pairs_by_anchors(left, right)}
    if pair.by != "numbers and names":
        vectors = embeddings.vectors[twins], embeddings.vectors[kept]
        pairs = pairs_by_vectors(*vectors, left, right, device)
        found |= {twin: (original, score) for twin, original, score in pairs}
    for twin, (original, score) in found.items():
        yield int(twins[twin]), int(kept[original]), score


def _rows_by_language(segments: Segments, among: NDArray[np.bool_]) -> dict[str, Ints]:
    codes = np.array([language.partition("-")[0].lower() for language in segments.language], dtype=object)
    return {code: np.flatnonzero(among & (codes == code)) for code in sorted(set(codes[among]) - {_UNDETERMINED})}

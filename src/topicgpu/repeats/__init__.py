"""Segments that say again what another one says, word for word, nearly so or in another language; they count once."""

import numpy as np

from topicgpu.repeats.shingles import find_exact, find_near
from topicgpu.repeats.translations import LanguagePair, find_translations, language_pairs
from topicgpu.types import Embeddings, Repeats, Segments, check_rows

__all__ = ["LanguagePair", "count_repeats", "find_repeats", "language_pairs"]

_KINDS = ("exact", "near", "translation")  # from the surest to the least sure


def find_repeats(segments: Segments, embeddings: Embeddings, device: str = "cpu") -> Repeats:
    """
    Find the segments that repeat another one: equal, near (most runs of five words said before) or translated.

    Parameters
    ----------
    segments : Segments
        n rows.
    embeddings : Embeddings
        Their vectors, and which of them count.
    device : str
        Where the products run: `cpu`, `cuda` or `cuda:N`.

    Returns
    -------
    Repeats
        Of texts in one language the first in time is kept; undated sources come last, then the order of ids decides,
        so that the order of the sources changes nothing. Of two languages the one that most of the corpus speaks is
        kept. A row that is served is never a repeat of one that is not. What repeats a repeat points to the row that
        is none, with the least sure kind and the lowest similarity on the way there. The similarity is the share of
        shingles said before of near repeats, the cosine of translations, or that of their numbers and names.

    Raises
    ------
    MisalignedError
        If the two were made from other segments.

    Notes
    -----
    For w words time O(w log w) and about 80 bytes a word; for two languages of n and m segments two products of n x m.
    """
    check_rows(segments.fingerprint, embeddings)
    order = sorted(range(len(segments)), key=lambda row: (not embeddings.served[row], *_when(segments, row)))
    of, similarity = find_exact(segments, order), np.ones(len(segments))
    kind = np.zeros(len(segments), dtype=np.int64)
    for copy, (original, share) in find_near(segments, order, of).items():
        of[copy], similarity[copy], kind[copy] = original, share, _KINDS.index("near")
    alone = of == np.arange(len(segments))
    for pair in language_pairs(segments, embeddings):
        for twin, original, score in find_translations(segments, embeddings, pair, alone, device):
            if of[twin] == twin:  # not yet found in a language that more of the corpus speaks
                of[twin], similarity[twin], kind[twin] = original, score, _KINDS.index("translation")
    while not np.array_equal(of, of[of]):
        similarity, kind, of = np.minimum(similarity, similarity[of]), np.maximum(kind, kind[of]), of[of]
    row = np.flatnonzero(of != np.arange(len(segments)))
    return Repeats(
        row=row,
        of=of[row],
        kind=tuple(_KINDS[number] for number in kind[row]),
        similarity=similarity[row],
        n_rows=len(segments),
        rows=segments.fingerprint,
    )


def count_repeats(segments: Segments, embeddings: Embeddings, repeats: Repeats) -> dict[str, dict[str, int]]:
    """
    Count the segments and words that are left out as repeats.

    Parameters
    ----------
    segments : Segments
        n rows.
    embeddings : Embeddings
        Which rows are served.
    repeats : Repeats
        Of the same segments.

    Returns
    -------
    dict
        For each kind segments, words, and how many of the words are in a language that is not served.
    """
    kinds = np.array(repeats.kind, dtype=object)
    counts = {}
    for kind in _KINDS:
        rows = repeats.row[kinds == kind]
        words, served = segments.n_words[rows], embeddings.served[rows]
        counts[kind] = {
            "segments": len(rows),
            "words": int(words.sum()),
            "words_not_served": int(words[~served].sum()),
        }
    return counts


def _when(segments: Segments, row: int) -> tuple[str, str, int]:
    return segments.date[row] or "9999-99", segments.source_id[row], int(segments.position[row])

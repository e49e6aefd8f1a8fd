"""Translations by an encoder that serves both languages.

How near is near enough depends on encoder and corpus, so the corpus says it: texts of one language that are no copies
show how near to one another texts on one subject get, and a translation has to be nearer than nearly all of them.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from topicgpu.ops.topk import topk
from topicgpu.repeats.anchors import numbers_of
from topicgpu.repeats.order import Side, gaps
from topicgpu.types import Floats, Ints

LEAST_ROWS = 12  # of a language: with fewer there is no saying what is near
_NEIGHBORS = 8
_ENOUGH_ROWS = 100  # below, the eight nearest are a large part of the language and say little
_FALSE = 0.1  # share of false pairs, if texts of two languages came as near as those of one
_SAMPLE = 4096  # rows of a language that are looked at for that
_MOST = 0.7  # of a source is in pairs with another one: then what lies between them is likely to have its twin, too ...
_BETWEEN = 0.5  # ... and this part of the margin is enough for a row that has none
_NUMBERS = 0.5  # of either side's numbers are in common


def pairs_by_vectors(
    left: NDArray[np.float32], right: NDArray[np.float32], left_side: Side, right_side: Side, device: str
) -> Iterator[tuple[int, int, float]]:
    """
    Pair the rows of two languages that are each other's nearest, and nearer than rows of one language are.

    Parameters
    ----------
    left, right : ndarray of float32, shapes (n, d) and (m, d)
        Unit rows.
    left_side, right_side : Side
        Their texts, since numbers that differ speak against a pair, and their sources.
    device : str
        Where the products run.

    Yields
    ------
    (int, int, float)
        A row of the left side, once at most, the row of the right side, and their cosine.

    Notes
    -----
    Cosines of rows centred by language, less the mean of both rows' cosines to their eight nearest of the other
    language (margin; Artetxe and Schwenk, 2019, as a difference). Texts of two languages are not cut at the same
    places: where most of a source is in pairs, in order, a row between them may have the twin of another one, and half
    the margin is enough for a twin that no other has.
    4 n m d FLOP, blocked: memory O((n + m) d).
    """
    if min(len(left), len(right)) < LEAST_ROWS:
        return
    x, y = _centred(left, device), _centred(right, device)
    there, back = _nearest(x, y), _nearest(y, x)
    (best, margin), (best_back, _) = _best(there, back), _best(back, there)
    smaller, larger = sorted((x, y), key=len)
    mutual = best_back[best] == np.arange(len(best))
    level = _level(margin[mutual], len(smaller), (smaller, larger) if len(smaller) >= _ENOUGH_ROWS else (larger,))
    numbers, other_numbers = ([numbers_of(text) for text in side.texts] for side in (left_side, right_side))
    pairs = {
        int(row): int(best[row])
        for row in np.flatnonzero(mutual & (margin >= level))
        if _share(numbers[row], other_numbers[best[row]]) >= _NUMBERS
        and _share(other_numbers[best[row]], numbers[row]) >= _NUMBERS
    }
    taken = set(pairs.values())
    between = [
        (row, int(best[row]))
        for gap in gaps(pairs.items(), left_side.sources, right_side.sources, _MOST)
        for row in gap.left
        if best[row] in gap.around
        and margin[row] >= level * (1 if best[row] in taken else _BETWEEN)
        and _share(numbers[row], other_numbers[best[row]]) >= _NUMBERS
    ]
    for row, other in (pairs | dict(between)).items():
        yield row, other, float(min(left[row] @ right[other], 1.0))


class _Nearest(NamedTuple):
    scores: Floats  # (n, k) descending
    indices: Ints  # (n, k)


def _centred(vectors: NDArray[np.float32], device: str) -> Tensor:
    """Without the mean of the language, which is much of what parts two languages (Libovický et al., 2020)."""
    rows = torch.from_numpy(vectors).to(device)
    return torch.nn.functional.normalize(rows - rows.mean(dim=0), dim=1)


def _nearest(queries: Tensor, base: Tensor, more: int = 0) -> _Nearest:
    found = topk(queries, base, min(_NEIGHBORS + more, len(base)))
    return _Nearest(found.scores.double().cpu().numpy(), found.indices.cpu().numpy())


def _best(there: _Nearest, back: _Nearest) -> tuple[Ints, Floats]:
    """For each row the other one with the largest margin, and that margin."""
    usual = there.scores.mean(axis=1, keepdims=True) + back.scores.mean(axis=1)[there.indices]
    margins = there.scores - usual / 2
    place = margins.argmax(axis=1)
    rows = np.arange(len(place))
    return there.indices[rows, place], margins[rows, place]


def _level(margins: Floats, smaller: int, languages: Sequence[Tensor]) -> float:
    """
    Find the least margin that nearly no texts of one language reach that are only alike (decoys).

    As in target-decoy search (Elias and Gygi, 2007): at that margin the share of rows in decoy pairs is a tenth of the
    share of the smaller language's rows in pairs. Texts of one language are nearer to each other than texts of two, so
    that the share of false pairs is far below that. Infinite where nothing is found.
    """
    margins = np.sort(margins)
    reached = np.arange(len(margins), 0, -1) / smaller
    decoys = np.zeros(len(margins))
    for rows in languages:
        found, n_rows = _decoys(rows)
        decoys = np.maximum(decoys, (1 + len(found) - np.searchsorted(np.sort(found), margins)) / n_rows)
    enough = decoys <= _FALSE * reached
    return float(margins[enough.argmax()]) if enough.any() else np.inf


def _decoys(rows: Tensor) -> tuple[Floats, int]:
    """Margins of rows of one language that are each other's nearest, and how many rows were looked at."""
    sample = torch.arange(0, len(rows), -(-len(rows) // _SAMPLE), device=rows.device)
    there = _nearest_others(rows, sample)
    back = _nearest_others(rows, torch.from_numpy(there.indices[:, 0]).to(rows.device))
    margins = there.scores[:, 0] - (there.scores.mean(axis=1) + back.scores.mean(axis=1)) / 2
    return margins[back.indices[:, 0] == sample.cpu().numpy()], len(sample)


def _nearest_others(rows: Tensor, which: Tensor) -> _Nearest:
    found = _nearest(rows[which], rows, more=1)
    others = found.indices != which.cpu().numpy()[:, None]
    others[others.all(axis=1), -1] = False  # so many rows are the same that it is not among its own nearest
    return _Nearest(*(column[others].reshape(len(which), -1) for column in found))


def _share(numbers: set[str], other: set[str]) -> float:
    return len(numbers & other) / len(numbers) if numbers else 1.0

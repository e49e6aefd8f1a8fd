"""Terms that a theme gains and loses between two sides: what a reader reads."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from topicgpu.drift.changes.design import Comparison, Design
from topicgpu.drift.changes.log_odds import Singles
from topicgpu.drift.changes.spoken import SaidBy
from topicgpu.ops.terms import say_again, stems
from topicgpu.types import ChangeTerms, Ints, Strings

_MOST = 20  # gained, and as many lost
LEAST_Z = 1.0  # a term that moved by less than its own error is not listed
_LEAST_OF_ONE = 3  # segments with a term that one unit alone says
_CANDIDATES = 400  # clearest terms, out of which those go that say no more than a clearer one
_COLUMNS = 4096  # terms of a block: memory


class TermMoved(NamedTuple):
    """A row of `ChangeTerms`."""

    theme: int
    comparison: Comparison
    term: str
    log_odds: float
    n_from: int
    n_to: int
    of_from: int
    of_to: int
    sources_from: int
    sources_to: int
    only_in: str | None


def moved_terms(
    theme: int, comparison: Comparison, said: SaidBy, made: Design, unit_ids: Strings, first: int | None
) -> list[TermMoved]:
    """
    List what a theme gains and loses.

    Parameters
    ----------
    theme : int
        Index of the theme.
    comparison : Comparison
        The sides.
    said : SaidBy
        Terms of the n units of the design.
    made : Design
        Who is on which side; both have a unit.
    unit_ids : tuple of str
        Names of all units.
    first : int, optional
        Column of the test's clearest term, which leads the list.

    Returns
    -------
    list of TermMoved
        At most 20 gained and 20 lost. Terms of several units stand before those that one unit alone says; then the
        clearest first, by log odds over its error. A term whose words a clearer one has, or a compound of them, is
        left out, and so is one that moved by less than its error, or that one unit alone says in fewer than three
        segments.
    """
    z, log_odds = _all_terms(said, made)
    one_unit = said.n_units == 1
    order = np.lexsort((-np.abs(z), one_unit))
    said_enough = ~one_unit | (said.segments.sum(axis=0) >= _LEAST_OF_ONE)
    order = order[(np.abs(z) >= LEAST_Z)[order] & said_enough[order]][:_CANDIDATES]
    if first is not None:
        order = np.append(first, order[order != first])
    again = say_again([stems(said.words[term], said.code[term]) for term in order])
    taken: list[int] = []
    left = {True: _MOST, False: _MOST}
    for place, term in enumerate(order):
        gained = bool(log_odds[term] > 0)
        if left[gained] and not again[place, taken].any():
            taken.append(place)
            left[gained] -= 1
    moved = []
    for term in order[taken].tolist():
        by_unit = said.segments[:, [term]].toarray()[:, 0]
        before, now = by_unit[~made.later], by_unit[made.later]
        compared = said.exposure[:, said.language[term]]
        moved.append(
            TermMoved(
                theme,
                comparison,
                said.written[term],
                float(log_odds[term]),
                n_from=int(before.sum()),
                n_to=int(now.sum()),
                of_from=int(compared[~made.later].sum()),
                of_to=int(compared[made.later].sum()),
                sources_from=int(np.count_nonzero(before)),
                sources_to=int(np.count_nonzero(now)),
                only_in=unit_ids[made.rows[np.argmax(by_unit)]] if one_unit[term] else None,
            )
        )
    return moved


def _all_terms(said: SaidBy, made: Design) -> tuple[Singles, Singles]:
    z = np.zeros(len(said.written), dtype=np.float32)
    log_odds = np.zeros_like(z)
    for start in range(0, len(z), _COLUMNS):
        block = slice(start, start + _COLUMNS)
        moved, variance = (values[0] for values in said.log_odds(block, made)(made.later[None]))
        log_odds[block], z[block] = moved, moved / np.sqrt(variance)
    return z, log_odds


def terms_table(moved: Sequence[TermMoved], theme_ids: Strings, periods: Strings) -> ChangeTerms:
    """
    Write moved terms as one table.

    Parameters
    ----------
    moved : sequence of TermMoved
        In the order of the rows.
    theme_ids : tuple of str
        Of the themes.
    periods : tuple of str
        Names of the periods.

    Returns
    -------
    ChangeTerms
        One row each.
    """
    sides = [row.comparison.labels(periods) for row in moved]

    def whole_numbers(values: Sequence[int]) -> Ints:
        return np.array(values, dtype=np.int64)

    return ChangeTerms(
        theme_id=tuple(theme_ids[row.theme] for row in moved),
        level=tuple(row.comparison.level for row in moved),
        from_=tuple(earlier for earlier, _ in sides),
        to=tuple(later for _, later in sides),
        term=tuple(row.term for row in moved),
        log_odds=np.array([row.log_odds for row in moved], dtype=np.float64),
        n_from=whole_numbers([row.n_from for row in moved]),
        n_to=whole_numbers([row.n_to for row in moved]),
        of_from=whole_numbers([row.of_from for row in moved]),
        of_to=whole_numbers([row.of_to for row in moved]),
        sources_from=whole_numbers([row.sources_from for row in moved]),
        sources_to=whole_numbers([row.sources_to for row in moved]),
        only_in=tuple(row.only_in for row in moved),
    )

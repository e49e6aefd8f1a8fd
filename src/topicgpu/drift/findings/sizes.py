"""How large a change is, on one scale for shares, content and words: the order of the findings."""

import math

from topicgpu.drift.changes.rows import Change
from topicgpu.drift.findings.evidence import Evidence, Side
from topicgpu.drift.findings.notes import lead
from topicgpu.drift.findings.results import Results, key

_MIRRORED = 0.9  # of the move of another theme, from which a move is its other side


def cohens_h(one: float, other: float) -> float:
    """
    Compare two shares on a scale on which equal differences are equally easy to tell.

    Parameters
    ----------
    one, other : float
        In [0, 1].

    Returns
    -------
    float
        Cohen's h [1]_: the distance of two points on a circle.

    References
    ----------
    .. [1] J. Cohen, "Statistical Power Analysis for the Behavioral Sciences", 2nd edition, 1988, chapter 6.
    """
    return abs(2 * math.asin(math.sqrt(one)) - 2 * math.asin(math.sqrt(other)))


def of_share(evidence: Evidence, change: Change) -> float:
    """
    Size a change of share by what its sentence leads with, times the part of the sources that carry it.

    Parameters
    ----------
    evidence : Evidence
        Who carries what.
    change : Change
        Of prevalence.

    Returns
    -------
    float
        Cohen's h, the change put round the mean of both shares.
    """
    size, middle = lead(change).value, (change.value_from + change.value_to) / 2
    shown = evidence.side(change.comparison.later if size > 0 else change.comparison.earlier)
    one, other = (min(max(middle + half * size, 0.0), 1.0) for half in (-0.5, 0.5))
    return cohens_h(one, other) * carried(evidence, change.theme, shown)


def of_words(evidence: Evidence, results: Results, row: Change) -> float:
    """
    Size a change of what is said of a theme.

    Parameters
    ----------
    evidence : Evidence
        Segments of the theme.
    results : Results
        With the terms that moved.
    row : Change
        Of content or vocabulary.

    Returns
    -------
    float
        Of vocabulary Cohen's h of the clearest term's share of the theme's segments; of content the square root of
        what the energy distance is beyond chance, which is a distance on the unit sphere as h is.
    """
    if row.kind == "content":
        return math.sqrt(max(row.within - row.within_expected, 0.0))
    clearest = next((term for term in results.terms_of.get(key(evidence, row), ()) if term.term == row.term), None)
    if clearest is None:
        return 0.0
    return cohens_h(clearest.n_from / max(clearest.of_from, 1), clearest.n_to / max(clearest.of_to, 1))


def carried(evidence: Evidence, theme: int, side: Side) -> float:
    """
    Give the part of the sources of a side that carry a theme.

    Parameters
    ----------
    evidence : Evidence
        Who carries what.
    theme : int
        Index of the theme.
    side : Side
        Its sources.

    Returns
    -------
    float
        In [0, 1].
    """
    return evidence.present(theme, side) / len(side.rows)


def mirror(results: Results, change: Change) -> int | None:
    """
    Find the theme that a change of share is the other side of.

    Parameters
    ----------
    results : Results
        The comparisons.
    change : Change
        Of prevalence.

    Returns
    -------
    int or None
        Index of the theme that moves the other way between the same sides, by as much or up to a ninth more.
    """
    own = lead(change).value
    others = [
        (abs(other), row.theme)
        for row in results.changes
        if row.kind == "prevalence" and row.comparison == change.comparison and row.found == change.found
        if not row.unstable
        if (other := lead(row).value) * own < 0 and (abs(other), -row.theme) > (abs(own), -change.theme)
    ]
    size, theme = min(others, default=(math.inf, -1))
    return theme if abs(own) >= _MIRRORED * size else None

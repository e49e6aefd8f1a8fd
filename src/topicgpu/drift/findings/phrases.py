"""The words of findings: every figure is rounded here and nowhere else."""

from collections import Counter
from collections.abc import Sequence

from topicgpu.types import Strings

UNIT_WORDS = {"words": "words", "segments": "segments", "seconds": "speaking time"}
_KINDS_NAMED = 4


def percent(share: float, decimals: int = 1) -> str:
    """
    Round a share for a reader.

    Parameters
    ----------
    share : float
        In [0, 1].
    decimals : int
        How many.

    Returns
    -------
    str
        What is not 0 is never written as 0, nor what is not 1 as 100.

    Examples
    --------
    >>> percent(0.0623), percent(0.0), percent(0.0001), percent(0.9999)
    ('6.2%', '0%', 'under 0.1%', 'over 99.9%')
    """
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    least = 10.0 ** -(decimals + 2)
    if share < least / 2:
        return f"under {least:.{decimals}%}"
    if share >= 1 - least / 2:
        return f"over {1 - least:.{decimals}%}"
    return f"{share:.{decimals}%}"


def percents(one: float, other: float) -> tuple[str, str]:
    """
    Round two shares that are compared.

    Parameters
    ----------
    one, other : float
        In [0, 1].

    Returns
    -------
    str, str
        With as few decimals as tell them apart, one to four.

    Examples
    --------
    >>> percents(0.05, 0.08), percents(0.9996, 0.9991), percents(0.0006, 0.0014), percents(0.2, 0.2)
    (('5.0%', '8.0%'), ('99.96%', '99.91%'), ('0.06%', '0.14%'), ('20.0%', '20.0%'))
    """
    for decimals in range(1, 5):
        said = percent(one, decimals), percent(other, decimals)
        if len({each.split()[-1] for each in said}) > 1:
            return said
    return percent(one), percent(other)


def points(difference: float) -> str:
    """
    Round a difference of shares for a reader.

    Parameters
    ----------
    difference : float
        In [-1, 1].

    Returns
    -------
    str
        Signed percentage points with one decimal.

    Examples
    --------
    >>> points(0.1234), points(-0.02), points(-0.0001)
    ('+12.3', '-2.0', '+0.0')
    """
    return f"{round(100 * difference, 1) + 0.0:+.1f}"


def small(value: float) -> str:
    """
    Round a p, a q or a distance for a reader.

    Parameters
    ----------
    value : float
        At least 0.

    Returns
    -------
    str
        Three decimals; what is below the last of them is said to be.

    Examples
    --------
    >>> small(0.0123), small(0.0002)
    ('0.012', 'under 0.001')
    """
    return f"{value:.3f}" if value >= 0.0005 or value == 0 else "under 0.001"


def quoted(terms: Sequence[str], limit: int = 3) -> str:
    """
    Quote the first few of many.

    Parameters
    ----------
    terms : sequence of str
        At least one.
    limit : int
        How many are quoted.

    Returns
    -------
    str
        Each in quotation marks.

    Examples
    --------
    >>> quoted(["orbit", "solar array"])
    '“orbit” and “solar array”'
    """
    return listed([f"“{term}”" for term in terms], limit)


def listed(names: Sequence[str], limit: int = 5) -> str:
    """
    Name the first few of many.

    Parameters
    ----------
    names : sequence of str
        At least one.
    limit : int
        How many are named.

    Returns
    -------
    str
        Joined with commas and `and`.

    Examples
    --------
    >>> listed(["a", "b"]), listed(["a", "b", "c"], limit=1)
    ('a and b', 'a and 2 more')
    """
    shown, more = list(names[:limit]), len(names) - limit
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def counted_noun(n: int, noun: str) -> str:
    """
    Put a number before a noun that takes an s.

    Parameters
    ----------
    n : int
        How many.
    noun : str
        In the singular.

    Returns
    -------
    str
        `1 source`, `2 sources`.
    """
    return f"{n} {noun}" if n == 1 else f"{n:,} {noun}s"


def sources_of(label: str, genres: Sequence[str | None], noun: str = "source") -> str:
    """
    Name the sources of a period by number and kind.

    Parameters
    ----------
    label : str
        The period, or several.
    genres : sequence of str or None
        Kind of each source.
    noun : str
        What they are called, in the singular.

    Returns
    -------
    str
        `the 3 sources of 2024 (call, podcast ×2)`, `(all call)`; no kinds where none is known.
    """
    head = f"the one {noun} of {label}" if len(genres) == 1 else f"the {len(genres):,} {noun}s of {label}"
    kinds = _kinds(genres)
    return f"{head} ({', '.join(kinds)})" if kinds else head


def _kinds(genres: Sequence[str | None]) -> Strings:
    if all(genre is None for genre in genres):
        return ()
    tally = Counter(genre or "kind not given" for genre in genres)
    if len(tally) == 1 and len(genres) > 1:
        return (f"all {genres[0]}",)
    ranked = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    named = [kind if n == 1 else f"{kind} ×{n:,}" for kind, n in ranked[:_KINDS_NAMED]]
    others = len(ranked) - _KINDS_NAMED
    return (*named, counted_noun(others, "other kind")) if others > 0 else tuple(named)

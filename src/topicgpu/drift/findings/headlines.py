"""The headline of each finding: what its sentence claims, in a few words, and no more than that."""

from collections.abc import Sequence

from topicgpu.drift.findings.evidence import Evidence
from topicgpu.drift.findings.phrases import listed

_WORDED = {
    "appears": "{name} appears in {start}",
    "fades": "{name} fades after {end}",
    "returns": "{name} returns in {start}",
    "rises": "{name} rises from {earlier} to {later}",
    "falls": "{name} falls from {earlier} to {later}",
    "differs": "{name} differs between {sides}, but so do the kinds of source",
    "content": "Other things are said of {name} in {later} than in {earlier}",
    "vocabulary": "The words of {name} moved between {earlier} and {later}",
    "persists": "{name} persists in {earlier} and {later}",
    "absent": "{name} is the main theme of no segment",
}
_INSIDE = " inside kinds of source that both have"


def headline(evidence: Evidence, theme: int, kind: str, sides: Sequence[Sequence[int]], inside: bool = False) -> str:
    """
    Name a finding.

    Parameters
    ----------
    evidence : Evidence
        Themes and periods.
    theme : int
        Index of the theme.
    kind : str
        Of the finding.
    sides : sequence of sequence of int
        Periods that are set against each other, in the order of time; none of a theme that is absent.
    inside : bool
        Whether the sentence leads with the change inside kinds of source.

    Returns
    -------
    str
        A sentence without its full stop. A change between unlike kinds of source "differs", which is no change over
        time; whether a change was tested stands in the finding's status, and is to be shown beside it.
    """
    words = {"name": f"“{evidence.name(theme)}”"}
    if sides:
        labels = [evidence.label(side) for side in sides]
        start, end = evidence.label(sides[-1][:1]), evidence.label(sides[0][-1:])
        words |= {"earlier": labels[0], "later": labels[-1], "start": start, "end": end, "sides": listed(labels)}
    return _WORDED[kind].format(**words) + _INSIDE * inside

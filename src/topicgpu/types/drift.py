"""How the themes move."""

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from topicgpu.types.columns import Floats, Ints, OptionalStrings, Strings, check_columns, check_finite, no_rows
from topicgpu.types.display import MAX_ROWS, Brief, ColumnTable, html_table, paragraph


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prevalence(ColumnTable):
    """How much of the speech of a source, period, speaker or the corpus a theme takes, with its interval."""

    theme_id: OptionalStrings  # None = no theme
    level: Strings  # source, period, corpus, speaker
    key: Strings  # "all" of the corpus
    unit: Strings  # words, segments, seconds
    measure: Strings  # primary, any
    share: Floats
    low: Floats  # 95 %; NaN where there is no interval
    high: Floats
    interval: OptionalStrings  # within (noise inside this source), between (sources of this period or corpus), None
    theme_units: Floats
    total_units: Floats
    n_sources: Ints
    n_blocks: Floats  # effective number of independent blocks; NaN where not used
    thin: NDArray[np.bool_]
    _shown = (*("theme_id", "level", "key", "unit", "measure", "share", "low", "high", "n_sources", "thin"),)

    def __post_init__(self) -> None:
        check_columns(self, [column.name for column in fields(self)])
        check_finite(self, "share")

    def __len__(self) -> int:
        return len(self.theme_id)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Changes(ColumnTable):
    """
    One row a theme, kind of drift and pair of sides: the change, how sure it is, and what the design could show.

    `effect` is the difference of mean shares for prevalence, the energy distance between what is said for content,
    and the log odds of the term that moved most clearly for vocabulary.
    """

    theme_id: Strings
    kind: Strings  # prevalence, content, vocabulary
    level: Strings  # period (one and the next), span (first third of the periods and the last)
    from_: Strings
    to: Strings
    effect: Floats
    unit: Strings  # words, segments, seconds for prevalence; distance; log odds
    low: Floats  # 95 %; NaN where the design gives none
    high: Floats
    loo_low: Floats  # range of the effect with each unit left out in turn
    loo_high: Floats
    p: Floats  # NaN: described, not tested
    q: Floats  # within the family
    status: Strings  # described, tested
    n_from: Ints  # sources
    n_to: Ints
    value_from: Floats  # prevalence: mean share; NaN for the other kinds
    value_to: Floats
    ratio: Floats  # prevalence: of the shares, half a unit added
    within: Floats  # prevalence, content: the change inside kinds of source that both sides have, which is tested
    within_low: Floats  # prevalence: 95 % of it
    within_high: Floats
    within_loo_low: Floats  # its range with each unit left out in turn
    within_loo_high: Floats
    within_expected: Floats  # content: mean of `within` where the periods are dealt out at random
    expected: Floats  # content: the mean effect where the periods are dealt out at random
    p_shift: Floats  # among the rotations of the periods; NaN below 24 of them
    smallest_p: Floats  # that the design can give
    detectable: Floats  # effect that, alone, becomes a finding with power 0.8; inf: none of any size
    units_from: Ints  # units that take part in the test
    units_to: Ints
    rests_on: OptionalStrings  # unit without which less than half of the effect is left
    term: OptionalStrings  # vocabulary: the clearest, whose log odds the effect is
    unstable: NDArray[np.bool_]  # the theme is: not in the family, not a finding
    found: NDArray[np.bool_]  # clear enough for a finding
    why: OptionalStrings  # of a described row: why it is not tested
    _shown = (
        *("theme_id", "kind", "level", "from_", "to", "effect", "unit", "low", "high", "q", "status", "found", "term"),
    )

    def __post_init__(self) -> None:
        check_columns(self, [column.name for column in fields(self)])

    def __len__(self) -> int:
        return len(self.theme_id)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ChangeTerms(ColumnTable):
    """Terms and phrases that a theme gains or loses between two sides, most clearly moved first."""

    theme_id: Strings
    level: Strings
    from_: Strings
    to: Strings
    term: Strings
    log_odds: Floats  # later over earlier, prior included
    n_from: Ints  # compared segments of the theme with the term
    n_to: Ints
    of_from: Ints  # all compared segments of the theme, in the term's language
    of_to: Ints
    sources_from: Ints  # units with the term
    sources_to: Ints
    only_in: OptionalStrings  # the one unit that carries the term

    def __post_init__(self) -> None:
        check_columns(self, [column.name for column in fields(self)])

    def __len__(self) -> int:
        return len(self.theme_id)


def no_terms() -> ChangeTerms:
    """
    Make the table of comparisons in which no term was looked at.

    Returns
    -------
    ChangeTerms
        With no row.
    """
    nothing = no_rows()
    return ChangeTerms((), (), (), (), (), np.zeros(0), *(nothing,) * 6, ())


@dataclass(frozen=True, slots=True)
class Family:
    """Tests that are made together: one kind of drift at one level, of all stable themes."""

    kind: str
    level: str
    n_tests: int
    p: float  # of the family as a whole (Simes)
    selected: bool  # among the families
    q_limit: float  # below which a member is a finding; 0 where the family is not selected


@dataclass(frozen=True, slots=True)
class Split:
    """A change of share, split into a change of mix and a change inside the kinds that both sides have (Kitagawa)."""

    theme_id: str
    level: str
    from_: str
    to: str
    by: str  # genre, series, speaker, language
    total: float
    mix: float  # NaN where no kind is on both sides
    inside: float
    only_from: Strings  # kinds that one side alone has, the first 20; their part of the change is not split
    only_to: Strings
    n_only_from: int  # all of them
    n_only_to: int
    unsplit: float


@dataclass(frozen=True, slots=True)
class Move:
    """What is said inside a theme on the later side and on the earlier one."""

    theme_id: str
    level: str
    from_: str
    to: str
    now: Strings  # ids of the later side's segments that lie farthest along the move
    before: Strings  # ids of the earlier side's that lie farthest against it
    parts_appear: Strings  # ids of subthemes
    parts_fade: Strings


@dataclass(frozen=True, slots=True)
class Presence:
    """When a theme is there, over the sources in the order of time."""

    theme_id: str
    kind: str  # appears, fades, persists, returns, comes and goes, undated (in sources without a period alone), absent
    first: str | None  # first period with it
    last: str | None
    words_before: int  # counted words of the periods before the first
    words_after: int  # of those after the last
    gap: Strings  # periods without it between two with it
    p: float  # that as long a silence at an end comes by chance; NaN: not tested
    p_shift: float  # among the rotations of the periods; NaN below 24 of them
    q: float
    found: bool
    evidence: Strings  # segment ids


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a drift gate of the config came to."""

    gate: str  # the gate in words
    outcome: str  # passed, failed, undecided
    reason: str
    theme_ids: Strings  # that failed it


@dataclass(frozen=True, slots=True)
class Finding:
    """One true sentence about a theme, with the figures that it states and the segments that show it."""

    kind: str  # appears, fades, returns, rises, falls, differs, content, vocabulary, persists, absent
    theme_id: str
    headline: str  # a few words, which claim no more than the sentence
    sentence: str
    figures: dict[str, float]
    evidence: Strings  # segment ids
    status: str  # described, tested
    from_: str | None = None  # the earlier side; None: the whole corpus
    to: str | None = None
    rests_on: Strings = ()  # units without one of which less than half is left
    also_changes: Strings = ()  # how the recording of both sides differs

    def _repr_html_(self) -> str:
        figures = html_table(
            f"{self.kind}, {self.status}", ("figure", "value"), self.figures.items(), len(self.figures)
        )
        return paragraph(self.headline) + paragraph(self.sentence) + (figures if self.figures else "")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Drift(Brief):
    """How the themes move: shares, changes between periods, and what can and can't be said."""

    prevalence: Prevalence
    changes: Changes
    findings: tuple[Finding, ...]
    periods: Strings  # in the order of time
    period_of: dict[str, str]  # source id -> period; undated sources are absent
    pooled: dict[str, dict[str, float]]  # theme id -> period -> share of all that the period's sources say
    undecided: Strings  # sentences: what could not be decided, and why
    rows: str
    terms: ChangeTerms = field(default_factory=no_terms)
    families: tuple[Family, ...] = ()
    splits: tuple[Split, ...] = ()
    moves: tuple[Move, ...] = ()
    presence: tuple[Presence, ...] = ()
    instruments: Strings = ()  # sentences: changes that coincide with a change of how the talk was recorded
    gates: tuple[GateResult, ...] = field(default=())

    def _repr_html_(self) -> str:
        rows = ((each.theme_id, each.headline, each.status, each.sentence) for each in self.findings)
        title = f"{len(self.findings):,} findings, {len(self.changes):,} changes, {len(self.periods):,} periods"
        table = html_table(title, ("theme", "finding", "status", "in full"), rows, len(self.findings))
        return table if self.findings else table + "".join(map(paragraph, self.undecided[:MAX_ROWS]))

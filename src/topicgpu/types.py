"""The types that flow between stages: frozen columns, checked once at construction.

Rows keep their identity. `Segments` is the central table; every later type carries `rows`, the fingerprint of the
segments that its arrays are aligned to, and `check_rows` raises where two do not agree.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import DTypeError, MisalignedError, NumericalError, ShapeError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Strings = tuple[str, ...]
OptionalStrings = tuple[str | None, ...]
Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]  # texts (m,) to unit vectors (m, d)
NO_LIMIT = 1_000_000  # tokens that an encoder of texts of any length says it reads
ThemeKind = Literal["guided", "discovered"]
ThemeLevel = Literal["family", "theme", "subtheme"]
Table = TypeVar("Table")


class Texts(Protocol):
    """Texts by number: a tuple, or something that reads a text each time that it is asked for."""

    def __len__(self) -> int: ...
    def __getitem__(self, row: int, /) -> str: ...
    def __iter__(self) -> Iterator[str]: ...


def _no_rows() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _check_columns(table: object, names: Sequence[str]) -> None:
    lengths = {name: len(getattr(table, name)) for name in names}
    if len(set(lengths.values())) > 1:
        raise ShapeError(f"{type(table).__name__} needs columns of one length; got {lengths}.")


def _check_finite(table: object, name: str) -> None:
    values = getattr(table, name)
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))[0])
        raise NumericalError(f"{type(table).__name__}.{name} must be finite; row {row} is not.")


def join_tables(tables: Sequence[Table]) -> Table:
    """
    Put tables of one kind one below the other.

    Parameters
    ----------
    tables : sequence of Turns, Dropped or Sources
        At least one.

    Returns
    -------
    object
        All of their rows, in order.
    """
    columns = {
        column.name: _join_columns([getattr(table, column.name) for table in tables])
        for column in fields(tables[0])  # type: ignore[arg-type]
    }
    return type(tables[0])(**columns)


def _join_columns(parts: Sequence[Any]) -> Any:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return join_tables(parts) if is_dataclass(parts[0]) else tuple(chain.from_iterable(parts))


def check_rows(rows: str, *others: Any) -> None:
    """
    Raise unless every table is aligned to the segments with fingerprint `rows`.

    Parameters
    ----------
    rows : str
        Fingerprint of the segments.
    *others : object
        Tables with an attribute `rows`.

    Raises
    ------
    MisalignedError
        If a table was made from other segments.
    """
    for other in others:
        if other.rows != rows:
            raise MisalignedError(
                f"{type(other).__name__} was made from the segments {other.rows[:12]}, not from {rows[:12]}; "
                "run the stages again from the one that changed."
            )


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """Who speaks where: one row a stretch of one speaker, one list item or one paragraph of a digest."""

    source_id: Strings
    position: Ints
    start_char: Ints
    end_char: Ints
    kind: Strings  # speech, item (a list's entry: never joined to the next), text (written prose), summary (nobody's)
    speaker: OptionalStrings
    start_s: Floats  # NaN where untimed
    end_s: Floats
    locator: OptionalStrings  # where in the original the words are, if not at these offsets

    def __post_init__(self) -> None:
        _check_columns(self, [column.name for column in fields(self)])

    def __len__(self) -> int:
        return len(self.source_id)


@dataclass(frozen=True, slots=True, eq=False)
class Dropped:
    """Stretches of canonical text that are in no segment, each with the reason."""

    source_id: Strings
    start_char: Ints
    end_char: Ints
    n_words: Ints
    reason: Strings

    def __post_init__(self) -> None:
        _check_columns(self, [column.name for column in fields(self)])

    def __len__(self) -> int:
        return len(self.source_id)


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """One row a source: its canonical text, when and what it is, who speaks, and what was dropped."""

    source_id: Strings
    title: Strings
    date_start: tuple[date | None, ...]  # a month is a range: its first day ...
    date_end: tuple[date | None, ...]  # ... to its last; None where undated
    genre: OptionalStrings
    form: OptionalStrings
    series: OptionalStrings
    languages: tuple[tuple[str, ...], ...]
    path: Strings  # relative to the corpus
    sha256: Strings  # of the file's bytes
    origin: OptionalStrings  # how to get the original, where this is not it
    text: Texts  # canonical; all offsets are code points into it; each access may read a file
    turns: Turns
    dropped: Dropped
    warnings: Strings

    def __post_init__(self) -> None:
        _check_columns(self, [c.name for c in fields(self) if c.name not in ("turns", "dropped", "warnings")])
        if len(set(self.source_id)) != len(self.source_id):
            raise ShapeError("Sources.source_id must not repeat an id.")

    def __len__(self) -> int:
        return len(self.source_id)

    @property
    def dates(self) -> OptionalStrings:
        """ISO 8601 date of each source at its own precision: `2026`, `2026-02` or `2026-02-05`."""
        return tuple(iso_date(*pair) for pair in zip(self.date_start, self.date_end, strict=True))


def iso_date(start: date | None, end: date | None) -> str | None:
    """
    Write a day, a whole month or a whole year at its own precision.

    Parameters
    ----------
    start, end : date or None
        First and last day.

    Returns
    -------
    str or None
        `2026-02-05`, `2026-02`, `2026`, or `start/end` for another range; None where undated.
    """
    if start is None or end is None:
        return None
    if start == end:
        return start.isoformat()
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year:
        return f"{start:%Y}"
    whole_month = start.day == 1 and (end + timedelta(days=1)).day == 1
    if whole_month and (start.year, start.month) == (end.year, end.month):
        return f"{start:%Y-%m}"
    return f"{start.isoformat()}/{end.isoformat()}"


@dataclass(frozen=True, eq=False)
class Segments:
    """The central table: small stretches of one speaker's words on sentence boundaries, in the order of the sources."""

    segment_id: Strings  # source_id:start_char-end_char
    source_id: Strings
    position: Ints  # within the source, from 0
    passage: Ints  # number within the source of the run of segments that stays on one subject; -1: not looked for
    start_char: Ints
    end_char: Ints
    start_s: Floats  # NaN where untimed
    end_s: Floats
    speaker: OptionalStrings
    language: Strings
    date: OptionalStrings  # ISO 8601 at the source's precision
    text: Strings  # exactly the canonical text's slice
    n_tokens: Ints
    n_words: Ints

    def __post_init__(self) -> None:
        _check_columns(self, [column.name for column in fields(self)])
        if len(set(self.segment_id)) != len(self.segment_id):
            raise ShapeError("Segments.segment_id must not repeat an id.")

    def __len__(self) -> int:
        return len(self.segment_id)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of ids and texts: the identity that every later table is checked against."""
        digest = hashlib.sha256()
        for identifier, text in zip(self.segment_id, self.text, strict=True):
            digest.update(f"{len(identifier)} {len(text)} {identifier}{text}".encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """One unit vector a segment; rows in a language that the encoder does not serve are zero and not `served`."""

    vectors: NDArray[np.float32]  # (n, d)
    served: NDArray[np.bool_]  # (n,)
    encoder: str
    revision: str  # hash of the weights
    languages: Strings  # that the encoder serves; empty = all
    rows: str

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.served):
            raise ShapeError(f"Embeddings.vectors must be (n, d) with n={len(self.served)}; got {self.vectors.shape}.")
        if self.vectors.dtype != np.float32:
            raise DTypeError(f"Embeddings.vectors must be float32; got {self.vectors.dtype}.")
        _check_finite(self, "vectors")

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True, eq=False)
class Repeats:
    """Segments that say again what another one says; every count downstream leaves them out."""

    row: Ints  # the repeat
    of: Ints  # the row that it repeats, itself never a repeat
    kind: Strings  # exact, near, translation
    similarity: Floats
    n_rows: int
    rows: str

    def __post_init__(self) -> None:
        _check_columns(self, ["row", "of", "kind", "similarity"])

    @property
    def mask(self) -> NDArray[np.bool_]:
        """True for each of the n rows that is a repeat."""
        mask = np.zeros(self.n_rows, dtype=bool)
        mask[self.row] = True
        return mask


@dataclass(frozen=True, slots=True, eq=False)
class Neighbors:
    """The k most similar rows of each row, self excluded; rows that take no part hold -1 and infinity."""

    indices: Ints  # (n, k)
    distances: NDArray[np.float32]  # (n, k) ascending, 1 - cosine
    metric: str
    exact: bool
    recall: float | None  # measured, where not exact
    rows: str
    method: str = ""  # by what they were found

    def __post_init__(self) -> None:
        if self.indices.shape != self.distances.shape or self.indices.ndim != 2:
            raise ShapeError(f"Neighbors needs two (n, k) arrays; got {self.indices.shape} and {self.distances.shape}.")

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """A 2-D place for each row that takes part; NaN for the others."""

    xy: NDArray[np.float32]  # (n, 2)
    method: str
    rows: str

    def __post_init__(self) -> None:
        if self.xy.ndim != 2 or self.xy.shape[1] != 2:
            raise ShapeError(f"Map.xy must be (n, 2); got {self.xy.shape}.")


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Partitions of the rows at several grains, however small the groups; -1 for rows that take no part."""

    groups: Ints  # (l, n) from 0, the finest level first; a group is a union of groups of the level before
    resolutions: tuple[float, ...]  # (l,) falling
    chosen: int  # the level that `Clusters.labels` is made from

    def __post_init__(self) -> None:
        if self.groups.ndim != 2 or len(self.groups) != len(self.resolutions):
            raise ShapeError(f"Levels has {len(self.resolutions)} resolutions, and groups of {self.groups.shape}.")
        for finer, coarser in zip(self.groups, self.groups[1:], strict=False):
            if len(np.unique(finer * (coarser.max(initial=0) + 2) + coarser)) != len(np.unique(finer)):
                raise ShapeError("A group of a level must be a union of groups of the level before.")


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """A partition of the rows: labels from 0 by falling size, -1 for noise and for rows that take no part."""

    labels: Ints  # (n,)
    strengths: NDArray[np.float32]  # (n,) in [0, 1]
    method: str
    rows: str
    levels: Levels | None = None  # None: the method finds one partition

    def __post_init__(self) -> None:
        _check_columns(self, ["labels", "strengths"])
        _check_finite(self, "strengths")
        if self.levels and self.levels.groups.shape[1] != len(self.labels):
            raise ShapeError(f"Clusters has {len(self.labels)} rows, and levels of {self.levels.groups.shape[1]}.")

    def __len__(self) -> int:
        return len(self.labels)


class Keyword(NamedTuple):
    """A word or phrase that marks a theme, with its class-based TF-IDF weight."""

    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class Theme:
    """A set of rows with a name and evidence."""

    theme_id: str
    name: str
    kind: ThemeKind
    description: str | None
    keywords: tuple[Keyword, ...]
    size: int  # primary segments
    exemplars: Strings  # segment ids, most typical first
    parent_id: str | None = None  # a subtheme's theme, a theme's family
    stability: float | None = None  # in [0, 1]; None where not measured
    unstable: bool = False  # too little of it comes back from other seeds and samples
    level: ThemeLevel = "theme"
    keywords_by_language: Mapping[str, tuple[Keyword, ...]] = field(default_factory=dict)  # where there are several
    found_again: float | None = None  # of a guided theme: its overlap with the group that discovery found in its place
    kept_from: float | None = None  # of a discovered theme: its overlap with the earlier theme whose id it keeps


class KnownTheme(NamedTuple):
    """A discovered theme of this run or an earlier one: its id is given to no other."""

    theme_id: str
    name: str
    level: ThemeLevel
    kept_from: float | None
    retired: bool  # this run has not found it


@dataclass(frozen=True, slots=True, eq=False)
class ThemeIds:
    """
    Every discovered theme so far, and where it was when a run last found it: what makes ids permanent.

    Before anything was merged or hidden, so that a later run finds the same. A retired theme keeps the text that it
    had, and gets its id again should it come back.
    """

    known: tuple[KnownTheme, ...] = ()
    theme_id: OptionalStrings = ()  # a row for each theme that a segment has; None: of no discovered theme
    source_id: Strings = ()
    start_char: Ints = field(default_factory=_no_rows)
    end_char: Ints = field(default_factory=_no_rows)
    next_number: int = 1  # of the next discovered theme's id
    origin: str = ""  # SHA-256 of the other run's ids that these go on from

    def __post_init__(self) -> None:
        _check_columns(self, ["theme_id", "source_id", "start_char", "end_char"])

    @property
    def retired(self) -> tuple[KnownTheme, ...]:
        """Those that this run has not found."""
        return tuple(theme for theme in self.known if theme.retired)


@dataclass(frozen=True, slots=True, eq=False)
class Themes:
    """
    The themes and who carries them. A row of assignments is one (segment, theme); rank 1 is the primary theme.

    Themes carry segments; a subtheme is a part of one theme's primary segments, a family several discovered themes.
    """

    themes: tuple[Theme, ...]
    row: Ints  # (m,) segment rows, ascending, then by rank
    theme: Ints  # (m,) index into `themes`
    strength: NDArray[np.float32]  # (m,) in [0, 1]
    rank: Ints  # (m,) from 1
    near_row: Ints  # (l,) rows that come near a theme and do not carry it: "absent" is said with these in view
    near_theme: Ints  # (l,)
    near_strength: NDArray[np.float32]  # (l,)
    n_rows: int
    rows: str
    subthemes: tuple[Theme, ...] = ()
    sub_row: Ints = field(default_factory=_no_rows)  # (s,) rows with a subtheme, ascending: one each
    sub: Ints = field(default_factory=_no_rows)  # (s,) index into `subthemes`
    families: tuple[Theme, ...] = ()  # who is in one is in the themes whose `parent_id` it is
    ids: ThemeIds = field(default_factory=ThemeIds)

    def __post_init__(self) -> None:
        _check_columns(self, ["row", "theme", "strength", "rank"])
        _check_columns(self, ["sub_row", "sub"])
        _check_columns(self, ["near_row", "near_theme", "near_strength"])
        _check_finite(self, "strength")
        _check_finite(self, "near_strength")
        t = 1 + max(self.theme.max(initial=0), self.near_theme.max(initial=0))
        both = np.isin(self.near_row * t + self.near_theme, self.row * t + self.theme)
        if both.any():
            raise ShapeError(f"Themes: row {self.near_row[both][0]} carries a theme that it is said to come near.")
        ids = [theme.theme_id for theme in self.all]
        if len(set(ids)) != len(ids):
            raise ShapeError("Themes must not repeat a theme_id.")

    @property
    def all(self) -> tuple[Theme, ...]:
        """Every theme, families and subthemes among them."""
        return (*self.themes, *self.subthemes, *self.families)

    @property
    def primary(self) -> Ints:
        """(n,) index of each row's primary theme, -1 where it has none."""
        primary = np.full(self.n_rows, -1, dtype=np.int64)
        first = self.rank == 1
        primary[self.row[first]] = self.theme[first]
        return primary

    def carries(self, theme: int) -> NDArray[np.bool_]:
        """(n,) True where a row carries the theme with this index, at any rank."""
        mask = np.zeros(self.n_rows, dtype=bool)
        mask[self.row[self.theme == theme]] = True
        return mask


@dataclass(frozen=True, slots=True, eq=False)
class Prevalence:
    """How much of the speech of a source, period or speaker a theme takes, with its interval."""

    theme_id: OptionalStrings  # None = no theme
    level: Strings  # source, period, speaker
    key: Strings
    unit: Strings  # words, segments, seconds
    measure: Strings  # primary, any
    share: Floats
    low: Floats  # 95 %; NaN where there is no interval
    high: Floats
    interval: OptionalStrings  # within (noise inside this source), between (sources of this period), None
    theme_units: Floats
    total_units: Floats
    n_sources: Ints
    n_blocks: Floats  # effective number of independent blocks; NaN where not used
    thin: NDArray[np.bool_]

    def __post_init__(self) -> None:
        _check_columns(self, [column.name for column in fields(self)])
        _check_finite(self, "share")

    def __len__(self) -> int:
        return len(self.theme_id)


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """One row a theme and pair of periods: the change, and the range it takes with each source left out in turn."""

    theme_id: Strings
    kind: Strings  # prevalence
    level: Strings  # period
    from_: Strings
    to: Strings
    effect: Floats  # share in `to` minus share in `from`
    unit: Strings
    low: Floats  # interval; NaN where the design gives none
    high: Floats
    loo_low: Floats
    loo_high: Floats
    p: Floats  # NaN: described, not tested
    q: Floats
    status: Strings  # described, tested
    n_from: Ints  # sources
    n_to: Ints

    def __post_init__(self) -> None:
        _check_columns(self, [column.name for column in fields(self)])

    def __len__(self) -> int:
        return len(self.theme_id)


@dataclass(frozen=True, slots=True)
class Finding:
    """One true sentence about a theme, with the figures that it states and the segments that show it."""

    kind: str  # appears, fades, rises, falls, persists, absent
    theme_id: str
    sentence: str
    figures: dict[str, float]
    evidence: Strings  # segment ids
    status: str  # described, tested


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """How the themes move: shares, changes between periods, and what can and can't be said."""

    prevalence: Prevalence
    changes: Changes
    findings: tuple[Finding, ...]
    periods: Strings  # in the order of time
    period_of: dict[str, str]  # source id -> period; undated sources are absent
    pooled: dict[str, dict[str, float]]  # theme id -> period -> share of all that the period's sources say
    undecided: Strings  # sentences: what could not be decided, and why
    rows: str

"""The themes and who carries them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import ShapeError
from topicgpu.types.columns import Ints, OptionalStrings, Strings, check_columns, check_finite, no_rows
from topicgpu.types.display import Brief, html_table

ThemeKind = Literal["guided", "discovered"]
ThemeLevel = Literal["family", "theme", "subtheme"]


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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ThemeIds(Brief):
    """
    Every discovered theme so far, and where it was when a run last found it: what makes ids permanent.

    Before anything was merged or hidden, so that a later run finds the same. A retired theme keeps the text that it
    had, and gets its id again should it come back.
    """

    known: tuple[KnownTheme, ...] = ()
    theme_id: OptionalStrings = ()  # a row for each theme that a segment has; None: of no discovered theme
    source_id: Strings = ()
    start_char: Ints = field(default_factory=no_rows)
    end_char: Ints = field(default_factory=no_rows)
    next_number: int = 1  # of the next discovered theme's id
    origin: str = ""  # SHA-256 of the other run's ids that these go on from

    def __post_init__(self) -> None:
        check_columns(self, ["theme_id", "source_id", "start_char", "end_char"])

    @property
    def retired(self) -> tuple[KnownTheme, ...]:
        """Those that this run has not found."""
        return tuple(theme for theme in self.known if theme.retired)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Themes(Brief):
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
    sub_row: Ints = field(default_factory=no_rows)  # (s,) rows with a subtheme, ascending: one each
    sub: Ints = field(default_factory=no_rows)  # (s,) index into `subthemes`
    families: tuple[Theme, ...] = ()  # who is in one is in the themes whose `parent_id` it is
    ids: ThemeIds = field(default_factory=ThemeIds)

    def __post_init__(self) -> None:
        check_columns(self, ["row", "theme", "strength", "rank"])
        check_columns(self, ["sub_row", "sub"])
        check_columns(self, ["near_row", "near_theme", "near_strength"])
        check_finite(self, "strength")
        check_finite(self, "near_strength")
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

    def _repr_html_(self) -> str:
        rows = (
            (
                theme.theme_id,
                theme.name,
                theme.kind,
                theme.size,
                theme.stability,
                theme.unstable,
                theme.description or [word.term for word in theme.keywords],
            )
            for theme in self.themes
        )
        title = f"{len(self.themes):,} themes, {len(self.subthemes):,} subthemes, {len(self.families):,} families"
        columns = ("id", "name", "kind", "segments", "stability", "unstable", "what it is about")
        return html_table(title, columns, rows, len(self.themes))

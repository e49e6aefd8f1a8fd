"""The types that flow between stages: frozen columns, checked once at construction.

Rows keep their identity. `Segments` is the central table; every later type carries `rows`, the fingerprint of the
segments that its arrays are aligned to, and `check_rows` raises where two do not agree.
"""

from topicgpu.types.columns import (
    Encode,
    Floats,
    Ints,
    OptionalStrings,
    Strings,
    Table,
    Texts,
    Vectors,
    check_rows,
    join_tables,
)
from topicgpu.types.corpus import Dropped, Segments, Sources, Turns
from topicgpu.types.days import iso_date, iso_days
from topicgpu.types.drift import (
    Changes,
    ChangeTerms,
    Drift,
    Family,
    Finding,
    GateResult,
    Move,
    Presence,
    Prevalence,
    Split,
)
from topicgpu.types.themes import Keyword, KnownTheme, Theme, ThemeIds, ThemeKind, ThemeLevel, Themes
from topicgpu.types.vectors import NO_LIMIT, Clusters, Embeddings, Levels, Map, Neighbors, Repeats

__all__ = [
    "NO_LIMIT",
    "ChangeTerms",
    "Changes",
    "Clusters",
    "Drift",
    "Dropped",
    "Embeddings",
    "Encode",
    "Family",
    "Finding",
    "Floats",
    "GateResult",
    "Ints",
    "Keyword",
    "KnownTheme",
    "Levels",
    "Map",
    "Move",
    "Neighbors",
    "OptionalStrings",
    "Presence",
    "Prevalence",
    "Repeats",
    "Segments",
    "Sources",
    "Split",
    "Strings",
    "Table",
    "Texts",
    "Theme",
    "ThemeIds",
    "ThemeKind",
    "ThemeLevel",
    "Themes",
    "Turns",
    "Vectors",
    "check_rows",
    "iso_date",
    "iso_days",
    "join_tables",
]

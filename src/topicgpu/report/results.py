"""What a report is made of: the results of a run, as far as it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from topicgpu.config import Config
from topicgpu.errors import MisalignedError
from topicgpu.types import Drift, Embeddings, Map, Repeats, Segments, Sources, Themes, check_rows
from topicgpu.types.display import Brief


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Results(Brief):
    """
    The results of a run. A section of the report is drawn only where what it shows is there.

    Raises
    ------
    MisalignedError
        If the tables are not of these segments, or drift names a theme that is not there.
    """

    config: Config
    manifest: Mapping[str, Any]  # every key but `name` may be absent
    sources: Sources
    segments: Segments
    embeddings: Embeddings
    repeats: Repeats
    map: Map | None = None
    themes: Themes | None = None
    drift: Drift | None = None

    def __post_init__(self) -> None:
        tables = (self.embeddings, self.repeats, self.map, self.themes, self.drift)
        check_rows(self.segments.fingerprint, *(table for table in tables if table is not None))
        if self.themes is not None and self.drift is not None:
            _check_themes(self.themes, self.drift)


def _check_themes(themes: Themes, drift: Drift) -> None:
    named = {finding.theme_id for finding in drift.findings}
    named |= {presence.theme_id for presence in drift.presence} | {move.theme_id for move in drift.moves}
    known = {theme.theme_id for theme in themes.all}
    if named - known:
        raise MisalignedError(
            f"drift names the theme {min(named - known)!r}, which is not among the {len(known)} themes of this run; "
            "run the drift stage again."
        )

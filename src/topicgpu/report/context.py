"""What several sections of the report need of the results, made once."""

from collections.abc import Collection
from functools import cached_property
from typing import Any, TypeVar

from topicgpu.errors import ShapeError
from topicgpu.report.changes import changes_of
from topicgpu.report.palette import color_slots
from topicgpu.report.quotes import Quotes
from topicgpu.report.results import Results
from topicgpu.report.shares import Shares
from topicgpu.report.source_rows import listed_sources, source_rows
from topicgpu.report.withheld import withhold
from topicgpu.types import Drift, Map, Theme, Themes

T = TypeVar("T")


class Context:
    """
    Results, and views of them that sections share.

    Parameters
    ----------
    results : Results
        Of the run.
    drawn : collection of str
        Names of the sections that are drawn: a link to another leads nowhere.
    """

    def __init__(self, results: Results, drawn: Collection[str]) -> None:
        self.results, self.drawn = withhold(results), frozenset(drawn)
        self.sources, self.segments = self.results.sources, self.results.segments
        self.quotes = Quotes(self.sources, self.segments, self.listed)

    @property
    def unit(self) -> str:
        """Of the shares shown: words, segments or seconds."""
        return self.results.config.drift.shares_of

    @property
    def themes(self) -> tuple[Theme, ...]:
        """In the order of the run; none where the run went not so far."""
        return self.results.themes.themes if self.results.themes else ()

    @property
    def periods(self) -> tuple[str, ...]:
        """In the order of time."""
        return self.results.drift.periods if self.results.drift else ()

    @property
    def all_themes(self) -> Themes:
        """Of a run that went so far: themes, their parts, and families."""
        return _there(self.results.themes, "themes")

    @property
    def drift(self) -> Drift:
        """Of a run that went so far."""
        return _there(self.results.drift, "drift")

    @property
    def map(self) -> Map:
        """Of a run that went so far."""
        return _there(self.results.map, "map")

    @cached_property
    def refs(self) -> dict[str, dict[str, Any]]:
        """By theme id: anchor, name and colour slot, all that a link to a theme needs."""
        slots = color_slots(theme.theme_id for theme in self.themes)
        return {
            theme.theme_id: {"anchor": f"theme-{place + 1}", "name": theme.name, "slot": slots[theme.theme_id]}
            for place, theme in enumerate(self.themes)
        }

    @cached_property
    def shares(self) -> Shares:
        """Primary shares in the unit shown."""
        return Shares(self.drift, self.unit)

    @cached_property
    def changes(self) -> dict[str, dict[str, Any]]:
        """By theme id: its changes, worded."""
        drift, config = self.results.drift, self.results.config.drift
        return changes_of(drift, self.unit, config.unit) if drift else {}

    @cached_property
    def listed(self) -> frozenset[int]:
        """Rows of the sources that the page lists: a link to another leads nowhere."""
        findings = self.results.drift.findings if self.results.drift else ()
        evidence = [segment_id for finding in findings for segment_id in finding.evidence]
        return listed_sources(self.sources, self.segments, self.results.embeddings.served, evidence)

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The sources, described."""
        results = self.results
        period_of = results.drift.period_of if results.drift else {}
        return source_rows(
            self.sources, self.segments, results.embeddings.served, results.repeats, period_of, self.listed
        )

    @cached_property
    def row_of(self) -> dict[str, dict[str, Any]]:
        """The described sources by their ids."""
        return {row["source_id"]: row for row in self.rows}


def _there(part: T | None, name: str) -> T:
    if part is None:
        raise ShapeError(f"The report has no {name}: the run did not go so far, so no section may ask for it.")
    return part

"""How a run shows itself in a notebook: its corpus, findings and themes, and where the report is."""

from html import escape
from pathlib import Path
from typing import Any, Protocol

from topicgpu.run_drift import RunDrift
from topicgpu.types import Segments, Sources, Themes
from topicgpu.types.display import paragraph


class Shown(Protocol):
    """A `Run`."""

    @property
    def folder(self) -> Path: ...
    @property
    def manifest(self) -> dict[str, Any]: ...
    @property
    def sources(self) -> Sources: ...
    @property
    def segments(self) -> Segments: ...
    @property
    def themes(self) -> Themes: ...
    @property
    def drift(self) -> RunDrift: ...


def run_html(run: Shown) -> str:
    """
    Lay out a run as far as it went.

    Parameters
    ----------
    run : Run
        Of any stage.

    Returns
    -------
    str
        HTML without script or style, everything from the run escaped.
    """
    stages, config = run.manifest["stages"], run.manifest["config"]
    parts = [f"<h3><bdi>{escape(config['report']['title'] or run.manifest['name'])}</bdi></h3>"]
    if "segment" in stages:
        parts.append(paragraph(_corpus(run)))
    if "drift" in stages:
        parts.append(run.drift._repr_html_())
    if "themes" in stages:
        parts.append(run.themes._repr_html_())
    report = run.folder / "report.html"
    if "report" in stages:
        parts.append(f'<p>Report: <a href="{escape(report.as_posix())}">{escape(report.as_posix())}</a></p>')
    return "".join(parts)


def _corpus(run: Shown) -> str:
    dates = sorted(date for date in run.sources.dates if date)
    span = "no dates" if not dates else " to ".join(dict.fromkeys((dates[0], dates[-1])))
    words = int(run.segments.n_words.sum())
    return f"{len(run.sources):,} sources, {len(run.segments):,} segments, {words:,} words; {span}"

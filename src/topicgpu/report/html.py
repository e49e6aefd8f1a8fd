"""One HTML file: charts drawn, template filled, styles inlined, and a policy that lets the page load nothing else."""

import base64
import hashlib
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.config import Config
from topicgpu.report.charts import shape_glyphs, time_charts
from topicgpu.report.map import map_chart
from topicgpu.report.view import build_view
from topicgpu.types import Drift, Map, Repeats, Segments, Sources, Themes


def render(
    config: Config,
    manifest: dict[str, Any],
    sources: Sources,
    segments: Segments,
    embeddings_served: NDArray[np.bool_],
    repeats: Repeats,
    map_: Map,
    themes: Themes,
    drift: Drift,
) -> str:
    """
    Write the report.

    Parameters
    ----------
    config : Config
        Title, unit of the shares and number of findings.
    manifest : dict
        Of the run; every key but `name` may be absent.
    sources : Sources
        One row a source.
    segments : Segments
        n rows.
    embeddings_served : (n,) array of bool
        Whether the encoder serves each segment's language.
    repeats : Repeats
        Segments that are counted once only.
    map_ : Map
        Places of the segments; NaN: not on the map.
    themes : Themes
        Themes and assignments.
    drift : Drift
        Shares, changes and findings.

    Returns
    -------
    str
        A whole HTML document with no script, whose content policy forbids every request.

    Raises
    ------
    MisalignedError
        If the tables are not of these segments, or a result names a theme or segment that is not there.
    ShapeError
        If `embeddings_served` has another length than the segments.

    Notes
    -----
    Deterministic: equal results give equal bytes. Costs about 0.1 s a theme and 2 s for the first chart; at most
    3000 segments are drawn on the map, each with its quote.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    view = build_view(config, manifest, sources, segments, embeddings_served, repeats, map_, themes, drift)
    environment = Environment(
        loader=PackageLoader("topicgpu.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css = resources.files("topicgpu.report").joinpath("report.css").read_text(encoding="utf-8")
    css_hash = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return environment.get_template("report.html.j2").render(
        view,
        css=Markup(css),
        css_hash=css_hash,
        charts={anchor: Markup(svg) for anchor, svg in time_charts(view["time"], view["unit"]).items()},
        glyphs=shape_glyphs(view["time"]["kinds"]),
        map_svg=Markup(map_chart(view["map"])) if view["map"]["points"] else None,
    )

"""One HTML file: sections laid out, styles and scripts inlined, and a policy that lets the page load nothing else."""

import base64
import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from typing import Any

from topicgpu.report.charts.compare import vega_bundle
from topicgpu.report.context import Context
from topicgpu.report.data import islands
from topicgpu.report.palette import style_sheet
from topicgpu.report.results import Results
from topicgpu.report.sections.over_time import chart_islands
from topicgpu.report.view import drawn_sections, head_view

# In the order in which they stand in the page: later styles win, later scripts use what earlier ones define.
STYLES = (
    *("base", "head", "findings", "time", "table", "said", "presence", "map"),
    *("themes", "segments", "sources", "method", "narrow", "print"),
)
SCRIPTS = (
    *("data", "search", "store", "start", "elements", "take", "filters", "table"),
    *("map-camera", "map-colors", "map-painting", "map-panel", "map-legend", "map-pointer", "map-keys", "map"),
    *("charts", "ready"),
)


def render(results: Results, sections: Collection[str] | None = None) -> str:
    """
    Write the report.

    Parameters
    ----------
    results : Results
        Of the run, as far as it went.
    sections : collection of str, optional
        Names of the sections to draw; all whose tables are there where not given.

    Returns
    -------
    str
        A whole HTML document whose content policy forbids every request, and every script but its own.

    Raises
    ------
    ConfigError
        If a wanted section does not exist, or the run has not what it shows.
    MisalignedError
        If a result names a theme or segment that is not there.

    Notes
    -----
    Deterministic: equal results give equal bytes.
    """
    drawn = drawn_sections(results, sections)
    context = Context(results, [section.name for section in drawn])
    views = {section.name: section.view(context) for section in drawn}
    head = head_view(context)
    style = "\n".join([style_sheet(), *(_asset("styles", f"{name}.css") for name in STYLES)])
    data = islands(context)
    if "time" in views:
        data |= chart_islands(context, views["time"])
    scripts = ["\n".join(_asset("scripts", f"{name}.js") for name in SCRIPTS)] if data else []
    return _page(
        {
            **head,
            "style": style,
            "data": data,
            "scripts": scripts,
            "policy": _policy(style, [*scripts, *([vega_bundle()] if "vega" in data else [])]),
            "contents": [(section.name, section.title) for section in drawn],
            "n_warnings": len(views["warnings"]["warnings"]) if "warnings" in views else 0,
            "sections": [_section(name, view, context.drawn) for name, view in views.items()],
        },
        context.drawn,
    )


def _policy(style: str, scripts: list[str]) -> str:
    own = f"script-src {' '.join(map(_source, scripts))}; " if scripts else ""
    return f"default-src 'none'; {own}style-src {_source(style)}; img-src data:; base-uri 'none'; form-action 'none'"


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _asset(folder: str, name: str) -> str:
    return resources.files("topicgpu.report").joinpath(folder, name).read_text(encoding="utf-8")


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("topicgpu.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _section(name: str, view: Mapping[str, Any], drawn: Collection[str]) -> str:
    text: str = _environment().get_template(f"{name}.html.j2").render(view, drawn=drawn)
    return text


def _page(view: Mapping[str, Any], drawn: Collection[str]) -> str:
    text: str = _environment().get_template("page.html.j2").render(view, drawn=drawn)
    return text

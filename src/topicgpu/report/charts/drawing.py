"""Vega-Lite charts drawn inside this process. Colours are names that the page's styles give a value, light or dark."""

from collections.abc import Sequence
from typing import Any

INK, MUTED, GRID, PAPER, NONE = "var(--ink)", "var(--muted)", "var(--rule)", "var(--paper)", "var(--none)"


def named(data: str) -> Any:
    """
    Begin a layer of a chart.

    Parameters
    ----------
    data : str
        Name of its rows among those that `draw` is given.

    Returns
    -------
    altair.Chart
        Without mark and encoding.
    """
    import altair as alt

    return alt.Chart(alt.NamedData(data))


def gap_layer() -> Any:
    """
    Shade the time that no source is of: rows named gaps, with start and end.

    Returns
    -------
    altair.Chart
        The lowest layer; the grid stays visible through it.
    """
    return named("gaps").mark_rect(color=INK, opacity=0.045).encode(x="start:Q", x2="end:Q")


def specification(layers: list[Any], width: int, height: int) -> dict[str, Any]:
    """
    Lay layers over each other.

    Parameters
    ----------
    layers : list of altair.Chart
        Lowest first.
    width, height : int
        Of the plane, in pixels; the page scales the chart.

    Returns
    -------
    dict
        Vega-Lite, checked against its schema, without data.
    """
    import altair as alt

    chart = (
        alt.layer(*layers)
        .properties(width=width, height=height)
        .configure(background="transparent", font="inherit", padding=2)
        .configure_view(stroke=None)
        .configure_axis(labelColor=MUTED, labelFontSize=11, domainColor=GRID, gridColor=GRID, tickColor=GRID)
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec


def draw(spec: dict[str, Any], data: dict[str, list[dict[str, Any]]]) -> str:
    """
    Draw a chart.

    Parameters
    ----------
    spec : dict
        As `specification` gives it.
    data : dict of str to list of dict
        Rows by name; they stand in the chart itself, so no limit on rows and no file applies.

    Returns
    -------
    str
        An SVG document.
    """
    return draw_all(spec, [data])[0]


def draw_all(spec: dict[str, Any], datasets: Sequence[dict[str, list[dict[str, Any]]]]) -> list[str]:
    """
    Draw a chart of each set of data.

    Parameters
    ----------
    spec : dict
        As `specification` gives it.
    datasets : sequence of dict of str to list of dict
        Rows by name, the same names in each.

    Returns
    -------
    list of str
        SVG documents.

    Notes
    -----
    Vega runs inside this process, and no request can leave it. The chart is compiled once: about 0.02 s a chart, and
    1 to 2 s for the first of a process.
    """
    import vl_convert

    if not datasets:
        return []
    empty: dict[str, list[Any]] = {name: [] for name in datasets[0]}
    vega = vl_convert.vegalite_to_vega({**spec, "datasets": empty}, vl_version=_vega_lite())
    drawn = []
    for data in datasets:
        filled = [entry | {"values": data[entry["name"]]} if entry["name"] in data else entry for entry in vega["data"]]
        drawn.append(vl_convert.vega_to_svg({**vega, "data": filled}, allowed_base_urls=[]))
    return drawn


def _vega_lite() -> str:
    """Name the version that the specifications are written in."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])

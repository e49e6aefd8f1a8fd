"""Vega-Lite charts drawn inside this process. Colours are names that the page's styles give a value, light or dark."""

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

    Notes
    -----
    Vega runs inside this process, and no request can leave it. About 0.1 s a chart, and 1 to 2 s for the first.
    """
    import altair as alt
    import vl_convert

    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    svg: str = vl_convert.vegalite_to_svg({**spec, "datasets": data}, vl_version=version, allowed_base_urls=[])
    return svg

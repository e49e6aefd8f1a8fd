"""The charts of the report as files of their own."""

from functools import partial
from pathlib import Path

import numpy as np

from topicgpu.export.finished import Finished
from topicgpu.report import Results
from topicgpu.report.charts.standalone import chart_files
from topicgpu.report.sections.map import map_file
from topicgpu.store import write_file, write_text

_SCALE = 2.0  # pixels of a PNG for each of the chart


def write_svg(run: Finished, folder: Path) -> None:
    """
    Write NAME.svg for each chart.

    Parameters
    ----------
    run : Run
        With a map, themes and drift.
    folder : Path
        That is there.
    """
    for name, svg in _charts(run.results()).items():
        write_text(folder / f"{name}.svg", svg)


def write_png(run: Finished, folder: Path) -> None:
    """
    Write NAME.png for each chart, two pixels for each of the page's.

    Parameters
    ----------
    run : Run
        With a map, themes and drift.
    folder : Path
        That is there.
    """
    import vl_convert

    for name, svg in _charts(run.results()).items():
        png: bytes = vl_convert.svg_to_png(svg, scale=_SCALE)
        write_file(folder / f"{name}.png", partial(Path.write_bytes, data=png))


def _charts(results: Results) -> dict[str, str]:
    has_places = results.map is not None and np.isfinite(results.map.xy).all(axis=1).any()
    return {**chart_files(results), **({"map": map_file(results)} if has_places else {})}

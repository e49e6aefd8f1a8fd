"""The segments that have a place on the map, for programs that draw maps."""

from typing import Any

import numpy as np

from topicgpu.export.joined import joined
from topicgpu.report import Results
from topicgpu.report.withheld import withhold_columns
from topicgpu.types import Ints


def placed(results: Results) -> tuple[Ints, dict[str, Any]]:
    """
    Pick the joined table's rows that have a place.

    Parameters
    ----------
    results : Results
        With a map and themes.

    Returns
    -------
    rows : ndarray of int64, shape (m,)
        Of the segments. Those in a language that the encoder does not serve have no place.
    columns : dict
        Name to m values, without what is withheld.
    """
    columns = withhold_columns(joined(results), results)
    rows = np.flatnonzero(np.isfinite(columns["x"]))
    return rows, {name: _picked(values, rows) for name, values in columns.items()}


def _picked(values: Any, rows: Ints) -> Any:
    return values[rows] if isinstance(values, np.ndarray) else [values[row] for row in rows.tolist()]

"""Times of any common kind, and the calendar periods that they fall into."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgpu.errors import InputError

Times = NDArray[np.datetime64]
_RULES = {"year": "Y", "quarter": "Q", "month": "M", "week": "W", "day": "D"}  # from the coarsest


def read_times(timestamps: Any, n_rows: int, datetime_format: str | None = None) -> Times:
    """
    Read times of any common kind, in UTC.

    Parameters
    ----------
    timestamps : sequence
        Strings (ISO 8601 unless a format is given), dates, datetimes, pandas or NumPy times, or whole numbers for
        years (2020.0 too: a column with a gap holds floats).
    n_rows : int
        How many there have to be.
    datetime_format : str, optional
        Of strings, as `strptime` has it.

    Returns
    -------
    ndarray of datetime64, shape (n,)
        To the second.

    Raises
    ------
    InputError
        If there are too many or too few, or one is no time.
    """
    import pandas as pd

    given = list(timestamps)
    if len(given) != n_rows:
        raise InputError(f"timestamps has {len(given)} rows for {n_rows} documents; give one for each.")
    times = []
    for row, value in enumerate(given):
        if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
            if not float(value).is_integer():
                raise InputError(_no_time(row, value))
            value = f"{int(value):04d}"  # pandas would count nanoseconds
        try:
            form = datetime_format or ("ISO8601" if isinstance(value, str) else None)
            time = pd.to_datetime(value, utc=True, format=form)
        except (ValueError, TypeError) as error:
            raise InputError(_no_time(row, value)) from error
        if not isinstance(time, pd.Timestamp):  # None and NaN become NaT
            raise InputError(_no_time(row, value))
        times.append(time.tz_localize(None).to_datetime64())
    return np.array(times, dtype="datetime64[s]")


def _no_time(row: int, value: Any) -> str:
    return f"timestamps: row {row} is {value!r}, which is no time; write 2026-02-05, or give datetime_format."


def bins_of(times: Times, period: str, nr_bins: int | None) -> tuple[NDArray[np.int64], list[Any]]:
    """
    Put times into calendar periods, or into bins of one width.

    Parameters
    ----------
    times : ndarray of datetime64, shape (n,)
        At least one.
    period : str
        auto, year, quarter, month, week or day, or pandas' letters for them (Y, Q, M, W, D, and MS, QE and the like);
        auto is the coarsest with at least two periods.
    nr_bins : int, optional
        Bins of one width instead.

    Returns
    -------
    bin_of : ndarray of int64, shape (n,)
        From 0, in the order of time.
    starts : list of pandas.Timestamp
        When each begins; a bin ends where the next begins. Periods without a document are left out.

    Raises
    ------
    InputError
        If the period is none of these, or there are no bins.
    """
    import pandas as pd

    series = pd.Series(times)
    if nr_bins is not None:
        if nr_bins < 1:
            raise InputError(f"nr_bins ({nr_bins}) must be at least 1.")
        first, last = series.min(), series.max()
        width = max((last - first) / nr_bins, pd.Timedelta(seconds=1))
        number = np.minimum(((series - first) // width).to_numpy(), nr_bins - 1).astype(np.int64)
        used, bin_of = np.unique(number, return_inverse=True)
        return bin_of, [first + int(place) * width for place in used]
    letters = {letter: letter for letter in _RULES.values()}
    known = _RULES | letters | {letter + end: letter for letter in "YQM" for end in "SE"}
    if period != "auto" and period not in known:
        raise InputError(f"period = {period!r} must be auto, {', '.join(_RULES)}, or one of pandas' letters for them.")
    tried = list(_RULES.values()) if period == "auto" else [known[period]]
    candidates = [series.dt.to_period(rule) for rule in tried]
    periods = next((found for found in candidates if found.nunique() > 1), candidates[0])
    names = sorted(periods.unique())
    place = {name: number for number, name in enumerate(names)}
    return periods.map(place).to_numpy().astype(np.int64), [name.start_time for name in names]

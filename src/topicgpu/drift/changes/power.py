"""How large a change has to be before a design can show it."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, special

POWER = 0.8
_GRID = (np.arange(40) + 0.5) / 40
_FARTHEST = 1e4  # standard errors
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """What one theme's test can see: called with the p that it has to reach, the effect that reaches it."""

    error: float  # standard error of the effect; NaN or 0: nothing to go by
    df: float  # degrees of freedom that it comes with
    smallest_p: float  # that the design can give; all p are multiples of it
    largest: float = math.inf  # effect that is possible at all

    def __call__(self, p: float) -> float:
        """
        Give the effect that a test finds with power 0.8.

        Parameters
        ----------
        p : float
            Largest p that is called clear.

        Returns
        -------
        float
            In the units of `error`; infinity where no effect is found so often, NaN where there is no spread to go by.

        Notes
        -----
        The spread is as uncertain as the few units leave it, in the data at hand and in those to be tested, and power
        is the mean over both. Simulated power of what is given here: 0.70 to 0.86, and from 0.65 on where p is but
        twice the smallest. The circular-shift null, where it stands beside the test, asks for more.
        """
        steps = math.floor(p / self.smallest_p + _ROUNDING)
        if steps < 1 or not self.df > 0:
            return math.inf
        if not self.error > 0:
            return math.nan
        critical = -float(special.stdtrit(self.df, steps * self.smallest_p / 2))
        effect = self.error * errors_away(critical, self.df)
        return effect if effect <= self.largest else math.inf


@lru_cache(maxsize=1024)
def errors_away(critical: float, df: float) -> float:
    """
    Say how many standard errors from nothing an effect must lie to be found with power 0.8.

    Parameters
    ----------
    critical : float
        What the studentised effect has to exceed.
    df : float
        Degrees of freedom of the standard error; infinity: it is known.

    Returns
    -------
    float
        The k at which P(k s + e > critical s') = 0.8, with e standard normal, and s and s' the errors found before
        and in the test, over the true one: independent, their squares chi-squared over df.

    Notes
    -----
    For a known error it is critical + 0.84; the noncentral t would take s = 1, and promise more than few units hold.
    """
    if math.isinf(df):
        return critical + float(special.ndtri(POWER))
    s = np.sqrt(special.chdtri(df, _GRID) / df)

    def short(k: float) -> float:
        return float(special.ndtr(k * s[:, None] - critical * s).mean()) - POWER

    return float(optimize.brentq(short, 0.0, _FARTHEST))

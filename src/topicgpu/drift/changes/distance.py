"""The energy distance between two sides, what of it chance gives, and what is left of it without each unit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicgpu.types import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class SideSums:
    """
    Sums of the distances between units over each pair of cells, the two sides of g strata: all that describes a change.

    A unit's distribution is a point in the space of the distance [1]_, [2]_, and each has one vote. Sides without a
    unit have no distance (`comparable`), and where no stratum is on both, nothing is known inside (`stratified`).

    References
    ----------
    .. [1] G. J. Székely, M. L. Rizzo, "Energy statistics: a class of statistics based on distances", Journal of
       Statistical Planning and Inference 143 (2013) 1249-1272.
    .. [2] M. L. Rizzo, G. J. Székely, "DISCO analysis: a nonparametric extension of analysis of variance", Annals of
       Applied Statistics 4 (2010) 1034-1055.
    """

    between: Floats  # (2g, 2g) over all ordered pairs of units; the earlier side's strata come first
    own: Floats  # (2g,) of the distances of units from themselves
    size: Ints  # (2g,) units

    @property
    def comparable(self) -> bool:
        """Both sides have a unit."""
        earlier, later = self.size.reshape(2, -1).sum(axis=1)
        return bool(earlier and later)

    @property
    def stratified(self) -> bool:
        """Both sides have a unit of one stratum."""
        return bool(self.size.reshape(2, -1).all(axis=0).any())

    @property
    def effect(self) -> float:
        """Energy distance between the sides, each unit one vote."""
        earlier, later = self.size.reshape(2, -1).sum(axis=1)
        return self._squared(np.repeat([-1 / earlier, 1 / later], len(self.size) // 2))

    @property
    def within(self) -> float:
        """Energy distance inside strata: squared length of the coefficient of the side, strata held fixed."""
        share = self._later_share
        side = np.concatenate([-share, 1 - share])
        return self._squared(side / (self.size @ side**2))

    @property
    def expected(self) -> float:
        """
        Mean of `effect` over all ways to deal the sides out inside strata: what the mix of strata and chance give.

        Each unit is also compared with itself, and so the distance is above 0 where nothing moved: this is by how much.
        Exact, as dealing without replacement has a known mean and covariance.
        """
        earlier, later = self.size.reshape(2, -1).sum(axis=1)
        scale = float(1 / earlier + 1 / later)
        return self._squared(np.tile(self._later_share * scale - 1 / earlier, 2)) + scale * scale * self._dealt

    @property
    def within_expected(self) -> float:
        """Mean of `within` over the same ways: what chance gives inside strata, and no mix of them."""
        share = self._later_share
        moved = float(self.size @ np.concatenate([-share, 1 - share]) ** 2)
        return self._dealt / (moved * moved)

    @property
    def _dealt(self) -> float:
        """Mean squared length of the sum of the units, each times its side less the mean side of its stratum."""
        share, size = self._later_share, self.size.reshape(2, -1).sum(axis=0)
        several = size > 1
        summed = self.between.reshape(2, len(size), 2, len(size)).sum(axis=(0, 2))
        dispersion = (np.diagonal(summed) / np.maximum(size, 1) - self.own.reshape(2, -1).sum(axis=0))[several]
        variance = (share * (1 - share))[several] * size[several] / (size - 1)[several]
        return float(variance @ dispersion)

    @property
    def _later_share(self) -> Floats:
        earlier, later = self.size.reshape(2, -1)
        share: Floats = later / np.maximum(earlier + later, 1)
        return share

    def _squared(self, contrast: Floats) -> float:
        # 2 a'Tb - a'Ta - b'Tb is -(a - b)'T(a - b): what both sides share cancels before it is summed.
        return -float(contrast @ self.between @ contrast)


def side_sums(table: Floats, later: NDArray[np.bool_], stratum: Ints) -> tuple[SideSums, list[SideSums]]:
    """
    Sum distances over the sides of strata, with all units and with each left out in turn.

    Parameters
    ----------
    table : (k, k) float
        Mean distances between the segments of two units; on the diagonal, of one.
    later : (k,) bool
        On which side each unit is.
    stratum : (k,) int
        Any numbers.

    Returns
    -------
    SideSums, list of k SideSums
        Of all units, and without each.

    Notes
    -----
    O(k^2), and O(g^2) for each unit left out, of g strata.
    """
    numbers, place = np.unique(stratum, return_inverse=True)
    cell = place + len(numbers) * later
    member = np.eye(2 * len(numbers))[cell]
    to_cells, own = table @ member, np.diagonal(table)
    between, of_own, size = member.T @ to_cells, member.T @ own, member.sum(axis=0).astype(np.int64)
    without = []
    for unit, from_unit in enumerate(to_cells):
        this = member[unit]
        gone = np.outer(this, from_unit)
        rest = between - gone - gone.T + own[unit] * np.outer(this, this)
        without.append(SideSums(rest, of_own - own[unit] * this, size - this.astype(np.int64)))
    return SideSums(between, of_own, size), without

"""How strongly two places attract and repel each other, as a table over the bits of their squared distance."""

import numpy as np
import torch
from torch import Tensor

LEAST, MOST = 2.0**-30, 2.0**16  # squared distances; nearer is the same place, farther is as far as this
STEP_BITS = 18  # of a float's 23 that are below an entry: 32 entries from one power of two to the next
ENTRIES = 46 << (23 - STEP_BITS)  # for the powers from LEAST to MOST
LEAST_BITS = (127 - 30) << 23  # of LEAST as a float32
LARGEST = float(np.nextafter(np.float32(MOST), np.float32(0)))

_NEAR = 1e-3  # keeps repulsion finite, as umap-learn has it
HARDEST = 4.0  # no place pushes another farther than this, nor do those of a slice together on any axis


def force_table(a: float, b: float) -> Tensor:
    """
    Tabulate the two coefficients that a difference of places is multiplied by.

    Parameters
    ----------
    a, b : float
        Of the similarity 1 / (1 + a s^b) at a squared distance s.

    Returns
    -------
    Tensor
        (4, 1472) float32: attraction at the lower end of an entry and how much it changes until the upper end, then
        the same for repulsion. The first entry, for places that are the same, is 0.

    Notes
    -----
    Minus the logarithm of the similarity has the gradient 2 a b s^(b - 1) / (1 + a s^b) times the difference, and minus
    the logarithm of the dissimilarity -2 b / (s (1 + a s^b)) (McInnes, Healy and Melville, 2018, section 4.2). A table
    has the same bits wherever it is read; powers have not. Straight lines between 32 values an octave are off by less
    than 0.2 %, and by 0.6 % in the two between which repulsion is at its limit.
    """
    bits = LEAST_BITS + (np.arange(ENTRIES + 1, dtype=np.int32) << STEP_BITS)
    squared = bits.view(np.float32).astype(np.float64)
    joined = 1 + a * squared**b
    attraction = 2 * a * b * squared ** (b - 1) / joined
    repulsion = np.minimum(2 * b / ((_NEAR + squared) * joined), HARDEST / np.sqrt(squared))
    rows = [part for ends in (attraction, repulsion) for part in (ends[:-1], np.diff(ends))]
    table = np.stack(rows).astype(np.float32)
    table[:, 0] = 0
    return torch.from_numpy(table)

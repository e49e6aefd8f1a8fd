"""The launch of one slice of the layout: a pure function of the sizes, with its work counted."""

from math import ceil

from topicgpu_kernels.launch import Launch, Source
from topicgpu_kernels.layout.draws import DRAWS

THREADS = 128  # of a block; any number gives the same places
MOST_COMPONENTS = 32

_WORD = 4  # bytes of a float32 or an int32
_COEFFICIENT = 4  # FLOP of reading the table


def source(components: int) -> Source:
    """
    Name the kernel for a number of axes.

    Parameters
    ----------
    components : int
        From 1 to 32.

    Returns
    -------
    Source
        Compiled for that number: a vertex's place is in registers.
    """
    return Source("topicgpu_kernels.layout", (("COMPONENTS", components),))


def move_launch(n: int, edges: int, components: int) -> Launch:
    """
    Plan one slice.

    Parameters
    ----------
    n : int
        Vertices.
    edges : int
        Of the slice.
    components : int
        Axes.

    Returns
    -------
    Launch
        One thread a vertex. Counted as read: edges, weights and places, once each; places of the other ends and of the
        draws come from the cache.
    """
    pairs = edges + n * DRAWS
    flop = pairs * (5 * components + _COEFFICIENT) + 5 * n * components
    read = edges * 2 * _WORD + n * _WORD * (2 + components)
    return Launch("move", (max(ceil(n / THREADS), 1),), (THREADS,), flop, read, n * components * _WORD)

"""Launches of a Boruvka round: pure functions of the sizes, with the work of every launch counted."""

from math import ceil

from topicgpu_kernels.launch import Launch

THREADS = 256  # of a block; any number gives the same tree

_ROW, _KEY = 4, 8  # bytes of a row's number, and of a distance, a core distance or a key


def entry_launch(kernel: str, n: int, k: int) -> Launch:
    """
    Plan a pass over all entries of the neighbor lists.

    Parameters
    ----------
    kernel : str
        `least_weight`, `least_distance` or `least_edge`.
    n, k : int
        Rows, and neighbors of each.

    Returns
    -------
    Launch
        One thread a row. Counted as read: lists, distances, core distances, components and what earlier passes left at
        them, once each, as the first round does it; what is looked up at neighbors again comes from the cache.
    """
    earlier = {"least_weight": 1, "least_distance": 1, "least_edge": 2}[kernel]  # reach counts as one
    later = {"least_weight": 2, "least_distance": 1, "least_edge": 1}[kernel]
    read = n * k * (_ROW + _KEY) + n * (_ROW + _KEY + (earlier + later) * _KEY)
    return _launch(kernel, n, read, later * n * _KEY)


def hook_launch(n: int) -> Launch:
    """
    Plan the choice of edges by the components.

    Parameters
    ----------
    n : int
        Rows, of which those that are roots do something: in the first round all.

    Returns
    -------
    Launch
        One thread a row.
    """
    return _launch("hook", n, n * (_ROW + 3 * _KEY), n * (_ROW + _KEY))


def jump_launch(n: int) -> Launch:
    """
    Plan one doubling of the way to the roots.

    Parameters
    ----------
    n : int
        Rows.

    Returns
    -------
    Launch
        One thread a row.
    """
    return _launch("jump", n, 2 * n * _ROW, n * _ROW)


def relabel_launch(n: int) -> Launch:
    """
    Plan the step of every row to its new root.

    Parameters
    ----------
    n : int
        Rows.

    Returns
    -------
    Launch
        One thread a row.
    """
    return _launch("relabel", n, 2 * n * _ROW, n * _ROW)


def jumps(hooked: int) -> int:
    """
    Say how often ways must double so that all end at their roots.

    Parameters
    ----------
    hooked : int
        Edges of this round: no way is longer.

    Returns
    -------
    int
        ceil(log2(hooked)).
    """
    return max(hooked - 1, 0).bit_length()


def _launch(kernel: str, n: int, read: float, written: float) -> Launch:
    return Launch(kernel, (ceil(n / THREADS),), (THREADS,), 0.0, float(read), float(written))

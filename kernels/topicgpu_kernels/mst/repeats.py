"""Rows that are equal: their edges are known, and one of them stands for all."""

from typing import NamedTuple

import numpy as np

from topicgpu_kernels.mst.edges import Edges, Floats, Rows, Vectors


class Repeats(NamedTuple):
    """Rows that differ, and edges that tie equal rows to the first of them."""

    rows: Rows  # (u,) the first of each, rising
    number: Rows  # (n,) which of these a row is equal to
    edges: Edges  # (n - u,)


def find_repeats(vectors: Vectors, core: Floats, suspects: Rows) -> Repeats:
    """
    Find equal rows.

    Parameters
    ----------
    vectors : ndarray
        (n, d) rows.
    core : ndarray
        (n,) core distances; rows that differ in them are not taken as equal.
    suspects : ndarray
        Rows that may have an equal, rising.

    Returns
    -------
    Repeats
        Its edges are in the minimum spanning tree, and with them the tree of `rows` is the tree of all (README.md).

    Notes
    -----
    A sort of the suspects.
    """
    n = len(vectors)
    first = np.arange(n)
    if len(suspects):
        table = np.column_stack((vectors[suspects], core[suspects])) + 0.0  # -0.0 is 0.0
        _, one, group = np.unique(table, axis=0, return_index=True, return_inverse=True)
        first[suspects] = suspects[one[group.reshape(-1)]]
    rows, number = np.unique(first, return_inverse=True)
    others = np.flatnonzero(first != np.arange(n))
    edges = Edges(core[others], np.zeros(len(others)), first[others] << 32 | others)
    return Repeats(rows, number, edges)

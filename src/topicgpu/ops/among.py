"""Part of a graph: some of its rows and what joins them."""

from scipy import sparse

from topicgpu.types import Ints


def among(graph: sparse.csr_array, rows: Ints) -> sparse.csr_array:
    """
    Cut a graph to some of its rows.

    Parameters
    ----------
    graph : csr_array
        (n, n) symmetric.
    rows : ndarray of int64, shape (m,)
        Ascending, each once.

    Returns
    -------
    csr_array
        (m, m) with the edges between them; the graph itself where they are all of its rows.
    """
    return graph if len(rows) == graph.shape[0] else sparse.csr_array(graph[rows][:, rows])

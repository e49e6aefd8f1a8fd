"""The Leiden algorithm on a CUDA device, by cuGraph, for those who have it installed."""

from importlib.util import find_spec

import numpy as np
from scipy import sparse

from topicgpu.types import Ints


def has_cugraph(device: str) -> bool:
    """
    Tell whether communities can be found on a device by cuGraph.

    Parameters
    ----------
    device : str
        `cpu`, `cuda` or `cuda:N`.

    Returns
    -------
    bool
        Whether it is a CUDA device and the packages cugraph and cudf are installed.
    """
    return device.startswith("cuda") and all(find_spec(name) is not None for name in ("cugraph", "cudf"))


def cugraph_leiden(graph: sparse.csr_array, resolution: float, seed: int) -> Ints:
    """
    Divide a graph by cuGraph's Leiden algorithm.

    Parameters
    ----------
    graph : csr_array
        (n, n) symmetric.
    resolution : float
        Weight of what chance would put inside a group.
    seed : int
        Of the search.

    Returns
    -------
    ndarray of int64, shape (n,)
        Groups; -1 for rows without edges.

    Notes
    -----
    Never run by this project, which has had no GPU: the call follows cuGraph's documentation, and a test puts a
    stand-in of the same signature in its place. It runs on the current CUDA device.

    References
    ----------
    leiden in cuGraph: https://docs.rapids.ai/api/cugraph/stable.
    """
    import cudf
    import cugraph

    once = sparse.triu(graph, k=1, format="coo")
    source, target = once.coords
    edges = cudf.DataFrame({"source": source, "target": target, "weight": once.data})
    device_graph = cugraph.Graph()
    device_graph.from_cudf_edgelist(edges, source="source", destination="target", edge_attr="weight")
    found, _ = cugraph.leiden(device_graph, resolution=resolution, random_state=seed)
    labels = np.full(graph.shape[0], -1, dtype=np.int64)
    labels[found["vertex"].to_numpy()] = found["partition"].to_numpy()
    return labels

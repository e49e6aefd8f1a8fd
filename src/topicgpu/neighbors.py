"""The graph of similar segments: the k nearest rows of each row, exact, or found in part where there are too many."""

import numpy as np
import torch

from topicgpu.config import NeighborsSection
from topicgpu.errors import ConfigError
from topicgpu.ops.partitioned import topk_partitioned
from topicgpu.ops.topk import topk
from topicgpu.types import Embeddings, Neighbors, Repeats, check_rows

# Beyond these rows cells take three fifths of the time, or less; on a GPU that is an estimate.
EXACT_ROWS = {"cpu": 10_000, "cuda": 1_000_000}
# Few rows make steadier groups with more neighbors, and can afford them.
_K, _FEW_ROWS, _K_OF_FEW = 15, 10_000, 30
_MOST_ROWS = 20_000_000  # of exact: 1.5e17 operations at 384 numbers a row, days on a CPU


def find_neighbors(
    embeddings: Embeddings, repeats: Repeats, config: NeighborsSection, device: str, seed: int = 0
) -> Neighbors:
    """
    Find the most similar rows of each row among those that take part: served, and no repeats.

    Parameters
    ----------
    embeddings : Embeddings
        (n, d) unit rows.
    repeats : Repeats
        Of the same segments.
    config : NeighborsSection
        All of it.
    device : str
        Where the products run: `cpu`, `cuda` or `cuda:N`.
    seed : int
        Of what partitioned draws: the cells, and the rows that recall is measured on.

    Returns
    -------
    Neighbors
        (n, min(k, m - 1)) for m rows that take part, so (n, 0) for none or one; rows that take no part hold -1 and
        infinity. Distances are 1 - cosine, rounded up to 0 where float32 puts a cosine above 1.

    Raises
    ------
    MisalignedError
        If the two were made from other segments.
    ConfigError
        If exact is asked for more rows than is sensible.
    NumericalError
        If a row that takes part is not finite.

    Notes
    -----
    Exact: m^2 d FLOP, and memory O(m d + n k). Partitioned: about an eighth of the products at 100,000 rows
    (`topk_partitioned`).
    """
    check_rows(embeddings.rows, repeats)
    part = np.flatnonzero(embeddings.served & ~repeats.mask)
    k = n_neighbors(config.k, len(part))
    indices = np.full((len(embeddings), k), -1, dtype=np.int64)
    distances = np.full((len(embeddings), k), np.inf, dtype=np.float32)
    exact, recall, method = _is_exact(config, len(part), device), None, "no two rows take part"
    if k:
        vectors = torch.from_numpy(embeddings.vectors[part]).to(device)
        if exact:
            found = topk(vectors, vectors, k, exclude_self=True)
        else:
            found = topk_partitioned(vectors, k, recall=config.recall, seed=seed)
            recall = found.recall
        method = found.how
        indices[part] = part[found.indices.cpu().numpy()]
        distances[part] = np.maximum(1 - found.scores.cpu().numpy(), 0)
    return Neighbors(indices, distances, "cosine", exact, recall, embeddings.rows, method)


def n_neighbors(wanted: int, n_rows: int) -> int:
    """
    Say how many neighbors each row gets.

    Parameters
    ----------
    wanted : int
        0: 30 among up to 10,000 rows, else 15.
    n_rows : int
        That take part.

    Returns
    -------
    int
        No more than there are other rows.
    """
    return max(min(wanted or (_K_OF_FEW if n_rows <= _FEW_ROWS else _K), n_rows - 1), 0)


def _is_exact(config: NeighborsSection, rows: int, device: str) -> bool:
    if config.method == "exact" and rows > _MOST_ROWS:
        raise ConfigError(
            f"neighbors.method = exact compares all pairs of {rows:,} segments, over the limit of {_MOST_ROWS:,}; "
            "take auto or partitioned."
        )
    if config.method != "auto":
        return config.method == "exact"
    return rows <= (config.exact_rows or EXACT_ROWS[torch.device(device).type])

"""The graph of similar segments: the k nearest rows of each row, exact."""

import numpy as np
import torch

from topicgpu.config import NeighborsSection
from topicgpu.ops.topk import topk
from topicgpu.types import Embeddings, Neighbors, Repeats, check_rows


def find_neighbors(embeddings: Embeddings, repeats: Repeats, config: NeighborsSection, device: str) -> Neighbors:
    """
    Find the most similar rows of each row among those that take part: served, and no repeats.

    Parameters
    ----------
    embeddings : Embeddings
        (n, d) unit rows.
    repeats : Repeats
        Of the same segments.
    config : NeighborsSection
        Gives `k`.
    device : str
        Where the products run: `cpu`, `cuda` or `cuda:N`.

    Returns
    -------
    Neighbors
        (n, min(k, m - 1)) for m rows that take part, so (n, 0) for none or one; rows that take no part hold -1 and
        infinity. Distances are 1 - cosine, rounded up to 0 where float32 puts a cosine above 1.

    Raises
    ------
    MisalignedError
        If the two were made from other segments.

    Notes
    -----
    2 m^2 d FLOP, blocked: memory O(m d + n k).
    """
    check_rows(embeddings.rows, repeats)
    part = np.flatnonzero(embeddings.served & ~repeats.mask)
    k = max(min(config.k, len(part) - 1), 0)
    indices = np.full((len(embeddings), k), -1, dtype=np.int64)
    distances = np.full((len(embeddings), k), np.inf, dtype=np.float32)
    if k:
        vectors = torch.from_numpy(embeddings.vectors[part]).to(device)
        found = topk(vectors, vectors, k, exclude_self=True)
        indices[part] = part[found.indices.cpu().numpy()]
        distances[part] = np.maximum(1 - found.scores.cpu().numpy(), 0)
    return Neighbors(indices, distances, metric="cosine", exact=True, recall=None, rows=embeddings.rows)

"""What every implementation of topk must do, against a full matrix in float64 and a sort by (-score, index)."""

from collections.abc import Callable

import numpy as np
import torch

Implementation = Callable[..., tuple[torch.Tensor, torch.Tensor]]


def oracle(queries, base, k, exclude_self):
    """The ranking from the whole matrix; the 16-bit inputs' own values, in float64."""
    scores = queries.double().cpu().numpy() @ base.double().cpu().numpy().T
    if exclude_self:
        np.fill_diagonal(scores, -np.inf)
    ids = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    order = np.lexsort((ids, -scores), axis=1)[:, :k]
    return np.take_along_axis(scores, order, axis=1), order


def whole_numbers(n, d, spread, seed):
    """Rows of small integers: every score is exact in any order of summation, so ties are ties everywhere."""
    return torch.from_numpy(np.random.default_rng(seed).integers(-spread, spread + 1, (n, d)).astype(np.float32))


def check_exact(topk: Implementation, queries, base, k, *, exclude_self=False, **blocks):
    """Scores and indices equal the oracle's; valid where the scores are exact in float32."""
    before = queries.clone(), base.clone()
    scores, indices = topk(queries, base, k, exclude_self=exclude_self, **blocks)
    wanted_scores, wanted = oracle(queries, base, k, exclude_self)
    assert scores.dtype == torch.float32
    assert indices.dtype == torch.int64
    assert scores.device == indices.device == base.device
    np.testing.assert_array_equal(indices.cpu().numpy(), wanted)
    np.testing.assert_array_equal(scores.cpu().numpy(), wanted_scores)
    assert torch.equal(queries, before[0])
    assert torch.equal(base, before[1])


def check_close(topk: Implementation, queries, base, k, *, exclude_self=False, **blocks):
    """The chosen rows are as good as the oracle's to float32; valid for any values of order 1."""
    scores, indices = topk(queries, base, k, exclude_self=exclude_self, **blocks)
    wanted, _ = oracle(queries, base, k, exclude_self)
    full = queries.double().cpu().numpy() @ base.double().cpu().numpy().T
    chosen = np.take_along_axis(full, indices.cpu().numpy(), axis=1)
    np.testing.assert_allclose(scores.cpu().numpy(), wanted, atol=2e-5)
    np.testing.assert_allclose(chosen, wanted, atol=2e-5)
    assert (scores[:, 1:] <= scores[:, :-1]).all()
    assert all(len(set(row)) == k for row in indices.cpu().tolist())

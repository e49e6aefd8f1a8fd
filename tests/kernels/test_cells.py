import numpy as np
import pytest
import torch

from kernels.contract import oracle, whole_numbers
from topicgpu_kernels.topk.cells import CellSearch

pytestmark = pytest.mark.kernels


def cells_of(n, count, seed):
    """Each row's own cell, then all others, in an order of its own; cells of very unequal size."""
    rng = np.random.default_rng(seed)
    home = np.minimum(rng.geometric(0.4, n) - 1, count - 1)
    home[:count] = np.arange(count)
    others = [rng.permutation([cell for cell in range(count) if cell != own]) for own in home]
    return torch.from_numpy(np.column_stack([home, np.array(others, dtype=np.int64).reshape(n, count - 1)]))


@pytest.mark.parametrize("step", [1, 3, 6])
@pytest.mark.parametrize("spread", [1, 40])
def test_a_row_that_has_met_all_cells_has_its_k_best(step, spread):
    rows = whole_numbers(150, 6, spread, seed=1)
    cells = cells_of(150, 7, seed=2)
    search = CellSearch(rows, 9, cells[:, 0])
    for first in range(1, 7, step):
        search.visit(cells[:, first : first + step])
    assert search.complete
    scores, indices = search.result(torch.arange(150))
    wanted, _ = oracle(rows, rows, 9, exclude_self=True)
    np.testing.assert_array_equal(scores.numpy(), wanted)
    np.testing.assert_array_equal((rows.double() @ rows.double().T).gather(1, indices).numpy(), wanted)
    assert all(len({i, *row}) == 10 for i, row in enumerate(indices.tolist()))


def test_places_that_nothing_has_taken_are_marked():
    rows = whole_numbers(6, 3, 5, seed=3)
    search = CellSearch(rows, 2, torch.tensor([0, 0, 1, 1, 1, 2]))
    scores, indices = search.result(torch.arange(6))
    assert not search.complete
    assert [sorted(row) for row in indices.tolist()] == [[-1, 1], [-1, 0], [3, 4], [2, 4], [2, 3], [-1, -1]]
    assert torch.equal(scores.isnan(), indices == -1)


def test_a_row_is_offered_to_those_that_it_found():
    rows = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]])
    search = CellSearch(rows, 1, torch.tensor([0, 1, 2]))
    search.visit(torch.tensor([[2], [0], [1]]))
    assert search.result(torch.arange(3))[1].squeeze(1).tolist() == [2, 0, 1]
    search.reverse()
    assert search.result(torch.arange(3))[1].squeeze(1).tolist() == [1, 0, 1]


def test_a_pair_is_offered_once():
    rows = whole_numbers(60, 4, 3, seed=4)
    search = CellSearch(rows, 12, cells_of(60, 3, seed=5)[:, 0])
    search.reverse()
    _, indices = search.result(torch.arange(60))
    taken = [[i for i in row if i >= 0] for row in indices.tolist()]
    assert all(len(row) == len(set(row)) for row in taken)

import pytest
import torch

from topicgpu.errors import DTypeError, NumericalError, ShapeError
from topicgpu.ops.energy import energy, energy_distances

ROWS, WEIGHTS, GROUPS = torch.eye(4), torch.ones(4), torch.tensor([0, 0, 1, 2])
ROOT = 2**0.5


def test_groups_are_counted_from_their_numbers():
    table = energy(ROWS, WEIGHTS, GROUPS)
    wanted = torch.tensor([[2, 2, 2], [2, 0, 1], [2, 1, 0]], dtype=torch.float64) * ROOT
    torch.testing.assert_close(table, wanted)


def test_groups_may_be_missing():
    assert energy(ROWS, WEIGHTS, GROUPS, n_groups=5)[3:].abs().sum() == 0


def test_kernel_values_count_a_row_with_itself():
    table = energy(ROWS, WEIGHTS, GROUPS, bandwidth=1.0)
    assert table[1, 1] == 1
    torch.testing.assert_close(table[1, 2].item(), torch.tensor(-1.0, dtype=torch.float64).exp().item())


@pytest.mark.parametrize("n", [0, 1])
def test_few_rows(n):
    assert energy(ROWS[:n], WEIGHTS[:n], GROUPS[:n]).tolist() == [[0.0]] * n


def test_inputs_stay_as_they_are_and_may_be_strided():
    vectors, weights = torch.randn(8, 6, generator=torch.Generator().manual_seed(0)).T[::2], torch.rand(6)[::2]
    groups = torch.tensor([1, 9, 0, 9, 1, 9], dtype=torch.int32)[::2]
    before = vectors.clone(), weights.clone(), groups.clone()
    found = energy(vectors, weights, groups)
    assert torch.equal(found, energy(*before))
    assert all(torch.equal(now, then) for now, then in zip((vectors, weights, groups), before, strict=True))


@pytest.mark.parametrize(
    ("vectors", "weights", "groups", "options", "error", "message"),
    [
        (ROWS[0], WEIGHTS, GROUPS, {}, ShapeError, r"vectors must have shape \(rows, columns\); got \(4,\)"),
        (ROWS.double(), WEIGHTS, GROUPS, {}, DTypeError, "vectors must be float32.*got torch.float64"),
        (ROWS[:, :0], WEIGHTS, GROUPS, {}, ShapeError, "the width of vectors = 0 must be from 1"),
        (ROWS, WEIGHTS[:3], GROUPS, {}, ShapeError, r"weights must have shape \(4,\), one for each row; got \(3,\)"),
        (ROWS, WEIGHTS.half(), GROUPS, {}, DTypeError, "weights must be torch.float32 or torch.float64"),
        (ROWS, WEIGHTS, GROUPS.float(), {}, DTypeError, "groups must be torch.int64 or torch.int32"),
        (
            ROWS,
            WEIGHTS,
            GROUPS.to("meta"),
            {},
            ShapeError,
            "must be on one device; got meta and cpu",
        ),
        (ROWS, WEIGHTS, GROUPS - 1, {}, ShapeError, r"groups must be from 0 to 1 \(n_groups\); got -1"),
        (ROWS, WEIGHTS, GROUPS, {"n_groups": 2}, ShapeError, r"groups must be from 0 to 1 \(n_groups\); got 2"),
        (ROWS, WEIGHTS, GROUPS + 16384, {}, ShapeError, "n_groups = 16387 must be from 0 to 16384"),
        (ROWS, WEIGHTS - 2, GROUPS, {}, NumericalError, "weights must not be negative; row 0 is -1.0"),
        (ROWS, WEIGHTS / 0, GROUPS, {}, NumericalError, "weights must be finite; row 0 is not"),
        (ROWS * float("nan"), WEIGHTS, GROUPS, {}, NumericalError, "vectors must be finite; row 0 is not"),
        (ROWS, WEIGHTS, GROUPS, {"bandwidth": 0.0}, NumericalError, r"bandwidth = 0.0 must be finite and above 0"),
        (ROWS, WEIGHTS, GROUPS, {"bandwidth": float("nan")}, NumericalError, "bandwidth = nan must be finite"),
    ],
)
def test_what_does_not_fit_is_named(vectors, weights, groups, options, error, message):
    with pytest.raises(error, match=message):
        energy(vectors, weights, groups, **options)


def direct(one, other):
    """The energy distance of two samples from all their pairs."""
    within = [torch.cdist(rows, rows).mean() for rows in (one, other)]
    return 2 * torch.cdist(one, other).mean() - within[0] - within[1]


def sample(seed=1):
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(60, 5, generator=generator)
    return vectors, torch.arange(60) % 6


def test_permutations_and_leaving_one_out_need_the_table_alone():
    vectors, groups = sample()
    table = energy(vectors, torch.ones(60), groups)
    first = torch.tensor([[1, 1, 1, 0, 0, 0], [1, 0, 1, 0, 1, 0], [0, 1, 1, 0, 0, 0]])
    second = torch.tensor([[0, 0, 0, 1, 1, 1], [0, 1, 0, 1, 0, 1], [0, 0, 0, 1, 1, 1]])
    found = energy_distances(table, torch.full((6,), 10.0), first, second)
    wanted = [
        direct(vectors[one[groups].bool()].double(), vectors[other[groups].bool()].double())
        for one, other in zip(first, second, strict=True)
    ]
    torch.testing.assert_close(found, torch.stack(wanted), rtol=1e-9, atol=1e-12)
    assert (found > 0).all()


def test_weights_count_like_repeated_rows():
    vectors, groups = sample()
    times = torch.arange(60) % 3 + 1
    sides = torch.tensor([[1, 1, 1, 0, 0, 0]]), torch.tensor([[0, 0, 0, 1, 1, 1]])
    weighted = energy(vectors, times.float(), groups)
    repeated = vectors.repeat_interleave(times, dim=0), groups.repeat_interleave(times)
    written_out = energy(repeated[0], torch.ones(len(repeated[0])), repeated[1])
    totals = torch.bincount(repeated[1]).double()
    # Rows written out twice are equal, and equal rows come out some 1e-8 apart.
    found, wanted = (energy_distances(table, totals, *sides).item() for table in (weighted, written_out))
    assert found == pytest.approx(wanted, rel=1e-7)


def test_equal_sets_are_no_distance_apart_and_empty_ones_have_none():
    vectors, groups = sample()
    table, totals = energy(vectors, torch.ones(60), groups), torch.full((6,), 10.0)
    one, none = torch.tensor([[1, 0, 2, 0, 0, 1]]), torch.zeros(1, 6)
    assert energy_distances(table, totals, one, one).item() == 0
    assert energy_distances(table, totals, one, none).isnan().all()


def test_the_negative_of_a_kernel_table_is_the_mean_discrepancy():
    vectors, groups = sample()
    table = energy(vectors, torch.ones(60), groups, bandwidth=1.5)
    sides = torch.tensor([[1, 1, 1, 0, 0, 0]]), torch.tensor([[0, 0, 0, 1, 1, 1]])
    found = -energy_distances(table, torch.full((6,), 10.0), *sides)
    one, other = (vectors[side[0][groups].bool()].double() for side in sides)
    kernel = [
        torch.exp(-torch.cdist(a, b).square() / 4.5).mean() for a, b in ((one, one), (other, other), (one, other))
    ]
    torch.testing.assert_close(found.item(), (kernel[0] + kernel[1] - 2 * kernel[2]).item(), rtol=1e-9, atol=1e-12)

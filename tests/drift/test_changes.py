from dataclasses import fields, replace

import numpy as np
import pytest

from planted.tables import Row, tables
from topicgpu.config import DriftSection
from topicgpu.drift import drift


def _of_shares(made, **config):
    """Changes of share, without the rows of the other kinds."""
    changes = drift(*made, DriftSection(**config), 0).changes
    rows = [row for row, kind in enumerate(changes.kind) if kind == "prevalence"]
    columns = {
        field.name: getattr(changes, field.name)[rows]
        if isinstance(getattr(changes, field.name), np.ndarray)
        else tuple(getattr(changes, field.name)[row] for row in rows)
        for field in fields(changes)
    }
    return replace(changes, **columns)


def test_a_change_solved_by_hand():
    rows = [Row("a", ("x",), 30), Row("a", (), 70), Row("b", ("x",), 10), Row("b", (), 90), Row("c", ("x",), 50)]
    rows.append(Row("c", (), 50))
    changes = _of_shares(tables(rows, {"a": "2024", "b": "2024", "c": "2026"}))
    assert (changes.theme_id, changes.from_, changes.to) == (("x",), ("2024",), ("2026",))
    assert changes.effect == pytest.approx([0.5 - 0.2])
    assert (changes.value_from[0], changes.value_to[0]) == pytest.approx((0.2, 0.5))
    assert (changes.loo_low[0], changes.loo_high[0]) == pytest.approx((0.2, 0.4))
    assert (changes.n_from.tolist(), changes.n_to.tolist()) == ([2], [1])
    assert (changes.status, changes.unit) == (("described",), ("words",))
    assert changes.rests_on == ("c",)
    assert np.isnan([changes.p, changes.q, changes.low, changes.high]).all()


def test_a_period_without_times_is_passed_over_in_seconds():
    rows = [Row("a", ("x",), seconds=30.0), Row("b", ("x",)), Row("c", (), seconds=10.0)]
    dates = {"a": "2024", "b": "2025", "c": "2026"}
    changes = _of_shares(tables(rows, dates), shares_of="seconds")
    assert (changes.from_, changes.to, changes.effect.tolist()) == (("2024",), ("2026",), [-1.0])

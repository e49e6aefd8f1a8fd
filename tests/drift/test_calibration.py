"""Small calibrations of the three tests: seldom wrong where nothing moved, often right where something did."""

import numpy as np
import pytest
from scipy.stats import binom

from planted.replications import Effect, planted_case
from planted.three_tests import KINDS, LEVEL, changes_of_shares, judged, p_of

pytestmark = pytest.mark.slow

_REPLICATIONS = 200
_NOTHING = Effect()
_MOST = int(binom.ppf(1 - 1e-6, _REPLICATIONS, LEVEL))  # rejections where each has a chance of 0.05


def _rejected(kind, null, n, effect=_NOTHING, replications=_REPLICATIONS):
    cases = (planted_case(np.random.default_rng([n, r]), null, (n // 2, n // 2), effect) for r in range(replications))
    return sum(p_of(kind, case, number)[0] <= LEVEL for number, case in enumerate(cases))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("null", ["exchangeable", "mix"])
def test_no_change_is_seldom_called_one_where_each_source_has_a_law_of_its_kind(kind, null):
    assert 0 < _rejected(kind, null, 14) <= _MOST


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_is_found(kind):
    assert _rejected(kind, "exchangeable", 20, Effect(share=0.2, content=0.3, terms=2.0), 50) >= 35


@pytest.mark.parametrize("sides", [(2, 2), (3, 2)])
@pytest.mark.parametrize("kind", KINDS)
def test_few_sources_are_only_described(kind, sides):
    cases = (planted_case(np.random.default_rng(r), "exchangeable", sides, Effect(0.2, 0.6, 2.0)) for r in range(50))
    assert np.isnan([p_of(kind, case, 0)[0] for case in cases]).all()


def test_few_findings_are_wrong_where_a_fifth_of_the_themes_moved():
    proportions, right = [], 0
    for number in range(100):
        effect = Effect(share=0.06, themes=(2, 3, 4), fading=(1,))
        case = planted_case(np.random.default_rng(number), "exchangeable", (20, 20), effect, n_themes=20)
        found = [change.theme for change in judged(changes_of_shares(case, number)) if change.found]
        right += len({*found} & {1, 2, 3, 4})
        proportions.append(len({*found} - {1, 2, 3, 4}) / max(1, len(found)))
    error = np.std(proportions) / len(proportions) ** 0.5
    assert np.mean(proportions) <= 0.05 + 3 * error
    assert right > 100

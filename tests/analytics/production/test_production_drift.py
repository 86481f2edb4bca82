"""Drift is seen where there is some, and not where two windows differ by chance."""

import numpy as np
import pytest

from analytics.production.drift import Window, drift_tests, psi, psi_cut


def test_published_psi_and_its_cut():
    assert psi([0.25] * 4, [0.2, 0.25, 0.25, 0.3]) == pytest.approx(0.0202732554, abs=1e-10)
    assert psi_cut(10, 1000, 1000, 0.05) == pytest.approx(0.0338379552, abs=1e-10)


def window(seed, n=800, words=60.0, mix=(0.5, 0.3, 0.2), doubt=0.1):
    draw = np.random.default_rng(seed)
    kinds = draw.choice(["a", "b", "c"], size=n, p=mix).tolist()
    confidence = (1 - draw.exponential(doubt, n)).tolist()
    return Window(draw.normal(words, 10, n).tolist(), kinds, draw.random(n).tolist(), kinds, confidence)


def test_alike_windows_trigger_nothing():
    for seed in range(20):
        assert not any(test.triggered for test in drift_tests(window(seed), window(100 + seed)))


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"words": 80.0}, {"inputs"}),
        ({"mix": (0.2, 0.3, 0.5)}, {"clusters", "outputs"}),
        ({"doubt": 0.4}, {"confidence"}),
    ],
)
def test_what_moved_is_named(changed, names):
    found = drift_tests(window(1), window(2, **changed))
    assert {test.test for test in found if test.triggered} == names
    assert all(test.p_value < 1e-4 for test in found if test.triggered)


def test_few_calls_are_not_judged():
    found = drift_tests(window(1, n=50), window(2, n=800, words=200.0))
    assert [test.statistic for test in found] == [None] * 5 and not any(test.triggered for test in found)

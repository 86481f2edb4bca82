import numpy as np
import pytest

from analytics.forecast import metrics

TRAIN, TEST = np.array([10.0, 12, 11, 13, 12, 14]), np.array([15.0, 13, 16])
SAID, LOW, HIGH = np.full(3, 14.0), np.full(3, 11.0), np.full(3, 15.5)


def test_figures_worked_out_by_hand():
    scale = metrics.naive_scale(TRAIN)
    assert scale == pytest.approx(1.6, abs=1e-10)
    assert metrics.mase(TEST, SAID, scale) == pytest.approx(0.8333333333, abs=1e-10)
    assert metrics.smape(TEST, SAID) == pytest.approx(9.2124308216, abs=1e-10)
    assert metrics.winkler(TEST, LOW, HIGH) == pytest.approx(6.1666666667, abs=1e-10)
    assert metrics.msis(TEST, LOW, HIGH, scale) == pytest.approx(3.8541666667, abs=1e-10)


def test_coverage_pinball_rmsse_and_bias():
    assert metrics.coverage(TEST, LOW, HIGH) == pytest.approx(2 / 3)
    assert metrics.pinball(TEST, SAID, 0.5) == pytest.approx(np.mean([1, 1, 2]) / 2)
    assert metrics.pinball(TEST, SAID, 0.9) == pytest.approx((0.9 + 0.1 + 1.8) / 3)
    assert metrics.rmsse(TRAIN, TEST, SAID) == pytest.approx(np.sqrt(2 / np.mean([4, 1, 4, 1, 4])))
    assert metrics.bias_on_total(TEST, SAID) == (42, 44, pytest.approx(-2 / 44))


def test_unknown_days_are_left_out_and_nothing_known_says_nothing():
    holes = np.array([15.0, np.nan, 16])
    assert metrics.mase(holes, SAID, 1.0) == pytest.approx(1.5)
    assert metrics.bias_on_total(holes, SAID) == (28, 31, pytest.approx(-3 / 31))
    nothing = np.full(3, np.nan)
    assert metrics.mase(nothing, SAID, 1.0) is None
    assert metrics.coverage(nothing, LOW, HIGH) is None


def test_a_history_that_never_changes_has_no_scale():
    assert metrics.naive_scale(np.full(10, 3.0)) is None
    assert metrics.naive_scale(np.array([3.0]), 7) is None
    assert metrics.mase(TEST, SAID, None) is None

"""Calibration scores against figures worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluation.calibration_scores import aurc, best_aurc, calibration_scores, expected_calibration_error

SURE = np.array([0.55, 0.65, 0.65, 0.75, 0.75, 0.85, 0.85, 0.95, 0.95, 0.95])
RIGHT = np.array([1, 0, 1, 1, 0, 1, 1, 1, 1, 1], dtype=float)


def test_the_published_example():
    assert expected_calibration_error(SURE, RIGHT, bins=5) == pytest.approx(0.17)
    assert aurc(SURE, RIGHT) == pytest.approx(0.0815079365)
    assert best_aurc(RIGHT) == pytest.approx(0.0311111111)
    found = calibration_scores("traffic", SURE, RIGHT > 0)
    assert (found.brier, found.excess_aurc) == pytest.approx((0.1425, 0.0815079365 - 0.0311111111))
    assert found.risk_coverage[-1] == (1.0, pytest.approx(0.2)) and found.n == 10


def test_confidences_that_mean_what_they_say_have_almost_no_error():
    generator = np.random.default_rng(0)
    sure = generator.random(20_000)
    right = generator.random(20_000) < sure
    found = calibration_scores("traffic", sure, right)
    assert found.ece < 0.012 and found.brier == pytest.approx(1 / 6, abs=0.005)
    assert calibration_scores("traffic", 1 - sure, right).ece > 0.3


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_scores_stay_within_bounds_and_no_order_beats_the_best(rows):
    found = calibration_scores("traffic", [sure for sure, _ in rows], [right for _, right in rows])
    assert 0 <= found.ece <= 1 and 0 <= found.brier <= 1 and found.excess_aurc >= -1e-12
    assert [coverage for coverage, _ in found.risk_coverage] == sorted(
        {coverage for coverage, _ in found.risk_coverage}
    )


def test_without_rows_nothing_is_known():
    assert calibration_scores("traffic", [], []) is None

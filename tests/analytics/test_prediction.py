import math

import numpy as np
import pytest

from analytics.contracts import Interval
from analytics.narrowness_strangers import far_share, ood_share
from analytics.prediction import (
    Calibration,
    TunedCalibration,
    extrapolate,
    field_agreement,
    head_agreement,
    learning_curve,
    log_odds,
    share_of,
    slope_a_doubling,
    tuned_agreement,
)
from analytics.stand_ins import Rung, Trial

PLAIN = Calibration(damping=0.5, task_spread=0.0, doubling_spread=0.0, reach=1.0)
# Log-odds rise by exactly one half with each doubling.
LINE = tuple(Rung(size, share_of(2.0 - 0.5 * step)) for step, size in enumerate((2000, 1000, 500, 250)))


def trial(rungs=LINE, rows=2000, drop=0.0, **more):
    right = np.arange(rows) < rungs[0].agreement * rows if rungs else np.zeros(rows, dtype=bool)
    return Trial(rows, None, None, right, np.zeros(rows), rungs, drop, **more)


def test_the_slope_is_that_of_the_line_and_its_leverage_that_of_four_steps():
    slope = slope_a_doubling(LINE)
    assert slope.rise == pytest.approx(0.5)
    assert slope.leverage == pytest.approx(1 / 5)


def test_a_falling_curve_is_flat():
    assert slope_a_doubling((Rung(200, 0.6), Rung(100, 0.7))).rise == 0


def test_beyond_the_sample_the_slope_is_damped_and_below_it_is_not():
    assert extrapolate(LINE, 10**9, 8000, PLAIN).centre == pytest.approx(2.0 + 0.5 * 0.5 * 2, abs=1e-6)
    assert extrapolate(LINE, 10**9, 1000, PLAIN).centre == pytest.approx(1.5, abs=1e-6)


def test_the_spread_at_the_sample_is_that_of_two_counts():
    found = extrapolate((Rung(1000, 0.8),), 1000, 1000, PLAIN, tested_on=500)
    held = 800.5 / 1001
    expected = 1 / (1000 * held * (1 - held)) + 1 / (500 * held * (1 - held) + 0.5)
    assert found.spread == pytest.approx(math.sqrt(expected))


@pytest.mark.parametrize("lessons", [500, 2000, 50_000])
def test_ranges_hold_their_value_and_widen_with_the_distance(lessons):
    here, far = head_agreement(trial(), lessons), extrapolate(LINE, 2000, lessons * 10, PLAIN)
    assert 0 < here.low < here.value < here.high < 1
    assert here.covers.startswith("80 %")
    assert far.spread >= extrapolate(LINE, 2000, lessons, PLAIN).spread or lessons < 2000


def test_fine_tuning_gains_in_log_odds_with_a_wider_range():
    head = head_agreement(trial(), 2000)
    tuned = tuned_agreement(trial(), 2000, tuned=TunedCalibration(0.4, 0.6, 1.5))
    assert log_odds(tuned.value) == pytest.approx(log_odds(head.value) + 0.4)
    assert tuned.high - tuned.low > head.high - head.low


def test_nothing_tried_is_unknown_and_never_zero():
    nothing = trial(rungs=())
    assert head_agreement(nothing, 1000) is None
    assert tuned_agreement(nothing, 1000) is None
    assert ood_share(nothing, is_closed=True) is None


def test_what_the_newest_lose_comes_off_the_prediction():
    assert head_agreement(trial(drop=0.1), 2000).value == pytest.approx(head_agreement(trial(), 2000).value - 0.1)


def test_the_curve_rises_with_the_lessons():
    values = [point.value for point in learning_curve(trial(), 4000)]
    assert values == sorted(values) and len(values) == 5


def test_fields_are_predicted_one_by_one():
    found = field_agreement(trial(field_right={"date": np.arange(400) < 300}), 400)
    assert found["date"].value == pytest.approx(0.75, abs=0.01)


def test_a_known_mixture_of_far_requests_is_found():
    usual = np.linspace(0, 1, 4000)
    # One in ten is strange: 70 % of those lie beyond the cut, and the rest are spread as usual.
    newest = np.concatenate([np.linspace(0, 1, 3600), np.full(280, 2.0), np.linspace(0, 0.9, 120)])
    found = far_share(newest, usual)
    assert found.value == pytest.approx(0.1, abs=0.005)
    assert found.low < found.value < found.high


def test_noise_is_no_stranger():
    random = np.random.default_rng(0)
    shares = [far_share(random.random(300), random.random(1200)).value for _ in range(50)]
    assert sum(share == 0 for share in shares) >= 45


def test_new_answers_are_strangers_where_answers_are_a_closed_set():
    near = np.linspace(0, 1, 400)
    seen = Trial(2000, None, 0.1, np.ones(2000, dtype=bool), np.ones(2000), newest_distance=near, usual_distance=near)
    closed, open_ = ood_share(seen, is_closed=True), ood_share(seen, is_closed=False)
    assert isinstance(closed, Interval) and closed.value == pytest.approx(0.1)
    assert closed.low < 0.1 < closed.high
    assert open_.value == 0

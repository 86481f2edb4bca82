import numpy as np
import pytest

from analytics.forecast.breaks import find_breaks, level_history
from analytics.forecast.conformal import calibrate
from analytics.forecast.drift import shrunk_slope, slope_of
from analytics.forecast.intermittent import croston_rate, mean_days_between, sba_rate, tsb_rate
from analytics.forecast.rolling import origins_for
from analytics.forecast.wander import Wander, wander_of
from analytics.forecast.weekly import season_effects


def test_croston_sba_and_tsb_by_hand():
    values = np.array([0.0, 2, 0, 4])
    # size 2 -> 2.2, interval 4 / 2 = 2 -> 2
    assert croston_rate(values, 0.1) == pytest.approx(1.1)
    assert sba_rate(values, 0.1) == pytest.approx(1.1 * 0.95)
    # chance .5 -> .45 -> .505 -> .4545 -> .50905; size 2 -> 2 -> 2.2
    assert tsb_rate(values, 0.1) == pytest.approx(0.50905 * 2.2)
    assert mean_days_between(values) == 2 and mean_days_between(np.zeros(3)) == np.inf
    assert croston_rate(np.zeros(5)) == sba_rate(np.zeros(5)) == tsb_rate(np.zeros(5)) == 0


def test_a_demand_that_died_fades_with_tsb_alone():
    values = np.array([3.0] * 30 + [0.0] * 60)
    assert tsb_rate(values) < 0.05 < 1 < croston_rate(values)


def test_two_shifts_are_found_and_undone():
    rng = np.random.default_rng(0)
    logs = np.repeat([0.0, 1.0, 0.4], 50) + rng.normal(0, 0.08, 150)
    breaks = find_breaks(logs)
    assert [one.at for one in breaks] == [50, 100]
    assert level_history(logs, breaks).std() < 0.15


def test_noise_and_one_odd_day_are_no_shift():
    logs = np.random.default_rng(1).normal(0, 0.2, 180)
    logs[90] -= 3
    assert find_breaks(logs) == []


def test_the_weekly_pattern_is_found_and_noise_has_none():
    pattern = np.array([0.1, 0.1, 0.1, 0.1, 0.0, -0.2, -0.2])
    rng = np.random.default_rng(0)
    assert season_effects(np.tile(pattern, 12), 7) == pytest.approx(pattern, abs=1e-9)
    assert np.abs(season_effects(rng.normal(0, 0.2, 84), 7)).max() < 0.1
    assert season_effects(rng.normal(0, 0.2, 10), 7) == pytest.approx(np.zeros(7))


def test_a_slope_is_carried_on_as_far_as_it_is_known():
    slope, variance = slope_of(0.005 * np.arange(120) + np.random.default_rng(0).normal(0, 0.05, 120))
    assert slope == pytest.approx(0.005, abs=0.001)
    assert shrunk_slope(slope, variance) == pytest.approx(slope, rel=0.1)
    assert abs(shrunk_slope(0.005, 1.0)) < 1e-7


def test_five_origins_end_a_week_before_today():
    assert len(origins_for(180, 30, 7)) == 5 and origins_for(180, 30, 7)[-1] == 173
    assert origins_for(27, 30, 7) == ()


def test_wide_errors_of_the_past_widen_the_range():
    rng = np.random.default_rng(0)
    calm, wild = rng.normal(0, 0.1, (5, 28)), rng.normal(0, 0.3, (5, 28))
    still = Wander(np.zeros(1), np.zeros(1))
    narrow, wide = (calibrate(errors, still, 0.1, 0.0, 120, 7) for errors in (calm, wild))
    assert narrow.factor == pytest.approx(1, abs=0.15)
    assert wide.by_lead(28).mean() > 1.5 * narrow.by_lead(28).mean()
    assert calibrate(np.full((0, 1), np.nan), still, 0.1, 0.0, 120, 7).factor == 1


@pytest.mark.parametrize("step", [0.0, 0.02])
def test_a_level_that_stands_still_is_told_from_one_that_wanders(step):
    rng = np.random.default_rng(1)
    found = [wander_of(np.cumsum(rng.normal(0, step, 92)) + rng.normal(0, 0.1, 92)) for _ in range(20)]
    middles = np.array([float(np.median(one.step)) for one in found])
    assert np.median(middles) == pytest.approx(step, abs=0.006)


def test_growth_at_a_steady_rate_is_not_taken_for_a_wandering_level():
    growing = 0.003 * np.arange(92) + np.random.default_rng(2).normal(0, 0.1, 92)
    assert np.median(wander_of(growing).step) < 0.006


def test_today_is_known_better_the_longer_the_level_stood():
    noise = np.random.default_rng(3).normal(0, 0.1, 180)
    assert np.mean(wander_of(noise).start) < np.mean(wander_of(noise[:30]).start) < 0.1
    assert np.mean(wander_of(noise).start) == pytest.approx(0.02, abs=0.015)


@pytest.mark.parametrize("logs", [np.zeros(0), np.ones(1), np.ones(60)])
def test_what_never_moves_does_not_wander(logs):
    assert wander_of(logs).step.tolist() == wander_of(logs).start.tolist() == [0.0]

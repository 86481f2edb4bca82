import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.forecast import forecast_daily
from analytics.forecast.core import Steps
from analytics.forecast.methods import Method
from tests.analytics.forecast.series import FIRST, daily, weekly


def test_the_same_seed_gives_the_same_paths_and_another_does_not():
    series = daily(weekly(60))
    first, second = forecast_daily(series, 10, seed=1), forecast_daily(series, 10, seed=1)
    assert np.array_equal(first.paths, second.paths)
    assert not np.array_equal(first.paths, forecast_daily(series, 10, seed=2).paths)


@pytest.mark.parametrize("days", [10, 60, 120])
@pytest.mark.parametrize("factor", [1e-6, 1024.0])
def test_a_change_of_unit_changes_nothing_else(days, factor):
    values = weekly(days)
    one, other = forecast_daily(daily(values), 20), forecast_daily(daily(values * factor), 20)
    assert one.method == other.method
    assert np.allclose(one.paths * factor, other.paths, rtol=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 50)), min_size=1, max_size=50).filter(any))
def test_every_forecast_is_finite_ordered_and_at_least_nothing(values):
    said = forecast_daily(daily(values), 15)
    known = [value for value in values if value is not None]
    assert said.paths.shape == (1000, 15) and len(said.day) == 15
    assert np.isfinite(said.paths).all() and (said.paths >= 0).all()
    assert (said.low_by_day <= said.median_by_day).all() and (said.median_by_day <= said.high_by_day).all()
    assert said.is_short == (len(known) < 28) or min(known) == 0
    assert said.paths.max() <= 50 * max(known) * (1 + 1e-9)


@pytest.mark.parametrize("value", [0, 1, 1234.5])
def test_a_constant_series_stays_constant(value):
    said = forecast_daily(daily([value] * 100), 30)
    assert np.allclose(said.paths, value)


def test_one_day_is_carried_on_with_a_wide_range():
    said = forecast_daily(daily([8]), 5)
    assert said.is_short and "insufficient history" in said.why
    assert said.median_by_day == pytest.approx([8] * 5, rel=1e-3)
    assert (said.low_by_day < 6).all() and (said.high_by_day > 11).all()


def test_three_weeks_are_short_and_know_their_weekdays():
    said = forecast_daily(daily(weekly(21)), 7)
    assert said.is_short and said.mase is None
    assert said.median_by_day[:5].min() > 1.5 * said.median_by_day[5:].max()


def test_the_first_day_follows_the_last_of_the_series():
    said = forecast_daily(daily([*weekly(60), None, None]), 7)
    assert (said.day[0] - FIRST).days == 62
    assert said.median_by_day[[0, 6]] == pytest.approx([40, 50], rel=0.15)  # the weekend keeps its place


def test_a_part_day_at_either_end_is_no_drop():
    whole = weekly(70)
    cut = whole.copy()
    cut[[0, -1]] *= 0.1
    said = forecast_daily(daily(cut), 28)
    assert [(day - FIRST).days for day in said.part_days] == [0, 69]
    assert said.median_by_day == pytest.approx(forecast_daily(daily(whole), 28).median_by_day, rel=0.1)


def test_weekdays_without_traffic_get_none():
    values = weekly(70)
    values[np.arange(70) % 7 >= 5] = 0
    said = forecast_daily(daily(values), 14)
    assert not said.is_intermittent
    assert (said.paths[:, [5, 6, 12, 13]] == 0).all() and (said.low_by_day[:5] > 50).all()


def test_a_holiday_counts_like_the_last_ones():
    values = weekly(90)
    holidays = [daily(values).day[place] for place in (30, 58)]
    values[[30, 58]] *= 0.2
    coming = FIRST.fromordinal(FIRST.toordinal() + 93)
    plain, aware = (forecast_daily(daily(values), 7, holidays=days) for days in ((), [*holidays, coming]))
    assert aware.median_by_day[3] == pytest.approx(0.2 * plain.median_by_day[3], rel=0.3)
    assert aware.median_by_day[2] == pytest.approx(plain.median_by_day[2], rel=0.1)


@pytest.mark.parametrize("jump", [0.5, 2.0])
def test_a_level_shift_is_found_and_the_new_level_is_carried_on(jump):
    values = weekly(120)
    values[80:] *= jump
    said = forecast_daily(daily(values), 28)
    assert [abs((day - FIRST).days - 80) <= 1 for day in said.breaks] == [True]
    assert said.median_by_day.mean() == pytest.approx(90 * jump, rel=0.1)


def test_a_price_cut_is_a_level_shift():
    said = forecast_daily(daily([3e-6] * 100 + [2e-6] * 60), 28)
    assert [(day - FIRST).days for day in said.breaks] == [100]
    assert said.median_by_day == pytest.approx([2e-6] * 28)


def test_steady_growth_is_no_level_shift():
    assert forecast_daily(daily(weekly(150, growth=0.15)), 7).breaks == ()


def test_growth_is_carried_on_from_90_days_and_not_before():
    short, long = (forecast_daily(daily(weekly(days, growth=0.2)), 60) for days in (80, 130))
    assert short.median_by_day[-7:].mean() == pytest.approx(short.median_by_day[:7].mean(), rel=0.02)
    assert long.median_by_day[-7:].mean() > 1.15 * long.median_by_day[:7].mean()
    assert "drift" not in short.method and "Theta" not in short.method


def test_sparse_demand_keeps_its_rate():
    rng = np.random.default_rng(3)
    values = np.where(rng.random(180) < 0.25, rng.integers(5, 15, 180), 0)
    said = forecast_daily(daily(values), 60)
    assert said.is_intermittent and (said.low_by_day == 0).all()
    assert said.paths.sum(axis=1).mean() == pytest.approx(60 * values.mean(), rel=0.35)
    assert (said.paths == 0).mean() == pytest.approx(0.75, abs=0.1)


def test_a_candidate_that_explodes_is_not_used():
    wild = Method("wild", lambda window, horizon: window.logs[-1] + np.arange(horizon) * 5.0)
    broken = Method("broken", lambda window, horizon: np.full(horizon, np.nan))
    failing = Method("failing", lambda window, horizon: np.linalg.inv(np.zeros((2, 2)))[0])
    series = daily(weekly(100))
    said = forecast_daily(series, 30, steps=Steps(extra=(wild, broken, failing)))
    assert np.array_equal(said.paths, forecast_daily(series, 30).paths)
    assert not {"wild", "broken", "failing"} & {score.method for score in said.scores}


def test_a_candidate_that_fails_only_today_is_replaced():
    def today(window, horizon):
        return window.logs[np.arange(horizon) % 7] if len(window.logs) < 100 else np.full(horizon, np.inf)

    values = np.tile(np.arange(1.0, 8.0), 15)[:100] + 1e-3 * weekly(100)
    from analytics.forecast import choose, rolling, window

    view = window.Window(values, 0.0, 7)
    lone = (Method("late", today),)
    chosen = choose.choose(view, lone, rolling.roll(view, np.ones(100, bool), lone, 14), 14)
    assert chosen.method == "seasonal naive" and "fallback" in chosen.why


def test_the_choice_is_explained_by_its_trials():
    said = forecast_daily(daily(weekly(120)), 30)
    assert {"naive", "seasonal naive", "mean of 28 days"} <= {score.method for score in said.scores}
    assert [score.mase for score in said.scores] == sorted(score.mase for score in said.scores)
    assert said.mase < 1.2 and 0.6 < said.coverage < 1 and "past days" in said.why and "80 %" in said.covers


def test_two_years_bring_a_yearly_pattern():
    place = np.arange(800)
    values = weekly(800, noise=0.03) * np.exp(0.5 * np.sin(2 * np.pi * place / 365.25))
    said = forecast_daily(daily(values), 60)
    assert "yearly pattern on logs" in {score.method for score in said.scores}

from datetime import date

import numpy as np
import pytest

from analytics.errors import InputError
from analytics.forecast import backtest, forecast_error, forecast_spend
from analytics.forecast.backtest import cuts_for
from tests.analytics.forecast.series import FIRST, daily, weekly

DAYS = 100
REQUESTS, TOKENS, PRICE = (
    daily(weekly(DAYS)),
    daily(800 * np.exp(np.random.default_rng(5).normal(0, 0.05, DAYS))),
    daily([2e-6] * DAYS),
)


def test_the_parts_multiply_path_by_path():
    said = forecast_spend(REQUESTS, TOKENS, PRICE, 65)
    product = said.requests.paths * said.tokens_per_request.paths * said.usd_per_token.paths
    assert np.allclose(said.usd_paths, product)
    assert len(said.months) == 2 and said.months[1].first_day == said.requests.day[30]
    assert said.months[0].usd.p50 == pytest.approx(30 * 90 * 800 * 2e-6, rel=0.1)


def test_quantiles_of_totals_are_narrower_than_sums_of_daily_ones():
    said = forecast_spend(REQUESTS, TOKENS, PRICE, 30)
    (month,) = said.months
    assert month.requests.p10 < month.requests.p50 < month.requests.p90
    assert month.requests.p90 - month.requests.p10 < (said.requests.high_by_day - said.requests.low_by_day).sum()
    assert said.total == month


def test_growth_has_its_range():
    flat = forecast_spend(REQUESTS, TOKENS, PRICE, 90).monthly_growth
    assert flat.low < 0 < flat.high and "80%" in flat.covers
    rising = forecast_spend(daily(weekly(DAYS, growth=0.05)), TOKENS, PRICE, 90).monthly_growth
    assert rising.low < 0.05 < rising.high and rising.value > 0


def test_days_without_calls_leave_size_and_price_unknown():
    requests = weekly(DAYS)
    requests[np.arange(DAYS) % 7 >= 5] = 0
    tokens = [None if day % 7 >= 5 else 500.0 for day in range(DAYS)]
    prices = [None if day % 7 >= 5 else 1e-6 for day in range(DAYS)]
    said = forecast_spend(daily(requests), daily(tokens), daily(prices), 30)
    assert np.isfinite(said.usd_paths).all()
    assert said.total.tokens.p50 == pytest.approx(500 * said.total.requests.p50)


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="months"):
        forecast_spend(REQUESTS, TOKENS, PRICE, 30, months=2)
    with pytest.raises(InputError, match="end on one day"):
        forecast_spend(REQUESTS, TOKENS, daily([1e-6] * 50), 30)


def test_an_earlier_forecast_is_held_against_what_came():
    error = forecast_error(REQUESTS, 30, 30)
    assert error.origin == REQUESTS.day[69] and error.day[0] == REQUESTS.day[70]
    assert error.actual.tolist() == list(REQUESTS.value[70:])
    assert error.mase < error.naive_mase
    assert error.total_low < error.total_forecast < error.total_high
    assert error.total_bias == pytest.approx(error.total_forecast / sum(REQUESTS.value[70:]) - 1)


def test_an_earlier_forecast_knows_nothing_of_what_came():
    changed = daily([*REQUESTS.value[:70], *[5.0] * 30])
    assert np.array_equal(forecast_error(changed, 30, 30).forecast, forecast_error(REQUESTS, 30, 30).forecast)


@pytest.mark.parametrize("days_ago", [0, DAYS, -3])
def test_an_origin_outside_the_series_is_refused(days_ago):
    with pytest.raises(InputError, match="origin_days_ago"):
        forecast_error(REQUESTS, days_ago, 30)


def test_the_backtest_sets_the_forecast_beside_the_naive_ones():
    rows = {(row.method, row.horizon_days): row for row in backtest(REQUESTS, (7, 30, 90))}
    assert {horizon for _, horizon in rows} == {7, 30}  # 90 days leave too little before them
    assert rows["forecast", 30].origins == 5
    assert rows["forecast", 30].mase < min(
        rows[name, 30].mase for name in ("naive", "seasonal naive", "mean of 28 days")
    )
    assert 0.5 < rows["forecast", 30].coverage <= 1 and rows["naive", 7].coverage is None
    assert backtest(daily([1.0] * 20)) == () and cuts_for(34, 7) == ()
    assert date(2025, 1, 6) == FIRST

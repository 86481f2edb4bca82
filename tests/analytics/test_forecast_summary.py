"""A forecast as a page shows it: months with ranges, and the last forecast beside what came."""

from datetime import date, timedelta

import numpy as np
import pytest

from analytics.forecast import DailySeries
from analytics.forecast_summary import ForecastSummary, summarise
from analytics.forecast_words import NONE_MADE, coming, so_far
from analytics.task_series import TaskSeries
from analytics.terminal import plain


def series(days, calls=None, price=2e-6):
    start = date(2026, 1, 5)
    dates = tuple(start + timedelta(days=place) for place in range(days))
    stream = np.random.default_rng(8)
    asked = stream.poisson(1_000, days).astype(float) if calls is None else calls
    return TaskSeries(
        DailySeries(dates, tuple(asked)), DailySeries(dates, (500.0,) * days), DailySeries(dates, (price,) * days)
    )


@pytest.fixture(scope="module")
def found():
    return summarise(series(120))


def test_the_coming_months_are_what_the_past_ones_were(found):
    assert len(found.months) == 3 and len(found.days) == 90
    for month in found.months:
        assert month["usd"]["p10"] <= month["usd"]["p50"] <= month["usd"]["p90"]
        assert month["usd"]["p50"] == pytest.approx(30 * 1_000 * 500 * 2e-6, rel=0.1)


def test_the_last_forecast_stands_beside_what_came(found):
    assert found.past.days == 30
    assert found.past.total_low <= found.past.total_actual <= found.past.total_high
    assert "came, inside" in so_far(found.past) and "aim 80%" in so_far(found.past)


def test_it_survives_json(found):
    again = ForecastSummary(**plain(found))
    assert plain(again) == plain(found)
    assert again.past == found.past and again.monthly_growth == found.monthly_growth


def test_short_history_says_so():
    short = summarise(series(20))
    assert short.is_short and short.past is None
    assert "less than 28 days" in coming(short)[-1]
    assert "two months" in so_far(short.past)


def test_without_prices_there_is_none():
    days = series(60)
    unpriced = TaskSeries(days.requests, days.tokens_per_request, DailySeries(days.requests.day, (None,) * 60))
    assert summarise(unpriced) is None
    assert coming(None) == [NONE_MADE]

"""Forecasts of daily series: how much a task will ask for and cost, with ranges that held on the past.

``forecast_daily`` is one series, ``forecast_spend`` multiplies three, ``backtest`` and ``forecast_error`` say how far
such forecasts were off. Numbers in, numbers out: no clock, no files. See docs/forecasting.md.
"""

from analytics.forecast.backtest import BacktestRow, backtest
from analytics.forecast.daily import Forecast, forecast_daily
from analytics.forecast.error import ForecastError, forecast_error
from analytics.forecast.series import DailySeries
from analytics.forecast.spend import MonthTotal, Quantiles, SpendForecast, forecast_spend

__all__ = [
    "BacktestRow", "DailySeries", "Forecast", "ForecastError", "MonthTotal", "Quantiles", "SpendForecast", "backtest",
    "forecast_daily", "forecast_error", "forecast_spend",
]  # fmt: skip

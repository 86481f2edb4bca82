"""A forecast in words: what the coming months may cost, and how far the last forecast was off."""

from analytics.amounts import usd
from analytics.forecast_summary import WORTH_USD_A_MONTH, ForecastSummary, PastForecast

NONE_MADE = (
    f"No forecast: the log shows less than {usd(WORTH_USD_A_MONTH)} a month, where growth would not turn the verdict."
)


def told(forecast: ForecastSummary | None) -> list[str]:
    """Both: what comes, and how the last forecast did."""
    return [*coming(forecast), *([so_far(forecast.past)] if forecast else [])]


def coming(forecast: ForecastSummary | None) -> list[str]:
    """A sentence a coming month, and how the forecast was made."""
    if forecast is None:
        return [NONE_MADE]
    months = [
        f"{month['first_day']} to {month['last_day']}: {usd(month['usd']['p50'])} "
        f"({usd(month['usd']['p10'])} to {usd(month['usd']['p90'])} in eight cases of ten)"
        for month in forecast.months
    ]
    short = "; less than 28 days of history, so the range is wide" if forecast.is_short else ""
    return [*months, f"Made by: {forecast.method}{short}."]


def so_far(past: PastForecast | None) -> str:
    """The forecast made a month ago beside what came."""
    if past is None:
        return "No earlier forecast to compare: it takes two months of history."
    inside = "inside" if past.total_low <= past.total_actual <= past.total_high else "outside"
    daily = ""
    if past.mase is not None and past.coverage is not None:
        daily = f" Daily error {past.mase:.2f} of the usual weekly swing"
        daily += f" (repeating the last week: {past.naive_mase:.2f})" if past.naive_mase is not None else ""
        daily += f"; {past.coverage:.0%} of days inside their range, aim 80%."
    return (
        f"Forecast of {past.origin} for {past.days} days: {past.total_forecast:,.0f} requests "
        f"({past.total_low:,.0f} to {past.total_high:,.0f}); {past.total_actual:,.0f} came, {inside}.{daily}"
    )

"""What a page shows of a forecast, as plain values: coming months, growth, and how far an earlier forecast was off."""

from dataclasses import asdict, dataclass, field
from typing import Any

from analytics.contracts import Interval
from analytics.errors import DataMissing, InputError
from analytics.forecast import SpendForecast, forecast_error, forecast_spend
from analytics.task_series import TaskSeries

HORIZON_DAYS = 90
ORIGIN_DAYS_AGO = 30  # of the earlier forecast that is compared with what came
WORTH_USD_A_MONTH = 1_000.0  # below it an analysis makes no forecast: growth would not turn the verdict


@dataclass(frozen=True)
class PastForecast:
    """The forecast made on ``origin`` beside what came since, in requests."""

    origin: str  # last day that it knew
    days: int
    total_forecast: float
    total_low: float  # with total_high: was to hold the total in 80 % of cases
    total_high: float
    total_actual: float
    mase: float | None  # daily error over that of the seasonal naive in the history
    naive_mase: float | None  # of the seasonal naive made on the same day
    coverage: float | None  # days inside their 80 % range


@dataclass(frozen=True)
class ForecastSummary:
    """A forecast of 90 days. Ranges hold 80 % of the simulated paths."""

    method: str
    why: str
    is_short: bool  # less than 28 days of history: wide ranges, no method was chosen
    months: list[dict[str, Any]]  # first_day, last_day, and p10, p50, p90 of requests and usd
    days: list[dict[str, Any]]  # day, and p10, p50, p90 of requests
    monthly_growth: Interval | None
    breaks: list[str] = field(default_factory=list)  # days on which the level shifted
    past: PastForecast | None = None  # None: too little history to look back

    def __post_init__(self) -> None:
        """Parts that come as JSON mappings become what they were."""
        set_part = object.__setattr__  # the class is frozen to everyone else
        if isinstance(self.monthly_growth, dict):
            set_part(self, "monthly_growth", Interval(**self.monthly_growth))
        if isinstance(self.past, dict):
            set_part(self, "past", PastForecast(**self.past))


def summarise(series: TaskSeries) -> ForecastSummary | None:
    """The forecast of one task; None where its prices or tokens are unknown on every day."""
    try:
        found = forecast_spend(series.requests, series.tokens_per_request, series.usd_per_token, HORIZON_DAYS)
    except (DataMissing, InputError):
        return None
    asked = found.requests
    return ForecastSummary(
        method=asked.method,
        why=asked.why,
        is_short=found.is_short,
        months=[_month(found, place) for place in range(len(found.months))],
        days=[
            {"day": day.isoformat(), "p10": float(low), "p50": float(middle), "p90": float(high)}
            for day, low, middle, high in zip(
                asked.day, asked.low_by_day, asked.median_by_day, asked.high_by_day, strict=True
            )
        ],
        monthly_growth=found.monthly_growth,
        breaks=[day.isoformat() for day in asked.breaks],
        past=_past(series),
    )


def _month(found: SpendForecast, place: int) -> dict[str, Any]:
    month = found.months[place]
    return {
        "first_day": month.first_day.isoformat(),
        "last_day": month.last_day.isoformat(),
        "requests": asdict(month.requests),
        "usd": asdict(month.usd),
    }


def _past(series: TaskSeries) -> PastForecast | None:
    days = len(series.requests.array())
    if days <= 2 * ORIGIN_DAYS_AGO:
        return None
    error = forecast_error(series.requests, ORIGIN_DAYS_AGO, ORIGIN_DAYS_AGO)
    return PastForecast(
        origin=error.origin.isoformat(),
        days=len(error.day),
        total_forecast=error.total_forecast,
        total_low=error.total_low,
        total_high=error.total_high,
        total_actual=error.total_actual,
        mase=error.mase,
        naive_mase=error.naive_mase,
        coverage=error.coverage,
    )

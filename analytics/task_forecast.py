"""The forecast of one task: its daily series read from the store, forecast as requests, tokens and price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from analytics.api import snapshot_folder
from analytics.errors import DataMissing
from analytics.forecast import DailySeries, ForecastError, SpendForecast, forecast_error, forecast_spend
from analytics.forecast.daily import SEED
from analytics.store import Store, open_store
from analytics.workspace import Workspace

HORIZON_DAYS = 90


@dataclass(frozen=True)
class TaskSeries:
    """The three factors of a task's spend by UTC day, from its first day to the last of the log."""

    requests: DailySeries  # calls / day; a day without any is a measured 0
    tokens_per_request: DailySeries  # tokens / call; unknown on days without calls or without token counts
    usd_per_token: DailySeries  # USD / token; unknown on days with a call whose price is unknown


def task_series(store: Store, task_id: str) -> TaskSeries:
    """The daily series of one task. Raises DataMissing when the analysis has no call of it."""
    rows = store.query("list_task_usage_days", task_id=task_id).to_pylist()
    if not rows:
        raise DataMissing(f"no calls of task {task_id} in the newest analysis; run: spiritsafe analyze")
    return series_of(rows)


def series_of(rows: Sequence[Mapping[str, Any]]) -> TaskSeries:
    """The series from the rows of ``list_task_usage_days``, oldest first."""
    first, last = rows[0]["requested_date"], rows[0]["log_end"]
    days = tuple(first + timedelta(days=place) for place in range((last - first).days + 1))
    by_day: dict[date, Mapping[str, Any]] = {row["requested_date"]: row for row in rows}
    found = [by_day.get(day) for day in days]
    return TaskSeries(
        requests=DailySeries(days, tuple(float(row["calls"]) if row else 0.0 for row in found)),
        tokens_per_request=DailySeries(days, tuple(_ratio(row, "tokens", "calls") for row in found)),
        usd_per_token=DailySeries(days, tuple(_price(row) for row in found)),
    )


def task_forecast(
    workspace: Workspace, task_id: str, horizon_days: int = HORIZON_DAYS, *, seed: int = SEED
) -> SpendForecast:
    """What a task will ask for and cost in the days after the log's last.

    Raises DataMissing when there is no analysis, no call of the task, or no price or token count of any day.
    """
    series = _read(workspace, task_id)
    return forecast_spend(series.requests, series.tokens_per_request, series.usd_per_token, horizon_days, seed=seed)


def task_forecast_error(
    workspace: Workspace, task_id: str, origin_days_ago: int = 30, horizon_days: int = 30
) -> ForecastError:
    """The forecast of requests made so many days ago beside what came since."""
    return forecast_error(_read(workspace, task_id).requests, origin_days_ago, horizon_days)


def _read(workspace: Workspace, task_id: str) -> TaskSeries:
    with open_store(workspace, snapshot_folder(workspace)) as store:
        return task_series(store, task_id)


def _ratio(row: Mapping[str, Any] | None, part: str, whole: str) -> float | None:
    if row is None or row[part] is None or not row[whole]:
        return None
    return float(row[part]) / float(row[whole])


def _price(row: Mapping[str, Any] | None) -> float | None:
    return None if row is None or row["unpriced_calls"] else _ratio(row, "cost_usd", "tokens")

"""The daily series of one task as a forecast reads them: requests, tokens per request, USD per token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from analytics.errors import DataMissing
from analytics.forecast.series import DailySeries
from analytics.store import Store


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


def _ratio(row: Mapping[str, Any] | None, part: str, whole: str) -> float | None:
    if row is None or row[part] is None or not row[whole]:
        return None
    return float(row[part]) / float(row[whole])


def _price(row: Mapping[str, Any] | None) -> float | None:
    return None if row is None or row["unpriced_calls"] else _ratio(row, "cost_usd", "tokens")

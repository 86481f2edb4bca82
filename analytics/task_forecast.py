"""The forecast of one task: its daily series read from the store, forecast as requests, tokens and price."""

from analytics.api import snapshot_folder
from analytics.forecast import ForecastError, SpendForecast, forecast_error, forecast_spend
from analytics.forecast.daily import SEED
from analytics.store import open_store
from analytics.task_series import TaskSeries, task_series
from analytics.workspace import Workspace

HORIZON_DAYS = 90


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

from datetime import date

import pytest

from analytics import api
from analytics.errors import DataMissing
from analytics.forecast import forecast_spend
from analytics.store import open_store
from analytics.task_series import series_of, task_series
from analytics.workspace import Workspace


def row(day, calls, cost_usd=1.0, tokens=100.0, unpriced=0.0):
    return {
        "requested_date": date(2025, 1, day), "calls": calls, "cost_usd": cost_usd, "tokens": tokens,
        "unpriced_calls": unpriced, "log_end": date(2025, 1, 5),
    }  # fmt: skip


def test_days_without_calls_are_zero_requests_of_unknown_size_up_to_the_end_of_the_log():
    series = series_of([row(1, 10.0), row(3, 5.0, unpriced=1.0)])
    assert series.requests.value == (10.0, 0.0, 5.0, 0.0, 0.0)
    assert series.tokens_per_request.value == (10.0, None, 20.0, None, None)
    assert series.usd_per_token.value == (0.01, None, None, None, None)


def test_a_task_of_the_store_is_forecast(mail_home):
    workspace = Workspace(mail_home)
    (task,) = api.tasks(workspace)
    with open_store(workspace, api.snapshot_folder(workspace)) as store:
        series = task_series(store, task.task_id)
    assert sum(series.requests.value) == pytest.approx(task.calls * 2_000)
    said = forecast_spend(series.requests, series.tokens_per_request, series.usd_per_token, 30)
    (month,) = said.months
    assert month.usd.p10 <= month.usd.p50 <= month.usd.p90
    assert month.usd.p50 == pytest.approx(task.monthly_spend_usd, rel=0.5)


def test_an_unknown_task_is_said(mail_home):
    workspace = Workspace(mail_home)
    with (
        open_store(workspace, api.snapshot_folder(workspace)) as store,
        pytest.raises(DataMissing, match="no-such-task"),
    ):
        task_series(store, "no-such-task")

"""What verdicts rest on, at today's prices."""

import shutil
from datetime import UTC, datetime

import pytest

from analytics.actors import Actor
from analytics.price_user import append_user_price
from analytics.record import utc_today
from analytics.workspace import Workspace
from pipeline import api
from pipeline.reevaluation.world import repriced, rows_now, task_state, world_now

ANNA = Actor("anna", "operator")


@pytest.fixture
def workspace(mail_home, tmp_path):
    shutil.copytree(mail_home, tmp_path / "home")
    return Workspace(tmp_path / "home")


def test_a_task_costs_so_many_times_what_it_did(workspace):
    (row,) = rows_now(workspace)
    old, new = task_state(row), task_state(repriced(row, 0.5))
    for name in ("monthly_spend_usd", "usd_per_1000_calls", "usd_per_million_tokens"):
        assert getattr(new, name) == pytest.approx(getattr(old, name) / 2)
    assert new.monthly_calls == old.monthly_calls


def test_a_price_cut_after_the_logs_end_counts_and_wakes(workspace):
    (before,) = world_now(workspace, rows_now(workspace)).tasks.values()
    name, price = before.name, before.usd_per_million_tokens
    made = api.snooze(workspace, ANNA, name, f"teacher below ${price / 2:.4g}", "dear today")
    assert not made["is_awake"]
    append_user_price(workspace.prices, "openai/gpt-4o", {"in": "0.1", "out": "0.4"}, utc_today(), datetime.now(UTC))
    (after,) = world_now(workspace, rows_now(workspace)).tasks.values()
    assert after.monthly_spend_usd < before.monthly_spend_usd / 10
    (woken,) = api.snoozed(workspace)
    assert woken["is_awake"] and "was waited for" in woken["why"]

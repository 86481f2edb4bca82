"""Small worlds for tests: a task with usual figures, of which a test changes what it is about."""

from dataclasses import replace

from pipeline.reevaluation.world import TaskState, World

TASK = TaskState(
    task_id="t-1", name="mail", verdict="pilot", reason="It may pay.", monthly_spend_usd=10_000.0, star_spend_usd=8_000.0,
    monthly_calls=304_000.0, usd_per_1000_calls=33.0, usd_per_million_tokens=4.0,
    npv_24m_usd={"p5": -20_000.0, "p50": 30_000.0, "p95": 90_000.0}, p_break_even_12m=0.6,
    break_even_spend_12m_usd=7_000.0, payback_months=9.0, calls=1_000_000.0, failure_share=0.01,
    recent_daily_calls=[10_000.0] * 28, models={"gpt-x": None}, drift=None, inputs={},
)  # fmt: skip


def task(**changes):
    return replace(TASK, **changes)


def world(*tasks, bases=None, at="2026-11-01T00:00:00+00:00"):
    return World(at, "data", "s-1", "shipped", {one.task_id: one for one in tasks}, bases or {})

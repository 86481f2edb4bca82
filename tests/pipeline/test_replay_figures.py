"""The arithmetic of a replay, by hand."""

from datetime import UTC, datetime

import numpy as np
import pytest

from analytics.assumptions import defaults
from pipeline import replay_figures as figures
from pipeline.replay_figures import CallColumns, Money

MONDAY_S = datetime(2026, 11, 2, tzinfo=UTC).timestamp()


def calls(days=10, per_day=4, cost_usd=0.5, served=0.5, weight=1.0):
    count = days * per_day
    return CallColumns(
        at_s=MONDAY_S + np.arange(count) * figures.DAY_S / per_day,
        weight=np.full(count, weight),
        cost_usd=np.full(count, cost_usd),
        is_served=np.arange(count) < served * count,
        is_comparable=np.ones(count, dtype=bool),
        agrees=np.arange(count) % 10 != 0,
    )


def test_net_saving_is_served_cost_less_audits_and_serving():
    paid = figures.money(calls(), days=10, serving_usd_per_day=0.2, audit_share=0.01)
    assert (paid.teacher_usd, paid.served_usd, paid.audit_usd, paid.serving_usd) == pytest.approx((20, 10, 0.1, 2))
    assert paid.net_saving_usd == pytest.approx(7.9)
    assert paid.hybrid_usd == pytest.approx(paid.teacher_usd - paid.net_saving_usd)


def test_a_student_that_serves_nothing_costs_its_machines():
    paid = figures.money(calls(served=0), 10, 4.8, 0.01)
    assert paid.net_saving_usd == pytest.approx(-48)


def test_weights_multiply_money_and_not_the_number_of_rows():
    one, hundred = (figures.money(calls(weight=weight), 10, 0, 0) for weight in (1, 100))
    assert hundred.served_usd == pytest.approx(100 * one.served_usd)
    assert figures.coverage(calls(weight=100)).n == 40


def test_an_unknown_price_saves_nothing():
    assert figures.money(calls(cost_usd=np.nan), 10, 0, 0.01) == Money(0, 0, 0, 0)


def test_a_month_has_30_4_days():
    assert figures.monthly(10, 7.6) == pytest.approx(40)


def test_the_interval_holds_the_saving_and_is_the_same_each_time():
    columns = calls(days=21, served=0.4)
    paid = figures.money(columns, 21, 0.2, 0.01)
    saving = figures.monthly_saving(columns, paid, 21, 0.01, seed=7)
    assert saving.low < saving.value < saving.high
    assert saving.value == pytest.approx(paid.net_saving_usd * 30.4 / 21)
    assert saving == figures.monthly_saving(columns, paid, 21, 0.01, seed=7)


def test_one_day_gives_no_interval():
    columns = calls(days=1)
    assert figures.monthly_saving(columns, figures.money(columns, 1, 0, 0), 1, 0.01, 7) is None


def test_equal_days_leave_no_doubt():
    columns = calls(days=14, served=1.0)
    saving = figures.monthly_saving(columns, figures.money(columns, 14, 0, 0), 14, 0.0, 7)
    assert saving.low == pytest.approx(saving.high)


def test_agreement_counts_served_calls_with_an_answer_only():
    agreement = figures.agreement(calls(served=0.5))
    assert (agreement.n, agreement.value) == (20, 0.9)
    assert figures.agreement(calls(served=0)) is None


def test_weeks_start_on_monday_and_split_all_calls():
    found = figures.weeks(calls(days=10))
    assert [monday.isoformat() for monday, _ in found] == ["2026-11-02T00:00:00+00:00", "2026-11-09T00:00:00+00:00"]
    assert [int(rows.sum()) for _, rows in found] == [28, 12]
    spans = [figures.days_in_week(monday, MONDAY_S, MONDAY_S + 9.75 * figures.DAY_S) for monday, _ in found]
    assert spans == pytest.approx([7, 2.75])


def test_quiet_traffic_needs_the_least_and_heavy_traffic_more_machines():
    quiet = figures.serving(calls(), 10, 3.0, defaults())
    assert quiet == figures.Serving(2, pytest.approx(2 * 0.10 * 24))
    heavy = figures.serving(calls(weight=40_000_000), 10, 3.0, defaults())
    mean_rps = 40 * 40_000_000 / (10 * 86_400)
    assert heavy.instances == np.ceil(mean_rps * 4 / (2 * 1000 / 3.0 * 0.6))

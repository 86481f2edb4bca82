"""What a brief says beside its verdict: events with days, the promise, what stands beside money."""

import dataclasses
from datetime import date, timedelta

import pytest

from analytics import api, promise
from analytics.alternatives import smaller_model
from analytics.assumptions import defaults
from analytics.beside_money import beside_money
from analytics.changes import Case, changes
from analytics.contracts import Verdict
from analytics.costs import npv_usd
from analytics.decision import evaluate
from analytics.drivers import largest
from analytics.inputs import inputs_of
from analytics.reports.beside import beside_table
from analytics.reports.page import HYPOTHETICAL, brief_page
from analytics.serving import Fleet
from analytics.waiting import price_cut
from pipeline.contracts import PlanSpec

TODAY = date(2026, 11, 24)
OFFERS = {"fine_tuning": {"openai": {"until": date(2027, 1, 6)}}}


def at(spend, **values):
    return defaults().with_values({"monthly_spend_usd": spend, **values})


def asked(student, alternatives=None):
    decision = evaluate(student, alternatives=alternatives, fast=True, in_full=True)
    return {one.code: one for one in changes(Case(decision, student, TODAY), largest(student, 6), OFFERS)}


def test_each_input_says_where_it_turns():
    found = asked(at(20_000))
    assert found["yearly_price_decline"].turn == pytest.approx(0.455, abs=0.01)
    assert {"fallback_share", "error_cost_calls"} <= set(found)


def test_a_falling_bill_is_dated_and_a_price_cut_that_is_far_off_says_when():
    student = at(50_000)
    found = asked(student)
    bill = found["monthly_spend_usd"]
    assert bill.on is not None and TODAY < date.fromisoformat(bill.on) < TODAY + timedelta(days=5 * 366)
    cut = found["price-cut"]
    share = int(cut.sentence.split("by ")[1].split("%")[0]) / 100
    left = [float(npv_usd(price_cut(inputs_of(student), 1 - one))[0]) for one in (share - 0.02, share + 0.02)]
    assert left[0] > 0 > left[1]


def test_retirement_waiting_and_the_end_of_an_offer_have_days():
    found = asked(at(14_000, yearly_price_decline=0.6))
    assert found["retire"].on is not None
    student = at(20_000, vendor_tuned_price_ratio=0.5)
    assert asked(student)["offer-ends"].on == "2027-01-06"


def test_an_untested_cheaper_model_is_named():
    assert "smaller vendor model" in asked(at(20_000), [smaller_model(0.075)])["cheaper-model"].sentence


def test_the_promise_is_what_a_plan_calibrates_to():
    assert (PlanSpec.alpha, PlanSpec.delta) == (promise.ALPHA, promise.DELTA)


def test_a_pilot_is_weighed_against_its_information(mail):
    (task,) = api.tasks(mail)
    found = api.brief(
        mail, task.task_id, {"monthly_spend_usd": 20_000, "engineer_weeks": 12, "ops_usd_per_month": 5000}
    )
    if found.verdict is Verdict.PILOT:
        assert (found.step.cost_usd, found.step.worth_usd) == (8_000, found.figures["evsi_pilot_usd"])
    assert found.step.sentence == found.next_step


def test_the_figures_of_a_refused_task_say_that_they_cannot_be_had(brief):
    refused = dataclasses.replace(brief, verdict=Verdict.DO_NOT_DISTILL)
    assert (HYPOTHETICAL in brief_page(refused).caveat) == (brief.figures["npv_24m_p50_usd"] > 0)


def test_speed_privacy_reliability_and_control_come_from_the_log(brief):
    found = brief.beside_money
    profile = brief.profile
    assert found.latency_ms_p95 == profile.latency_ms_p95 and found.users_known
    back = next(one["value"] for one in brief.assumptions if one["name"] == "fallback_share")
    assert found.stays_share == pytest.approx((1 - back) * 0.99)
    assert sum(one.share for one in found.models) == pytest.approx(1)
    assert found.monthly_tokens > found.monthly_calls


FAILURES = [
    {"error_class": "RateLimitError", "http_status": 429, "calls": 30.0, "is_rate_limit": True},
    {"error_class": "Timeout", "http_status": 408, "calls": 10.0, "is_rate_limit": False},
]


def test_rate_limits_are_counted_and_unknown_kinds_are_not_taken_for_none(brief):
    profile = dataclasses.replace(brief.profile, calls=1_000.0, failure_share=0.04)
    found = beside_money(profile, defaults(), Fleet("H100", 1, 1.0), FAILURES)
    assert found.rate_limited_share == pytest.approx(0.03)
    assert found.commonest_failure == "429 RateLimitError"
    silent = [{"error_class": None, "http_status": None, "calls": 40.0, "is_rate_limit": False}]
    unknown = beside_money(profile, defaults(), Fleet("H100", 1, 1.0), silent)
    assert unknown.rate_limited_share is None
    assert "not in the log" in beside_table(unknown).rows[2][1]
    assert "nobody has measured it" in beside_table(unknown).rows[0][2]


def test_the_fan_and_the_figures_are_of_the_same_case(brief):
    assert brief.fan[0].p50 == pytest.approx(-brief.figures["one_off_usd"], rel=0.25)
    assert brief.waterfall[0].usd == pytest.approx(12 * brief.figures["monthly_spend_usd"])
    assert len(brief.tornado) == 6 and brief.tornado[:3] == brief.drivers


def test_settings_change_the_version_that_pages_are_kept_under(mail_home, tmp_path):
    import shutil

    from analytics.workspace import Workspace

    shutil.copytree(mail_home, tmp_path / "home")
    workspace = Workspace(tmp_path / "home")
    before = api.settings_version(workspace)
    (task,) = api.tasks(workspace)
    api.keep_assumptions(workspace, task.task_id, {"error_cost_calls": 25}, "asked the desk")
    assert api.settings_version(workspace) != before
    assert [(one.name, one.why) for one in api.kept_assumptions(workspace, task.task_id)] == [
        ("error_cost_calls", "asked the desk")
    ]
    assert api.brief(workspace, task.task_id).promise.is_confirmed

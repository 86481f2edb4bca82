"""Audits: drawn by lot with a known chance, paid under a cap, never on the request's path, never left out in silence."""

import time
from dataclasses import replace

import pytest

from analytics.api import run_sql
from pipeline.router import deployments
from pipeline.router.audits import Spending
from tests.pipeline.made_up import desk
from tests.pipeline.router.conftest import CHIEF, topic_of
from tests.support.provider import Provider


def audited(home, **more):
    policy = replace(deployments.policy_of(home.workspace, home.student_id), **more)
    deployments.promote(home.workspace, policy, CHIEF, "audited")


def ask_all(router, texts):
    served = [router.ask(text).headers["x-spiritsafe-route"] for text in texts].count("student")
    until = time.monotonic() + 20
    while router.desk.auditor._waiting.qsize() and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(0.5)  # those that are asked about now
    return served


def test_every_drawn_answer_has_an_audit_with_its_chance_and_price(within, home, teacher):
    audited(home, audit_share=1.0)
    router = within()
    served = ask_all(router, desk(60, seed=5)[0])
    decisions = router.rows("decisions")
    audits = run_sql(home.workspace, "select * from audits")
    assert len(audits) == served == sum(row["is_audited"] for row in decisions)
    assert {row["propensity"] for row in audits} == {1.0} and {row["reason"] for row in audits} == {"sampled"}
    assert all(row["agrees"] and row["cost_usd"] > 0 and row["input_tokens"] > 0 for row in audits)
    assert {row["call_id"] for row in audits} <= {row["call_id"] for row in decisions}


def test_rare_kinds_of_request_are_audited_more(within, home):
    audited(home, audit_share=0.0, rare_audit_share=1.0)
    router = within()
    ask_all(router, desk(400, ("pin",), seed=6)[0])
    decisions = [row for row in router.rows("decisions") if row["route"] == "student"]
    drawn = [row["is_audited"] for row in decisions]
    assert all(drawn[:30]) and not any(drawn[35:])  # thirty of a cluster make it known


def test_a_disagreement_joins_the_failures(within, home):
    audited(home, audit_share=1.0)
    with Provider(answer=lambda text: "other") as contrary:
        router = within(contrary.url)
        served = ask_all(router, desk(20, seed=7)[0])
        router.rows("decisions")
    found = run_sql(home.workspace, "select * from failures where reason = 'audit'")
    assert len(found) == served
    assert {row["teacher_output"] for row in found} == {"other"}
    assert {row["student_output"] for row in found} <= {topic_of(text) for text in desk(20, seed=7)[0]}


def test_a_spent_budget_and_a_teacher_that_is_down_are_written_down(within, home):
    audited(home, audit_share=1.0, audit_cap_usd_per_day=0.0)
    router = within()
    served = ask_all(router, desk(10, seed=8)[0])
    router.rows("decisions")
    audits = run_sql(home.workspace, "select agrees, reason from audits")
    assert len(audits) == served
    assert {(row["agrees"], row["reason"]) for row in audits} == {(None, "the day's audit money is spent")}


def test_money_is_set_aside_before_it_is_spent_and_each_day_begins_anew():
    from datetime import date

    day = [date(2026, 1, 1)]
    spending = Spending(today=lambda: day[0])
    assert spending.reserve("t", 0.6, 1.0) and not spending.reserve("t", 0.6, 1.0)
    spending.settle("t", 0.6, 0.3)
    assert spending.total_usd == pytest.approx(0.3) and spending.reserve("t", 0.6, 1.0)
    day[0] = date(2026, 1, 2)
    assert spending.total_usd == 0.0 and spending.reserve("t", 1.0, 1.0)


def test_a_complaint_joins_the_failures_with_what_was_said(within, home):
    router = within()
    call_id = router.ask("what about the pin blocked forgotten please").json()["id"]
    said = router.client.post("/v1/feedback", json={"id": call_id, "comment": "wrong desk", "answer": "fees"})
    assert said.status_code == 202 and said.json()["is_known"]
    assert router.client.post("/v1/feedback", json={"comment": "no id"}).status_code == 400
    router.rows("decisions")
    found = run_sql(home.workspace, "select * from failures")
    assert [(row["reason"], row["call_id"], row["student_output"]) for row in found] == [("complaint", call_id, "pin")]
    assert "wrong desk" in found[0]["detail"]

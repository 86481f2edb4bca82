"""What a real router served, as the ledger, the queue and the bill of the log tell it."""

import time
from dataclasses import replace

from analytics.analyze import analyze
from analytics.api import run_sql
from pipeline import api
from pipeline.ledger_verify import book_all, verify
from pipeline.router import deployments
from tests.pipeline.made_up import desk
from tests.pipeline.router.conftest import CHIEF

SPENT = "select sum(cost_usd) as usd from calls where source = 'router' and served_by = 'student'"


def test_what_a_router_served_is_booked_and_its_failures_wait(home, within, teacher):
    workspace = home.workspace
    rule = replace(deployments.policy_of(workspace, home.student_id), audit_share=1.0, rare_audit_share=1.0)
    deployments.promote(workspace, rule, CHIEF, "everything is audited")
    router = within()
    asked = [*desk(40, seed=9)[0], *["purple elephants sing of nothing at all"] * 4]
    said = [router.ask(text).json() for text in asked]
    router.client.post("/v1/feedback", json={"id": said[0]["id"], "comment": "wrong", "answer": "other"})
    until = time.monotonic() + 20
    while teacher.requests < len(asked) and time.monotonic() < until:
        time.sleep(0.1)  # audits run beside the requests
    router.stop()
    (found,) = api.production(workspace, home.student_id)
    total = found["total"]
    assert total["served"] > 0 and total["served"] + total["escalated"] == len(asked)
    assert total["audited"] == total["served"] and total["baseline_usd"] > 0 and total["unpriced"] == 0
    assert found["state"] == "serving" and found["forecast"] is not None
    reasons = {row["reason"] for row in api.failures(workspace)}
    assert "complaint" in reasons and reasons & {"unsure", "unfamiliar"}
    assert float(run_sql(workspace, SPENT)[0]["usd"]) == 0
    before = sum(row.monthly_spend_usd or 0 for row in _tasks(workspace))
    analyze(workspace)
    after = run_sql(workspace, "select sum(cost_usd) as usd from calls where source = 'router'")[0]["usd"]
    assert float(after) > 0  # those handed back
    assert sum(row.calls for row in _tasks(workspace)) >= 1_800 + len(asked) and before > 0
    book_all(workspace)
    assert verify(workspace).is_right


def _tasks(workspace):
    from analytics.api import tasks

    return tasks(workspace)

"""The loop closed: log, student, router, traffic, failures, a second student that is better, and the ledger."""

import itertools
import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from analytics.analyze import analyze
from analytics.api import run_sql
from analytics.ingest import import_files
from analytics.workspace import Workspace
from pipeline import api, lease, run, views, worker
from pipeline.evaluated import open_evaluated
from pipeline.loaded import open_student
from pipeline.router import deployments
from tests.pipeline.made_up import WORDS, desk
from tests.pipeline.router.conftest import CHIEF, TRIAGE, Within, exchange, tasks_of, topic_of
from tests.support.provider import Provider

START = datetime(2026, 8, 1, tzinfo=UTC)
OLD, NEW = ("pin", "fees", "travel"), ("refund", "music", "weather")


def make_student(workspace, task, **more):
    made = api.plan(workspace, api.Recipe(alpha=0.05, **more), task)
    launched = run.launch(workspace, made.plan_id, lambda home, run_id: lease.this_process())
    assert worker.execute(workspace, launched.run_id) == 0
    return views.show_run(workspace, launched.run_id).student_id


def promote(workspace, student_id, why):
    deployments.promote(workspace, deployments.policy_of(workspace, student_id), CHIEF, why)


def served_share(workspace, student_id, texts):
    """Share that a student would serve, and share of that which is right."""
    routed = open_student(workspace, student_id).route(texts)
    served = [(one, text) for one, text in zip(routed, texts, strict=True) if one.route == "student"]
    right = sum(one.answer.output == topic_of(text) for one, text in served)
    return len(served) / len(texts), right / len(served)


@pytest.mark.slow
def test_from_a_log_to_a_second_better_student_and_the_ledger(tmp_path, monkeypatch):
    inputs, labels = desk(1_200, OLD)
    rows = [exchange(n, TRIAGE, *pair) for n, pair in enumerate(zip(inputs, labels, strict=True))]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    workspace = Workspace(tmp_path / "home").create()
    import_files(workspace, [str(log)])
    analyze(workspace)
    task = tasks_of(workspace)[0]["task_id"]
    first = make_student(workspace, task)
    promote(workspace, first, "the first one")

    traffic = desk(900, OLD, seed=1)[0] + desk(900, NEW, seed=1)[0]
    random.Random(2).shuffle(traffic)
    hours = itertools.count(1_200)  # traffic goes on where the log ended, an hour a request
    monkeypatch.setattr("pipeline.router.core.now", lambda: (START + timedelta(hours=next(hours))).isoformat())
    with Provider(answer=topic_of) as teacher:
        router = Within(workspace, teacher.url)
        answers = [router.ask(text) for text in traffic]
        assert {answer.status_code for answer in answers} == {200}
        decisions = router.rows("decisions")
        asked = teacher.requests
    audits = run_sql(workspace, "select * from audits")
    served = [row for row in decisions if row["route"] == "student"]
    assert len(decisions) == len(traffic) == len(served) + asked - len(audits)
    failures = run_sql(workspace, "select reason, teacher_output, student_output from failures")
    assert len(failures) >= 0.3 * len(traffic) and {row["reason"] for row in failures} >= {"unfamiliar"}

    analyze(workspace)
    assert len({row["task_id"] for row in run_sql(workspace, "select task_id from decisions")}) == 1
    second = make_student(workspace, task)
    assert second != first
    taught = open_evaluated(workspace, second).card["rows"]
    held_back = desk(600, tuple(WORDS), seed=9)[0]
    (before, right_before), (after, right_after) = (served_share(workspace, one, held_back) for one in (first, second))
    print(f"served {before:.1%} (right {right_before:.1%}), then {after:.1%} (right {right_after:.1%}); {taught}")
    assert after > before + 0.2 and right_after >= 0.95

    promote(workspace, second, "it knows the new topics")
    found = api.production(workspace, first)
    assert found and found[0]["student_id"] == first and found[0]["total"]["served"] == len(served)

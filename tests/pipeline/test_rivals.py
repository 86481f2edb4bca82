"""A few-shot model and a judge beside a student, through the ledger, over a local provider."""

import json
import random
from datetime import UTC, datetime

import pytest
from made_up import desk

from analytics.price_user import append_user_price
from pipeline import api, lease, run, views, worker
from pipeline.contracts import Evaluating
from tests.support.provider import Provider

MODEL = "openai/mock"


def reply(text):
    """A judge that always finds a tie, and a model that says pin to everything."""
    return '{"winner": "tie"}' if "<A>" in text else "pin"


@pytest.fixture
def provider():
    with Provider(answer=reply) as running:
        yield running


@pytest.fixture
def evaluated(workspace, log, provider, monkeypatch):
    """The card of a student made under a plan that names others to be compared with."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none-of-your-business")
    append_user_price(workspace.prices, MODEL, {"in": "1", "out": "4"}, None, datetime.now(UTC))
    inputs, topics = desk(700, ("pin", "fees", "travel", "refund"), 3)
    draw = random.Random(5)
    for text, topic in zip(inputs, topics, strict=True):
        said = topic if draw.random() > 0.1 else draw.choice(["pin", "fees"])
        log.add(input_text=f"{text} {draw.randrange(99)}", output_text=said, gold=topic)

    def make(cap_usd):
        asked = Evaluating(("untuned", f"few-shot:{MODEL}"), MODEL, provider.url, rows=40)
        made = api.plan(workspace, api.Recipe(alpha=0.2, cap_usd=cap_usd, evaluating=asked), "support")
        launched = run.launch(workspace, made.plan_id, lambda home, run_id: lease.this_process())
        assert worker.execute(workspace, launched.run_id) == 0
        student_id = views.show_run(workspace, launched.run_id).student_id
        return json.loads((workspace.students / student_id / "evaluation.json").read_text())

    return make


def test_others_are_asked_under_a_cap_and_named_where_they_cannot_be(evaluated, provider):
    found = evaluated(5.0)
    rows = [row for row in found["comparisons"] if row["against"] == f"few-shot:{MODEL}" and row["metric"] == "exact"]
    assert {row["wanted"] for row in rows} == {"teacher", "gold"} and all(row["n"] == 40 for row in rows)
    assert all(row["difference"] > 0.3 and row["p_holm"] < 0.05 for row in rows)
    assert [one["name"] for one in found["not_measured"]] == ["untuned"] and "no base" in found["not_measured"][0][
        "why"
    ]
    (judge,) = found["judges"]
    assert judge["asked"] > 0 and judge["accepted"]["value"] == 1 and judge["corrected"] is None
    assert provider.charges and provider.charged_micros() < 5e6


def test_nothing_is_paid_without_a_cap(evaluated, provider):
    found = evaluated(None)
    assert provider.requests == 0 and found["judges"] == []
    assert [one["name"] for one in found["not_measured"]] == ["untuned", f"few-shot:{MODEL}", f"judge {MODEL}"]
    assert "--cap" in found["not_measured"][1]["why"]

"""Which text would leave this machine, and to whom."""

import tomllib

import pytest

from pipeline.contracts import Evaluating, PairsSource, PlanSpec, Teaching
from pipeline.disclosure import TERMS, UNKNOWN_TERMS, disclosures, terms
from pipeline.plan import Cost, Plan

PAIRS = PairsSource("pairs.jsonl", "q", "a")


def planned(**choices):
    spec = PlanSpec(None, "mail", "v", pairs=PAIRS, **choices)
    return Plan("plan_x", None, "mail", 10, [], Cost(0.0, 0.0), "", 1.0, "", None, "v", spec)


def test_a_plan_without_a_paid_model_tells_nobody(workspace):
    assert disclosures(workspace, planned()) == []


def test_teacher_few_shot_model_and_judge_each_see_something(workspace):
    plan = planned(
        teaching=Teaching("openai/gpt-4.1", jobs=("relabel", "rationale")),
        evaluating=Evaluating(("untuned", "few-shot:mistral/small"), "anthropic/haiku", None, 50),
    )
    found = disclosures(workspace, plan)
    assert [one.to for one in found] == ["openai", "mistral", "anthropic"]
    assert "relabel, rationale" in found[0].what and "50" in found[1].what
    assert all(one.imports_not_redacted == 1 for one in found)  # pairs are sent as they are


def test_a_server_of_ones_own_is_named_by_its_address_and_has_no_terms(workspace):
    plan = planned(teaching=Teaching("openai/local", "http://127.0.0.1:9/v1", ("label",)))
    (found,) = disclosures(workspace, plan)
    assert found.to == "http://127.0.0.1:9/v1" and found.terms.sentence == UNKNOWN_TERMS


@pytest.mark.parametrize("model", ["nobody/knows", "plain"])
def test_unknown_terms_are_said_to_be_unknown(model):
    assert terms(model).source is None


def test_every_sentence_about_terms_has_its_source_and_how_it_was_read():
    known = tomllib.loads(TERMS.read_text("utf-8"))
    assert known
    for provider in known:
        assert terms(f"{provider}/x").source.startswith("https://") and terms(f"{provider}/x").read

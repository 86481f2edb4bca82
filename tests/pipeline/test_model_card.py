"""The model card: everything to judge a student and to make it again; what was not measured is said."""

import re

import pytest

from analytics.record import Record
from pipeline import registry
from pipeline.artifacts import write_json
from pipeline.contracts import PairsSource, Teaching, Training
from pipeline.markdown import block, value
from pipeline.model_card import model_card
from pipeline.plan import Recipe, make_plan
from pipeline.plan_command import plan_command

INTERVAL = {"value": 0.923, "low": 0.9, "high": 0.94, "covers": "95% Wilson", "n": 700}
EVALUATION = {
    "agreement": INTERVAL, "slices": [{"slice": "week", "agreement": INTERVAL, "n": 20}],
    "forgetting": {"perplexity": {"base": 20.5, "student": 22.1}}, "forgetting_reason": None,
    "something_new": {"figure": 3.25},
}  # fmt: skip
CARD = {
    "kind": "causal", "task": "slots | of a *table*", "task_id": None, "data_version": "abc", "split_hash": "def", "seed": 7,
    "features": "static", "objective": "sequence", "code_version": "0.1.0+x", "run_id": "run_1", "rows": {"train": 100},
    "threshold": 0.9, "cost_paid_usd": 0.0, "latency_ms": {"p50": 12.0, "p95": 30.5, "n": 300}, "agreement": INTERVAL,
    "base": {"name": "smollm2-135m-instruct", "version": "file", "licence": "Apache-2.0", "sha256": "f00d", "retires": None},
    "environment": {"python": "3.11", "torch": "2.13.0", "litellm": None},
}  # fmt: skip


@pytest.fixture
def plan(workspace, pairs_file):
    pairs = PairsSource(str(pairs_file), "question", "answer")
    training = Training(epochs=1.5, general_mix=0.25, gradient_checkpointing=True)
    return make_plan(workspace, Recipe(student="causal", alpha=0.05, seed=7, training=training), pairs=pairs)


@pytest.fixture
def student_id(workspace, tmp_path, plan):
    out = tmp_path / "assembled"
    (out / "weights").mkdir(parents=True)
    (out / "weights" / "w.json").write_text("{}")
    write_json(tmp_path / "evaluation.json", EVALUATION)
    parts = {"student": out / "weights", "evaluation.json": tmp_path / "evaluation.json"}
    made = tmp_path / "made"
    made.mkdir()
    registry.assemble(made, CARD | {"plan_id": plan.plan_id}, parts)
    with Record(workspace).write() as connection:
        return registry.enrol(connection, workspace, made)


def test_the_card_names_what_it_needs_to_be_made_again(workspace, student_id, plan):
    text = model_card(workspace, student_id)
    for needed in ("abc", "def", "f00d", "Apache-2.0", "0.1.0+x", plan.plan_id, "2.13.0", "| seed | 7 |"):
        assert needed in text, needed
    assert f"spiritsafe launch {plan.plan_id} --wait" in text
    assert plan_command(plan.spec) in text


def test_the_command_of_the_card_makes_the_same_plan(workspace, plan, capsys):
    from cyclopts import App

    from pipeline import cli

    app = App(name="spiritsafe", result_action="return_value")
    cli.mount(app)
    words = plan_command(plan.spec).split()[1:]
    app([*words, "--home", str(workspace.home), "--json"], exit_on_error=False)
    assert f'"plan_id": "{plan.plan_id}"' in capsys.readouterr().out


def test_figures_have_their_intervals_and_absent_ones_are_said(workspace, student_id):
    text = model_card(workspace, student_id)
    assert "- agreement: 0.923 (0.9 to 0.94, 95% Wilson, n = 700)" in text
    for absent in ("gate", "failure modes", "learning curve", "cost per 1000", "calibration scores", "metrics"):
        assert f"- {absent}: not measured" in text, absent
    assert "litellm | not measured" in text


def test_what_an_evaluation_adds_is_shown_without_a_change_here(workspace, student_id):
    assert "## Further figures" in model_card(workspace, student_id)
    assert "something new" in model_card(workspace, student_id)


def test_text_of_a_task_cannot_break_the_card(workspace, student_id):
    assert r"slots \| of a \*table\*" in model_card(workspace, student_id)


def test_every_table_has_as_many_cells_as_its_head(workspace, student_id):
    rows = re.findall(r"(?m)(?:^\|.*\n)+", model_card(workspace, student_id))
    assert len(rows) >= 5
    for table in rows:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table


def test_unknown_is_never_zero():
    assert value(None) == "not measured" and value(0) == "0" and value([]) == "none"
    assert block([{"a": 1, "b": None}]).splitlines()[-1] == "| 1 | not measured |"


def test_a_paid_teacher_stands_in_the_command(plan):
    from dataclasses import replace

    spec = replace(plan.spec, teaching=Teaching("openai/gpt-6", jobs=("label", "samples"), samples=3), cap_usd=5.0)
    told = plan_command(spec)
    assert "--cap 5.0 --teacher openai/gpt-6 --teach label,samples --samples 3" in told

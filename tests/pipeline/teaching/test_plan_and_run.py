"""From the command line: a plan with its price, a run that pays, and a student that learned from what was bought."""

import json
import os
import random

import pytest

from analytics.errors import InputError, UnknownName
from analytics.record import Record
from pipeline import views
from pipeline.cli_teaching import TeacherFlags, teaching_of
from pipeline.contracts import PairsSource, Teaching
from pipeline.examples import ROWS, read_table
from pipeline.plan import Recipe, load_spec, make_plan
from pipeline.teaching.estimate import Known, estimate

ASKS = {
    "card_lost": ["my card is gone", "i lost the card", "the card was stolen", "cannot find my bank card"],
    "top_up": ["how do i add money", "top up my balance", "put funds on the account", "load money please"],
    "exchange": ["convert euros to dollars", "what is the exchange rate", "swap pounds for yen", "currency conversion"],
}
WHERE = ["today", "in berlin", "at the airport", "since monday", "again", "on my phone", "abroad", "before my trip"]


def label_of(text):
    return next((label for label, asks in ASKS.items() if any(ask in text for ask in asks)), "top_up")


def answer(text):
    """The right label; or, asked for inputs, ten new ones."""
    if not text.startswith(("Write", "Find")):
        return label_of(text)
    draw = random.Random(text)
    words = ["".join(draw.choice("bcdfghklmnprstvw") + draw.choice("aeiou") for _ in range(8)) for _ in range(36)]
    made = [f"{words[n]} {draw.choice(ASKS[[*ASKS][n % 3]])} {words[n + 12]} {words[n + 24]}" for n in range(12)]
    return json.dumps({"inputs": made})


@pytest.fixture
def questions(tmp_path):
    draw, file = random.Random(5), tmp_path / "questions.csv"
    lines = ["text,label"]
    for _ in range(600):
        label = draw.choice([*ASKS])
        said = label if draw.random() < 0.7 else draw.choice([*ASKS])  # the log's teacher was poor
        lines.append(
            f"{draw.choice(ASKS[label])} {draw.choice(WHERE)} {draw.randrange(10**6)} {draw.choice(WHERE)},{said}"
        )
    file.write_text("\n".join(lines) + "\n")
    return file


def test_a_run_pays_a_better_teacher_and_its_student_learns_from_it(spiritsafe, workspace, provider, price, questions):
    provider.answer = answer
    environment = os.environ | {"OPENAI_API_KEY": "sk-canary-77aa55cc"}
    pairs = ["--pairs", questions, "--input", "text", "--output", "label", "--alpha", "0.2", "--cap", "1"]
    teacher = ["--teacher", "openai/mock", "--teacher-url", provider.url, "--teach", "relabel,synthetic"]
    more = ["--synthetic-rows", "20", "--daily-cap", "1", "--least-teacher-accuracy", "0.7"]
    shown = spiritsafe("plan", *pairs, *teacher, *more, "--home", workspace.home)
    assert shown.returncode == 0, shown.stderr
    assert "tokens in" in shown.stdout and "p90" in shown.stdout and provider.requests == 0
    planned = json.loads(spiritsafe("plan", *pairs, *teacher, *more, "--home", workspace.home, "--json").stdout)
    assert 0 < planned["cost_usd"]["p50"] <= planned["cost_usd"]["p90"]
    run = spiritsafe("launch", planned["plan_id"], "--wait", "--home", workspace.home, env=environment)
    assert run.returncode == 0, run.stderr + run.stdout
    (view,) = views.list_runs(workspace)
    assert view.spent_usd * 1e6 == pytest.approx(provider.charged_micros())
    assert planned["cost_usd"]["p50"] == pytest.approx(view.spent_usd, rel=0.5)
    taught = next(stage for stage in view.stages if stage.name == "teach").detail
    assert taught["synthetic"]["kept"] == 20 and taught["relabel"]["unlike_the_log"] > 50
    assert taught["quality"]["value"] == 1.0
    rows = read_table(next((workspace.runs / view.run_id).glob("filter-*/rows.parquet")), ROWS).to_pylist()
    made = [row for row in rows if row["role"] == "synthetic"]
    assert len(made) == 20 and {row["period"] for row in made} == {"train"}
    assert all(row["output_text"] == label_of(row["input_text"]) for row in rows)
    output = (
        run.stdout + run.stderr + "".join(path.read_text(errors="replace") for path in workspace.runs.rglob("log.txt"))
    )
    assert "sk-canary" not in output

    more_money = spiritsafe("runs", "cap", "2.5", view.run_id, "--home", workspace.home)
    assert more_money.returncode == 0 and views.show_run(workspace, view.run_id).cap_usd == 2.5


def test_a_plan_without_a_known_price_is_refused(workspace, questions, provider):
    pairs = PairsSource(str(questions), "text", "label")
    with pytest.raises(InputError, match="prices set openai/mock"):
        make_plan(workspace, Recipe(teaching=Teaching("openai/mock", provider.url, ("relabel",))), pairs=pairs)


def test_a_plan_keeps_its_teacher(workspace, questions, provider, price):
    pairs = PairsSource(str(questions), "text", "label")
    made = make_plan(workspace, Recipe(teaching=Teaching("openai/mock", provider.url, ("relabel",))), pairs=pairs)
    assert load_spec(workspace, made.plan_id) == made.spec and made.spec.teaching.jobs == ("relabel",)
    assert made.teacher.calls == 600 + 120 and "720 calls of openai/mock" in made.cost_reason
    assert next(line for line in made.stages if line.name == "teach").seconds > 50


def test_batch_costs_half_in_a_plan(workspace, price):
    rows = [Known(f"where is parcel {n}", None, "lost", False, 400.0) for n in range(100)]
    plain = estimate(workspace, Teaching("openai/mock", jobs=("relabel",)), rows, 1)
    batch = estimate(workspace, Teaching("openai/mock", jobs=("relabel",), use_batch=True), rows, 1)
    assert batch.cost_p50_usd == pytest.approx(plain.cost_p50_usd / 2, rel=0.01)
    assert plain.seconds == pytest.approx(220 * 0.4 / 8) and batch.seconds > 3_000
    assert plain.cost_p50_usd <= plain.cost_p90_usd


def test_flags_that_do_not_go_together_are_refused():
    usual = {"teacher": "openai/gpt-4o-mini", "teach": "relabel"}
    assert teaching_of(TeacherFlags()) is None
    assert teaching_of(TeacherFlags(**usual)).jobs == ("relabel",)
    for wrong, words in (
        ({"teach": "relabel"}, "--teacher"),
        ({"teacher": "openai/gpt-4o-mini"}, "--teach"),
        (usual | {"synthetic_rows": 5}, "go together"),
        (usual | {"teach": "synthetic"}, "go together"),
        (usual | {"samples": 1}, "--samples"),
        (usual | {"teach_rows": 0}, "--teach-rows"),
        (usual | {"daily_cap": -1}, "--daily-cap"),
        (usual | {"least_teacher_accuracy": 2}, "--least-teacher-accuracy"),
        (usual | {"teacher": "anthropic/claude", "batch": True}, "--batch"),
    ):
        with pytest.raises(InputError, match=words):
            teaching_of(TeacherFlags(**wrong))
    with pytest.raises(UnknownName, match="rationale"):
        teaching_of(TeacherFlags(**(usual | {"teach": "guess"})))


def test_an_older_record_gets_the_tables_of_budgets(workspace):
    import sqlalchemy as sa

    record = Record(workspace)
    with record.write() as connection:
        connection.execute(sa.text("drop table tranches"))
        connection.execute(sa.text("drop table budgets"))
        connection.execute(sa.text("update meta set value = '2' where key = 'schema_version'"))
    with record.read() as connection:
        assert {"tranches", "budgets"} <= set(sa.inspect(connection).get_table_names())

"""A whole re-evaluation on a small real log: students, a probe, reports that are kept, found again and compared."""

import json
import random
import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cyclopts import App

from analytics import api as analytics_api
from analytics.errors import DataMissing, InputError, UnknownName
from analytics.price_user import append_user_price
from analytics.workspace import Workspace
from pipeline import api, cli, lease, run, views, worker
from pipeline.contracts import PROBE_SEED
from pipeline.plan import Recipe
from pipeline.reevaluation import kept
from pipeline.reevaluation.candidates import Effort, candidate_of
from pipeline.reevaluation.confirmation import FOLDER
from pipeline.reevaluation.make import Asked, reevaluate
from tests.loglines import LABELS, START, answer, chat, spend_row, write_jsonl

RATE = 0.0005
NEWER_ROWS = 700
EFFORT = Effort(rows=1_500)


def follow(workspace, plan_id, seconds):
    """Does a plan's run in this process."""
    launched = run.launch(workspace, plan_id, lambda home, run_id: lease.this_process())
    if launched.state != "succeeded":
        worker.execute(workspace, launched.run_id)
    return views.show_run(workspace, launched.run_id)


def quiet(_):
    pass


def mail(rows, seed, days, first_day=0):
    """Mail about four topics in many words, so that few inputs are like another."""
    dice = random.Random(seed)
    for number in range(rows):
        at = START + timedelta(days=first_day, seconds=number * days * 86_400 / rows)
        label = dice.choice(sorted(LABELS))
        words = ("".join(dice.choice("bdfgklmnprst") + dice.choice("aeiou") for _ in range(4)) for _ in range(5))
        text = dice.choice(LABELS[label]).format(n=" ".join(words))
        system = "You sort customer mail of a shop. Answer with one word: refund, delivery, password or billing."
        yield spend_row(100_000 * seed + number, at, messages=chat(system, text), response=answer(label))


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A student made of twelve weeks; then four more weeks of the log; then a report with a probe."""
    folder = tmp_path_factory.mktemp("reeval")
    workspace = Workspace(folder / "home")

    def take_in(name, rows):
        analytics_api.import_files(workspace, [str(write_jsonl(folder / name, rows))], sample_rate=RATE)

    take_in("log.jsonl", mail(1_600, 1, 84))
    analytics_api.analyze(workspace)
    (task,) = analytics_api.portfolio(workspace)
    view = follow(workspace, api.plan(workspace, Recipe(alpha=0.1), task.task_id).plan_id, 0)
    assert view.state == "succeeded", view.error
    before = reevaluate(workspace, Asked(), follow, quiet)
    take_in("late.jsonl", mail(NEWER_ROWS, 9, 28, first_day=85))
    asked = Asked(task=task.name, probe=True, candidates=(candidate_of("lookup"),), effort=EFFORT)
    return workspace, view, before, reevaluate(workspace, asked, follow, quiet)


def test_the_first_report_compares_with_the_analysis(first):
    _, view, before, _ = first
    (task,) = before["tasks"]
    assert task["old"]["verdict"] == task["new"]["verdict"]
    assert task["student"]["student_id"] == view.student_id and task["kept"]
    assert task["fresh"] is None  # nothing came after its test


def test_newer_calls_are_analysed_and_asked_about(first):
    _, _, before, after = first
    (task,) = after["tasks"]
    assert after["compared_with"]["snapshot_id"] == before["hashes"]["analysis"] != after["hashes"]["analysis"]
    assert task["fresh"]["calls"] > 500 and task["fresh"]["agreement"]["value"] > 0.9
    assert task["action"] in ("keep", "retire") and task["action_why"].endswith(".")


def test_candidates_are_compared_on_rows_that_nobody_learned_from(first):
    workspace, view, _, after = first
    (probe,) = after["probes"]
    by_name = {one["name"]: one for one in probe["candidates"]}
    present, lookup = by_name["head:static"], by_name["lookup"]
    assert present["is_present"] and present["agreement"]["value"] > lookup["agreement"]["value"]
    assert lookup["against_present"]["difference"]["high"] < 0 and not lookup["against_present"]["is_better"]
    assert probe["student_agreement"]["n"] == probe["confirmation"]["rows"] >= 60
    card = api.student(workspace, view.student_id)
    assert probe["confirmation"]["from"] > card["calibrated_until"]
    assert probe["regressions"] and len(probe["regressions"]) <= 10
    assert {"call_id", "teacher", "old", "new", "confidence"} == probe["regressions"][0].keys()
    assert len({one["seed"] for one in api.students(workspace) if one["student_id"] != view.student_id}) == 1
    assert api.students(workspace)[0]["seed"] == PROBE_SEED


def test_a_probe_is_never_what_stands(first):
    _, view, _, after = first
    assert after["tasks"][0]["student"]["student_id"] == view.student_id
    assert not after["tasks"][0]["other_students"]


def test_the_rows_are_frozen_and_everyone_ever_compared_counts(first):
    workspace, _, _, after = first
    (probe,) = after["probes"]
    once = [one | {"name": "causal:earlier", "is_present": False} for one in probe["candidates"] if one["agreement"]]
    kept.keep(workspace, after | {"report_id": "reeval-earlier", "probes": [probe | {"candidates": once}]}, {})
    asked = Asked(task=after["tasks"][0]["name"], probe=True, candidates=(candidate_of("lookup"),), effort=EFFORT)
    (again,) = reevaluate(workspace, asked, follow, quiet)["probes"]
    assert again["confirmation"]["sha256"] == probe["confirmation"]["sha256"]
    assert (probe["family"], again["family"]) == (1, 2)
    (path,) = (workspace.reports / FOLDER).glob("*.json")
    rows = json.loads(path.read_text())
    path.write_text(json.dumps(rows | {"call_ids": rows["call_ids"][1:]}))
    (refused,) = reevaluate(workspace, asked, follow, quiet)["probes"]
    path.write_text(json.dumps(rows))
    assert "is not what was chosen" in refused["error"]


def test_caps_hold(first):
    workspace, _, _, after = first
    effort = Effort(rows=1_200, cap_usd=1e-7)
    asked = Asked(task=after["tasks"][0]["name"], probe=True, candidates=(candidate_of("lookup"),), effort=effort)
    (probe,) = reevaluate(workspace, asked, pytest.fail, quiet)["probes"]
    assert {one["state"] for one in probe["candidates"]} == {"skipped"} and probe["spent_usd"] == 0
    assert "caps" in probe["candidates"][0]["why"] and probe["error"]


def test_a_probe_without_candidates_says_what_to_name(first):
    with pytest.raises(InputError, match="--candidate"):
        reevaluate(first[0], Asked(probe=True), pytest.fail, quiet)


def test_documents_say_the_same_and_run_nothing(first):
    workspace, _, _, after = first
    html, markdown = (
        (workspace.reports / after["report_id"] / f"reevaluation.{kind}").read_text() for kind in ("html", "md")
    )
    assert "<script" not in html and not re.findall(r'(?:src|href)="(?!#)', html)
    for text in (html, markdown):
        for said in (
            "head:static",
            after["hashes"]["data"],
            after["probes"][0]["confirmation"]["sha256"][:16],
            "lookup",
        ):
            assert said in text
    assert (workspace.reports / after["report_id"] / "reevaluation.pdf").read_bytes().startswith(b"%PDF")


def test_reports_are_listed_read_and_verified(first):
    workspace, _, before, after = first
    listed = api.reevaluations(workspace)
    assert before["report_id"] == listed[-1]["report_id"]
    keys = {"report_id", "created_at", "trigger", "tasks", "actions", "next_due", "files"}
    assert all(keys == row.keys() for row in listed)
    assert all(set(row["files"]) == {"html", "pdf", "md"} for row in listed if row["report_id"] != "reeval-earlier")
    assert api.reevaluation(workspace, after["report_id"])["probes"] == after["probes"]
    with pytest.raises(UnknownName):
        api.reevaluation(workspace, "reeval-none")
    page = workspace.reports / before["report_id"] / "reevaluation.md"
    text = page.read_text()
    page.write_text(text + "x")
    with pytest.raises(DataMissing, match="damaged"):
        api.reevaluation(workspace, before["report_id"])
    page.write_text(text)


def test_a_price_set_since_the_last_report_is_told(first):
    workspace, _, _, after = first
    (task,) = after["tasks"]
    rates = {"in": "0.1", "out": "0.4"}
    append_user_price(workspace.prices, "openai/gpt-4o", rates, None, datetime.now(UTC))
    found = reevaluate(workspace, Asked(), follow, quiet)
    workspace.prices.unlink()
    (told,) = [one for one in found["changes"] if one["kind"] == "prices"]
    assert told["tasks"] == [task["task_id"]] and told["sentence"].startswith("The same calls of")
    assert (workspace.reports / found["report_id"] / "prices.json").exists()


def test_a_student_that_cannot_be_opened_is_to_be_made_again(first):
    workspace, view, _, after = first
    card = workspace.students / view.student_id / "card.json"
    text = card.read_text()
    card.write_text(text + " ")
    (task,) = reevaluate(workspace, Asked(), follow, quiet)["tasks"]
    card.write_text(text)
    assert task["action"] == after["tasks"][0]["action"] == "retire" or (task["action"], task["fresh"]) == (
        "retrain",
        None,
    )


@pytest.fixture
def command(first, capsys):
    app = App(name="spiritsafe", result_action="return_value")
    cli.mount(app)

    def call(*arguments):
        code = app([*arguments, "--home", str(first[0].home), "--json"], exit_on_error=False)
        return code, json.loads(capsys.readouterr().out)

    return call


def test_commands(command, first):
    _, _, before, after = first
    assert len(command("reeval", "list")[1]) >= 2
    assert command("reeval", "show", after["report_id"])[1]["report_id"] == after["report_id"]
    code, found = command("reeval", "compare", before["report_id"], after["report_id"])
    assert code is None and found["before"]["report_id"] == before["report_id"]
    assert not found["hashes"]["data"]["same"] and found["tasks"][0]["before"]["verdict"]
    name = after["tasks"][0]["name"]
    made = command("reeval", "snooze", name, "--until", "day 2999-01-01", "--reason", "later")[1]
    assert made["said"] == "day 2999-01-01" and command("reeval", "snoozed")[1] == [made]
    code, report = command("reeval", "--task", name, "--strict")
    assert (code, report["tasks"][0]["action"], report["tasks"][0]["asleep"]) == (0, "keep", "day 2999-01-01")
    assert command("reeval", "wake", name, "--reason", "now")[1]["is_awake"]


def test_a_schedule_is_printed_or_written(command, tmp_path):
    assert "spiritsafe.cron" in command("reeval", "--schedule")[1]["files"]
    assert command("reeval", "--schedule", "systemd", "--to", str(tmp_path))[1]["written"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["spiritsafe-reeval.service", "spiritsafe-reeval.timer"]
    with pytest.raises(InputError, match="no command"):
        command("reeval", "lsit")


def test_without_an_analysis_it_says_what_comes_first(workspace):
    with pytest.raises(DataMissing, match="import"):
        api.reevaluate(workspace)


def test_a_worker_that_takes_too_long_is_stopped(first, monkeypatch):
    """A real detached worker, and a cap of time that its work cannot meet."""
    from pipeline.reevaluation import probing

    workspace, _, _, after = first
    task_id = after["tasks"][0]["task_id"]
    caps = probing.Caps(Effort(cap_seconds=0.5), 0.0)
    monkeypatch.setattr(probing.Caps, "refuses", lambda self, plan: None)
    effort = replace(Effort(), rows=1_300)
    began = time.monotonic()
    tried = probing.try_candidate(workspace, task_id, candidate_of("head:static"), effort, (0.1, 0.05), caps)
    assert tried.state == "stopped" and "runs resume" in tried.why and time.monotonic() - began < 60

"""Small real workspaces for the dashboard's tests: an imported log, its analysis, a student, a run that failed."""

import json
import random
from datetime import timedelta
from pathlib import Path

from analytics import api as analytics_api
from analytics.actors import at_terminal
from analytics.workspace import Workspace
from pipeline import api as pipeline_api
from pipeline import run
from pipeline.contracts import PairsSource
from pipeline.plan import Recipe
from tests.loglines import START, answer, chat, shop_mail, spend_row, write_jsonl
from tests.support import traffic

SAMPLE_RATE = 1.6e-5  # a row stands for 62,500 calls, so that the log costs what a mid-size company pays
CHATS = ("tell me about the sea", "write a poem", "plan my holiday", "explain inflation", "draft a letter")
RUN_WAIT_S = 120.0


def with_log(folder: Path, rows: int = 1500) -> Workspace:
    """A log of two tasks, one closed and one open-ended, imported and analysed."""
    rng = random.Random(7)
    mail = [row for row in shop_mail(rows) if rng.random() > 0.1]  # weeks differ, as they do
    open_ended = [
        spend_row(
            rows + number,
            START + timedelta(hours=6 * number + rng.random()),
            messages=chat(
                "You are a helpful assistant for anything and everything.", f"{CHATS[number % 5]} number {number}"
            ),
            response=answer(f"Here is a long and different answer {number}: " + "words " * (number % 40)),
        )
        for number in range(300)
        if rng.random() > 0.1
    ]
    workspace = Workspace(folder / "home")
    log = write_jsonl(folder / "log.jsonl", mail + open_ended)
    analytics_api.import_files(workspace, [str(log)], sample_rate=SAMPLE_RATE)
    analytics_api.analyze(workspace)
    return workspace


def mail_task(workspace: Workspace) -> str:
    """The id of the closed task."""
    return max(analytics_api.portfolio(workspace), key=lambda row: row.calls).task_id


def make_stale(workspace: Workspace, folder: Path) -> None:
    """One more import that the analysis does not count."""
    late = [spend_row(10_000 + number, START + timedelta(days=85, hours=number)) for number in range(20)]
    analytics_api.import_files(workspace, [str(write_jsonl(folder / "late.jsonl", late))], sample_rate=SAMPLE_RATE)


def train(workspace: Workspace, **choices: str) -> str:
    """A student of the closed task. Returns its id."""
    made = pipeline_api.plan(workspace, Recipe(alpha=0.1, **choices), mail_task(workspace))
    view = run.wait(workspace, pipeline_api.launch(workspace, at_terminal(), made.plan_id).run_id, RUN_WAIT_S)
    assert view.state == "succeeded", view
    return str(view.student_id)


def train_and_replay(workspace: Workspace) -> str:
    """A student of the closed task, replayed. Returns its id."""
    student_id = train(workspace)
    pipeline_api.replay(workspace, student_id)
    return student_id


def fail_a_run(workspace: Workspace, folder: Path) -> str:
    """A run that a quality gate stops: far too few pairs. Returns its id."""
    pairs = folder / "few.jsonl"
    pairs.write_text("".join(json.dumps({"q": f"question {n}", "a": f"answer {n}"}) + "\n" for n in range(12)))
    made = pipeline_api.plan(workspace, Recipe(), pairs=PairsSource(str(pairs), "q", "a"))
    view = run.wait(workspace, pipeline_api.launch(workspace, at_terminal(), made.plan_id).run_id, RUN_WAIT_S)
    assert view.state == "failed", view
    return view.run_id


def put_to_work(workspace: Workspace, student_id: str, task_id: str, days: int = 12) -> None:
    """Routed traffic of a student that was good for some days and then was not; the analysis counts it."""
    rule = traffic.promote(workspace, student_id, task_id, audit_share=0.5)
    made = traffic.Traffic(
        workspace, rule, start=START + timedelta(days=60)
    )  # within the log, so that its newest weeks stay what they are
    for day in range(days):
        for number in range(20):
            is_right = day < days // 3 or number % 2 == 0
            made.call(day, audited=is_right if number % 2 else True)
        made.call(day, served=False)
        made.failure(f"call-{made.count:06d}", "unsure", made.start + timedelta(days=day), student=None)
    made.settle()
    analytics_api.analyze(workspace)

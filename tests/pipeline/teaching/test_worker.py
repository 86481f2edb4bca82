"""Real workers, killed at random: nothing paid is lost, nothing is paid more often than cannot be helped."""

import json
import os
import random
import signal
import sqlite3
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.record import Record, plans, utc_now
from analytics.workspace import Workspace
from pipeline import lease, run, views
from pipeline.artifacts import canonical
from pipeline.code import code_version
from pipeline.contracts import PairsSource, PlanSpec
from pipeline.examples import EXAMPLES, read_table
from pipeline.launchers import local
from pipeline.plan import plan_id_of
from pipeline.source import current_version

WORKER = Path(__file__).parent / "teach_worker.py"
KEY = "sk-canary-5f1e0c7a9b3d"
DEADLINE_S = 120.0


class Runner:
    """One run of a workspace, started and killed as a process of its own."""

    def __init__(self, workspace: Workspace, spec: PlanSpec):
        self.workspace = workspace
        spec = replace(spec, data_version=current_version(workspace, spec))
        row = {"plan_id": plan_id_of(spec), "task_id": None, "spec": canonical(spec), "created_at": utc_now()}
        with Record(workspace).write() as connection:
            connection.execute(plans.insert().values(**row))
        self.owner = None
        self.run_id = run.launch(workspace, row["plan_id"], self._start).run_id

    def _start(self, workspace, run_id):
        self.owner = local.spawn(workspace, run_id, [sys.executable, str(WORKER), str(workspace.home), run_id])
        return self.owner

    def kill(self):
        os.kill(self.owner.pid, signal.SIGKILL)
        self.wait_for(lambda: not lease.process_lives(self.owner))

    def resume(self):
        run.resume(self.workspace, self.run_id, self._start)

    def wait_for(self, condition):
        until_s = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < until_s, "\n".join(run.log_tail(self.workspace, self.run_id))
            time.sleep(0.005)

    def end(self):
        self.wait_for(lambda: views.show_run(self.workspace, self.run_id).state in views.ENDED)
        return views.show_run(self.workspace, self.run_id)

    def ledger(self, query):
        file = self.workspace.runs / self.run_id / "ledger.sqlite"
        if not file.exists():
            return []
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def spent_micros(self):
        return (self.ledger("select sum(micros) from sends") or [(0,)])[0][0] or 0

    def repeats(self, provider):
        """Paid answers beyond one for each question; samples of one input are questions of their own."""
        (asked,) = self.ledger("select count(distinct key) from sends")[0]
        return len(provider.charges) - asked

    def answers(self):
        return dict(self.ledger("select key, raw from answers"))


@pytest.fixture
def runner(workspace, tmp_path, teaching, price, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    made = []

    def make(rows=80, cap_usd=None, **changes):
        file = tmp_path / "asked.jsonl"
        lines = [{"question": f"where is parcel number {n}", "answer": ("lost", "found")[n % 2]} for n in range(rows)]
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        spec = PlanSpec(
            None,
            "pairs",
            "",
            pairs=PairsSource(str(file), "question", "answer"),
            teaching=replace(teaching, **changes),
            cap_usd=cap_usd,
            code_version=code_version(),
        )
        made.append(Runner(workspace, spec))
        return made[-1]

    yield make
    for one in made:
        if lease.process_lives(one.owner):
            os.kill(one.owner.pid, signal.SIGKILL)


def kill_again_and_again(runner, provider, kills, rows, concurrency, seed, **changes):
    """Kill at random points of the asking, look at the books after each, and let the run end by itself."""
    draw = random.Random(seed)
    provider.delay_s = 0.01
    job = runner(rows, concurrency=concurrency, **changes)
    before = {}
    for _ in range(kills):
        seen, wanted = provider.requests, draw.randint(1, 8)
        job.wait_for(lambda seen=seen, wanted=wanted: provider.requests >= seen + wanted)
        time.sleep(draw.uniform(0, 0.03))
        job.kill()
        time.sleep(0.05)  # what was under way is billed by now
        assert job.spent_micros() >= provider.charged_micros()
        answers = job.answers()
        assert before.items() <= answers.items()
        before = answers
        assert views.show_run(job.workspace, job.run_id).state == "interrupted"
        job.resume()
    done = job.end()
    assert done.state == "succeeded", run.log_tail(job.workspace, job.run_id)
    assert before.items() <= job.answers().items()
    assert job.spent_micros() >= provider.charged_micros()
    assert done.spent_usd == pytest.approx(job.spent_micros() / 1e6)
    return job, done


def by_four(text):
    return ("lost", "found")[len(text) % 2]


def test_a_worker_killed_while_asking_goes_on_where_it_was(runner, provider):
    provider.answer = by_four
    job, _ = kill_again_and_again(runner, provider, kills=4, rows=100, concurrency=4, seed=1)
    assert job.repeats(provider) <= 4 * 4
    (count,) = job.ledger("select count(*) from sends")[0]
    assert count >= provider.requests  # a row may stand for a request that the kill kept from leaving
    table = read_table(job.workspace.home / taught_path(job), EXAMPLES)
    assert table["output_text"].to_pylist() == [by_four(text) for text in table["input_text"].to_pylist()]


@pytest.mark.slow
def test_fifty_kills_while_asking(runner, provider, capsys):
    provider.answer = by_four
    job, _ = kill_again_and_again(runner, provider, kills=50, rows=900, concurrency=8, seed=2)
    spent, charged = job.spent_micros(), provider.charged_micros()
    with capsys.disabled():
        print(
            f"\n50 kills: {provider.requests} requests, {job.repeats(provider)} repeats, {spent=} {charged=} micro-USD"
        )
    assert job.repeats(provider) <= 50 * 8


@pytest.mark.parametrize("moment", ["file", "batch", "poll", "results"])
def test_a_worker_killed_at_any_step_of_a_batch_pays_nothing_twice(runner, provider, moment):
    seen = []
    provider.on_event = seen.append
    provider.batch_polls = 20
    job = runner(60, use_batch=True)
    job.wait_for(lambda: moment in seen)
    job.kill()
    assert job.spent_micros() >= provider.charged_micros()
    job.resume()
    assert job.end().state == "succeeded"
    assert job.repeats(provider) == 0 and job.spent_micros() >= provider.charged_micros()


@pytest.mark.slow
def test_fifty_kills_in_batch_mode(runner, provider, capsys):
    draw, job, jobs = random.Random(3), None, []
    provider.batch_polls = 8
    events = []
    provider.on_event = events.append
    for number in range(50):
        if job is None:
            job = runner(60 + number, use_batch=True)
            jobs.append(job)
        seen, wanted = len(events), draw.randint(1, 6)
        job.wait_for(
            lambda seen=seen, wanted=wanted, job=job: (
                len(events) >= seen + wanted or views.show_run(job.workspace, job.run_id).state == "succeeded"
            )
        )
        if views.show_run(job.workspace, job.run_id).state == "succeeded":
            job = None
            continue
        time.sleep(draw.uniform(0, 0.03))
        job.kill()
        assert sum(one.spent_micros() for one in jobs) >= provider.charged_micros()
        job.resume()
    if job is not None:
        assert job.end().state == "succeeded"
    with capsys.disabled():
        print(f"\n50 kills in batch mode: {len(jobs)} runs, {provider.requests} lines")
    assert sum(one.ledger("select count(distinct key) from sends")[0][0] for one in jobs) == len(provider.charges)


def taught_path(job):
    with Record(job.workspace).read() as connection:
        from analytics.record import stages

        row = connection.execute(stages.select().where(stages.c.stage == "teach")).one()
    return f"{row.path}/examples.parquet"


def test_a_cap_ends_the_run_with_5_and_a_higher_one_lets_it_go_on(runner, provider, workspace):
    from pipeline.teaching import budget

    job = runner(100, cap_usd=0.002)
    stopped = job.end()
    assert (stopped.state, stopped.exit_code) == ("failed", 5) and "spiritsafe runs cap" in stopped.error
    assert 0 < provider.charged_micros() <= 2_000 and stopped.spent_usd <= 0.002
    budget.set_run_cap(Record(workspace), job.run_id, 1.0)
    job.resume()
    assert job.end().state == "succeeded" and job.repeats(provider) == 0


def test_a_poor_teacher_ends_the_run_with_4(runner, provider):
    draw = random.Random(1)
    provider.answer = lambda text: draw.choice(["lost", "found"])
    ended = runner(100).end()
    assert (ended.state, ended.exit_code) == ("failed", 4) and "least accuracy" in ended.error
    assert provider.requests == 120


def test_stopping_a_run_stops_the_spending(runner, provider, workspace):
    provider.delay_s = 0.1
    job = runner(300)
    job.wait_for(lambda: provider.requests > 10)
    run.stop(workspace, job.run_id)
    assert job.end().state == "cancelled"
    paid = provider.requests
    time.sleep(0.3)
    assert provider.requests == paid


def test_the_key_is_in_no_file_and_no_output(runner, provider, workspace):
    """The provider quotes the key in its refusal; it was sent, and it is nowhere."""
    provider.fault = lambda number: "401" if number > 5 else "500" if number == 3 else None
    ended = runner(60).end()
    assert (ended.state, ended.exit_code) == ("failed", 1) and "key" in ended.error
    assert provider.seen_keys == {f"Bearer {KEY}"}
    files = [path for path in workspace.home.rglob("*") if path.is_file()]
    assert len(files) > 5 and not [path for path in files if KEY.encode() in path.read_bytes()]
    assert KEY not in json.dumps([ended.error, run.log_tail(workspace, ended.run_id)])

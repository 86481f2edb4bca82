"""Runs as real detached processes: they outlive their parent, a kill, a stop and a double start."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analytics.errors import DataMissing, UnknownName
from analytics.record import Record, runs, stages, students
from analytics.workspace import Workspace
from pipeline import lease, run, views
from pipeline.contracts import STAGES
from pipeline.launchers import local

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, write_plan):
    """The student that a run makes when nothing happens to it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    workspace = Workspace(folder / "home").create()
    (folder / "pairs.jsonl").write_text('{"question": "where", "answer": "here"}\n')
    plan_id = write_plan(workspace, folder / "pairs.jsonl", seed=1)
    fake = [sys.executable, str(HERE / "fake_worker.py"), str(workspace.home)]
    run_id = run.launch(workspace, plan_id, lambda home, name: local.spawn(home, name, [*fake, name])).run_id
    return run.wait(workspace, run_id, 30).student_id


def started(stage):
    return lambda view: any(one.name == stage and one.state == "started" for one in view.stages)


def ended(view):
    return view.state in views.ENDED


def test_a_run_ends_with_a_registered_student(workspace, make_plan_row, start):
    view = run.launch(workspace, make_plan_row(), start)
    assert view.state in ("queued", "running")
    view = run.wait(workspace, view.run_id, 30)
    assert (view.state, view.progress, view.error, view.exit_code) == ("succeeded", 1.0, None, 0)
    assert view.student_id.startswith("head-")
    assert [stage.state for stage in view.stages] == ["succeeded"] * len(STAGES)
    assert view.started_at and view.ended_at and view.spent_usd == 0


def test_a_run_outlives_the_process_that_launched_it(workspace, make_plan_row, start, hold, until):
    plan_id, held = make_plan_row(), hold("collect")
    script = f"""
import sys; sys.path.insert(0, {str(HERE)!r})
from pathlib import Path
from analytics.workspace import Workspace
from pipeline import run
from pipeline.launchers import local
ws = Workspace(Path({str(workspace.home)!r}))
fake = lambda ws, id: local.spawn(ws, id, [sys.executable, {str(HERE / "fake_worker.py")!r}, str(ws.home), id])
print(run.launch(ws, {plan_id!r}, fake).run_id)
"""
    parent = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    run_id = parent.stdout.strip()
    until(run_id, started("collect"))
    with Record(workspace).read() as connection:
        start.owners.append(lease.live(connection, views.lease_name(run_id)).owner)
    assert os.getsid(start.owners[0].pid) == start.owners[0].pid  # a session of its own
    held.unlink()
    assert until(run_id, ended).state == "succeeded"


@pytest.mark.parametrize("stage", STAGES)
def test_killed_in_any_stage_and_resumed_the_student_is_the_same(
    undisturbed, workspace, make_plan_row, start, hold, until, kill, stage
):
    held = hold(stage)
    run_id = run.launch(workspace, make_plan_row(), start).run_id
    until(run_id, started(stage))
    kill(run_id)
    assert views.show_run(workspace, run_id).state == "interrupted"
    held.unlink()
    assert run.resume(workspace, run_id, start).state in ("queued", "running")
    view = until(run_id, ended)
    assert (view.state, view.student_id) == ("succeeded", undisturbed)
    kept = [line for line in run.log_tail(workspace, run_id) if line.endswith(": kept")]
    assert len(kept) == STAGES.index(stage)


def test_a_corrupted_stage_is_done_again(undisturbed, workspace, make_plan_row, start, hold, until, kill):
    held = hold("evaluate")
    run_id = run.launch(workspace, make_plan_row(), start).run_id
    until(run_id, started("evaluate"))
    kill(run_id)
    held.unlink()
    (made,) = (workspace.runs / run_id).glob("train-*/made.json")
    made.write_text(made.read_text().replace("train", "drain"))
    run.resume(workspace, run_id, start)
    assert until(run_id, ended).student_id == undisturbed
    assert any("train: its files are damaged" in line for line in run.log_tail(workspace, run_id))


def test_launching_twice_starts_one_run(workspace, make_plan_row, start, hold, run_count, until):
    plan_id, held = make_plan_row(), hold("filter")
    first = run.launch(workspace, plan_id, start)
    second = run.launch(workspace, plan_id, start)
    assert first.run_id == second.run_id
    held.unlink()
    until(first.run_id, ended)
    third = run.launch(workspace, plan_id, start)
    assert (third.run_id, third.state, run_count(), len(start.owners)) == (first.run_id, "succeeded", 1, 1)


def test_launches_at_the_same_moment_start_one_run(workspace, make_plan_row, start, run_count):
    plan_id = make_plan_row()
    with ThreadPoolExecutor(4) as pool:
        views_seen = list(pool.map(lambda _: run.launch(workspace, plan_id, start), range(4)))
    assert len({view.run_id for view in views_seen}) == run_count() == len(start.owners) == 1


def test_a_second_run_waits_for_the_first(workspace, make_plan_row, start, hold, until):
    held = hold("train")
    first = run.launch(workspace, make_plan_row(1), start).run_id
    until(first, started("train"))
    second = run.launch(workspace, make_plan_row(2), start).run_id
    time.sleep(1.2)
    assert views.show_run(workspace, second).state == "queued"
    assert views.show_run(workspace, first).state == "running"
    held.unlink()
    assert until(second, ended).state == "succeeded"
    assert views.show_run(workspace, first).state == "succeeded"


def test_stop_ends_a_run_within_ten_seconds_and_resume_goes_on(
    undisturbed, workspace, make_plan_row, start, hold, until
):
    held = hold("train")
    run_id = run.launch(workspace, make_plan_row(), start).run_id
    until(run_id, started("train"))
    asked_s = time.monotonic()
    run.stop(workspace, run_id)
    assert run.wait(workspace, run_id, 15).state == "cancelled"
    assert time.monotonic() - asked_s < 10
    held.unlink()
    run.resume(workspace, run_id, start)
    assert until(run_id, ended).student_id == undisturbed


def test_a_queued_run_can_be_stopped(workspace, make_plan_row, start, hold, until):
    hold("collect")
    first = run.launch(workspace, make_plan_row(1), start).run_id
    until(first, started("collect"))
    second = run.launch(workspace, make_plan_row(2), start).run_id
    run.stop(workspace, second)
    assert run.wait(workspace, second, 15).state == "cancelled"
    assert views.show_run(workspace, first).state == "running"


def test_stopping_an_interrupted_run_cancels_it(workspace, make_plan_row, start, hold, until, kill):
    hold("collect")
    run_id = run.launch(workspace, make_plan_row(), start).run_id
    until(run_id, started("collect"))
    kill(run_id)
    assert run.stop(workspace, run_id).state == "cancelled"


@pytest.mark.parametrize(
    ("error", "exit_code", "shown"),
    [
        ("QualityGateFailed", 4, "would not do"),
        ("DataMissing", 3, "would not do"),
        ("ValueError", 1, "a bug"),
        ("disk full", 1, "disk is full; free"),
    ],
)
def test_a_failing_stage_fails_the_run_with_its_message_and_code(
    undisturbed, workspace, make_plan_row, start, until, error, exit_code, shown
):
    fail = workspace.home / "fail-evaluate"
    fail.write_text(error)
    run_id = run.launch(workspace, make_plan_row(), start).run_id
    view = until(run_id, ended)
    assert (view.state, view.stage, view.exit_code) == ("failed", "evaluate", exit_code)
    assert shown in view.error
    fail.unlink()
    run.resume(workspace, run_id, start)
    assert until(run_id, ended).student_id == undisturbed


def test_a_worker_that_lost_its_lease_commits_nothing(workspace, make_plan_row, start, hold, until):
    """Stop a worker (SIGSTOP), let another finish the run, wake the first: it must leave no trace."""
    held = hold("train")
    run_id = run.launch(workspace, make_plan_row(), start).run_id
    until(run_id, started("train"))
    sleeper = start.owners[0]
    os.kill(sleeper.pid, signal.SIGSTOP)
    expire(workspace, run_id)
    assert views.show_run(workspace, run_id).state == "interrupted"
    held.unlink()
    run.resume(workspace, run_id, start)
    done = until(run_id, ended)
    assert done.state == "succeeded"
    before = record_dump(workspace)
    os.kill(sleeper.pid, signal.SIGCONT)
    deadline_s = time.monotonic() + 20
    while lease.process_lives(sleeper):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
    assert record_dump(workspace) == before
    assert any("taken over" in line for line in run.log_tail(workspace, run_id))


def test_changed_pairs_are_refused(workspace, make_plan_row, start, pairs_file):
    plan_id = make_plan_row()
    with pairs_file.open("a") as file:
        file.write('{"question": "new", "answer": "lost"}\n')
    with pytest.raises(DataMissing, match=r"pairs.*changed since the plan"):
        run.launch(workspace, plan_id, start)
    assert start.owners == []


def test_unknown_names_list_the_known(workspace, make_plan_row):
    known = make_plan_row()
    with pytest.raises(UnknownName, match=known):
        run.launch(workspace, "plan_nothing")
    with pytest.raises(UnknownName, match="none yet"):
        run.resume(workspace, "run_nothing")


def test_a_worker_for_a_run_in_other_hands_is_refused(workspace, make_plan_row, start, hold, until):
    hold("collect")
    run_id = run.launch(workspace, make_plan_row(), start).run_id
    until(run_id, started("collect"))
    command = [sys.executable, str(HERE / "fake_worker.py"), str(workspace.home), run_id]
    other = subprocess.run(command, capture_output=True, text=True, check=False)
    assert other.returncode != 0
    assert "another process" in other.stderr


def expire(workspace, run_id):
    """What thirty seconds without a heartbeat do."""
    with Record(workspace).write() as connection:
        for name in (views.lease_name(run_id), views.SLOT):
            table = lease.leases
            past = "2026-01-01T00:00:00+00:00"
            connection.execute(table.update().where(table.c.name == name).values(expires_at=past))


def record_dump(workspace):
    with Record(workspace).read() as connection:
        return [connection.execute(table.select()).all() for table in (runs, stages, students)]


@pytest.mark.slow
def test_twenty_kills_at_random_moments_leave_nothing_behind(undisturbed, workspace, make_plan_row, start):
    (workspace.home / "slow").touch()
    moments = random.Random(20)
    run_id = run.launch(workspace, make_plan_row(), start).run_id
    kills = 0
    while kills < 20 and views.show_run(workspace, run_id).state not in views.FINISHED:
        time.sleep(moments.uniform(0.05, 0.6))
        owner = start.owners[-1]
        if lease.process_lives(owner):
            os.kill(owner.pid, signal.SIGKILL)
            kills += 1
        while lease.process_lives(owner):
            time.sleep(0.01)
        run.resume(workspace, run_id, start)
    view = run.wait(workspace, run_id, 30)
    assert kills > 3
    assert (view.state, view.student_id) == ("succeeded", undisturbed)
    assert not list((workspace.runs / run_id).glob(".part-*"))
    assert [folder.name for folder in workspace.students.iterdir()] == [undisturbed]

"""A workspace with a plan over pairs, and workers with fake stages as real detached processes."""

import json
import os
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pyarrow as pa
import pytest

import analytics
from analytics.errors import UnknownName
from analytics.record import Record, plans, runs, utc_now
from analytics.workspace import Workspace
from pipeline import lease, run, views
from pipeline.artifacts import canonical
from pipeline.code import code_version
from pipeline.contracts import PairsSource, PlanSpec
from pipeline.examples import EXAMPLES
from pipeline.launchers import local
from pipeline.plan import plan_id_of
from pipeline.source import current_version

FAKE_WORKER = Path(__file__).parent / "fake_worker.py"
DEADLINE_S = 30.0


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "home").create()


@pytest.fixture
def pairs_file(tmp_path):
    file = tmp_path / "pairs.jsonl"
    rows = [{"question": f"where is parcel {n}", "answer": ("lost", "found")[n % 2]} for n in range(40)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def _write_plan(workspace, pairs_file, seed):
    pairs = PairsSource(str(pairs_file), "question", "answer")
    spec = PlanSpec(None, "pairs", "", pairs=pairs, seed=seed, code_version=code_version())
    spec = replace(spec, data_version=current_version(workspace, spec))
    row = {"plan_id": plan_id_of(spec), "task_id": None, "spec": canonical(spec), "created_at": utc_now()}
    with Record(workspace).write() as connection:
        connection.execute(plans.insert().values(**row))
    return row["plan_id"]


@pytest.fixture(scope="session")
def write_plan():
    """Writes a plan over pairs to the record as ``spiritsafe plan`` does; returns its id."""
    return _write_plan


@pytest.fixture
def make_plan_row(workspace, pairs_file):
    return lambda seed=1: _write_plan(workspace, pairs_file, seed)


@pytest.fixture
def start():
    """A launcher of fake workers; whatever still runs at the end of the test is ended."""
    started = []

    def start_fake(workspace, run_id):
        owner = local.spawn(workspace, run_id, [sys.executable, str(FAKE_WORKER), str(workspace.home), run_id])
        started.append(owner)
        return owner

    start_fake.owners = started
    yield start_fake
    for owner in started:
        if lease.process_lives(owner):
            os.kill(owner.pid, signal.SIGKILL)


@pytest.fixture
def until(workspace):
    """Waits until a run satisfies a condition; fails with its log when it does not."""

    def wait(run_id, condition, what="the condition"):
        deadline_s = time.monotonic() + DEADLINE_S
        while not condition(view := views.show_run(workspace, run_id)):
            assert time.monotonic() < deadline_s, f"{what} never came: {view}\n{run.log_tail(workspace, run_id)}"
            time.sleep(0.03)
        return view

    return wait


@pytest.fixture
def hold(workspace):
    """Keeps a stage of the fake worker going until it is let go."""

    def keep(stage):
        file = workspace.home / f"hold-{stage}"
        file.touch()
        return file

    return keep


@pytest.fixture
def kill(workspace):
    """Kill -9 for the worker of a run."""

    def kill_worker(run_id):
        with Record(workspace).read() as connection:
            owner = lease.live(connection, views.lease_name(run_id)).owner
        os.kill(owner.pid, signal.SIGKILL)
        deadline_s = time.monotonic() + DEADLINE_S
        while lease.process_lives(owner):
            assert time.monotonic() < deadline_s
            time.sleep(0.01)

    return kill_worker


@pytest.fixture
def run_count(workspace):
    def count():
        with Record(workspace).read() as connection:
            return len(connection.execute(runs.select()).all())

    return count


CALL_COLUMNS = pa.schema([*(field for field in EXAMPLES if field.name != "role"), ("served_by", pa.string())])


class FakeLog:
    """What analytics says about one task; tests fill it with rows."""

    def __init__(self):
        self.rows, self.audits = [], []
        self.version = "data-1"

    def add(self, **row):
        at = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=len(self.rows))
        usual = {
            "call_id": f"call-{len(self.rows):05d}",
            "requested_at": at,
            "input_text": "where",
            "output_text": "lost",
        }
        usual |= {"status": "success", "is_truncated": False, "is_retry": False, "latency_ms": 800.0, "weight": 1.0}
        self.rows.append(usual | {"cost_usd": Decimal("0.01"), "served_by": "teacher"} | row)

    def find_task(self, workspace, name):
        if name not in ("support", "task-1"):
            raise UnknownName("task", name, ["support"])
        return SimpleNamespace(task_id="task-1", name="support", calls=len(self.rows))

    def task_calls(self, workspace, task_id):
        assert task_id == "task-1"
        return pa.Table.from_pylist(self.rows, schema=CALL_COLUMNS)

    def audited_answers(self, workspace, task_id):
        kinds = {
            "call_id": pa.string(),
            "agrees": pa.bool_(),
            "propensity": pa.float64(),
            "teacher_output": pa.string(),
        }
        return pa.Table.from_pylist(self.audits, schema=pa.schema(kinds))

    def data_version(self, workspace):
        return self.version


@pytest.fixture
def log(monkeypatch, workspace):
    """Stands in for analytics.api: the pipeline reads the log through these functions only."""
    with Record(workspace).write():
        pass  # an import has made the record
    fake = FakeLog()
    module = ModuleType("analytics.api")
    for name in ("find_task", "task_calls", "audited_answers", "data_version"):
        setattr(module, name, getattr(fake, name))
    monkeypatch.setitem(sys.modules, "analytics.api", module)
    monkeypatch.setattr(analytics, "api", module, raising=False)
    return fake

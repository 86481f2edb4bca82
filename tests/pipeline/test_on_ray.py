"""A real run on a Ray cluster of this machine: submitted, killed once, resumed, succeeded."""

import json
import os
import random
import signal
import time

import pytest
from corpus import TOPICS, sentence

from analytics.record import Record
from pipeline import lease, run, views
from pipeline.contracts import PairsSource
from pipeline.launch_options import LaunchOptions
from pipeline.plan import Recipe, make_plan

pytestmark = pytest.mark.slow
DEADLINE_S = 240.0


@pytest.fixture
def cluster(monkeypatch):
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 2})
    monkeypatch.setenv("RAY_ADDRESS", made.address)
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture
def plan_id(workspace, tmp_path):
    dice = random.Random(5)
    rows = [{"text": sentence(dice, topic), "label": topic} for _ in range(250) for topic in sorted(TOPICS)]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pairs = PairsSource(str(tmp_path / "pairs.jsonl"), "text", "label")
    return make_plan(workspace, Recipe(), pairs=pairs).plan_id


def until(workspace, run_id, condition):
    deadline_s = time.monotonic() + DEADLINE_S
    while not condition(view := views.show_run(workspace, run_id)):
        assert time.monotonic() < deadline_s, (view, run.log_tail(workspace, run_id))
        time.sleep(0.05)
    return view


def test_a_run_on_a_cluster_survives_the_kill_of_its_worker(cluster, workspace, plan_id):
    begun = run.launch(workspace, plan_id, options=LaunchOptions("ray"))
    until(workspace, begun.run_id, lambda view: any(stage.state == "succeeded" for stage in view.stages))
    with Record(workspace).read() as connection:
        owner = lease.live(connection, views.lease_name(begun.run_id)).owner
    assert owner.pid != os.getpid()
    os.kill(owner.pid, signal.SIGKILL)
    until(workspace, begun.run_id, lambda view: view.state == "interrupted")
    run.resume(workspace, begun.run_id)
    ended = until(workspace, begun.run_id, lambda view: view.state in views.ENDED)
    assert (ended.state, ended.error) == ("succeeded", None) and ended.student_id
    assert any(line.endswith(": kept") for line in run.log_tail(workspace, begun.run_id))

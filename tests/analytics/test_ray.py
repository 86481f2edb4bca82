"""The same SQL on a cluster of two machines gives the same marts, also when a machine dies on the way."""

import shutil
import threading
import time

import pyarrow.parquet as pq
import pytest

from analytics.analyze import analyze
from analytics.errors import InputError, SpiritsafeError
from analytics.ingest import import_files
from analytics.partials import PARTIALS
from analytics.workspace import Workspace
from tests.loglines import shop_mail, write_jsonl

pytestmark = pytest.mark.slow
FILES, ROWS_A_FILE = 12, 400


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    """Two workspaces with the same calls in many small segments, and shards small enough to be many."""
    folder = tmp_path_factory.mktemp("ray")
    rows = list(shop_mail(FILES * ROWS_A_FILE))
    (folder / "logs").mkdir()
    for number in range(FILES):
        write_jsonl(folder / "logs" / f"{number:02}.jsonl", rows[number * ROWS_A_FILE : (number + 1) * ROWS_A_FILE])
    import_files(Workspace(folder / "local"), [str(folder / "logs")])
    shutil.copytree(folder / "local", folder / "cluster")
    return Workspace(folder / "local"), Workspace(folder / "cluster")


@pytest.fixture
def two_machines(monkeypatch):
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    second = cluster.add_node(num_cpus=1)
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    yield cluster, second
    ray.shutdown()
    cluster.shutdown()


def marts(workspace):
    (folder,) = [path for path in workspace.snapshots.iterdir() if not path.name.startswith(".")]
    return {
        name: sorted(map(str, pq.read_table(folder / f"{name}.parquet").to_pylist()))
        for name in (*PARTIALS, "node_tasks", "tasks")
    }


def test_a_cluster_that_loses_a_machine_gives_the_same_marts(homes, two_machines, monkeypatch):
    monkeypatch.setattr("analytics.shards.ROWS_A_SHARD", ROWS_A_FILE)
    local, on_cluster = homes
    cluster, second = two_machines
    analyze(local)
    done_when_killed = []
    killer = threading.Thread(target=lambda: done_when_killed.append(_kill(cluster, second, on_cluster)))
    killer.start()
    analyze(on_cluster, "ray")
    killer.join()
    assert 0 < done_when_killed[0] < FILES  # of two passes over as many shards
    assert marts(on_cluster) == marts(local)


def _kill(cluster, machine, workspace):
    """Take a machine away once a first shard is done; gives how many were."""
    deadline = time.monotonic() + 120
    while not (done := len(list(workspace.partials.glob("*")))) and time.monotonic() < deadline:
        time.sleep(0.02)
    cluster.remove_node(machine, allow_graceful=False)
    return done


def test_ray_without_an_address_says_what_to_set(homes, monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(InputError, match="RAY_ADDRESS"):
        analyze(homes[0], "ray")


def stored(workspace):
    """Every stored call, without the names of its files and workers."""
    paths = sorted(workspace.calls.rglob("*.parquet"))
    return sorted(map(str, pq.read_table(paths).to_pylist()))


@pytest.fixture
def big_log(tmp_path, monkeypatch):
    monkeypatch.setattr("analytics.ingest.SMALL_BYTES", 1)
    rows = list(shop_mail(6_000))
    write_jsonl(tmp_path / "log.jsonl", [*rows, *rows[:100]])
    return tmp_path / "log.jsonl"


def test_an_import_on_a_cluster_stores_the_same_calls(big_log, two_machines, tmp_path):
    local, on_cluster = Workspace(tmp_path / "here"), Workspace(tmp_path / "there")
    here = import_files(local, [str(big_log)])
    on_cluster.create()
    shutil.copy(local.privacy_key, on_cluster.privacy_key)  # so that hashes and tokens can be compared
    there = import_files(on_cluster, [str(big_log)], engine="ray")
    assert (
        (there.rows_in, there.calls, there.duplicates)
        == (here.rows_in, here.calls, here.duplicates)
        == (6_100, 6_000, 100)
    )
    assert stored(local) == stored(on_cluster)


def test_an_import_that_loses_a_worker_stores_nothing_and_can_be_done_again(
    big_log, two_machines, tmp_path, monkeypatch
):
    from analytics.crew_ray import Reader

    workspace = Workspace(tmp_path / "home")

    def dies(self, block):
        import os

        os._exit(1)

    with monkeypatch.context() as broken:
        broken.setattr(Reader, "read", dies)
        with pytest.raises(SpiritsafeError, match="died; nothing of this file was stored"):
            import_files(workspace, [str(big_log)], engine="ray")
    assert not list(workspace.calls.rglob("part-*.parquet"))
    assert import_files(workspace, [str(big_log)]).calls == 6_000

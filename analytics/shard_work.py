"""The work on one shard: evidence of its tasks, then everything that is counted. It reads that shard and nothing else.

Both functions take and give plain values, so that they run in this process or on another machine alike.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from analytics.partials import PARTIALS
from analytics.shards import Shard
from analytics.store import Store, open_store
from analytics.tasks.assign import assign_calls
from analytics.tasks.evidence import gather
from analytics.tasks.model import TaskModel
from analytics.workspace import SQL, Workspace

Tables = dict[str, pa.Table]


class ShardJob(NamedTuple):
    """Which shard, and what is known of the tasks so far."""

    home: str
    shard: Shard
    model_folder: str = ""


def read_evidence(job: ShardJob) -> Tables:
    """What discovery wants to know of a shard: bounded samples, and the models that need a price."""
    with open_store(Workspace(Path(job.home)), segments=job.shard.paths) as store:
        return {**vars(gather(store)), "models": store.query("list_models")}


def measure_shard(job: ShardJob) -> Tables:
    """The node of every call of a shard, and every partial. CheckFailed when they do not add up."""
    model = TaskModel.load(Path(job.model_folder))
    assert model is not None
    with open_store(Workspace(Path(job.home)), segments=job.shard.paths) as store:
        call_nodes = assign_calls(store, model)
        return {"call_nodes": call_nodes, **measure(store, call_nodes)}


def measure(store: Store, call_nodes: pa.Table) -> Tables:
    """Every partial of what the store shows, checked."""
    store.register("call_nodes", call_nodes)
    store.keep("call_facts")
    found = {name: store.run(SQL / "partials" / f"{name}.sql") for name in PARTIALS}
    store.partial_views(PARTIALS, found)
    store.check("shard")
    return found


def merge(store: Store, parts: Mapping[str, Sequence[pa.Table]]) -> Tables:
    """Partials of several shards as those of one: see sql/merges."""
    found: Tables = {}
    for name, tables in parts.items():
        store.register(f"{name}_parts", pa.concat_tables(tables, promote_options="permissive"))
        found[name] = store.run(SQL / "merges" / f"{name}.sql")
    return found

"""All three steps over everything that a store shows: learn, assign, and tell the tasks."""

import pyarrow as pa

from analytics.store import Store
from analytics.tasks.assign import assign_calls
from analytics.tasks.edits import read_edits
from analytics.tasks.evidence import gather
from analytics.tasks.learn import learn
from analytics.tasks.model import TaskModel
from analytics.tasks.portfolio import FoundTask, NodeUsage, portfolio

__all__ = ["FoundTask", "discover", "discover_with"]


def discover(store: Store) -> tuple[list[FoundTask], pa.Table]:
    """The tasks of everything stored, and the table ``call_tasks``."""
    tasks, call_tasks, _ = discover_with(store, None)
    return tasks, call_tasks


def discover_with(store: Store, previous: TaskModel | None) -> tuple[list[FoundTask], pa.Table, TaskModel]:
    """``discover``, given what an earlier analysis learned; and the model that this one learned."""
    edits = read_edits(store.workspace)
    model = learn(gather(store), previous, edits)
    nodes = assign_calls(store, model)
    store.register("found_nodes", nodes)
    found = portfolio(model, edits, usage_of(store))
    tasks = pa.array(
        [found.task_of.get(node, found.task_of.get(node.split("@")[0])) for node in nodes["node_id"].to_pylist()]
    )
    return found.tasks, pa.table({"call_id": nodes["call_id"], "task_id": tasks}), model


def usage_of(store: Store) -> dict[str, NodeUsage]:
    """Exact calls, period and models of each node, of the table ``found_nodes``."""
    return {
        row["node_id"]: NodeUsage(row["calls"], row["first_at"], row["last_at"], tuple(row["models"]))
        for row in store.rows("sum_nodes")
    }

"""From shards to tasks and counts: every shard is read at most twice in its life, and never for what is kept of it.

First pass: evidence of the tasks, bounded whatever the shard holds. Second pass: the node of each call and every
partial. What several analyses have merged is kept as well, so one more day costs that day.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa

from analytics.contracts import NODE_TASKS
from analytics.engine import Engine
from analytics.errors import CheckFailed
from analytics.partials import PARTIALS, Kept, partial_key, table_hash
from analytics.prices import Asked, PriceBook
from analytics.shard_work import ShardJob, Tables, measure_shard, merge, read_evidence
from analytics.shards import Shard
from analytics.store import Store
from analytics.tasks.evidence import Evidence
from analytics.tasks.evidence import merge as merge_evidence
from analytics.tasks.portfolio import NodeUsage, Portfolio
from analytics.workspace import Workspace

EVIDENCE = tuple(field.name for field in fields(Evidence))
MERGED_AT_ONCE = 16  # tables held in memory together


@dataclass(frozen=True)
class Counted:
    """What one analysis counted."""

    call_nodes: list[Path]  # one file a shard
    partials: Tables


def evidence_key(shard: Shard) -> str:
    """Under which the evidence of a shard is kept."""
    return partial_key("evidence", shard.shard_id)


def fill_evidence(kept: Kept, engine: Engine, shards: Sequence[Shard]) -> None:
    """First pass: read the evidence of those shards for which none is kept."""
    jobs = [ShardJob(str(kept.workspace.home), shard) for shard in shards]
    _fill(kept, engine, read_evidence, [evidence_key(shard) for shard in shards], jobs)


def merged_evidence(kept: Kept, shards: Sequence[Shard]) -> Evidence:
    """Evidence of all shards as of one."""
    return Evidence(**_folded(kept, [evidence_key(shard) for shard in shards], EVIDENCE, _merge_evidence))


def measure_shards(
    kept: Kept, engine: Engine, store: Store, shards: Sequence[Shard], model_folder: Path, model_version: str
) -> Counted:
    """Nodes and partials of all shards."""
    gold = _gold_version(kept.workspace)
    keys = [
        partial_key("measures", shard.shard_id, prices, model_version, gold)
        for shard, prices in zip(shards, _priced(kept, shards), strict=True)
    ]
    jobs = [ShardJob(str(kept.workspace.home), shard, str(model_folder)) for shard in shards]
    _fill(kept, engine, measure_shard, keys, jobs)
    partials = _folded(kept, keys, PARTIALS, lambda parts: merge(store, parts))
    return Counted([kept.path(key, "call_nodes") for key in keys], partials)


def _fill(
    kept: Kept, engine: Engine, work: Callable[[ShardJob], Tables], keys: Sequence[str], jobs: Sequence[ShardJob]
) -> None:
    """Do the work of those shards for which it is not kept yet."""
    missing = [(key, job) for key, job in zip(keys, jobs, strict=True) if not kept.has(key)]
    results = engine.run(work, [job for _, job in missing])
    for (key, _), tables in zip(missing, results, strict=True):
        kept.write(key, tables)


def _merge_evidence(parts: dict[str, list[pa.Table]]) -> Tables:
    return vars(merge_evidence([Evidence(*tables) for tables in zip(*(parts[name] for name in EVIDENCE), strict=True)]))


def _folded(
    kept: Kept, keys: Sequence[str], names: Sequence[str], merge_parts: Callable[[dict[str, list[pa.Table]]], Tables]
) -> Tables:
    """The kept tables of all shards as those of one. Every stretch of shards that was merged before is kept too."""
    level = list(keys)
    while len(level) > 1:
        level = [
            _merged_key(kept, level[at : at + MERGED_AT_ONCE], names, merge_parts)
            for at in range(0, len(level), MERGED_AT_ONCE)
        ]
    return {name: kept.read(level[0], name) for name in names}


def _merged_key(
    kept: Kept, keys: Sequence[str], names: Sequence[str], merge_parts: Callable[[dict[str, list[pa.Table]]], Tables]
) -> str:
    if len(keys) == 1:
        return keys[0]
    key = partial_key("merged", *keys)
    if not kept.has(key):
        kept.write(key, merge_parts({name: [kept.read(part, name) for part in keys] for name in names}))
    return key


def _priced(kept: Kept, shards: Sequence[Shard]) -> list[str]:
    """For each shard a hash of the prices of its models: a new price makes only those shards new that it concerns."""
    book = PriceBook.of(kept.workspace)
    known: dict[tuple[Asked, ...], str] = {}
    found: list[str] = []
    for shard in shards:
        models = kept.read(evidence_key(shard), "models").to_pylist()
        named = tuple(Asked(row["provider"], row["model"], row["tier_key"]) for row in models)
        if named not in known:
            known[named] = table_hash(book.rows_for(named))
        found.append(known[named])
    return found


def _gold_version(workspace: Workspace) -> str:
    digest = hashlib.sha256()
    for file in sorted(workspace.gold.glob("*.parquet")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def node_usage(store: Store) -> dict[str, NodeUsage]:
    """Exact calls, period and models of each node that was counted."""
    return {
        row["node_id"]: NodeUsage(row["calls"], row["first_at"], row["last_at"], tuple(row["models"]))
        for row in store.rows("list_node_usage")
    }


def knows_all(usage: Mapping[str, NodeUsage], found: Portfolio) -> bool:
    """Has every counted node a task?"""
    return all(_task_of(node, found) is not None for node in usage)


def node_tasks(usage: Mapping[str, NodeUsage], found: Portfolio) -> pa.Table:
    """The task of each counted node. CheckFailed when one has none, which ``knows_all`` was there to prevent."""
    tasks = [_task_of(node, found) for node in usage]
    if None in tasks:
        raise CheckFailed(f"{tasks.count(None)} groups of calls have no task; nothing was stored. Please report this")
    return pa.table({"node_id": list(usage), "task_id": tasks}, schema=NODE_TASKS)


def _task_of(node: str, found: Portfolio) -> str | None:
    """Parts of a node that people split are named behind an @; the rest of it stays."""
    return found.task_of.get(node) or found.task_of.get(node.split("@")[0])

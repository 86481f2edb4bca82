"""One analysis: find the tasks of everything stored, measure and judge each, keep the result as a snapshot.

A snapshot is a folder of Parquet files, named by the data and the settings that made it. The record's row is
the commit, so a half-written folder is never seen.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from analytics import record
from analytics.assumptions import Assumptions
from analytics.brief import JudgedTask, headline
from analytics.contracts import TASKS
from analytics.counting import knows_all, measure_shards, node_tasks, node_usage
from analytics.decision import Question, evaluate
from analytics.engine import Engine, find_engine
from analytics.errors import DataMissing
from analytics.kept_narrowness import keep_measured, read_measured
from analytics.learning import Learned, keep_learned, learn_tasks
from analytics.measured_levers import measured_levers
from analytics.partials import Kept
from analytics.prices import PriceBook
from analytics.profile import TaskProfile, profile_tasks
from analytics.promise import ALPHA
from analytics.record import Record
from analytics.segments import sync_folder
from analytics.settings import TaskAssumptions, task_assumptions, user_assumptions
from analytics.shards import Shard, find_shards
from analytics.signals import gates_of, measured_assumptions
from analytics.store import Store, open_store
from analytics.tasks.edits import read_edits
from analytics.tasks.portfolio import NodeUsage, Portfolio, portfolio
from analytics.terminal import plain
from analytics.workspace import Workspace

HEAD_MS_P50 = 3.0  # one call of a head student: the bar, which benchmarks/head_banking77.py beats


@dataclass(frozen=True)
class Analysis:
    """What ``analyze`` prints."""

    snapshot: str
    calls: int
    tasks: int
    spend_usd: float | None
    unpriced_calls: int
    logged_cost_usd: float | None
    seconds: float


def analyze(workspace: Workspace, engine_name: str = "local") -> Analysis:
    """Analyse everything committed. Raises DataMissing when no call is stored.

    engine_name: where the work on shards runs, see ``analytics.engine``.
    """
    started = time.monotonic()
    version = data_version(workspace)
    if version is None:
        raise DataMissing(f"no calls in {workspace.home}; import a log first: spiritsafe import PATH")
    base = user_assumptions(workspace)
    folder = workspace.snapshots / f".{version}.part"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    with open_store(workspace, segments=()) as store:
        shards = find_shards(workspace)
        engine = find_engine(engine_name, sum(shard.rows for shard in shards))
        found = _count(workspace, store, folder, shards, engine)
        earlier = read_measured(latest_snapshot(workspace))
        profiles, measured = profile_tasks(store, found.tasks, ALPHA, engine, earlier)
        keep_measured(folder, measured)
        totals = store.rows("sum_calls")[0]
        store.check("analysis")
    book, today = PriceBook.of(workspace), record.utc_today()
    judged = [
        judge(profile, task_assumptions(workspace, base, profile.task_id, profile.name), book, today)
        for profile in profiles
    ]
    pq.write_table(_tasks_table(judged), folder / "tasks.parquet", compression="zstd")
    snapshot = _commit(workspace, folder, version, base, totals)
    return Analysis(
        snapshot=snapshot,
        calls=totals["rows"],
        tasks=len(judged),
        spend_usd=totals["cost_usd"],
        unpriced_calls=totals["unpriced_rows"],
        logged_cost_usd=totals["logged_cost_usd"],
        seconds=round(time.monotonic() - started, 2),
    )


def _count(workspace: Workspace, store: Store, folder: Path, shards: Sequence[Shard], engine: Engine) -> Portfolio:
    """Find the tasks and count their calls; everything found goes into ``folder`` and is shown by ``store``."""
    kept, earlier = Kept(workspace), latest_snapshot(workspace)
    edits = read_edits(workspace)
    learned = learn_tasks(kept, engine, shards, earlier, edits)
    usage = _count_nodes(kept, store, folder, shards, engine, learned)
    found = portfolio(learned.model, edits, usage)
    if not knows_all(usage, found):  # a call that no prompt and no text of the evidence foretold
        learned = learn_tasks(kept, engine, shards, earlier, edits, anew=True)
        usage = _count_nodes(kept, store, folder, shards, engine, learned)
        found = portfolio(learned.model, edits, usage)
    pq.write_table(node_tasks(usage, found), folder / "node_tasks.parquet", compression="zstd")
    store.show(folder)
    kept.forget_all_but(json.loads((earlier / "kept.json").read_text())["used"] if earlier else [])
    return found


def _count_nodes(
    kept: Kept, store: Store, folder: Path, shards: Sequence[Shard], engine: Engine, learned: Learned
) -> dict[str, NodeUsage]:
    """Count every call by node, write and show the counts."""
    keep_learned(folder, learned)
    counted = measure_shards(kept, engine, store, shards, folder / "task_model", learned.model.version)
    for name, table in counted.partials.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    call_nodes = [str(path.relative_to(kept.workspace.home)) for path in counted.call_nodes]
    (folder / "kept.json").write_text(json.dumps({"call_nodes": call_nodes, "used": sorted(kept.used)}))
    store.show_counts(folder)
    return node_usage(store)


def judge(
    profile: TaskProfile, given: TaskAssumptions, book: PriceBook, today: date, *, in_full: bool = False
) -> JudgedTask:
    """The verdict on one task: its measured case, its gates and what else would lower its bill.

    Portfolio and brief take the same draws, so that one task never shows two figures.
    """
    case = measured_case(profile, given, book, today)
    is_default = all(setting.origin != "user-set" for setting in given.assumptions.settings.values())
    confirmed = given.error_cost_confirmed
    gates = gates_of(profile, ALPHA, is_default_case=is_default, error_cost_confirmed=confirmed)
    decision = evaluate(case, gates, fast=True, in_full=in_full)
    return JudgedTask(profile, Question(case, gates), decision, given.owner)


def measured_case(profile: TaskProfile, given: TaskAssumptions, book: PriceBook, today: date) -> Assumptions:
    """The inputs of one task: what people set, else what was measured, else defaults."""
    constant = profile.narrowness.template_share if profile.narrowness else None
    levers = measured_levers(profile.token_mixes, profile.arrivals, constant, book, today)
    return measured_assumptions(given.assumptions, profile, HEAD_MS_P50, levers)


def data_version(workspace: Workspace) -> str | None:
    """A hash of every committed segment of calls and gold; None while there are no calls."""
    if not workspace.control.exists():
        return None
    query = sa.select(record.segments.c.sha256).where(record.segments.c.kind.in_(("calls", "gold")))
    with Record(workspace).read() as connection:
        hashes = sorted(connection.execute(query).scalars())
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:16] if hashes else None


def latest_snapshot(workspace: Workspace) -> Path | None:
    """Folder of the newest analysis that can be built upon."""
    if not workspace.control.exists():
        return None
    query = sa.select(record.snapshots.c.path).order_by(record.snapshots.c.created_at.desc()).limit(1)
    with Record(workspace).read() as connection:
        path = connection.execute(query).scalar()
    folder = workspace.home / path if path else None
    return folder if folder and (folder / "kept.json").exists() else None


def _tasks_table(judged: list[JudgedTask]) -> pa.Table:
    rows: list[dict[str, Any]] = []
    for task in judged:
        profile = task.profile
        rows.append(
            {
                "task_id": profile.task_id,
                "name": profile.name,
                "found_by": profile.found_by,
                "calls": profile.rows,
                "monthly_calls": profile.monthly_calls,
                "monthly_spend_usd": profile.monthly_spend_usd,
                "verdict": task.decision.verdict.value,
                "profile": json.dumps(plain(profile)),
                "decision": json.dumps({**plain(task.decision), "headline": headline(task.decision)}),
            }
        )
    return pa.Table.from_pylist(rows, schema=TASKS)


def _commit(workspace: Workspace, folder: Path, version: str, base: Assumptions, totals: dict[str, Any]) -> str:
    content = hashlib.sha256((folder / "tasks.parquet").read_bytes() + version.encode()).hexdigest()[:12]
    snapshot = f"s-{content}"
    final = workspace.snapshots / snapshot
    shutil.rmtree(final, ignore_errors=True)
    folder.rename(final)
    sync_folder(workspace.snapshots)
    summary = json.dumps(
        {key: float(value) if isinstance(value, Decimal) else plain(value) for key, value in totals.items()}
    )
    with Record(workspace).write() as connection:
        connection.execute(sa.delete(record.snapshots).where(record.snapshots.c.snapshot_id == snapshot))
        connection.execute(
            record.snapshots.insert().values(
                snapshot_id=snapshot,
                data_version=version,
                path=str(final.relative_to(workspace.home)),
                created_at=record.utc_now(),
                summary=summary,
            )
        )
    return snapshot

"""The tasks of the newest analysis, as it was stored."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import sqlalchemy as sa

from analytics import record
from analytics.brief import interval_of
from analytics.errors import DataMissing, UnknownName
from analytics.narrowness import Narrowness
from analytics.profile import TaskProfile
from analytics.record import Record
from analytics.workspace import Workspace


def snapshot_folder(workspace: Workspace, *, required: bool = True) -> Path | None:
    """Folder of the newest analysis. Raises DataMissing when there is none and one is required."""
    newest = latest(workspace)
    if newest is None:
        if required:
            raise DataMissing(f"nothing analysed yet in {workspace.home}; run: spiritsafe analyze")
        return None
    return workspace.home / str(newest.path)


def latest(workspace: Workspace) -> sa.Row[Any] | None:
    """The newest analysis in the record."""
    if not workspace.control.exists():
        return None
    query = sa.select(record.snapshots).order_by(record.snapshots.c.created_at.desc()).limit(1)
    with Record(workspace).read() as connection:
        return connection.execute(query).first()


def task_rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Every task with its profile and decision, dearest first. Raises DataMissing before the first analysis."""
    folder = snapshot_folder(workspace)
    assert folder is not None
    rows: list[dict[str, Any]] = pq.read_table(folder / "tasks.parquet").to_pylist()
    for row in rows:
        row["profile"], row["decision"] = json.loads(row["profile"]), json.loads(row["decision"])
    return rows


def find_row(workspace: Workspace, name_or_id: str) -> dict[str, Any]:
    """The task with this id, name, or unambiguous start of either. UnknownName lists the names."""
    rows = task_rows(workspace)
    exact = [row for row in rows if name_or_id in (row["task_id"], row["name"])]
    found = exact or [
        row for row in rows if row["task_id"].startswith(name_or_id) or row["name"].startswith(name_or_id)
    ]
    if len(found) != 1:
        raise UnknownName("task", name_or_id, [f"{row['name']} ({row['task_id']})" for row in rows])
    return found[0]


def profile_of(found: dict[str, Any]) -> TaskProfile:
    """A profile read back from JSON."""
    narrow = Narrowness.from_json(found["narrowness"]) if found["narrowness"] else None
    growth, gold = interval_of(found["monthly_growth"]), interval_of(found["teacher_accuracy_gold"])
    daily = [(day, calls, usd) for day, calls, usd in found["daily"]]
    return TaskProfile(
        **{**found, "narrowness": narrow, "monthly_growth": growth, "teacher_accuracy_gold": gold, "daily": daily}
    )

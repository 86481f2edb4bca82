"""With what the present is compared: the last report, else the verdicts of an earlier analysis."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import sqlalchemy as sa

from analytics import record
from analytics.price_history import name_of, snapshot_day, snapshots
from analytics.record import Record
from analytics.workspace import Workspace
from pipeline.reevaluation import kept
from pipeline.reevaluation.world import World, bases_now, task_state


def world_before(workspace: Workspace, since: date | None) -> World | None:
    """What was known at the end of the day ``since``; without one, at the last report or verdict. None: nothing was.

    A report keeps all that it compared. An analysis keeps its verdicts; of bases and prices it says nothing, so those
    known on its day are taken by their dates.
    """
    report = _newest(kept.listed(workspace), since, "created_at")
    analysis = _newest(_analyses(workspace), since, "created_at", earlier_than_newest=since is None)
    if report and (since is None or not analysis or report["created_at"] >= analysis["created_at"]):
        found = World.of(kept.read(workspace, report["report_id"])["world"])
        return replace(found, report_id=report["report_id"])
    return _of_analysis(workspace, analysis) if analysis else None


def _newest(
    rows: list[dict[str, Any]], since: date | None, key: str, earlier_than_newest: bool = False
) -> dict[str, Any] | None:
    """The newest not after the day (newest first given); else the oldest that there is."""
    if since is not None:
        end = (since + timedelta(days=1)).isoformat()
        return next((row for row in rows if row[key] < end), rows[-1] if rows else None)
    if earlier_than_newest and len(rows) > 1:
        return rows[1]
    return rows[0] if rows else None


def _analyses(workspace: Workspace) -> list[dict[str, Any]]:
    """Every analysis whose folder is there, newest first."""
    query = sa.select(record.snapshots).order_by(record.snapshots.c.created_at.desc())
    with Record(workspace).read() as connection:
        rows = [dict(row._mapping) for row in connection.execute(query)]
    return [row for row in rows if (workspace.home / row["path"] / "tasks.parquet").exists()]


def _of_analysis(workspace: Workspace, row: dict[str, Any]) -> World:
    tasks = pq.read_table(workspace.home / row["path"] / "tasks.parquet").to_pylist()
    for one in tasks:
        one["profile"], one["decision"] = json.loads(one["profile"]), json.loads(one["decision"])
    day = datetime.fromisoformat(row["created_at"]).date()
    return World(
        at=row["created_at"],
        data_version=row["data_version"],
        snapshot_id=row["snapshot_id"],
        price_snapshot=_prices_on(workspace, day),
        tasks={one["task_id"]: task_state(one) for one in tasks},
        bases={
            name: one
            for name, one in bases_now(workspace).items()
            if not one.released or one.released <= day.isoformat()
        },
    )


def _prices_on(workspace: Workspace, day: date) -> str:
    """Name of the newest price list that was there on a day; the oldest where none was."""
    known = list(snapshots(workspace).values())
    return name_of(next((folder for folder in reversed(known) if snapshot_day(folder) <= day), known[0]))

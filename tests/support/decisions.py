"""A stored analysis of one task, as small as the ledger needs it."""

import json

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.assumptions import defaults
from analytics.contracts import TASKS
from analytics.record import Record, snapshots


def decision(levers=(), **values):
    """A decision on the defaults with some values changed. levers: names, shares and whether they answer calls."""
    case = defaults()
    for name, value in values.items():
        case = case.at(name, value)
    kept = 1.0
    for _, share, _ in levers:
        kept *= 1 - share
    configuration = {"levers": [name for name, *_ in levers], "saved_share": 1 - kept, "npv_24m_usd": 0.0}
    configuration["spend_usd"] = case.value("monthly_spend_usd") * kept
    return {
        "assumptions": [{"name": name, "value": setting.value} for name, setting in case.settings.items()],
        "economics": {"configuration": configuration},
        "alternatives": [
            {"alternative": {"name": name, "saved_share": share, "saves_calls": saves}} for name, share, saves in levers
        ],
    }


def keep(workspace, decided, task_id="task-1", name="support", snapshot_id="snapshot-1", made_on="2026-03-01"):
    """Write it as an analysis of that day does."""
    folder = workspace.create().snapshots / snapshot_id
    folder.mkdir()
    row = dict.fromkeys(TASKS.names) | {"task_id": task_id, "name": name, "found_by": "key", "calls": 1}
    row |= {"decision": json.dumps(decided), "profile": "{}", "verdict": "pilot"}
    pq.write_table(pa.Table.from_pylist([row], schema=TASKS), folder / "tasks.parquet")
    stored = {"snapshot_id": snapshot_id, "data_version": "v", "path": str(folder.relative_to(workspace.home))}
    with Record(workspace).write() as connection:
        connection.execute(snapshots.insert().values(**stored, created_at=f"{made_on}T00:00:00+00:00", summary="{}"))

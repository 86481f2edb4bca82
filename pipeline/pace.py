"""How long a stage takes: measured on earlier runs of this workspace, else stated defaults."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from analytics.errors import DataMissing
from analytics.record import Record, plans, runs, stages
from analytics.workspace import Workspace
from pipeline.contracts import PlanSpec

START_S = 0.3  # a stage that does nothing: folder, hashes, commit
RUNS_READ = 5  # the newest successful runs of the same recipe
# Seconds per 1,000 rows on two cores, for short texts and a few dozen labels; replaced by what is measured here.
DEFAULT_S_PER_1000 = {
    "static": {"collect": 0.02, "filter": 0.2, "split": 0.2, "train": 2.0, "evaluate": 0.1, "calibrate": 0.1},
    "causal": {"collect": 0.02, "filter": 0.3, "split": 0.2, "train": 200.0, "evaluate": 30.0, "calibrate": 45.0},
    "encoder": {"collect": 0.02, "filter": 0.3, "split": 0.2, "train": 60.0, "evaluate": 3.0, "calibrate": 3.0},
    "lookup": {"collect": 0.02, "filter": 0.2, "split": 0.2, "train": 0.1, "evaluate": 0.1, "calibrate": 0.1},
    "sentence": {"collect": 0.02, "filter": 0.2, "split": 0.2, "train": 9.0, "evaluate": 2.0, "calibrate": 1.5},
}


@dataclass(frozen=True)
class Rates:
    """Seconds per row that a run reads, by stage, and where they come from."""

    per_row_s: Mapping[str, float] = field(default_factory=dict)
    basis: str = ""
    is_measured: bool = False

    def seconds(self, stage: str, rows: int) -> float:
        """Expected duration of one stage [s]."""
        return START_S + self.per_row_s.get(stage, 0.0) * rows


def rates(workspace: Workspace, spec: PlanSpec) -> Rates:
    """The pace to expect of this recipe."""
    defaults = {
        name: value / 1000
        for name, value in DEFAULT_S_PER_1000.get(spec.student, DEFAULT_S_PER_1000[spec.features]).items()
    }
    measured, count = _measured(workspace, spec)
    if not count:
        return Rates(defaults, "default: short texts on two cores; measured once a run has ended here")
    return Rates(defaults | measured, f"measured on the last {count} run(s) of this recipe here", True)


def _measured(workspace: Workspace, spec: PlanSpec) -> tuple[dict[str, float], int]:
    query = (
        sa.select(runs.c.run_id, plans.c.spec)
        .join(plans, plans.c.plan_id == runs.c.plan_id)
        .where(runs.c.outcome == "succeeded")
        .order_by(runs.c.ended_at.desc())
    )
    try:
        with Record(workspace).read() as connection:
            found = [row.run_id for row in connection.execute(query) if _same_recipe(row.spec, spec)][:RUNS_READ]
            rows = connection.execute(sa.select(stages).where(stages.c.run_id.in_(found))).all()
    except DataMissing:  # the first plan in a new workspace
        return {}, 0
    return _per_row(rows), len(found)


def _same_recipe(text: str, spec: PlanSpec) -> bool:
    other = json.loads(text)
    if (other["student"], other["features"]) != (spec.student, spec.features):
        return False
    # A network's pace is that of its base and method; the other kinds have one for all.
    same_method = other.get("training", {}).get("method") == spec.training.method
    return spec.student != "causal" or (other.get("base") == spec.base and same_method)


def _per_row(rows: Sequence[sa.Row[Any]]) -> dict[str, float]:
    """Seconds per row that the run collected: total seconds over total rows, so that large runs weigh more."""
    collected = {row.run_id: _rows_out(row) for row in rows if row.stage == "collect"}
    seconds: dict[str, float] = {}
    counts: dict[str, int] = {}
    for row in rows:
        if row.ended_at and collected.get(row.run_id):
            taken_s = (datetime.fromisoformat(row.ended_at) - datetime.fromisoformat(row.started_at)).total_seconds()
            seconds[row.stage] = seconds.get(row.stage, 0.0) + max(0.0, taken_s - START_S)
            counts[row.stage] = counts.get(row.stage, 0) + collected[row.run_id]
    return {stage: seconds[stage] / counts[stage] for stage in seconds}


def _rows_out(row: sa.Row[Any]) -> int:
    return int(json.loads(row.detail or "{}").get("rows_out") or 0)

"""What a student's money rests on besides raw rows: configuration, machines, operations, and what was paid once."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.production.money import DAYS_PER_MONTH, OneOff, Terms, TokenRatio, micros
from analytics.production.rows import TrafficDay
from analytics.record import Record, snapshots
from analytics.serving import cpu_capacity_rps
from analytics.settings import task_assumptions, user_assumptions
from analytics.simulate import quantile
from analytics.workspace import Workspace

DAY_S, HOURS = 86_400.0, 24
ON_GPU = ("causal",)  # kinds of student that are served on one


@dataclass(frozen=True)
class Judged:
    """What one analysis decided of one task."""

    snapshot_id: str
    made_on: date
    decision: Mapping[str, Any]

    @property
    def kept_share(self) -> Decimal:
        """Of the bill, with the cheapest API configuration that passes (decision 10)."""
        saved = self.decision["economics"]["configuration"]["saved_share"]
        return Decimal(1) - Decimal(str(round(float(saved), 9)))


def decisions_of(workspace: Workspace, task_id: str | None) -> list[Judged]:
    """Every analysis that knew the task, oldest first."""
    if task_id is None or not workspace.control.exists():
        return []
    columns = snapshots.c
    query = sa.select(columns.snapshot_id, columns.path, columns.created_at).order_by(columns.created_at)
    with Record(workspace).read() as connection:
        rows = connection.execute(query).all()
    files = [(row, workspace.home / row.path / "tasks.parquet") for row in rows]
    found = [(row, _decision(str(file), task_id)) for row, file in files if file.exists()]
    return [Judged(row.snapshot_id, date.fromisoformat(row.created_at[:10]), text) for row, text in found if text]


@lru_cache(maxsize=512)
def _decision(file: str, task_id: str) -> Mapping[str, Any] | None:
    rows = pq.read_table(file, columns=["task_id", "decision"], filters=[("task_id", "=", task_id)]).to_pylist()
    found: dict[str, Any] | None = json.loads(rows[0]["decision"]) if rows else None
    return found


def in_force(judged: list[Judged], day: date) -> Judged | None:
    """The newest analysis of that day or before; the first one where all came later."""
    return next((one for one in reversed(judged) if one.made_on <= day), judged[0] if judged else None)


def case_of(workspace: Workspace, task_id: str | None, name: str) -> Assumptions:
    """The economic inputs of a task as set now."""
    base = user_assumptions(workspace)
    return base if task_id is None else task_assumptions(workspace, base, task_id, name).assumptions


def day_terms(day: TrafficDay, kind: str, judged: Judged | None, ratio: TokenRatio, case: Assumptions) -> Terms:
    """Terms of a day that is not booked yet. Without an analysis the bill as it is stands for the configuration."""
    return Terms(
        judged.kept_share if judged else Decimal(1),
        ratio.value,
        serving_usd(day, kind, case),
        _exact(case.value("ops_usd_per_month") / DAYS_PER_MONTH),
    )


def serving_usd(day: TrafficDay, kind: str, case: Assumptions) -> Decimal:
    """Machines of a day: n = max(min_replicas, ceil(mean calls/s x peak-to-mean / (capacity x utilisation))) [USD].

    Every call passes the student first, since only its confidence says who answers.
    """
    if kind in ON_GPU:
        hourly = case.value("l40s_usd_per_hour") * (1 + case.value("gpu_overhead_share"))
        capacity_rps = case.value("l40s_capacity_rps")
    else:
        hourly = case.value("cpu_usd_per_hour")
        capacity_rps = cpu_capacity_rps(day.student_ms_p50) if day.student_ms_p50 else math.inf
    needed = math.ceil(
        day.calls / DAY_S * case.value("peak_to_mean") / (capacity_rps * case.value("target_utilisation"))
    )
    return _exact(max(case.value("min_replicas"), needed) * hourly * HOURS)


@dataclass(frozen=True)
class OneOffTerms:
    """What the sum paid once rests on besides the student's card; kept with the booked row."""

    machine_usd_per_hour: float  # of training
    engineering_usd: float

    @classmethod
    def of(cls, kind: str, case: Assumptions, *, is_first: bool) -> "OneOffTerms":
        """The first student of a task bears the engineering; a later one the share that a retraining takes."""
        hourly = case.value("h100_usd_per_hour" if kind in ON_GPU else "cpu_usd_per_hour")
        work = case.value("engineer_weeks") * case.value("engineer_week_usd")
        return cls(hourly, round(work * (1.0 if is_first else case.value("retrain_cost_share")), 6))


def one_off(card: Mapping[str, Any], terms: OneOffTerms) -> OneOff:
    """What making the student cost: training time, paid teacher, engineering."""
    training = float(card.get("train_seconds") or 0.0) / 3600 * terms.machine_usd_per_hour
    paid = (training, float(card.get("cost_paid_usd") or 0.0), terms.engineering_usd)
    return OneOff(*(micros(_exact(usd)) for usd in paid))


def operations_range(case: Assumptions) -> tuple[float, float]:
    """How far a day's operations may lie below and above the value in use, 5 and 95 % [USD]."""
    low, high = _range(case, "ops_usd_per_month")
    return low / DAYS_PER_MONTH, high / DAYS_PER_MONTH


def engineering_range(case: Assumptions, engineering_usd: float) -> tuple[float, float]:
    """The same of the engineering that was booked [USD]."""
    value = case.value("engineer_weeks")
    low, high = _range(case, "engineer_weeks")
    return (engineering_usd * low / value, engineering_usd * high / value) if value else (0.0, 0.0)


def _range(case: Assumptions, name: str) -> tuple[float, float]:
    setting = case.settings[name]
    low, high = (float(one) for one in quantile(setting, np.array([0.05, 0.95])))
    return max(0.0, setting.value - low), max(0.0, high - setting.value)


def _exact(usd: float) -> Decimal:
    return Decimal(str(round(usd, 9)))

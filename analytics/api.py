"""What the other rooms may ask of analytics. Reads committed state; starts no heavy library."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from analytics import record
from analytics.analyze import analyze, data_version
from analytics.brief import TITLES, Brief, interval_of
from analytics.briefs import brief, keep_assumptions, kept_assumptions, plan_portfolio, settings_version
from analytics.contracts import Interval, Verdict
from analytics.data_state import AuditEntry, DataState, audit_trail, data_state
from analytics.explain import FIGURES, Trace, trace
from analytics.ingest import import_files
from analytics.kept_tasks import find_row, latest, snapshot_folder, task_rows
from analytics.portfolio_brief import PortfolioBrief
from analytics.prices import PriceBook
from analytics.reconcile import Reconciled, reconcile
from analytics.record import Record
from analytics.store import open_store
from analytics.workspace import Workspace

__all__ = [
    "FIGURES", "AuditEntry", "Brief", "DataState", "PortfolioBrief", "PortfolioRow", "Reconciled", "Status",
    "TaskRow", "Trace", "analyze", "audit_trail", "brief", "data_state", "data_version", "find_task",
    "import_files", "keep_assumptions", "kept_assumptions", "plan_portfolio", "portfolio", "reconcile", "run_sql",
    "settings_version", "snapshot_folder", "status", "task_calls", "tasks", "trace",
]  # fmt: skip


@dataclass(frozen=True)
class Status:
    """What the workspace holds and how fresh it is."""

    has_calls: bool
    rows: int  # rows of the log
    calls: float  # calls they stand for
    spend_usd: float | None
    monthly_spend_usd: float | None
    unpriced_share: float | None  # rows whose price is unknown
    cost_disagreement: float | None  # (priced - logged) / logged
    quarantined: int
    data_from: str | None
    data_to: str | None
    snapshot_id: str | None
    is_stale: bool  # calls were imported after the analysis
    price_snapshot_date: str


@dataclass(frozen=True)
class TaskRow:
    """One line of ``spiritsafe tasks``."""

    task_id: str
    name: str
    found_by: str
    calls: int  # rows of the log
    monthly_calls: float
    monthly_spend_usd: float | None
    verdict: Verdict
    predicted_agreement: Interval | None


@dataclass(frozen=True)
class PortfolioRow:
    """One task on the first page."""

    task_id: str
    name: str
    found_by: str
    verdict: Verdict
    title: str
    headline: str
    top_reason: str
    calls: int
    monthly_calls: float
    monthly_spend_usd: float | None
    recent_monthly_spend_usd: float | None
    npv_24m_usd: dict[str, float]  # p5, p50, p95
    p_break_even_12m: float
    p_break_even_24m: float
    payback_months: float | None
    predicted_agreement: Interval | None
    predicted_coverage: float | None
    engineer_weeks: float | None = None  # that the verdict counts with
    worst_driver: str | None = None  # the input that takes most of the value away at the worse end of its range
    worst_npv_24m_usd: float | None = None  # and what it leaves


def status(workspace: Workspace) -> Status:
    """What is stored; a workspace that does not exist yet is simply empty."""
    version = data_version(workspace)
    newest = latest(workspace) if version else None
    totals = json.loads(newest.summary) if newest else {}
    logged, spend = totals.get("logged_cost_usd"), totals.get("cost_usd")
    months = _months(totals)
    return Status(
        has_calls=version is not None,
        rows=totals.get("rows", 0),
        calls=totals.get("calls", 0),
        spend_usd=spend,
        monthly_spend_usd=spend / months if spend is not None and months else None,
        unpriced_share=totals["unpriced_rows"] / totals["rows"] if totals.get("rows") else None,
        cost_disagreement=(spend - logged) / logged if logged and spend is not None else None,
        quarantined=_quarantined(workspace) if version else 0,
        data_from=totals.get("first_at"),
        data_to=totals.get("last_at"),
        snapshot_id=newest.snapshot_id if newest else None,
        is_stale=bool(newest and newest.data_version != version),
        price_snapshot_date=PriceBook.of(workspace).snapshot_date.isoformat(),
    )


def tasks(workspace: Workspace) -> list[TaskRow]:
    """Every task of the newest analysis, dearest first. Raises DataMissing before the first analysis."""
    return [
        TaskRow(
            task_id=row["task_id"],
            name=row["name"],
            found_by=row["found_by"],
            calls=row["calls"],
            monthly_calls=row["monthly_calls"],
            monthly_spend_usd=row["monthly_spend_usd"],
            verdict=Verdict(row["verdict"]),
            predicted_agreement=interval_of((row["profile"].get("narrowness") or {}).get("predicted_agreement")),
        )
        for row in task_rows(workspace)
    ]


def portfolio(workspace: Workspace) -> list[PortfolioRow]:
    """Every task with what its verdict rests on, dearest first."""
    return [_portfolio_row(row) for row in task_rows(workspace)]


def find_task(workspace: Workspace, name_or_id: str) -> TaskRow:
    """The task with this id, name, or unambiguous start of either. UnknownName lists the names."""
    row = find_row(workspace, name_or_id)
    return next(task for task in tasks(workspace) if task.task_id == row["task_id"])


def task_calls(workspace: Workspace, task_id: str) -> pa.Table:
    """Every call of one task, oldest first; see sql/queries/list_task_calls.sql for the columns."""
    with open_store(workspace, snapshot_folder(workspace)) as store:
        return store.query("list_task_calls", task_id=task_id)


def audited_answers(workspace: Workspace, task_id: str) -> pa.Table:
    """What the teacher said about a student's answers; see sql/queries/list_audited_answers.sql for the columns."""
    with open_store(workspace, snapshot_folder(workspace)) as store:
        return store.query("list_audited_answers", task_id=task_id)


def run_sql(workspace: Workspace, text: str) -> list[dict[str, Any]]:
    """One select over the views of the newest analysis."""
    with open_store(workspace, snapshot_folder(workspace, required=False)) as store:
        return store.run_user_sql(text)


def _portfolio_row(row: dict[str, Any]) -> PortfolioRow:
    decision, profile = row["decision"], row["profile"]
    figures = decision["economics"]
    simulation = figures["simulation"]
    reasons: Sequence[dict[str, Any]] = decision["reasons"]
    verdict, narrow = Verdict(row["verdict"]), profile.get("narrowness") or {}
    return PortfolioRow(
        task_id=row["task_id"],
        name=row["name"],
        found_by=row["found_by"],
        verdict=verdict,
        title=TITLES[verdict],
        headline=decision["headline"],
        top_reason=reasons[0]["sentence"] if reasons else "",
        calls=row["calls"],
        monthly_calls=row["monthly_calls"],
        monthly_spend_usd=row["monthly_spend_usd"],
        recent_monthly_spend_usd=profile["recent_monthly_spend_usd"],
        npv_24m_usd={
            "p5": simulation["npv_p5_usd"],
            "p50": simulation["npv_p50_usd"],
            "p95": simulation["npv_p95_usd"],
        },
        p_break_even_12m=simulation["p_break_even"]["12"],
        p_break_even_24m=simulation["p_break_even"]["24"],
        payback_months=figures["payback_months"],
        predicted_agreement=interval_of(narrow.get("predicted_agreement")),
        predicted_coverage=narrow.get("predicted_coverage"),
        **_risk(decision),
    )


def _risk(decision: dict[str, Any]) -> dict[str, Any]:
    """Effort, and the worst that one input alone can do."""
    weeks = next((one["value"] for one in decision["assumptions"] if one["name"] == "engineer_weeks"), None)
    ends = [(min(one["npv_at_low_usd"], one["npv_at_high_usd"]), one["name"]) for one in decision["drivers"]]
    worst, name = min(ends, default=(None, None))
    return {"engineer_weeks": weeks, "worst_driver": name, "worst_npv_24m_usd": worst}


def _months(totals: dict[str, Any]) -> float | None:
    from datetime import datetime

    from analytics.growth import DAYS_A_MONTH

    if not totals.get("first_at"):
        return None
    first, last = (datetime.fromisoformat(totals[name]).date() for name in ("first_at", "last_at"))
    return ((last - first).days + 1) / DAYS_A_MONTH


def _quarantined(workspace: Workspace) -> int:
    with Record(workspace).read() as connection:
        return int(
            connection.execute(sa.select(sa.func.coalesce(sa.func.sum(record.imports.c.quarantined), 0))).scalar_one()
        )

"""What the other rooms may ask of analytics. Reads committed state; starts no heavy library."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from analytics import record, task_settings
from analytics.analyze import JudgedTask, analyze, data_version, judge
from analytics.assumptions import Given
from analytics.brief import TITLES, Brief, Provenance, interval_of, make_brief
from analytics.contracts import Interval, Verdict
from analytics.errors import DataMissing, UnknownName
from analytics.ingest import import_files
from analytics.narrowness import Narrowness
from analytics.prices import PriceBook
from analytics.profile import TaskProfile
from analytics.record import Record
from analytics.settings import settings_file, task_assumptions, user_assumptions
from analytics.store import open_store
from analytics.task_settings import Said
from analytics.workspace import Workspace

__all__ = [
    "Brief", "PortfolioRow", "Status", "TaskRow", "analyze", "brief", "data_version", "find_task", "import_files",
    "keep_assumptions", "kept_assumptions", "portfolio", "run_sql", "settings_version", "status", "task_calls", "tasks",
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


def status(workspace: Workspace) -> Status:
    """What is stored; a workspace that does not exist yet is simply empty."""
    version = data_version(workspace)
    latest = _latest(workspace) if version else None
    totals = json.loads(latest.summary) if latest else {}
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
        snapshot_id=latest.snapshot_id if latest else None,
        is_stale=bool(latest and latest.data_version != version),
        price_snapshot_date=PriceBook.load().snapshot_date.isoformat(),
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
        for row in _task_rows(workspace)
    ]


def portfolio(workspace: Workspace) -> list[PortfolioRow]:
    """Every task with what its verdict rests on, dearest first."""
    return [_portfolio_row(row) for row in _task_rows(workspace)]


def brief(workspace: Workspace, name_or_id: str, values: Mapping[str, Given] | None = None) -> Brief:
    """The whole page of one task, decided afresh with the settings in force now.

    values: assumptions to try, above all others. InputError names one outside its range.
    """
    row = _find_row(workspace, name_or_id)
    judged = judge_row(workspace, row, values, in_full=True)
    provenance = _provenance(workspace, judged.profile, values or {})
    failures = _failures(workspace, provenance.snapshot_id).get(row["task_id"], ())
    return make_brief(judged.profile, judged.decision, judged.student, provenance, failures)


@lru_cache(maxsize=4)
def _failures(workspace: Workspace, snapshot_id: str) -> dict[str, list[dict[str, Any]]]:
    """Kinds of failure by task; read once an analysis, since it looks at every call."""
    found: dict[str, list[dict[str, Any]]] = {}
    with open_store(workspace, snapshot_folder(workspace)) as store:
        for row in store.rows("list_failures"):
            found.setdefault(row["task_id"], []).append(row)
    return found


def judge_row(
    workspace: Workspace, row: Mapping[str, Any], values: Mapping[str, Given] | None = None, *, in_full: bool = False
) -> JudgedTask:
    """One row of the tasks, decided afresh. values: assumptions to try, above all others."""
    book = PriceBook.load(workspace.prices)
    given = task_assumptions(workspace, user_assumptions(workspace), row["task_id"], row["name"]).but(values or {})
    return judge(_profile_of(row["profile"]), given, book, record.utc_today(), in_full=in_full)


def settings_version(workspace: Workspace) -> str:
    """A hash of everything that people set: settings file, assumptions of tasks, prices; and of the day."""
    files = (settings_file(workspace), workspace.home / task_settings.FILE, workspace.prices)
    parts = [file.read_bytes() if file and file.is_file() else b"" for file in files]
    return hashlib.sha256(b"\0".join([*parts, record.utc_today().isoformat().encode()])).hexdigest()[:16]


def keep_assumptions(workspace: Workspace, task_id: str, values: Mapping[str, Given], why: str) -> None:
    """Keep what a person says of one task, with who, when and why. InputError names a value outside its range."""
    task_settings.say(workspace, task_id, values, why)


def kept_assumptions(workspace: Workspace, task_id: str) -> list[Said]:
    """What people said of one task and still counts."""
    return list(task_settings.said_of(workspace, task_id).values())


def _provenance(workspace: Workspace, profile: TaskProfile, values: Mapping[str, Given]) -> Provenance:
    latest = _latest(workspace)
    tried = "".join(f" --set {name}={value}" for name, value in values.items())
    return Provenance(
        made_on=record.utc_today().isoformat(),
        snapshot_id=str(latest.snapshot_id) if latest else "",
        data_version=str(latest.data_version) if latest else "",
        data_from=profile.first_at[:10],
        data_to=profile.last_at[:10],
        price_date=PriceBook.load(workspace.prices).snapshot_date.isoformat(),
        code_version=version("spiritsafe"),
        command=f"spiritsafe report {profile.task_id}{tried} --out brief.html",
    )


def find_task(workspace: Workspace, name_or_id: str) -> TaskRow:
    """The task with this id, name, or unambiguous start of either. UnknownName lists the names."""
    row = _find_row(workspace, name_or_id)
    return next(task for task in tasks(workspace) if task.task_id == row["task_id"])


def task_calls(workspace: Workspace, task_id: str) -> pa.Table:
    """Every call of one task, oldest first; see sql/queries/list_task_calls.sql for the columns."""
    with open_store(workspace, snapshot_folder(workspace)) as store:
        return store.query("list_task_calls", task_id=task_id)


def run_sql(workspace: Workspace, text: str) -> list[dict[str, Any]]:
    """One select over the views of the newest analysis."""
    with open_store(workspace, snapshot_folder(workspace, required=False)) as store:
        return store.run_user_sql(text)


def snapshot_folder(workspace: Workspace, *, required: bool = True) -> Path | None:
    """Folder of the newest analysis. Raises DataMissing when there is none and one is required."""
    latest = _latest(workspace)
    if latest is None:
        if required:
            raise DataMissing(f"nothing analysed yet in {workspace.home}; run: spiritsafe analyze")
        return None
    return workspace.home / str(latest.path)


def _latest(workspace: Workspace) -> sa.Row[Any] | None:
    if not workspace.control.exists():
        return None
    query = sa.select(record.snapshots).order_by(record.snapshots.c.created_at.desc()).limit(1)
    with Record(workspace).read() as connection:
        return connection.execute(query).first()


def _task_rows(workspace: Workspace) -> list[dict[str, Any]]:
    folder = snapshot_folder(workspace)
    assert folder is not None
    rows: list[dict[str, Any]] = pq.read_table(folder / "tasks.parquet").to_pylist()
    for row in rows:
        row["profile"], row["decision"] = json.loads(row["profile"]), json.loads(row["decision"])
    return rows


def _find_row(workspace: Workspace, name_or_id: str) -> dict[str, Any]:
    rows = _task_rows(workspace)
    exact = [row for row in rows if name_or_id in (row["task_id"], row["name"])]
    found = exact or [
        row for row in rows if row["task_id"].startswith(name_or_id) or row["name"].startswith(name_or_id)
    ]
    if len(found) != 1:
        raise UnknownName("task", name_or_id, [f"{row['name']} ({row['task_id']})" for row in rows])
    return found[0]


def _profile_of(found: dict[str, Any]) -> TaskProfile:
    narrow = Narrowness.from_json(found["narrowness"]) if found["narrowness"] else None
    growth, gold = interval_of(found["monthly_growth"]), interval_of(found["teacher_accuracy_gold"])
    daily = [(day, calls, usd) for day, calls, usd in found["daily"]]
    return TaskProfile(
        **{**found, "narrowness": narrow, "monthly_growth": growth, "teacher_accuracy_gold": gold, "daily": daily}
    )


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
    )


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

"""What verdicts rest on at one moment: tasks as measured and judged, bases, prices. Two of these are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from analytics import record
from analytics.briefs import judge_row
from analytics.growth import DAYS_A_MONTH
from analytics.kept_tasks import latest, task_rows
from analytics.price_diff import end_of
from analytics.price_effects import TaskEffect, effects
from analytics.price_history import name_of
from analytics.prices import PriceBook, newest_snapshot
from analytics.retirements import retires_on
from analytics.terminal import plain
from analytics.workspace import Workspace
from pipeline.base_models import known_bases
from pipeline.bases import PACKAGES

RECENT_DAYS = 28
SPENT = ("spend_usd", "monthly_spend_usd", "recent_monthly_spend_usd")


@dataclass(frozen=True)
class KnownBase:
    """A base as it stood in the catalogue."""

    released: str | None  # ISO day
    retires: str | None  # ISO day
    version: str  # commit, file or version of the package


@dataclass(frozen=True)
class TaskState:
    """One task as measured and judged. Money in USD; unknown is None."""

    task_id: str
    name: str
    verdict: str
    reason: str  # the first, in a sentence
    monthly_spend_usd: float | None  # newest 28 days, per 30.4
    star_spend_usd: float  # left by the cheapest API configuration
    monthly_calls: float  # newest 28 days, per 30.4
    usd_per_1000_calls: float | None  # newest 28 days
    usd_per_million_tokens: float | None  # newest 28 days, input and output alike
    npv_24m_usd: dict[str, float]  # p5, p50, p95 of a student made now
    p_break_even_12m: float
    break_even_spend_12m_usd: float | None
    payback_months: float | None
    calls: float  # all calls that the log holds
    failure_share: float  # of them
    recent_daily_calls: list[float]  # of the newest 28 days
    models: dict[str, str | None]  # teachers, each with the ISO day on which its vendor takes it off
    drift: dict[str, Any] | None  # largest step between two months, where one was looked for
    inputs: dict[str, float]  # what people set, by name of the assumption


@dataclass(frozen=True)
class World:
    """Everything that is compared."""

    at: str  # ISO, when it was so
    data_version: str
    snapshot_id: str
    price_snapshot: str  # its name
    tasks: dict[str, TaskState]
    bases: dict[str, KnownBase] = field(default_factory=dict)
    report_id: str = ""  # of the report that kept it; empty: an analysis, or the present

    def as_json(self) -> dict[str, Any]:
        """Plain values, as a report keeps them."""
        return asdict(self)

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "World":
        """What ``as_json`` gave."""
        tasks = {name: TaskState(**one) for name, one in found["tasks"].items()}
        return cls(
            **{**found, "tasks": tasks, "bases": {name: KnownBase(**one) for name, one in found["bases"].items()}}
        )


def world_now(workspace: Workspace, rows: Sequence[Mapping[str, Any]]) -> World:
    """Tasks of the newest analysis judged afresh with the settings, prices and bases in force."""
    judged = [{**row, "decision": plain(judge_row(workspace, row).decision)} for row in rows]
    newest = latest(workspace)
    assert newest is not None
    return World(
        at=record.utc_now(),
        data_version=str(newest.data_version),
        snapshot_id=str(newest.snapshot_id),
        price_snapshot=name_of(newest_snapshot(workspace)),
        tasks={row["task_id"]: task_state(row) for row in judged},
        bases=bases_now(workspace),
    )


def rows_now(workspace: Workspace) -> list[dict[str, Any]]:
    """Tasks of the newest analysis; what each cost is brought from the prices at the log's end to those of today.

    Raises DataMissing without an analysis.
    """
    rows, book = task_rows(workspace), PriceBook.of(workspace)
    last = max(datetime.fromisoformat(row["profile"]["last_at"]).date() for row in rows)
    sides = [(book, end_of(day)) for day in (last, max(last, record.utc_today()))]
    found = {one.task_id: one for one in effects(workspace, *sides)}
    return [repriced(row, _ratio(found.get(row["task_id"]))) for row in rows]


def _ratio(effect: TaskEffect | None) -> float:
    if effect is None or not effect.before_usd_per_month or effect.after_usd_per_month is None:
        return 1.0
    return effect.after_usd_per_month / effect.before_usd_per_month


def repriced(row: Mapping[str, Any], ratio: float) -> dict[str, Any]:
    """A task as if its calls had cost so many times what they did: prices that came after the log's end."""
    profile = dict(row["profile"])
    for name in SPENT:
        profile[name] = None if profile[name] is None else profile[name] * ratio
    mixes = profile.get("token_mixes") or ()
    profile["token_mixes"] = [
        {**mix, "cost_usd": None if mix["cost_usd"] is None else mix["cost_usd"] * ratio} for mix in mixes
    ]
    return {**row, "profile": profile}


def bases_now(workspace: Workspace) -> dict[str, KnownBase]:
    """Every base that a student can be built on: decoders of the catalogue, and packages that carry encoders."""
    found = {
        name: KnownBase(_iso(base.released), _iso(base.retires), base.file or base.revision or base.files_sha256)
        for name, base in known_bases(workspace.home).items()
    }
    for package in sorted(set(PACKAGES.values())):
        try:
            found[package] = KnownBase(None, None, version(package))
        except PackageNotFoundError:  # the extra is not installed: nothing can be built on it here
            continue
    return found


def task_state(row: Mapping[str, Any]) -> TaskState:
    """One row of the tasks, its decision as JSON."""
    profile, decision = row["profile"], row["decision"]
    money = decision["economics"]
    simulation, mixes = money["simulation"], profile.get("token_mixes") or ()
    daily = [float(calls) for _, calls, _ in profile["daily"][-RECENT_DAYS:]]
    spent, calls = _sum(mixes, "cost_usd"), sum(mix["calls"] for mix in mixes)
    tokens = sum(
        mix[kind] for mix in mixes for kind in ("uncached", "cache_read", "cache_write", "visible", "reasoning")
    )
    return TaskState(
        task_id=row["task_id"],
        name=row["name"],
        verdict=str(decision["verdict"]),
        reason=decision["reasons"][0]["sentence"] if decision["reasons"] else "",
        monthly_spend_usd=profile["recent_monthly_spend_usd"],
        star_spend_usd=money["configuration"]["spend_usd"],
        monthly_calls=sum(daily) / len(daily) * DAYS_A_MONTH,
        usd_per_1000_calls=1_000 * spent / calls if spent is not None and calls else None,
        usd_per_million_tokens=1e6 * spent / tokens if spent is not None and tokens else None,
        npv_24m_usd={point: simulation[f"npv_{point}_usd"] for point in ("p5", "p50", "p95")},
        p_break_even_12m={str(month): chance for month, chance in simulation["p_break_even"].items()}["12"],
        break_even_spend_12m_usd=money["break_even_spend_12m_usd"],
        payback_months=money["payback_months"],
        calls=profile["calls"],
        failure_share=profile["failure_share"],
        recent_daily_calls=daily,
        models={model: retires_on(None, model) for model in profile["models"]},
        drift=(profile.get("narrowness") or {}).get("drift"),
        inputs={one["name"]: one["value"] for one in decision["assumptions"] if one["origin"] == "user-set"},
    )


def _sum(rows: Any, name: str) -> float | None:
    """The sum of a column; unknown where one value is."""
    values = [row[name] for row in rows]
    return None if None in values or not values else float(sum(values))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

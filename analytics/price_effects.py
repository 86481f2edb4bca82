"""What another snapshot's prices do to each task's monthly spend."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from analytics.analyze import latest_snapshot
from analytics.prices import PriceBook
from analytics.reprice import models_of, on_day, task_costs
from analytics.store import open_store
from analytics.workspace import Workspace

RECENT_DAYS = 28
DAYS_PER_MONTH = 30.4


@dataclass(frozen=True)
class TaskEffect:
    """What another snapshot's prices do to one task's spend [USD / month of 30.4 days, over the newest 28 days]."""

    task_id: str
    name: str
    before_usd_per_month: float | None
    after_usd_per_month: float | None
    percent: float | None


def effects(
    workspace: Workspace, before: tuple[PriceBook, datetime], after: tuple[PriceBook, datetime]
) -> list[TaskEffect]:
    """The newest 28 days of the log at the prices of two moments; empty without a log."""
    with open_store(workspace, latest_snapshot(workspace)) as store:
        (period,) = store.rows("show_log_period")
        if period["first_at"] is None:
            return []
        end = period["last_at"] + timedelta(seconds=1)
        start = max(period["first_at"], end - timedelta(days=RECENT_DAYS))
        asked, names = models_of(store), {row["task_id"]: row["name"] for row in store.rows("list_task_names")}
        sides = []
        for book, moment in (before, after):
            store.register("price_rows", on_day(book, asked, moment))
            sides.append(task_costs(store, start, end))
    times = DAYS_PER_MONTH / max((end - start) / timedelta(days=1), 1)
    found = [_effect(task_id, names, [side[task_id]["cost_usd"] for side in sides], times) for task_id in sides[0]]
    return sorted(found, key=lambda effect: -(effect.before_usd_per_month or 0))


def _effect(task_id: str, names: Mapping[str, str], costs: list[Decimal | None], times: float) -> TaskEffect:
    before, after = (float(cost) * times if cost is not None else None for cost in costs)
    share = (after - before) / before * 100 if before and after is not None else None
    return TaskEffect(task_id, names.get(task_id, "not analysed yet"), before, after, share)

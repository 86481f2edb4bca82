"""Students whose teacher or base is to be taken away, each with its day. What has no known day is not listed."""

from dataclasses import dataclass
from typing import Any

from analytics.errors import DataMissing, SpiritsafeError
from analytics.retirements import retires_on
from analytics.workspace import Workspace
from pipeline.plan import load_spec


@dataclass(frozen=True)
class Retirement:
    """Something that a student rests on and that will go."""

    what: str  # teacher, base
    name: str
    on: str  # ISO day


def retirements(workspace: Workspace, card: dict[str, Any]) -> list[Retirement]:
    """What of this student will go, soonest first.

    Its teachers are the models that answered the task's calls, and the one that its plan paid.
    """
    base = card.get("base") or {}
    found = [Retirement("base", base["name"], base["retires"])] if base.get("retires") else []
    for model in sorted(_teachers(workspace, card)):
        if day := retires_on(None, model):
            found.append(Retirement("teacher", model, day))
    return sorted(found, key=lambda one: one.on)


def with_retirements(workspace: Workspace, card: dict[str, Any]) -> dict[str, Any]:
    """The card with ``retirements`` beside what was registered."""
    return card | {"retirements": [vars(one) for one in retirements(workspace, card)]}


def _teachers(workspace: Workspace, card: dict[str, Any]) -> set[str]:
    return _of_the_log(workspace, card.get("task_id")) | _of_the_plan(workspace, card.get("plan_id"))


def _of_the_log(workspace: Workspace, task_id: str | None) -> set[str]:
    if task_id is None:
        return set()
    from analytics.kept_tasks import task_rows  # opens the store's libraries, which a mere list need not load

    try:
        rows = task_rows(workspace)
    except DataMissing:  # nothing analysed: nothing known
        return set()
    return {model for row in rows if row["task_id"] == task_id for model in row["profile"].get("models") or ()}


def _of_the_plan(workspace: Workspace, plan_id: str | None) -> set[str]:
    try:
        teaching = load_spec(workspace, plan_id).teaching if plan_id else None
    except (SpiritsafeError, TypeError):  # a plan of another version
        return set()
    return {teaching.model} if teaching else set()

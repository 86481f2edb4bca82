"""The student that stands for a task, and what going on with it is worth."""

from collections.abc import Mapping
from typing import Any

from analytics.assumptions import Given
from analytics.brief import JudgedTask
from analytics.briefs import judge_row
from analytics.workspace import Workspace
from pipeline import registry
from pipeline.reevaluation.actions import Kept
from pipeline.router import deployments

MADE = ("teacher_generation_usd", "gold_labels_usd", "training_usd", "evaluation_usd", "engineer_weeks", "build_months")


def students_of(workspace: Workspace) -> dict[str, list[registry.Card]]:
    """Cards by task, newest first, probes left out."""
    found: dict[str, list[registry.Card]] = {}
    for card in registry.list_students(workspace):
        if card.get("task_id") and not registry.is_probe(card):
            found.setdefault(card["task_id"], []).append(card)
    return found


def standing(workspace: Workspace, task_id: str, cards: list[registry.Card]) -> registry.Card | None:
    """The student that serves the task; where none does, the newest that was made."""
    active = deployments.active(workspace, task_id)
    serving = active.student_id if active else None
    return next((card for card in cards if card["student_id"] == serving), cards[0] if cards else None)


def coverage_of(card: registry.Card) -> float | None:
    """Share of the traffic that it may serve; None where it passed no threshold."""
    found = card.get("coverage")
    if card.get("threshold") is None or found is None:
        return None
    return float(found["value"] if isinstance(found, dict) else found)


def kept_worth(workspace: Workspace, row: Mapping[str, Any], now: JudgedTask, coverage: float) -> Kept:
    """Worth of going on: what was paid to make the student is gone, it serves from today, its share is known.

    Retraining goes on at the yearly cost that the decision reckons with, carried as operations, since it is a share of
    a one-off cost that is no longer there.
    """
    money = now.decision.economics
    case = now.student
    upkeep = money.one_off_usd * case.value("retrain_cost_share") / case.value("retrain_every_months")
    values: dict[str, Given] = dict.fromkeys(MADE, 0.0)
    values |= {
        "fallback_share": 1 - coverage,
        "ops_usd_per_month": case.value("ops_usd_per_month") + upkeep,
        "project_failure_share": 0.0,
    }
    economics = judge_row(workspace, row, values).decision.economics
    simulation = economics.simulation
    return Kept(economics.npv_24m_usd, simulation.npv_p5_usd, simulation.npv_p95_usd)

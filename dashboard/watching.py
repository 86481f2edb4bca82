"""What the pages of Watch read and ask for: students at work, their failures, re-evaluations.

What changes while a page is open is kept under a version that changes with it, and half a minute at most.
A workspace in which no router has served has no such rows, and one of an older version may not know them at all.
"""

from typing import Any

import streamlit as st

from analytics.actors import require
from dashboard import who
from dashboard.data import workspace
from pipeline import api
from pipeline.api import Deployment, OperatingRange, Policy

Card = dict[str, Any]
Row = dict[str, Any]
KEPT = 64
FRESH_S = 30  # a router that writes at this moment is seen within half a minute


def card(student_id: str) -> Card:
    """One student's card, its files verified when it was first asked for."""
    return _card(str(workspace().home), student_id)


@st.cache_data(max_entries=KEPT, show_spinner="Verifying the student's files")
def _card(home: str, student_id: str) -> Card:
    return api.student(workspace(), student_id)


def weeks(student_id: str) -> list[Row]:
    """The student's replayed weeks and their total, oldest first."""
    return [row for row in api.ledger(workspace(), student_id) if row["source"] == "replay"]


def replay(student_id: str) -> Row:
    """Replay the newest weeks; writes the ledger. Raises InputError for a viewer."""
    require(who.actor(), "operator", "a replay")
    return api.replay(workspace(), student_id)


@st.cache_data(max_entries=KEPT, show_spinner="Reading the evaluation")
def operating_range(home: str, student_id: str) -> OperatingRange:
    """What each threshold would do."""
    return api.operating_range(workspace(), student_id)


def policy_of(student_id: str) -> Policy:
    """The rule that a student's calibration gives."""
    return api.policy_of(workspace(), student_id)


def deployments(task_id: str | None = None) -> list[Deployment]:
    """Every change of what serves, newest first."""
    place = workspace()
    return api.deployments(place, task_id) if place.control.exists() else []


def in_force() -> dict[str, tuple[Deployment, Policy]]:
    """What serves, by task."""
    place = workspace()
    return {row.task_id: (row, policy) for row, policy in api.in_force(place)} if place.control.exists() else {}


def promote(student_id: str, reason: str, policy: Policy | None = None) -> Deployment:
    """Put a student to work."""
    return api.promote(workspace(), who.actor(), student_id, reason, policy)


def roll_back(task_id: str, reason: str) -> Deployment:
    """Back to the student before."""
    return api.roll_back(workspace(), who.actor(), task_id, reason)


def fall_back(task_id: str, reason: str) -> Deployment:
    """Everything to the teacher."""
    return api.fall_back(workspace(), who.actor(), task_id, reason)


def tighten(task_id: str, threshold: float, reason: str) -> Deployment:
    """Serve only what is surer."""
    return api.tighten(workspace(), who.actor(), task_id, threshold, reason)


def raise_audits(task_id: str, share: float, reason: str) -> Deployment:
    """Ask the teacher about more of it."""
    return api.raise_audits(workspace(), who.actor(), task_id, share, reason)


def production(student_id: str | None = None) -> list[Row]:
    """Students at work: status, days, evidence, forecast; empty where none has served."""
    place = workspace()
    return _production(str(place.home), api.watched_version(place), student_id) if place.control.exists() else []


@st.cache_data(max_entries=KEPT, ttl=FRESH_S, show_spinner=False)
def _production(home: str, version: str, student_id: str | None) -> list[Row]:
    return api.production(workspace(), student_id)


def check_alarms() -> Any:
    """Look at every student now, and act on an alarm as its policy says."""
    return api.check_alarms(workspace(), who.actor())


def failures(task: str | None, reason: str | None, *, unlabelled: bool, limit: int) -> list[Row]:
    """The failure queue, newest first."""
    place = workspace()
    if not place.control.exists():
        return []
    return _failures(str(place.home), api.watched_version(place), task, reason, unlabelled, limit)


@st.cache_data(max_entries=KEPT, ttl=FRESH_S, show_spinner=False)
def _failures(home: str, version: str, task: str | None, reason: str | None, unlabelled: bool, limit: int) -> list[Row]:
    return api.failures(workspace(), task=task, reason=reason, unlabelled=unlabelled, limit=limit)


def failure_groups() -> list[Row]:
    """Failures by task, reason and cluster, the largest group first."""
    place = workspace()
    return _failure_groups(str(place.home), api.watched_version(place)) if place.control.exists() else []


@st.cache_data(max_entries=4, ttl=FRESH_S, show_spinner=False)
def _failure_groups(home: str, version: str) -> list[Row]:
    return api.failure_groups(workspace())


def label(failure_id: str, right: str, answer: str | None = None, note: str | None = None) -> None:
    """Say who was right."""
    api.label_failure(workspace(), who.actor(), failure_id, right, answer, note)


def record_reveal(subject: str, what: str) -> None:
    """Keep that somebody is shown raw text."""
    api.record_reveal(workspace(), who.actor(), subject, what)


def reevaluations() -> list[Row]:
    """Kept reports, newest first."""
    place = workspace()
    return api.reevaluations(place) if place.control.exists() else []


@st.cache_data(max_entries=KEPT, show_spinner=False)
def reevaluation(home: str, report_id: str) -> Any:
    """One report as the page that its documents are made of."""
    return api.reevaluation_page(workspace(), report_id)


def reevaluate(task: str | None) -> Row:
    """Compare with the last report or verdict, and keep a new report."""
    require(who.actor(), "operator", "a re-evaluation")
    return api.reevaluate(workspace(), task=task)


def snoozed() -> list[Row]:
    """Verdicts that were put aside."""
    place = workspace()
    return api.snoozed(place) if place.control.exists() else []


def snooze(task: str, condition: str, reason: str) -> Row:
    """Put a verdict aside until a condition holds."""
    return api.snooze(workspace(), who.actor(), task, condition, reason)


def wake(task: str, reason: str) -> Row:
    """End that."""
    return api.wake(workspace(), who.actor(), task, reason)


def knows(*names: str) -> bool:
    """Whether this version of the pipeline can answer at all."""
    return all(hasattr(api, name) for name in names)

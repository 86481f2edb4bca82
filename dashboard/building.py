"""What the pages of Build read and ask for: plans, runs, students beside each other.

Plans, evaluations and cards never change under their name, so they are kept by it. Runs are always read afresh.
"""

from typing import Any

import streamlit as st

from dashboard import who
from dashboard.data import workspace
from pipeline import api
from pipeline.api import (
    Choices,
    Difference,
    Disclosure,
    Disk,
    LaunchOptions,
    Merit,
    Plan,
    PlanSpec,
    Recipe,
    RunLine,
    RunView,
    Said,
    StudentLine,
)  # fmt: skip

KEPT = 64


def choices() -> Choices:
    """What a plan may name."""
    return _choices(str(workspace().home))


@st.cache_data(max_entries=2, show_spinner=False, ttl=60)  # a base that was added shows within a minute
def _choices(home: str) -> Choices:
    return api.choices(workspace())


def plan(version: str, task_id: str, recipe: Recipe) -> Plan:
    """A priced plan; the same choices on the same data are the same plan."""
    return _plan(str(workspace().home), version, task_id, recipe)


@st.cache_data(max_entries=KEPT, show_spinner="Counting rows")
def _plan(home: str, version: str, task_id: str, recipe: Recipe) -> Plan:
    return api.plan(workspace(), recipe, task_id)


def spec_of(plan_id: str) -> PlanSpec:
    """What a plan says."""
    return api.spec_of(workspace(), plan_id)


def disclosures(plan: Plan) -> list[Disclosure]:
    """Which text would leave this machine, and to whom."""
    return api.disclosures(workspace(), plan)


def room_on_disk(kind: str) -> Disk:
    """What is free, and what such a run has taken."""
    return api.room_on_disk(workspace(), kind)


def launch(plan_id: str, options: LaunchOptions | None = None) -> RunView:
    """Start the plan's run; a second click starts no second run."""
    return api.launch(workspace(), who.actor(), plan_id, options)


def runs() -> list[RunLine]:
    """A line of every run, newest first; none where nothing was ever recorded."""
    place = workspace()
    return api.lines_of_runs(place) if place.control.exists() else []


def run(run_id: str) -> RunView:
    """One run as it is now."""
    return api.show_run(workspace(), run_id)


def curve(run_id: str) -> list[dict[str, Any]]:
    """The steps of its training, thinned."""
    return api.training_curve(workspace(), run_id)


def log_tail(run_id: str, lines: int) -> list[str]:
    """The end of a run's log."""
    return api.log_tail(workspace(), run_id, lines)


def stop(run_id: str) -> RunView:
    """Ask a run to stop."""
    return api.stop(workspace(), who.actor(), run_id)


def resume(run_id: str) -> RunView:
    """Go on with a run."""
    return api.resume(workspace(), who.actor(), run_id)


def students() -> list[StudentLine]:
    """A line of every student, newest first."""
    place = workspace()
    return api.lines_of_students(place) if place.control.exists() else []


def merits() -> list[Merit]:
    """Cost and quality of every student and of their teachers."""
    return _merits(str(workspace().home), tuple(one.student_id for one in students()))


@st.cache_data(max_entries=4, show_spinner=False)
def _merits(home: str, students_there: tuple[str, ...]) -> list[Merit]:
    return api.merits(workspace()) if students_there else []


@st.cache_data(max_entries=KEPT, show_spinner="Reading both evaluations")
def differences(home: str, student_id: str, other_id: str) -> list[Difference]:
    """One student less another, in all and by slice."""
    return api.differences(workspace(), student_id, other_id)


@st.cache_data(max_entries=KEPT, show_spinner="Reading answers")
def answers(home: str, student_ids: tuple[str, ...], only_apart: bool, limit: int) -> list[Said]:
    """What each said to the same requests."""
    return api.answers(workspace(), list(student_ids), only_apart=only_apart, limit=limit)


@st.cache_data(max_entries=KEPT, show_spinner=False)
def quotes_nothing(home: str, student_id: str) -> bool:
    """Whether showing its answers shows nothing of a request."""
    return api.quotes_nothing(workspace(), student_id)


def reveal(student_id: str, call_id: str) -> str:
    """The text of one request; that it was read is kept."""
    return api.reveal(workspace(), who.actor(), student_id, call_id)

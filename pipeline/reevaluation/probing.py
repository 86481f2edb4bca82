"""Runs of a probe, one after the other, within caps of money and time that hold for all of them together."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from analytics.errors import SpiritsafeError
from analytics.settings import user_assumptions
from analytics.workspace import Workspace
from pipeline import run
from pipeline.plan import Plan, make_plan
from pipeline.reevaluation.candidates import Candidate, Effort
from pipeline.views import ENDED, RunView

STOP_S = 60.0  # for a worker to end once it was asked to
Follow = Callable[[Workspace, str, float], RunView]  # starts a plan's run and waits so many seconds for its end


@dataclass(frozen=True)
class Tried:
    """One candidate's run."""

    candidate: Candidate
    state: str  # succeeded, failed, stopped, skipped
    why: str | None = None
    plan_id: str | None = None
    run_id: str | None = None
    student_id: str | None = None
    seconds: float = 0.0
    cost_usd: float = 0.0  # rent of the machine for that time, and what was paid


class Caps:
    """What is left of a probe's money and time."""

    def __init__(self, effort: Effort, usd_per_hour: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began_s, self._effort, self.usd_per_hour = clock, clock(), effort, usd_per_hour
        self.spent_usd = 0.0

    def seconds_left(self) -> float:
        """Time until the first of the two caps is reached."""
        left_s = self._effort.cap_seconds - (self._clock() - self._began_s)
        if self.usd_per_hour <= 0:
            return left_s
        return min(left_s, 3_600 * (self._effort.cap_usd - self.spent_usd) / self.usd_per_hour)

    def refuses(self, plan: Plan) -> str | None:
        """Why a plan is not started; None where it is expected to end in time."""
        left_s = self.seconds_left()
        if plan.seconds <= left_s:
            return None
        return f"expected to take {plan.seconds:.0f} s, of which the caps leave {max(0.0, left_s):.0f}"


def follow_run(workspace: Workspace, plan_id: str, seconds: float) -> RunView:
    """Start, wait, and stop what takes longer."""
    view = run.launch(workspace, plan_id)
    view = run.wait(workspace, view.run_id, max(0.0, seconds))
    if view.state not in ENDED:
        run.stop(workspace, view.run_id)
        view = run.wait(workspace, view.run_id, STOP_S)
    return view


def rent_usd_per_hour(workspace: Workspace) -> float:
    """Of the machine that this is: the assumed price of two cores, or of a small GPU where there is one."""
    from pipeline.machines import find_machine

    given = user_assumptions(workspace)
    name = "cpu_usd_per_hour" if find_machine(None).device == "cpu" else "l40s_usd_per_hour"
    return given.value(name)


def try_candidate(
    workspace: Workspace, task_id: str, candidate: Candidate, effort: Effort, limits: tuple[float, float], caps: Caps,
    follow: Follow = follow_run,
) -> Tried:  # fmt: skip
    """Plan and run one candidate; one that fails is told, not raised. limits: alpha and delta of the plan."""
    try:
        plan = make_plan(workspace, candidate.recipe(effort, *limits), task_id)
        if refusal := caps.refuses(plan):
            return Tried(candidate, "skipped", refusal, plan.plan_id)
        view = follow(workspace, plan.plan_id, caps.seconds_left())
    except SpiritsafeError as error:
        return Tried(candidate, "failed", str(error))
    seconds = _seconds(view)
    cost_usd = seconds / 3_600 * caps.usd_per_hour + view.spent_usd
    caps.spent_usd += cost_usd
    state = {"succeeded": "succeeded", "cancelled": "stopped"}.get(view.state, "failed")
    why = (
        "a cap was reached; its run goes on with: spiritsafe runs resume " + view.run_id if state == "stopped" else None
    )
    return Tried(candidate, state, why or view.error, plan.plan_id, view.run_id, view.student_id, seconds, cost_usd)


def _seconds(view: RunView) -> float:
    if not view.started_at or not view.ended_at:
        return 0.0
    began, ended = datetime.fromisoformat(view.started_at), datetime.fromisoformat(view.ended_at)
    return (ended - began).total_seconds()

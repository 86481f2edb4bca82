"""What to do about a task: keep, retrain, switch base, retire, distil now, stop. The first rule that holds decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from analytics.contracts import Interval, Verdict
from analytics.reports import present
from pipeline.reevaluation.changes import Change
from pipeline.reevaluation.world import TaskState

Action = Literal["keep", "retrain", "switch-base", "retire", "distil-now", "stop"]
AGAINST = (Verdict.DO_NOT_DISTILL, Verdict.CHEAPER_FIX_FIRST, Verdict.NOT_ENOUGH_DATA)
SHIFTS = ("drift", "failures")


class Kept(NamedTuple):
    """What going on with a student is worth from now on, its making paid."""

    npv_24m_usd: float
    p5_usd: float
    p95_usd: float


@dataclass(frozen=True)
class Fresh:
    """A student on calls that came after those it was tested on."""

    agreement: Interval  # on these
    promised: Interval  # on the traffic that it was tested on
    calls: int
    from_at: str
    to_at: str

    @property
    def is_worse(self) -> bool:
        """Whether the intervals lie apart, the newer one lower."""
        return self.agreement.high < self.promised.low


@dataclass(frozen=True)
class Winner:
    """The best candidate of a probe that is shown to be better than the present configuration, and pays its move."""

    name: str
    difference: Interval  # of agreement, corrected for all candidates
    npv_24m_usd: float


@dataclass(frozen=True)
class Facts:
    """What is known about one task."""

    old: TaskState | None  # None: the task is new
    new: TaskState
    changes: Sequence[Change]  # that touch it
    student_id: str | None = None  # that serves, or the newest
    serves_share: float | None = None  # coverage of its calibration; None: it may serve nothing
    kept: Kept | None = None
    fresh: Fresh | None = None
    winner: Winner | None = None
    runs: Sequence[str] = ()  # that have not ended
    asleep: str | None = None  # condition of a snooze that holds


class Decided(NamedTuple):
    """An action with its reason."""

    action: Action
    why: str


def decide(facts: Facts) -> Decided:
    """The first rule that holds, from the dearest mistake down."""
    if facts.asleep:
        return Decided("keep", f"Snoozed until {facts.asleep}.")
    return _with_student(facts) if facts.student_id else _without(facts)


def _with_student(facts: Facts) -> Decided:
    return _retire(facts) or _switch(facts) or _retrain(facts) or _keep(facts)


def _retire(facts: Facts) -> Decided | None:
    """Even with its making paid, it costs more than it saves."""
    kept = facts.kept
    if kept is None or kept.npv_24m_usd >= 0:
        return None
    worth = f"{present.usd(kept.npv_24m_usd)} ({present.usd_range(kept.p5_usd, kept.p95_usd)} in nine cases of ten)"
    return Decided("retire", f"Going on with {facts.student_id} is worth {worth} over 24 months, its making paid.")


def _switch(facts: Facts) -> Decided | None:
    winner = facts.winner
    if winner:
        low, high = winner.difference.low, winner.difference.high
        gain = f"{100 * winner.difference.value:+.1f} points of agreement ({100 * low:+.1f} to {100 * high:+.1f})"
        return Decided("switch-base", f"{winner.name} is better by {gain}; the move is worth "
                       f"{present.usd(winner.npv_24m_usd)} over 24 months, its cost paid.")  # fmt: skip
    leaves = next((one for one in facts.changes if one.kind in ("base-retires", "base-gone")), None)
    if leaves is None:
        return None
    return Decided(
        "switch-base", f"{leaves.sentence[:-1]}{f' on {leaves.on}' if leaves.on else ''}: make its successor."
    )


def _retrain(facts: Facts) -> Decided | None:
    fresh = facts.fresh
    if fresh and fresh.is_worse:
        was = present.percent_range(fresh.promised.low, fresh.promised.high, 1)
        return Decided("retrain", f"It agrees with the teacher on {present.percent(fresh.agreement.value, 1)} of "
                       f"{present.count(fresh.calls)} calls since its test, where {was} was measured.")  # fmt: skip
    shifted = next((one for one in facts.changes if one.kind in SHIFTS), None)
    if shifted and (fresh is None or fresh.agreement.value < fresh.promised.low):
        return Decided("retrain", f"{shifted.sentence[:-1]}: teach it what is new.")
    if facts.serves_share is None:
        return Decided(
            "retrain", f"{facts.student_id} passed no threshold, so it may serve nothing: it needs more lessons."
        )
    return None


def _keep(facts: Facts) -> Decided:
    kept = facts.kept
    worth = f" going on is worth {present.usd(kept.npv_24m_usd)} over 24 months, its making paid" if kept else ""
    held = "no change speaks against it" if not facts.changes else "nothing that changed outweighs it"
    return Decided("keep", f"{facts.student_id}:{worth or ' '}{'; ' if worth else ''}{held}.")


def _without(facts: Facts) -> Decided:
    verdict = Verdict(facts.new.verdict)
    if verdict is Verdict.DISTILL:
        return Decided("distil-now", f"Break-even within 12 months has a chance of "
                       f"{present.percent(facts.new.p_break_even_12m)}; no student was made yet.")  # fmt: skip
    if verdict in AGAINST and (facts.runs or _was_wanted(facts.old)):
        running = f" {', '.join(facts.runs)} {'are' if len(facts.runs) > 1 else 'is'} not over." if facts.runs else ""
        return Decided("stop", f"The verdict is now {verdict}: {facts.new.reason}{running}")
    return Decided(
        "keep", f"{'Still ' if facts.old and facts.old.verdict == verdict else ''}{verdict}: {facts.new.reason}"
    )


def _was_wanted(old: TaskState | None) -> bool:
    return old is not None and Verdict(old.verdict) in (Verdict.DISTILL, Verdict.PILOT)

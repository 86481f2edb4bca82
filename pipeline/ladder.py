"""From the cheapest kind of student up, until one passes the gate and serves enough.

Every rung is a run of its own: stopped, killed or asked for again, the ladder goes on from what is there. The rungs
share test rows, so each must show more (``Gate.candidates``); which of them is served is decided by the gate alone,
and what each dearer rung would add is said with its interval.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from analytics.contracts import Interval
from analytics.errors import InputError, SpiritsafeError, UnknownName
from analytics.workspace import Workspace
from pipeline import registry
from pipeline.contracts import Features, PairsSource
from pipeline.evaluated import open_evaluated
from pipeline.evaluation.paired import newcombe_paired, pairs
from pipeline.plan import Plan, Recipe, make_plan
from pipeline.students import kind
from pipeline.views import RunView

RUNGS = ("lookup", "head", "head:sentence", "encoder", "causal")  # cheapest first
LEAST_COVERAGE = 0.9  # the easy nine tenths: a student that serves less is no answer, however good

Follow = Callable[[str], RunView]  # starts the run of a plan and waits for its end


@dataclass(frozen=True)
class Rung:
    """One kind of student, tried or passed over."""

    name: str
    state: str  # succeeded, failed, skipped
    why: str  # in a sentence
    plan_id: str | None = None
    run_id: str | None = None
    student_id: str | None = None
    passed: bool | None = None  # the gate; None: too few rows to say, or not tried
    agreement: dict[str, Any] | None = None  # on new inputs
    coverage: float | None = None  # share of traffic that it would serve
    p50_ms: float | None = None
    usd_per_1000: float | None = None  # to serve, at the measured latency
    train_seconds: float | None = None
    against_below: dict[str, Any] | None = None  # paired difference from the rung before it on new inputs
    is_pareto: bool = False  # no other rung agrees as often and answers as fast, and better in one of them


@dataclass(frozen=True)
class Ladder:
    """All rungs from the cheapest up, and the one to serve."""

    task: str
    rungs: list[Rung]
    chosen: str | None  # its student's id
    reason: str


def climb(
    workspace: Workspace,
    recipe: Recipe,
    follow: Follow,
    task: str | None = None,
    pairs_source: PairsSource | None = None,
    names: Sequence[str] = RUNGS,
    least_coverage: float = LEAST_COVERAGE,
    go_on: bool = False,
) -> Iterator[Ladder]:
    """The ladder after each rung. ``go_on``: try all rungs, to see what the dearer ones would add.

    Raises UnknownName or InputError before anything starts.
    """
    check(names, least_coverage)
    recipe = replace(recipe, gate=replace(recipe.gate, candidates=len(names)))
    found: list[Rung] = []
    plans = [make_plan(workspace, _for(recipe, name), task, pairs_source) for name in names]
    answer_kind: str | None = None
    for name, plan in zip(names, plans, strict=True):
        below = next((one.student_id for one in reversed(found) if one.student_id), None)
        rung = _try(workspace, name, plan, follow, answer_kind, below)
        if rung.student_id:
            answer_kind = _card(workspace, rung.student_id).get("answer_kind") or answer_kind
        found.append(rung)
        made = _judge(plan.task_name, found, least_coverage)
        yield made
        if made.chosen and not go_on:
            return


def check(names: Sequence[str], least_coverage: float) -> None:
    """Raises UnknownName for a rung that is none, InputError for a coverage that is no share."""
    for name in names:
        if name not in RUNGS:
            raise UnknownName("rung", name, RUNGS)
    if not names:
        raise InputError(f"--rungs names one or more of {', '.join(RUNGS)}")
    if not 0 <= least_coverage <= 1:
        raise InputError(f"--least-coverage is a share from 0 to 1, not {least_coverage}")


def _for(recipe: Recipe, name: str) -> Recipe:
    student, _, features = name.partition(":")
    base = recipe.base if student == "causal" else None
    objective = recipe.objective if recipe.objective in kind(student).OBJECTIVES else kind(student).OBJECTIVES[0]
    return replace(
        recipe, student=student, features=cast(Features, features or "static"), base=base, objective=objective
    )


def _try(
    workspace: Workspace, name: str, plan: Plan, follow: Follow, answer_kind: str | None, below: str | None
) -> Rung:
    able = kind(plan.spec.student).ANSWERS
    if answer_kind and answer_kind not in able:
        return Rung(name, "skipped", f"cannot give answers of kind {answer_kind}", plan.plan_id)
    try:
        view = follow(plan.plan_id)
    except SpiritsafeError as error:
        return Rung(name, "failed", str(error), plan.plan_id)
    if view.state != "succeeded" or view.student_id is None:
        return Rung(name, "failed", view.error or f"its run was {view.state}", plan.plan_id, view.run_id)
    card = _card(workspace, view.student_id)
    return Rung(
        name, "succeeded", card["gate"]["sentence"], plan.plan_id, view.run_id, view.student_id,
        passed=card["gate"]["passed"], agreement=card["agreement"], coverage=_value(card["coverage"]),
        p50_ms=card["latency_ms"]["p50"], usd_per_1000=_usd(card), train_seconds=card["train_seconds"],
        against_below=_against(workspace, view.student_id, below),
    )  # fmt: skip


def _card(workspace: Workspace, student_id: str) -> registry.Card:
    return registry.show_student(workspace, student_id)


def _usd(card: registry.Card) -> float | None:
    found: float | None = ((card.get("cost_per_1000") or {}).get("student") or {}).get("usd")
    return found


def _value(interval: Any) -> float | None:
    found: float | None = interval["value"] if isinstance(interval, dict) else interval
    return found


def _against(workspace: Workspace, student_id: str, below: str | None) -> dict[str, Any] | None:
    """Share of new inputs on which this student agrees with the teacher, minus that of the rung below."""
    if below is None:
        return None
    one, other = (open_evaluated(workspace, name).compared for name in (student_id, below))
    if one.call_ids != other.call_ids:
        return None
    right = [
        [said == wanted for said, wanted in zip(side.new(side.said), side.new(side.teacher), strict=True)]
        for side in (one, other)
    ]
    found: Interval | None = newcombe_paired(pairs(*right))
    return vars(found) if found else None


def _judge(task: str, rungs: list[Rung], least_coverage: float) -> Ladder:
    """Mark the Pareto, choose the cheapest that passes and serves enough, and say why."""
    marked = [replace(one, is_pareto=is_pareto(one, rungs)) for one in rungs]
    good = [one for one in marked if one.passed and (one.coverage or 0.0) >= least_coverage]
    if not good:
        return Ladder(task, marked, None, f"no rung passes the gate and serves {least_coverage:.0%} of the traffic")
    chosen = good[0]
    return Ladder(task, marked, chosen.student_id, _reason(chosen, marked))


def _reason(chosen: Rung, rungs: list[Rung]) -> str:
    """Why this one, and what the dearer ones would add."""
    above = rungs[rungs.index(chosen) + 1 :]
    tried = [one for one in above if one.state == "succeeded" and one.against_below]
    better = [one for one in tried if one.against_below and one.against_below["low"] > 0]
    said = f"{chosen.name} is the cheapest that passes and serves enough"
    if better:
        return (
            f"{said}; {', '.join(one.name for one in better)} agrees more often than the rung below it: see the figures"
        )
    return f"{said}; no dearer rung is shown to be better" if tried else said


def is_pareto(one: Rung, rungs: Sequence[Rung]) -> bool:
    """Whether no other rung is at least as good in agreement and speed, and better in one."""
    mine = _merits(one)
    others = [merits for other in rungs if other is not one and (merits := _merits(other))]
    if mine is None:
        return False
    return not any(all(a >= b for a, b in zip(other, mine, strict=True)) and other != mine for other in others)


def _merits(rung: Rung) -> tuple[float, float] | None:
    if rung.agreement is None or rung.p50_ms is None:
        return None
    return rung.agreement["value"], -rung.p50_ms

"""``spiritsafe ladder``: from the cheapest kind of student up, until one is good enough."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from analytics.terminal import Common, emit, progress, table
from pipeline.cli_evaluation import EvaluationFlags
from pipeline.cli_source import LimitFlags, PairsFlags
from pipeline.cli_training import TrainingFlags
from pipeline.plan import Recipe

if TYPE_CHECKING:
    from pipeline.ladder import Ladder, Rung
    from pipeline.views import RunView

NOTHING_PASSED = 4  # exit code: a quality gate failed


def ladder(
    task: str | None = None,
    /,
    *,
    rungs: Annotated[str | None, Parameter(help="Kinds to try, between commas, cheapest first.")] = None,
    least_coverage: Annotated[
        float | None, Parameter(help="Share of the traffic that a student must serve to be chosen.")
    ] = None,
    all: Annotated[bool, Parameter(help="Try every rung, to see what the dearer ones would add.")] = False,
    base: Annotated[str | None, Parameter(help="Base of the causal rung.")] = None,
    source: PairsFlags | None = None,
    limits: LimitFlags | None = None,
    training: TrainingFlags | None = None,
    evaluation: EvaluationFlags | None = None,
    common: Common | None = None,
) -> int:
    """Train from the cheapest kind of student up; stop at the first that passes the gate and serves enough.

    Every rung is a run: asked again after a stop, the ladder goes on. Ends with 4 where no rung is good enough.

    Parameters
    ----------
    task
        Name or id of a task of the log.
    """
    from pipeline import cli_runs, run
    from pipeline.ladder import LEAST_COVERAGE, RUNGS, climb

    common, limits = common or Common(), limits or LimitFlags()
    how, judged = (training or TrainingFlags()).training(), evaluation or EvaluationFlags()
    recipe = Recipe(
        base=base, alpha=limits.alpha, delta=limits.delta, seed=limits.seed, max_rows=limits.max_rows,
        cap_usd=limits.cap, training=how, gate=judged.gate(), evaluating=judged.evaluating(),
    )  # fmt: skip
    names = [name.strip() for name in rungs.split(",") if name.strip()] if rungs else RUNGS
    least = LEAST_COVERAGE if least_coverage is None else least_coverage

    def follow(plan_id: str) -> "RunView":
        return cli_runs.follow(common.workspace, run.launch(common.workspace, plan_id).run_id)

    steps = climb(
        common.workspace, recipe, follow, task,
        (source or PairsFlags()).source(), names, least, all,
    )  # fmt: skip
    for made in steps:
        progress.print(f"{made.rungs[-1].name}: {made.rungs[-1].state}, {made.rungs[-1].why}")
    emit(common, made, lambda console: _draw(console, made))
    return 0 if made.chosen else NOTHING_PASSED


def _draw(console: Console, made: "Ladder") -> None:
    columns = ["rung", "gate", "agreement", "coverage", "p50 ms", "$ / 1,000", "train s", "points over the rung below"]
    table(console, f"Ladder of {made.task}", columns, [_line(one) for one in made.rungs])
    for one in made.rungs:
        console.print(f"{one.name}: {one.why}", soft_wrap=True, markup=False)
    console.print("* no other rung agrees as often and answers as fast, and better in one of the two")
    console.print(f"Choice: {made.chosen or 'none'}. {made.reason}", soft_wrap=True, markup=False)


def _line(one: "Rung") -> tuple[str, ...]:
    name = f"{one.name} *" if one.is_pareto else one.name
    gate = one.state if one.state != "succeeded" else {True: "passed", False: "failed", None: "cannot say"}[one.passed]
    coverage = "–" if one.coverage is None else f"{one.coverage:.1%}"
    figures = _number(one.p50_ms, ".1f"), _number(one.usd_per_1000, ".4f"), _number(one.train_seconds, ".0f")
    return name, gate, _range(one.agreement, 1, "%"), coverage, *figures, _range(one.against_below, 1, "", "+")


def _range(interval: dict[str, Any] | None, digits: int, unit: str, sign: str = "") -> str:
    """A share with its range, in points of a hundred."""
    if interval is None:
        return "–"
    value, low, high = (f"{100 * interval[name]:{sign}.{digits}f}" for name in ("value", "low", "high"))
    return f"{value}{unit} ({low} to {high})"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else f"{value:{form}}"

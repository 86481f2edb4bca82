"""``spiritsafe policy`` and ``spiritsafe router``: what a promise would give, and which student serves what."""

from dataclasses import asdict
from typing import Any

from cyclopts import App
from rich.console import Console

from analytics.actors import at_terminal
from analytics.errors import InputError
from analytics.terminal import Common, emit, table
from pipeline.cli_policy import PolicyFlags


def app() -> App:
    """The command group."""
    group = App(name="router", help="The router: show, promote, rollback, fallback, settle.")
    group.command(show)
    group.command(promote)
    group.command(rollback)
    group.command(fallback)
    group.command(settle)
    return group


def policy(
    student_id: str, /, *, alpha: list[float] | None = None, delta: float = 0.05, common: Common | None = None
) -> None:
    """Show coverage, proved bound and money of a student for each share of wrong answers that you would allow.

    Parameters
    ----------
    student_id
        A student made from a task of the log.
    alpha
        Shares to show; several may be given.
    delta
        Chance allowed that the bound is broken.
    """
    from pipeline.router.by_alpha import ALPHAS, choices

    common = common or Common()
    if any(not 0 < one < 1 for one in (*(alpha or ()), delta)):
        raise InputError("alpha and delta are shares between 0 and 1")
    found = choices(common.workspace, student_id, tuple(alpha or ALPHAS), delta)
    emit(common, [one.as_json() for one in found], lambda console: _draw_choices(console, student_id, found))


def _draw_choices(console: Console, student_id: str, found: list[Any]) -> None:
    columns = ["allowed", "serve from", "coverage", "differed", "errors a day", "saved a month", "order"]
    rows = [
        (
            f"{one.alpha:.1%}", "nothing" if one.threshold is None else f"{one.threshold:.4f}",
            _range(one.coverage, "{:.0%}"),
            _range(one.served_disagreement, "{:.1%}"), "" if one.errors_a_day is None else f"{one.errors_a_day:,.1f}",
            _range(one.saved_usd_a_month, "${:,.0f}"), one.order,
        )
        for one in found
    ]  # fmt: skip
    table(console, f"{student_id}: what each promise gives (confidence {1 - found[0].delta:.0%})", columns, rows)
    for one in found:
        console.print(f"{one.alpha:.1%}: {one.reason}", soft_wrap=True, highlight=False)
    console.print(
        "Saved: teacher's price less the student's, before audits and one-off costs; range of coverage alone."
    )


def _range(interval: Any, form: str) -> str:
    if interval is None:
        return "not known"
    value, low, high = (form.format(one).replace("$-", "-$") for one in (interval.value, interval.low, interval.high))
    return f"{value} ({low} to {high})"


def show(*, common: Common | None = None) -> None:
    """Which student serves which task, under which policy, since when and why."""
    from pipeline.router import deployments

    common = common or Common()
    rules = {row.deployment_id: rule for row, rule in deployments.in_force(common.workspace)}
    rows = deployments.history(common.workspace)
    said = [asdict(row) | {"in_force": row.deployment_id in rules} for row in rows]
    for row in said:
        row["policy"] = asdict(rules[row["deployment_id"]]) if row["in_force"] else None
    emit(common, said, lambda console: _draw_history(console, said))


def _draw_history(console: Console, said: list[dict[str, Any]]) -> None:
    columns = ["in force", "task", "student", "action", "by", "reason", "when"]
    names = ("task_id", "student_id", "action", "actor", "reason")
    rows = [("yes" if row["in_force"] else "", *(row[name] for name in names), row["created_at"][:16]) for row in said]
    table(console, "Deployments, newest first", columns, rows)


def promote(
    student_id: str,
    /,
    *,
    reason: str,
    alpha: float | None = None,
    delta: float | None = None,
    flags: PolicyFlags | None = None,
    common: Common | None = None,
) -> None:
    """Put a student to work: routers that run take it over within a second.

    Parameters
    ----------
    student_id
        A student made from a task of the log.
    reason
        Why, for whoever asks later.
    alpha
        Share of served answers that may be wrong; the one that the student was calibrated for when left out.
    delta
        Chance allowed that this bound is broken; the one that it was calibrated for when left out.
    """
    from pipeline.router import deployments
    from pipeline.router.by_alpha import proved_anew

    common = common or Common()
    rule = (flags or PolicyFlags()).of(deployments.policy_of(common.workspace, student_id))
    if (alpha, delta, rule.student_url) != (None, None, None):  # another promise, or other hardware
        rule = proved_anew(common.workspace, rule, alpha or rule.alpha, delta or rule.delta)
    done = deployments.promote(common.workspace, rule, at_terminal(), reason)
    said = f"{student_id} serves {done.task_id}"
    emit(common, asdict(done) | {"policy": asdict(rule)}, lambda console: console.print(said))


def rollback(task: str, /, *, reason: str, common: Common | None = None) -> None:
    """Go back to the student that served before; to the teacher where there was none.

    Parameters
    ----------
    task
        Name or id of the task.
    reason
        Why, for whoever asks later.
    """
    from pipeline.router import deployments

    _act(common or Common(), task, reason, deployments.roll_back)


def fallback(task: str, /, *, reason: str, common: Common | None = None) -> None:
    """Send everything of a task to the teacher.

    Parameters
    ----------
    task
        Name or id of the task.
    reason
        Why, for whoever asks later.
    """
    from pipeline.router import deployments

    _act(common or Common(), task, reason, deployments.fall_back)


def _act(common: Common, task: str, reason: str, act: Any) -> None:
    from analytics import api

    done = act(common.workspace, api.find_task(common.workspace, task).task_id, at_terminal(), reason)
    who = done.student_id or "the teacher"
    emit(common, asdict(done), lambda console: console.print(f"{done.task_id}: {who} serves from now on"))


def settle(*, common: Common | None = None) -> None:
    """Move what routers have written down into segments; commands that read traffic do it themselves."""
    from pipeline.router.settle import settle as settle_now

    common = common or Common()
    done = asdict(settle_now(common.workspace))
    emit(common, done, lambda console: table(console, "Settled", list(done), [tuple(done.values())]))

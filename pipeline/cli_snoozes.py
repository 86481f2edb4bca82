"""``spiritsafe reeval snooze``, ``wake`` and ``snoozed``: verdicts put aside until something happens."""

from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from analytics.terminal import Common, emit, table

REASON = "Why, for whoever asks later."


def snooze(
    task: str,
    /,
    *,
    until: str,
    reason: Annotated[str, Parameter(help=REASON)],
    common: Common | None = None,
) -> None:
    """Put the verdict on a task aside until a condition holds; a re-evaluation wakes it then.

    Parameters
    ----------
    task
        Name or id of the task.
    until
        "teacher below $2" (USD per million tokens; or "$2 per 1000 calls"), "volume above 50000" or "volume below 9000"
        (calls a month), "spend above $5000" (a month), "model NAME released", "day 2027-01-31".
    """
    from analytics.actors import at_terminal
    from pipeline.reevaluation import snoozed as snoozes

    common = common or Common()
    made = snoozes.snooze(common.workspace, at_terminal(), task, until, reason)
    emit(common, made, lambda console: console.print(f"{made['task']} is snoozed until {made['said']}", soft_wrap=True))


def wake(task: str, /, *, reason: Annotated[str, Parameter(help=REASON)], common: Common | None = None) -> None:
    """Look at a snoozed task again from now on.

    Parameters
    ----------
    task
        Name or id of the task.
    """
    from analytics.actors import at_terminal
    from pipeline.reevaluation import snoozed as snoozes

    common = common or Common()
    made = snoozes.wake(common.workspace, at_terminal(), task, reason)
    emit(common, made, lambda console: console.print(f"{made['task']} is looked at again"))


def snoozed(*, common: Common | None = None) -> None:
    """Every snoozed verdict: until when, and whether that has come."""
    from pipeline.reevaluation import snoozed as snoozes

    common = common or Common()
    found = snoozes.snoozed(common.workspace)

    def show(console: Console) -> None:
        rows = [
            (one["task"], one["said"], "awake" if one["is_awake"] else "asleep", one["why"], one["reason"])
            for one in found
        ]
        table(console, "Snoozed verdicts", ("task", "until", "now", "why", "reason given"), rows)

    emit(common, found, show)

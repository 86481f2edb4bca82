"""``spiritsafe iterate``: the plan of the next round, with its reasons. It starts nothing."""

from dataclasses import asdict

from rich.console import Console

from analytics.errors import InputError
from analytics.terminal import Common, emit, table


def iterate(
    name: str,
    /,
    *,
    teacher: str | None = None,
    teacher_url: str | None = None,
    rows: int = 300,
    cap: float | None = None,
    common: Common | None = None,
) -> None:
    """Plan the next round of a student from its failures, rare answers and the router queue.

    Parameters
    ----------
    name
        A task, whose newest student is meant, or a student.
    teacher
        PROVIDER/MODEL to pay; the plan's own when left out.
    teacher_url
        Address of an OpenAI-compatible server to ask instead of the provider's.
    rows
        Most lessons that are answered again.
    cap
        Most that the round may pay [USD]; when left out, a quarter above its dear estimate, at least 1.
    """
    from pipeline.iterate import next_round

    common = common or Common()
    if rows < 1:
        raise InputError(f"--rows is at least 1, not {rows}")
    made = asdict(next_round(common.workspace, name, teacher, teacher_url, rows, cap))
    emit(common, made, lambda console: _draw(console, made))


def _draw(console: Console, made: dict[str, object]) -> None:
    shown = [(key.replace("_", " "), str(value)) for key, value in made.items() if key != "why"]
    table(console, f"Next round of {made['student_id']}", ["", ""], shown)
    why = made["why"]
    assert isinstance(why, list)
    for line in why:
        console.print(f"- {line}", soft_wrap=True, highlight=False)
    console.print(f"Start it with: spiritsafe launch {made['plan_id']}")

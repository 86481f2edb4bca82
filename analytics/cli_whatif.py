"""``spiritsafe whatif``: the decision without a log, for anyone with a number and a question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from analytics.assumptions import Assumptions, defaults, known
from analytics.decision import Decision, Question, evaluate
from analytics.decision_record import Turns, record
from analytics.errors import InputError
from analytics.sensitivity import Share, sobol
from analytics.show_whatif import show_decision, show_sobol, show_surface
from analytics.surface import Surface, parse_axes
from analytics.surface import surface as scanned
from analytics.terminal import Common, emit
from analytics.verdict_turns import PROSPECT_DRAWS, TURN_DRAWS, verdict_turns

Given = Annotated[list[str] | None, Parameter(name="--set", consume_multiple=True, negative="")]


@dataclass(frozen=True)
class Answer:
    """What the command found; parts that were not asked for are None."""

    decision: Decision
    turns: Turns
    sobol: list[Share] | None
    surface: Surface | None


def mount(app: App, base: Callable[[Common], Assumptions] | None = None) -> None:
    """Add the command. ``base`` gives the assumptions to start from, e.g. those of ``spiritsafe.toml``."""

    @app.command(name="whatif")
    def whatif(
        *,
        set_: Given = None,
        surface: str | None = None,
        sobol: Annotated[bool, Parameter(negative="")] = False,
        common: Common | None = None,
    ) -> None:
        """Decide a case from assumptions alone: what it pays, how surely, and what would turn it.

        Parameters
        ----------
        set_
            NAME=VALUE, or NAME=LOW:VALUE:HIGH to state the range; repeatable. Names are in docs/assumptions.md.
        surface
            NAME,NAME: value and chance over a grid of two assumptions, each NAME or NAME=LOW:HIGH or
            NAME=LOW:HIGH:POINTS, such as monthly_spend_usd,fallback_share.
        sobol
            Also the share of the value's spread that each assumption explains, alone and with the others.
        """
        flags = common or Common()
        start = base(flags) if base else defaults()
        found = answer(start.with_values(parse(set_ or [])), surface, with_sobol=sobol)
        emit(flags, document(found), lambda console: show(console, found))


def answer(assumptions: Assumptions, surface: str | None = None, *, with_sobol: bool = False) -> Answer:
    """Everything that was asked. InputError names an axis that cannot be scanned, before anything is computed."""
    question = Question(assumptions)
    axes = parse_axes(question, surface) if surface is not None else None
    decision = evaluate(assumptions)
    return Answer(
        decision=decision,
        turns=verdict_turns(question, decision, [driver.name for driver in decision.drivers]),
        sobol=sobol(assumptions) if with_sobol else None,
        surface=scanned(question, *axes) if axes else None,
    )


def document(found: Answer) -> dict[str, object]:
    """The flat document of ``--json``; docs/whatif.md lists its keys."""
    flat = record(found.decision, found.turns)
    flat["verdict_flip_draws"] = {"money": TURN_DRAWS, "pilot_and_waiting": PROSPECT_DRAWS}
    if found.sobol is not None:
        flat["sobol"] = [share._asdict() for share in found.sobol]
    if found.surface is not None:
        flat["surface"] = found.surface
    return flat


def show(console: Console, found: Answer) -> None:
    """The same for a person."""
    show_decision(console, found.decision, found.turns)
    if found.sobol is not None:
        show_sobol(console, found.sobol)
    if found.surface is not None:
        show_surface(console, found.surface)


def parse(pairs: Sequence[str]) -> dict[str, str]:
    """``NAME=VALUE`` arguments as a mapping. Raises InputError, UnknownName."""
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or not value:
            raise InputError(f"--set takes NAME=VALUE, not {pair!r}")
        if known(name).name in values:
            raise InputError(f"{name} is set twice")
        values[name] = value
    return values

"""``spiritsafe whatif``: the decision without a log, for anyone with a number and a question."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from analytics.amounts import amount, usd
from analytics.assumptions import Assumptions, defaults, known
from analytics.decision import Decision, evaluate
from analytics.errors import InputError
from analytics.serving import Fleet
from analytics.terminal import Common, emit, table

Given = Annotated[list[str] | None, Parameter(name="--set", consume_multiple=True, negative="")]


def mount(app: App, base: Callable[[Common], Assumptions] | None = None) -> None:
    """Add the command. ``base`` gives the assumptions to start from, e.g. those of ``spiritsafe.toml``."""

    @app.command(name="whatif")
    def whatif(*, set_: Given = None, common: Common | None = None) -> None:
        """Decide a case from assumptions alone: what it pays, how surely, and what would turn it.

        Parameters
        ----------
        set_
            NAME=VALUE, or NAME=LOW:VALUE:HIGH to state the range; repeatable. Names are in docs/assumptions.md.
        """
        flags = common or Common()
        start = base(flags) if base else defaults()
        decision = evaluate(start.with_values(parse(set_ or [])))
        emit(flags, record(decision), lambda console: show(console, decision))


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


def record(decision: Decision) -> dict[str, object]:
    """The decision as the flat document that ``--json`` promises."""
    figures, simulation = decision.economics, decision.economics.simulation
    return {
        "verdict": decision.verdict,
        "reasons": [reason._asdict() for reason in decision.reasons],
        "monthly_spend_usd": figures.monthly_spend_usd,
        "star_spend_usd": figures.configuration.spend_usd,
        "configuration": asdict(figures.configuration),
        "one_off_usd": figures.one_off_usd,
        "cumulative_12m_usd": figures.cumulative_12m_usd,
        "npv_24m_usd": figures.npv_24m_usd,
        "payback_months": figures.payback_months,
        "break_even_spend_12m_usd": figures.break_even_spend_12m_usd,
        "break_even_spend_12m_safe_usd": figures.break_even_spend_12m_safe_usd,
        "break_even_spend_24m_npv_usd": figures.break_even_spend_24m_npv_usd,
        **{f"p_break_even_{month}m": chance for month, chance in simulation.p_break_even.items()},
        "npv_24m_mean_usd": simulation.npv_mean_usd,
        "npv_24m_p5_usd": simulation.npv_p5_usd,
        "npv_24m_p50_usd": simulation.npv_p50_usd,
        "npv_24m_p95_usd": simulation.npv_p95_usd,
        "one_off_p95_usd": simulation.one_off_p95_usd,
        "p_gain": simulation.p_gain,
        "evpi_usd": simulation.evpi_usd,
        **_prospects(decision),
        "irr_24m_yearly": figures.irr_24m_yearly,
        "retire_month": figures.retire_month,
        "serving": figures.serving._asdict(),
        "serving_options": [fleet._asdict() for fleet in figures.serving_options],
        "drivers": [asdict(driver) for driver in decision.drivers],
        "flip_values": flip_values(decision),
        "alternatives": alternatives(decision),
        "assumptions": [used._asdict() for used in decision.assumptions],
        "draws": simulation.draws,
    }


def _prospects(decision: Decision) -> dict[str, object]:
    """What more information or waiting would be worth, where it was looked at."""
    if decision.prospects is None:
        return {}
    information, waiting = decision.prospects.information, decision.prospects.waiting
    return {
        "evsi_pilot_usd": information.evsi_pilot_usd,
        "evppi": [worth._asdict() for worth in information.evppi],
        "waiting": {**asdict(waiting), "gain_usd": waiting.gain_usd},
    }


def flip_values(decision: Decision) -> list[dict[str, object]]:
    """Per driver: the value now and the one at which the present value changes sign, null when there is none."""
    return [
        {"name": driver.name, "unit": driver.unit, "value": driver.value, "flip_value": driver.flip_value}
        for driver in decision.drivers
    ]


def alternatives(decision: Decision) -> list[dict[str, object]]:
    """Each alternative with its worth and how often it pays more than the student."""
    simulation = decision.economics.simulation
    return [
        {
            "name": one.alternative.name,
            "saved_share": one.alternative.saved_share,
            "is_measured": one.alternative.is_measured,
            "basis": one.alternative.basis,
            "one_off_usd": one.alternative.one_off_usd,
            "npv_24m_usd": one.npv_24m_usd,
            "npv_24m_p5_usd": simulation.alternative_p5_usd[one.alternative.name],
            "monthly_saving_usd": one.monthly_saving_usd,
            "beats_student_share": simulation.alternative_wins[one.alternative.name],
        }
        for one in decision.alternatives
    ]


def show(console: Console, decision: Decision) -> None:
    """The same for a person."""
    figures, simulation = decision.economics, decision.economics.simulation
    console.print(f"[bold]{decision.verdict}[/] at {usd(figures.monthly_spend_usd)} a month")
    for reason in decision.reasons:
        console.print(f"  • {reason.sentence}")
    chances = simulation.p_break_even
    payback = "never" if figures.payback_months is None else f"{figures.payback_months:.1f} months"
    rows = [
        ("paid before serving", usd(figures.one_off_usd)),
        ("saved after 12 months", usd(figures.cumulative_12m_usd)),
        ("worth over 24 months", usd(figures.npv_24m_usd)),
        ("range in nine cases of ten", f"{usd(simulation.npv_p5_usd)} to {usd(simulation.npv_p95_usd)}"),
        ("breaks even after", payback),
        ("chance within 12 / 24 months", f"{chances[12]:.1%} / {chances[24]:.1%}"),
        ("monthly spend that breaks even in 12 months", _or_never(figures.break_even_spend_12m_usd)),
        ("served by", _fleet(figures.serving)),
        ("costs more than it saves from month", str(figures.retire_month or "after 60")),
    ]
    table(console, "What it pays", ("figure", "value"), rows)
    _show_drivers(console, decision)


def _show_drivers(console: Console, decision: Decision) -> None:
    rows = [
        (
            driver.name,
            amount(driver.value, driver.unit),
            usd(driver.npv_at_low_usd),
            usd(driver.npv_at_high_usd),
            None if driver.flip_value is None else amount(driver.flip_value, driver.unit),
        )
        for driver in decision.drivers
    ]
    table(console, "What moves it most", ("assumption", "now", "worth if low", "worth if high", "turns at"), rows)
    changed = [used for used in decision.assumptions if used.origin != "default"]
    if changed:
        told = ", ".join(f"{used.name} {amount(used.value, used.unit)} ({used.origin})" for used in changed)
        console.print(f"Not at default: {told}. All others are defaults: docs/assumptions.md.")


def _or_never(value: float | None) -> str:
    return "none" if value is None else usd(value)


def _fleet(fleet: Fleet) -> str:
    return f"{fleet.machines} x {fleet.name}, {usd(fleet.usd_per_month)} a month"

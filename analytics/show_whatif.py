"""``spiritsafe whatif`` on a terminal."""

from collections.abc import Sequence
from itertools import pairwise

from rich.console import Console

from analytics.amounts import amount, usd
from analytics.decision import Decision
from analytics.decision_record import Turns
from analytics.sensitivity import Share
from analytics.serving import Fleet
from analytics.surface import Surface, SurfacePoint
from analytics.terminal import table
from analytics.verdict_turns import VerdictTurn


def show_decision(console: Console, decision: Decision, turns: Turns) -> None:
    """What it pays, how surely, and what would turn it, for a person."""
    figures = decision.economics
    console.print(f"[bold]{decision.verdict}[/] at {usd(figures.monthly_spend_usd)} a month")
    for reason in decision.reasons:
        console.print(f"  • {reason.sentence}")
    table(console, "What it pays", ("figure", "value"), _rows(decision))
    _show_drivers(console, decision, turns)
    _show_prospects(console, decision)


def _rows(decision: Decision) -> list[tuple[str, str]]:
    figures, simulation = decision.economics, decision.economics.simulation
    chances = simulation.p_break_even
    payback = "never" if figures.payback_months is None else f"{figures.payback_months:.1f} months"
    return [
        ("paid before serving", usd(figures.one_off_usd)),
        ("saved after 12 months, each input at its value", usd(figures.cumulative_12m_usd)),
        ("worth over 24 months, each input at its value", usd(figures.npv_24m_usd)),
        (
            "worth in the simulations, median and nine cases of ten",
            f"{usd(simulation.npv_p50_usd)}, {usd(simulation.npv_p5_usd)} to {usd(simulation.npv_p95_usd)}",
        ),
        ("breaks even after", payback),
        ("chance within 12 / 24 months", f"{chances[12]:.1%} / {chances[24]:.1%}"),
        ("monthly spend that breaks even in 12 months", _or_never(figures.break_even_spend_12m_usd)),
        ("served by", _fleet(figures.serving)),
        ("costs more than it saves from month", str(figures.retire_month or "after 60")),
    ]


def _show_drivers(console: Console, decision: Decision, turns: Turns) -> None:
    rows = [
        (
            driver.name,
            amount(driver.value, driver.unit),
            usd(driver.npv_at_low_usd),
            usd(driver.npv_at_high_usd),
            None if driver.flip_value is None else amount(driver.flip_value, driver.unit),
            _turns(turns.get(driver.name), driver.unit),
        )
        for driver in decision.drivers
    ]
    columns = ("assumption", "now", "worth if low", "worth if high", "sign turns at", "verdict turns at")
    table(console, "What moves it most", columns, rows)
    changed = [used for used in decision.assumptions if used.origin != "default"]
    if changed:
        told = ", ".join(f"{used.name} {amount(used.value, used.unit)} ({used.origin})" for used in changed)
        console.print(f"Not at default: {told}. All others are defaults: docs/assumptions.md.")


def _turns(turn: VerdictTurn | None, unit: str) -> str:
    return "nowhere in its range" if turn is None else f"{amount(turn.value, unit)}: {turn.verdict}"


def _show_prospects(console: Console, decision: Decision) -> None:
    """What looking first, or starting later, is worth."""
    if decision.prospects is None:
        return
    information, waiting = decision.prospects.information, decision.prospects.waiting
    console.print(
        f"A pilot's result is worth {usd(information.evsi_pilot_usd)}, knowing everything {usd(information.evpi_usd)}. "
        f"Choosing in {waiting.months} months is worth {usd(waiting.worth_usd)} today, choosing now "
        f"{usd(waiting.now_usd)}.",
        soft_wrap=True,
    )


def show_sobol(console: Console, shares: Sequence[Share]) -> None:
    """Where the spread of the value comes from."""
    rows = [
        (share.name, f"{share.first_order:.3f}", f"{share.total:.3f}", f"{share.total_error:.3f}") for share in shares
    ]
    columns = ("assumption", "alone", "with others", "+-")
    table(console, "Share of the spread of the 24-month value that each explains (Sobol')", columns, rows)


COLUMN_SIGNS = 10  # width of a column of the surface


def show_surface(console: Console, found: Surface) -> None:
    """Median value at each pair; a line stands where the value changes its sign."""
    width = len(found.x.values)
    # As many columns as the terminal holds; the JSON has every point and the chances.
    shown = slice(None, None, max(1, -(-width * COLUMN_SIGNS // max(1, console.width - COLUMN_SIGNS))))
    title = f"Median value over 24 months in thousand USD, {found.x.name} across"
    columns = [found.y.name, *(_short(value, found.x.unit) for value in found.x.values[shown])]
    rows = [
        [amount(value, found.y.unit), *_cells(found.points[place * width : (place + 1) * width][shown])]
        for place, value in enumerate(found.y.values)
    ]
    table(console, title, columns, rows)
    for one in found.boundary:
        at = " and ".join(amount(value, found.x.unit) for value in one.x) or "nowhere on this grid"
        console.print(f"  {found.y.name} {amount(one.y, found.y.unit)}: the value changes sign at {at}", soft_wrap=True)
    console.print(f"Scanned, {found.draws:,} draws a point, the same at each.")


def _cells(row: Sequence[SurfacePoint]) -> list[str]:
    """A bar before the first cell on the other side of zero."""
    signs = [point.npv_24m_p50_usd >= 0 for point in row]
    crossed = [False, *(here != before for before, here in pairwise(signs))]
    return [
        f"{'| ' if turned else ''}{point.npv_24m_p50_usd / 1000:,.0f}"
        for turned, point in zip(crossed, row, strict=True)
    ]


def _short(value: float, unit: str) -> str:
    return f"${value / 1000:,.3g}K" if unit.startswith("USD") and value >= 1000 else amount(value, unit)


def _or_never(value: float | None) -> str:
    return "none" if value is None else usd(value)


def _fleet(fleet: Fleet) -> str:
    return f"{fleet.machines} x {fleet.name}, {usd(fleet.usd_per_month)} a month"

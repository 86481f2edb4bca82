"""The page of one task on a terminal."""

from typing import TYPE_CHECKING, Any

from rich.console import Console

from analytics.amounts import amount, usd
from analytics.show import money
from analytics.terminal import table

if TYPE_CHECKING:
    from analytics.brief import Brief
    from analytics.explain import Trace
    from analytics.profile import TaskProfile

Line = tuple[str, str | None, str]


def show_brief(console: Console, found: "Brief") -> None:
    """Verdict first, then figures with their ranges, drivers, alternatives, and the next step."""
    profile = found.profile
    console.print(f"[bold]{found.headline}[/]", soft_wrap=True)
    console.print(f"{found.name} ({found.task_id}), {', '.join(profile.models)}", soft_wrap=True)
    console.print(f"log of {profile.first_at[:10]} to {profile.last_at[:10]}, {profile.rows:,} rows\n")
    for reason in found.reasons:
        console.print(f"  • {reason['sentence']}", soft_wrap=True)
    lines = [*_money_lines(found.figures, profile), *_quality_lines(profile)]
    table(console, "Figures", ("figure", "value", "range or source"), lines)
    if found.narrowness:
        console.print("[bold]How narrow it is[/]")
    for sentence in found.narrowness.values():
        console.print(f"  • {sentence}", soft_wrap=True)
    _show_drivers(console, found.drivers)
    _show_alternatives(console, found.alternatives)
    measured = [row["name"] for row in found.assumptions if row["origin"] == "measured"]
    console.print(f"measured here: {', '.join(measured)}; the others are defaults or yours", soft_wrap=True)
    console.print(f"\nnext: {found.next_step}", soft_wrap=True)


def show_trace(console: Console, found: "Trace") -> None:
    """Formula, value and inputs of one figure."""
    console.print(f"[bold]{found.figure.key}[/] = {found.value}")
    console.print(f"{found.figure.formula}\nin {found.figure.code}; formulas in docs/methods.md", soft_wrap=True)
    rows = [
        (
            row["name"],
            amount(row["value"], row["unit"]),
            row["origin"],
            " ".join(part for part in (row["source"], *row["sql"]) if part),
            row["as_of"],
        )
        for row in found.inputs
    ]
    table(console, "Inputs", ("input", "value", "set by", "source", "as of"), rows)


def _money_lines(figures: dict[str, Any], profile: "TaskProfile") -> list[Line]:
    worth = f"{usd(figures['npv_24m_p5_usd'])} to {usd(figures['npv_24m_p95_usd'])}, 5-95 % of draws"
    chances = f"chance by month 12: {figures['p_break_even_12m']:.0%}, by 24: {figures['p_break_even_24m']:.0%}"
    payback = figures["payback_months"]
    return [
        ("spend now", money(profile.recent_monthly_spend_usd), "a month, newest 28 days"),
        ("one-off cost", usd(figures["one_off_usd"]), f"95 % of draws below {usd(figures['one_off_p95_usd'])}"),
        ("worth over 24 months", usd(figures["npv_24m_p50_usd"]), worth),
        ("breaks even", "not within 24 months" if payback is None else f"after {payback:.1f} months", chances),
        ("retire by month", str(figures["retire_month"] or "after 60"), "costs more than it saves from then"),
    ]


def _quality_lines(profile: "TaskProfile") -> list[Line]:
    predicted = profile.narrowness.predicted_agreement if profile.narrowness else None
    if predicted is None:
        return []
    source = f"{predicted.low:.1%} to {predicted.high:.1%}, {predicted.covers}, {predicted.n:,} new requests"
    return [("predicted agreement", f"{predicted.value:.1%}", source)]


def _show_drivers(console: Console, drivers: list[dict[str, Any]]) -> None:
    rows = [
        (
            driver["name"],
            amount(driver["value"], driver["unit"]),
            f"{usd(driver['npv_at_low_usd'])} … {usd(driver['npv_at_high_usd'])}",
            None if driver["flip_value"] is None else amount(driver["flip_value"], driver["unit"]),
        )
        for driver in drivers
    ]
    columns = ("driver", "now", "24-month value, p10 … p90", "turns at")
    table(console, "What moves it most, and where it turns", columns, rows)


def _show_alternatives(console: Console, alternatives: list[dict[str, Any]]) -> None:
    rows = [
        (
            one["name"],
            usd(one["npv_24m_usd"]),
            "yes" if one["is_measured"] else "no",
            None if one["beats_student_share"] is None else f"{one['beats_student_share']:.0%} of draws",
        )
        for one in alternatives
    ]
    table(console, "Alternatives", ("option", "24-month value", "measured here", "beats a student in"), rows)

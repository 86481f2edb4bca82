"""The figures beside the verdict: what is spent, what a student pays, how surely, how deep, how long."""

from typing import Any

from analytics.brief import Brief
from analytics.fan import BreakEvenBand
from analytics.reports import present
from analytics.reports.blocks import Fact


def verdict_facts(found: Brief) -> tuple[Fact, ...]:
    """In the order in which a leader asks."""
    money = found.figures
    worth = f"{present.usd_range(money['npv_24m_p5_usd'], money['npv_24m_p95_usd'])} (5–95%)"
    return (
        Fact("Spent now", f"{present.usd(money['monthly_spend_usd'])} a month", _pays_from(money)),
        Fact("Left by cheaper calls (S*)", f"{present.usd(money['star_spend_usd'])} a month", _levers(money)),
        Fact("Worth over 24 months", present.usd(money["npv_24m_p50_usd"]), worth),
        Fact("Breaks even by month 12", present.percent(money["p_break_even_12m"]), _other_months(money)),
        Fact("Payback", present.months(money["payback_months"]), _band(found.break_even_band)),
        Fact("Cash at risk", present.usd(-found.cash_at_risk.p50_usd),
             f"{present.usd(-found.cash_at_risk.p5_usd)} in one case of twenty"),
        Fact("Paid before it serves", present.usd(money["one_off_usd"]),
             f"95% of cases below {present.usd(money['one_off_p95_usd'])}"),
        Fact("Retire by", present.day_and_year(found.retire_on) if found.retire_on else "beyond 5 years",
             "from then on it costs more than it saves"),
    )  # fmt: skip


def _pays_from(money: dict[str, Any]) -> str:
    needed = money["break_even_spend_12m_usd"]
    return "no spend pays" if needed is None else f"a student pays from {present.usd(needed)}"


def _levers(money: dict[str, Any]) -> str:
    levers = money["configuration"]["levers"]
    return f"with {' and '.join(levers)}" if levers else "no lever passes the gate and pays"


def _other_months(money: dict[str, Any]) -> str:
    six, all_ = (present.percent(money[f"p_break_even_{month}m"]) for month in (6, 24))
    return f"{six} by month 6, {all_} by month 24"


def _band(band: BreakEvenBand) -> str:
    never = f"{present.percent(band.never_share)} never within 24"
    return never if band.p10 is None else f"month {band.p10:.0f} to {band.p90:.0f} in eight of ten that do; {never}"

"""A brief as Markdown: for a pull request, a mail or a decision record."""

from typing import Any

from analytics.amounts import amount
from analytics.api import Brief
from analytics.reports import present


def markdown(found: Brief) -> str:
    """The page without its charts; every figure is also on the page and in ``spiritsafe brief --json``."""
    blocks = [f"# {found.name}: {found.title}", found.headline, f"Next: {found.next_step}"]
    blocks += ["## Why", "\n".join(f"- {reason['sentence']}" for reason in found.reasons)]
    blocks += ["## Figures", _table(("figure", "value", "range"), _figures(found))]
    blocks += ["## What would change our mind", _flips(found)]
    blocks += ["## The options", _table(("option", "value over 24 months", "saves of the bill"), _options(found))]
    blocks += [
        "## Assumptions that are not at their default",
        _table(("assumption", "value", "from"), _assumptions(found)),
    ]
    blocks += [f"Task {found.task_id}. Made by `spiritsafe brief {found.task_id}`."]
    return "\n\n".join(blocks) + "\n"


def _figures(found: Brief) -> list[tuple[str, ...]]:
    money = found.figures
    chances = f"{present.percent(money['p_break_even_24m'])} within 24"
    return [
        (
            "worth over 24 months",
            present.usd(money["npv_24m_p50_usd"]),
            present.usd_range(money["npv_24m_p5_usd"], money["npv_24m_p95_usd"]),
        ),
        ("breaks even within 12 months", present.percent(money["p_break_even_12m"]), chances),
        ("payback", present.months(money["payback_months"]), present.MISSING),
        (
            "spend a month",
            present.usd(money["monthly_spend_usd"]),
            f"pays from {present.usd(money['break_even_spend_12m_usd'])}",
        ),
    ]


def _flips(found: Brief) -> str:
    lines = [
        f"- {present.words(flip['name'])}: {_turn(flip)}"
        for flip in found.flip_values
        if flip["flip_value"] is not None
    ]
    return "\n".join(lines) or "Nothing among the three largest inputs."


def _turn(flip: dict[str, Any]) -> str:
    return f"{amount(flip['flip_value'], flip['unit'])} (now {amount(flip['value'], flip['unit'])})"


def _options(found: Brief) -> list[tuple[str, ...]]:
    distil = ("distil", present.usd(found.figures["npv_24m_p50_usd"]), present.MISSING)
    return [
        distil,
        *(
            (one["name"], present.usd(one["npv_24m_usd"]), present.percent(one["saved_share"]))
            for one in found.alternatives
        ),
    ]


def _assumptions(found: Brief) -> list[tuple[str, ...]]:
    changed: list[dict[str, Any]] = [one for one in found.assumptions if one["origin"] != "default"]
    return [(present.words(one["name"]), amount(one["value"], one["unit"]), one["origin"]) for one in changed]


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

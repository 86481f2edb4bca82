"""A decision as the flat document that ``--json`` prints."""

from collections.abc import Mapping
from dataclasses import asdict

from analytics.decision import Decision
from analytics.verdict_turns import VerdictTurn

Turns = Mapping[str, VerdictTurn | None]


def record(decision: Decision, turns: Turns | None = None) -> dict[str, object]:
    """The decision as the flat document that ``--json`` promises; docs/whatif.md lists its keys."""
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
        "flip_values": flip_values(decision, turns or {}),
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


def flip_values(decision: Decision, turns: Turns) -> list[dict[str, object]]:
    """Per driver: the value now, where the present value changes sign, and where the verdict turns and to which.

    Null where nothing in the range turns it.
    """
    return [
        {
            "name": driver.name,
            "unit": driver.unit,
            "value": driver.value,
            "flip_value": driver.flip_value,
            "verdict_flip_value": turn.value if turn else None,
            "flips_to": turn.verdict.value if turn else None,
        }
        for driver in decision.drivers
        for turn in (turns.get(driver.name),)
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

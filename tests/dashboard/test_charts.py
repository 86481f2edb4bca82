"""Charts: what they draw, what they say to people who cannot see them, in both themes."""

import pytest

from analytics.api import PortfolioRow
from analytics.contracts import Interval, Verdict
from analytics.reports.charts import case
from analytics.reports.charts.style import DARK, LIGHT
from analytics.reports.looks import LOOKS, look
from dashboard.charts import portfolio, student
from dashboard.totals import totals

INKS = pytest.mark.parametrize("ink", [LIGHT, DARK], ids=["light", "dark"])


def row(name="mail", verdict=Verdict.DISTILL, spend_usd=17_000.0, value_usd=(10.0, 20.0, 40.0)):
    return PortfolioRow(
        task_id=f"t-{name}", name=name, found_by="template", verdict=verdict, title="", headline="", top_reason="so",
        calls=10, monthly_calls=100.0, monthly_spend_usd=spend_usd, recent_monthly_spend_usd=spend_usd,
        npv_24m_usd=dict(zip(("p5", "p50", "p95"), value_usd, strict=True)), p_break_even_12m=0.9,
        p_break_even_24m=0.95, payback_months=5.0, predicted_coverage=0.5,
        predicted_agreement=Interval(0.9, 0.88, 0.92, "95% Wilson", 500),
    )  # fmt: skip


def inks_used(spec):
    """Every colour that a mark, a scale or a condition of the drawing names."""
    found = set()
    if isinstance(spec, dict):
        for value in spec.values():
            found |= {value} if isinstance(value, str) and value.startswith("#") else inks_used(value)
    elif isinstance(spec, list):
        for value in spec:
            found |= {value} if isinstance(value, str) and value.startswith("#") else inks_used(value)
    return found


def test_every_verdict_has_a_sign_and_a_word_of_its_own():
    assert set(LOOKS) == set(Verdict)
    assert len({one.sign for one in LOOKS.values()}) == len(LOOKS)
    assert len({one.light for one in LOOKS.values()}) == len({one.dark for one in LOOKS.values()}) == len(LOOKS)


@INKS
def test_spend_bars_write_the_verdict_beside_the_bar(ink):
    drawing = portfolio.spend_bars(
        [row(), row("chat", Verdict.DO_NOT_DISTILL, 900.0), row("free", spend_usd=None)], ink
    )
    data = next(iter(drawing.spec["datasets"].values()))
    assert [line["shown"] for line in data] == ["$17K  ✓", "$900  ✕"]
    assert drawing.alt == "Monthly spend by task: mail $17K, distil now; chat $900, do not distil"


def test_no_chart_of_one_theme_uses_text_or_rules_of_the_other():
    points = [
        {"month": month, "p10": -5.0, "p25": 0.0, "p50": month * 1.0, "p75": 9.0, "p90": 20.0} for month in range(25)
    ]
    for ink, other in ((LIGHT, DARK), (DARK, LIGHT)):
        used = inks_used(case.fan(points, ink).spec)
        assert ink.text in used and other.text not in used


@INKS
def test_a_tornado_puts_the_worse_end_first_whichever_way_the_input_pulls(ink):
    rising = {"name": "monthly_spend_usd", "unit": "USD / month", "low_value": 10.0, "high_value": 30.0}
    falling = {"name": "fallback_share", "unit": "share of calls", "low_value": 0.1, "high_value": 0.5}
    drivers = [
        rising | {"npv_at_low_usd": -5e3, "npv_at_high_usd": 9e3},
        falling | {"npv_at_low_usd": 8e3, "npv_at_high_usd": 1e3},
    ]
    drawing = case.tornado(drivers, 4e3, ink)
    assert "monthly spend moves it from −\u2060$5K to $9K" in drawing.alt
    assert "share of calls handed back moves it from $1K to $8K" in drawing.alt


@INKS
def test_a_week_without_a_served_call_has_no_agreement_to_draw(ink):
    week = {
        "from": "2026-09-07T00:00:00+00:00",
        "student_calls": 40,
        "net_saving_usd": -3.0,
        "teacher_cost_usd": 9.0,
        "hybrid_cost_usd": 12.0,
    }
    judged = week | {"agreement": {"value": 0.99, "low": 0.97, "high": 1.0}}
    drawing = student.quality([judged, week | {"agreement": None}], 0.98, ink)
    assert drawing.alt == "Agreement with the teacher by week: week from 7 Sep 99.0%"
    assert "−\u2060$3.00" in student.savings([judged], ink).alt


def test_the_total_counts_only_what_is_worth_doing():
    summed = totals([row(), row("pilot", Verdict.PILOT, 3_000.0, (-5.0, 1.0, 2.0)), row("no", Verdict.WAIT)])
    assert (summed.worth_it, summed.monthly_spend_usd) == (2, 20_000.0)
    assert (summed.npv_24m_p5_usd, summed.npv_24m_p50_usd, summed.npv_24m_p95_usd) == (5.0, 21.0, 42.0)


def test_a_look_is_found_by_the_name_in_the_record():
    assert look("cheaper-fix-first").text == "↓ Cheaper fix first"

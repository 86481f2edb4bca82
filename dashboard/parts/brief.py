"""The leadership page of one task, piece by piece: verdict, figures, charts, what would change our mind."""

from typing import Any

import pandas as pd
import streamlit as st

from analytics.amounts import amount
from analytics.api import Brief
from analytics.reports import present
from analytics.reports.charts.case_drawings import CaseDrawings
from analytics.terminal import to_json
from dashboard.pages import LAUNCH
from dashboard.parts.page import draw
from dashboard.totals import WORTH_IT
from dashboard.verdicts import badge


def verdict(found: Brief) -> None:
    """The answer first, in a sentence."""
    with st.container(border=True):
        st.markdown(badge(found.verdict))
        st.markdown(f"#### {present.sentence(found.headline.removeprefix(f'{found.title}: '))}")
        st.markdown(f"Next: {present.as_text(found.next_step)}")


def figures(found: Brief) -> None:
    """Four figures, each with its range."""
    money, narrow = found.figures, found.profile.narrowness
    value = present.usd_range(money["npv_24m_p5_usd"], money["npv_24m_p95_usd"])
    agreement = narrow.predicted_agreement if narrow else None
    likely = (
        f"{present.percent_range(agreement.low, agreement.high)} ({agreement.covers})"
        if agreement
        else "no closed answers"
    )
    with st.grid(4, min_column_width=170):
        _metric(
            "Worth over 24 months",
            present.usd(money["npv_24m_p50_usd"]),
            f"{value} (5–95%)",
            "Net of every cost, discounted.",
        )
        _metric(
            "Pays within 12 months",
            present.percent(money["p_break_even_12m"]),
            f"{present.percent(money['p_break_even_24m'])} within 24",
            "Share of the simulations that break even by then.",
        )
        _metric(
            "Spend a month now",
            present.usd(money["monthly_spend_usd"]),
            f"pays from {present.usd(money['break_even_spend_12m_usd'])} a month",
            "The newest 28 days per 30.4 days, and the spend from which a student breaks even in 12 months.",
        )
        shown = present.percent(agreement.value) if agreement else present.MISSING
        _metric(
            "Predicted agreement",
            shown,
            likely,
            "Student with teacher on requests it has not seen, before any training.",
        )


def _metric(label: str, value: str, range_text: str, explained: str) -> None:
    st.metric(label, value, delta=range_text, delta_color="off", delta_arrow="off", border=True, help=explained)


def actions(found: Brief) -> None:
    """What can be done with this page."""
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = "primary" if found.verdict in WORTH_IT else "secondary"
        if st.button("Launch", type=kind):
            st.switch_page(LAUNCH.script, query_params={"task": found.task_id})
        name = f"brief-{found.name}"
        st.download_button("Markdown", memo.markdown(found), f"{name}.md", "text/markdown", on_click="ignore")
        st.download_button("JSON", to_json(found), f"{name}.json", "application/json", on_click="ignore")


def reasons(found: Brief) -> None:
    """Why, in the order of weight."""
    st.subheader("Why", anchor=False)
    st.markdown("\n".join(f"- {present.as_text(reason['sentence'])}" for reason in found.reasons))


def money_charts(drawn: CaseDrawings) -> None:
    """Cumulative cash, and what moves it."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(
            "Cumulative cash", anchor=False, help="P10 to P90 and P25 to P75 of the simulations; failed projects count."
        )
        draw(drawn.fan)
    with right:
        st.subheader(
            "What moves it most",
            anchor=False,
            help="One input at its 10th and 90th percentile, the others as they are.",
        )
        draw(drawn.tornado)
        st.caption("The line is the value with every input as it is.")


def flips(found: Brief) -> None:
    """What would change our mind."""
    st.subheader("What would change our mind", anchor=False)
    lines = [_flip(flip) for flip in found.flip_values if flip["flip_value"] is not None]
    st.markdown("\n".join(lines) or "No single input of the three largest turns the value within its range.")


def _flip(flip: dict[str, Any]) -> str:
    rises = flip["flip_value"] > flip["value"]
    now, then = amount(flip["value"], flip["unit"]), amount(flip["flip_value"], flip["unit"])
    direction = "rises to" if rises else "falls to"
    line = f"- The value changes sign if the **{present.words(flip['name'])}** {direction} **{then}** (now {now})."
    return present.as_text(line)


def alternatives(found: Brief) -> None:
    """The usual competitor is a cheaper call, or nothing at all."""
    st.subheader("The options", anchor=False)
    student = {
        "option": "distil",
        "value, 24 m": present.usd(found.figures["npv_24m_p50_usd"]),
        "5th percentile": present.usd(found.figures["npv_24m_p5_usd"]),
        "saves of the bill": present.MISSING,
        "beats distilling": present.MISSING,
        "basis": "simulated",
    }
    rows = [student, *(_alternative(one) for one in found.alternatives)]
    st.table(
        pd.DataFrame(rows), border="horizontal", hide_index=True, alt="The options with their value over 24 months"
    )


def _alternative(one: dict[str, Any]) -> dict[str, str]:
    wins = one["beats_student_share"]
    return {
        "option": one["name"],
        "value, 24 m": present.usd(one["npv_24m_usd"]),
        "5th percentile": present.usd(one["npv_24m_p5_usd"]),
        "saves of the bill": present.percent(one["saved_share"]),
        "beats distilling": present.MISSING if wins is None else f"{present.percent(wins)} of cases",
        "basis": "measured on this log" if one["is_measured"] else "on price alone, quality untested",
    }

"""The leadership page of one task, piece by piece, from the same page that its documents are made of."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.reports import present
from analytics.reports.blocks import Fact, Table
from analytics.reports.charts.case_drawings import CaseDrawings
from analytics.reports.page import BriefPage
from dashboard.parts.page import draw
from dashboard.verdicts import badge


def verdict(told: BriefPage, verdict_name: str) -> None:
    """The answer first, in a sentence, with what it takes for granted."""
    with st.container(border=True):
        st.markdown(badge(verdict_name))
        st.markdown(f"### {present.as_text(told.sentence)}")
        if told.caveat:
            st.markdown(f":gray[{present.as_text(told.caveat)}]")
        _facts(told.step)


def figures(told: BriefPage) -> None:
    """What is spent, what it pays, how surely, how deep, how long."""
    with st.grid(4, min_column_width=190):
        for fact in told.facts:
            with st.container(border=True, height="stretch"):
                st.metric(fact.label, fact.value, help=EXPLAINED.get(fact.label))
                st.caption(present.as_text(fact.note))


EXPLAINED = {
    "Spent now": "The newest 28 days per 30.4 days, and the spend from which a student breaks even in 12 months.",
    "Left by cheaper calls (S*)": "What is left once every lever that pays and keeps quality is in place: a student "
    "has to beat that, not today's bill.",
    "Worth over 24 months": "Net of every cost, discounted; median of the simulations.",
    "Breaks even by month 12": "Share of the simulations that have paid back by then.",
    "Cash at risk": "The lowest point of cumulative cash, in the median.",
}


def money_charts(drawn: CaseDrawings) -> None:
    """Cumulative cash, and what moves the value."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(
            "Cumulative cash", anchor=False, help="P10 to P90 and P25 to P75 of the simulations; failed projects count."
        )
        draw(drawn.fan)
        st.caption("Shaded months: first break-even of the simulations that get there, 10th to 90th percentile.")
    with right:
        st.subheader(
            "What moves it most",
            anchor=False,
            help="One input at its 10th and 90th percentile, the others as they are.",
        )
        draw(drawn.tornado)
        st.caption("The line is the value with every input as it is.")


def bill(drawn: CaseDrawings) -> None:
    """From today's bill to the bill after."""
    st.subheader("From the bill today to the bill after", anchor=False, help="The first full year of service.")
    draw(drawn.waterfall)


def reasons(told: BriefPage) -> None:
    """Why, in the order of weight."""
    st.subheader("Why", anchor=False)
    st.markdown("\n".join(f"- {present.as_text(reason)}" for reason in told.reasons))


def changes(told: BriefPage) -> None:
    """What would change our mind: inputs that turn it, and events with their days."""
    st.subheader("What would change our mind", anchor=False)
    table(told.turns, title=False)
    lines = [f"- **{one.on}**: {one.sentence}" if one.on else f"- {one.sentence}" for one in told.changes]
    st.markdown(present.as_text("\n".join(lines)))


def promise(told: BriefPage) -> None:
    """What is guaranteed of quality, and what an error is assumed to cost."""
    st.subheader("Quality promise", anchor=False)
    _facts(told.promise)


def table(given: Table, *, title: bool = True) -> None:
    """A table of the page; nothing where it has no row."""
    if title and given.rows:
        st.subheader(given.caption, anchor=False)
    if given.rows:
        cells = [[present.as_text(cell) for cell in row] for row in given.rows]
        frame = pd.DataFrame(cells, columns=list(given.header))
        st.table(frame, border="horizontal", hide_index=True, alt=given.caption)
    if given.note:
        st.caption(given.note)


def _facts(facts: Sequence[Fact]) -> None:
    st.markdown("  \n".join(f":gray[{fact.label}:] {present.as_text(fact.value)}" for fact in facts))


def provenance(told: BriefPage) -> None:
    """From what the figures are, and how to make them again."""
    st.caption(present.as_text(told.defaults))
    st.caption("  \n".join(f"{fact.label}: {present.as_text(fact.value)}" for fact in told.footer))

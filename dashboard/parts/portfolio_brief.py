"""The portfolio brief: limits in, the plan in a sentence and its documents out."""

import streamlit as st

from analytics.reports import present
from analytics.reports.portfolio_page import portfolio_page
from analytics.terminal import to_json
from dashboard import data
from dashboard.parts import brief, take_away

ASKED = "portfolio_limits"


def plan(version: str) -> None:
    """Which projects to do under limits of engineering and money."""
    st.subheader("What to do first", anchor=False)
    with st.form("limits"):
        with st.grid(3, min_column_width=200):
            engineers = st.number_input("Engineers", min_value=0.0, value=None, placeholder="no limit", format="%g")
            weeks = st.number_input("Weeks of each", min_value=1.0, value=13.0, format="%g", help="13 are a quarter")
            budget = st.number_input("Budget, USD", min_value=0.0, value=None, placeholder="no limit", format="%g")
        if st.form_submit_button("Make the portfolio brief"):
            st.session_state[ASKED] = (engineers, weeks, budget)
    if ASKED in st.session_state:
        _show(version, *st.session_state[ASKED])


def _show(version: str, engineers: float | None, weeks: float, budget_usd: float | None) -> None:
    found = data.portfolio_plan(version, engineers, weeks, budget_usd)
    told = portfolio_page(found)
    st.markdown(f"**{present.as_text(told.sentence)}**")
    brief.table(told.projects, title=False)
    brief.table(told.left_out)
    st.caption(told.how_totals)
    with st.container(horizontal=True):
        take_away.documents("portfolio", lambda to: data.portfolio_document(found, to))
        st.download_button("JSON", to_json(found), "portfolio.json", "application/json", on_click="ignore")

"""Portfolio: what every task costs, and which are worth distilling."""

import streamlit as st

from analytics.reports import present
from dashboard import data
from dashboard.charts.portfolio import spend_bars
from dashboard.parts import page, portfolio, portfolio_brief

status = page.heading("Portfolio")
version = page.require_analysis(status)
rows = data.portfolio(version)

st.markdown(present.as_text(portfolio.sentence(status, rows)))
portfolio.briefs(rows)
portfolio.table(rows)
st.subheader("Spend by task", anchor=False)
page.draw(spend_bars(rows, page.ink()))
portfolio_brief.plan(version)

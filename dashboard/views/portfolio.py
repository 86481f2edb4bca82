"""Portfolio: what every task costs, and which are worth distilling."""

import streamlit as st

from analytics.reports import present
from dashboard import data
from dashboard.charts.portfolio import spend_bars
from dashboard.parts import page, portfolio, portfolio_brief, realised

status = page.heading("Portfolio", "verdict", "student", "distillation", "agreement", "break-even", "NPV", "unpriced")
version = page.require_analysis(status)
rows = data.portfolio(version)

st.markdown(present.as_text(portfolio.sentence(status, rows)))
portfolio.briefs(rows)
portfolio.table(rows)
st.subheader("Spend by task", anchor=False)
page.draw(spend_bars(rows, page.ink()))
realised.show()
portfolio_brief.plan(version)
page.sources(
    {"the table": "spiritsafe tasks", "one task": "spiritsafe brief TASK", "the plan": "spiritsafe report --portfolio"},
    sql=("marts/calls_by_task_and_day.sql", "queries/list_task_days.sql"),
)

"""Task brief: one page for the person who decides."""

import streamlit as st

from analytics.reports import present
from analytics.reports.page import brief_page
from analytics.terminal import to_json
from dashboard import data, who
from dashboard.pages import LAUNCH
from dashboard.parts import brief, page, take_away, task, trace, try_values
from dashboard.totals import WORTH_IT

status = page.heading(
    "Task brief", "verdict", "break-even", "S*", "NPV", "cash at risk", "narrowness", "agreement", "coverage", "α", "δ"
)
version = page.require_analysis(status)
names = {row.task_id: row.name for row in data.portfolio(version)}
task_id = page.choose("Task", "task", names)
found = data.brief(version, task_id)
drawn = data.case_drawings(version, task_id, is_dark=page.ink().is_dark)
told = brief_page(found)

brief.verdict(told, found.verdict)
with st.container(horizontal=True, vertical_alignment="center"):
    if who.may("operator") and st.button("Launch", type="primary" if found.verdict in WORTH_IT else "secondary"):
        st.switch_page(LAUNCH.script, query_params={"task": task_id})
    name = f"brief-{present.file_name(found.name)}"
    take_away.documents(name, lambda to: data.document(version, task_id, to))
    st.download_button("JSON", to_json(found), f"{name}.json", "application/json", on_click="ignore")
brief.figures(told)
brief.money_charts(drawn)
brief.table(told.options)
left, right = st.columns(2, gap="large")
with left:
    brief.changes(told)
with right:
    brief.reasons(told)
    brief.promise(told)
left, right = st.columns(2, gap="large")
with left:
    brief.bill(drawn)
with right:
    task.narrowness(drawn.dots, found.narrowness)
brief.table(told.beside)
left, right = st.columns(2, gap="large")
with left:
    brief.table(told.serving)
with right:
    brief.table(told.information)
try_values.form(version, found)
left, right = st.columns([3, 2], gap="large")
with left:
    task.spend(drawn.daily)
    task.forecast(found)
with right:
    task.facts(found)
task.assumptions(found)
trace.show(found)
brief.provenance(told)

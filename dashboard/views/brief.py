"""Task brief: one page for the person who decides."""

import streamlit as st

from dashboard import data
from dashboard.parts import brief, page, task

status = page.heading("Task brief")
version = page.require_analysis(status)
names = {row.task_id: row.name for row in data.portfolio(version)}
task_id = page.choose("Task", "task", names)
found = data.brief(version, task_id)

brief.verdict(found)
brief.figures(found)
brief.actions(found)
brief.money_charts(found)
left, right = st.columns(2, gap="large")
with left:
    brief.reasons(found)
with right:
    brief.flips(found)
brief.alternatives(found)
left, right = st.columns([3, 2], gap="large")
with left:
    task.narrowness(found)
    task.spend(found)
with right:
    task.facts(found)
task.assumptions(found)

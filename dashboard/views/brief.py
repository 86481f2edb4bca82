"""Task brief: one page for the person who decides."""

import streamlit as st

from dashboard import data
from dashboard.parts import brief, page, task

status = page.heading("Task brief")
version = page.require_analysis(status)
names = {row.task_id: row.name for row in data.portfolio(version)}
task_id = page.choose("Task", "task", names)
found = data.brief(version, task_id)
drawn = data.case_drawings(version, task_id, is_dark=page.ink().is_dark)

brief.verdict(found)
brief.figures(found)
brief.actions(found)
brief.money_charts(drawn)
left, right = st.columns(2, gap="large")
with left:
    brief.reasons(found)
with right:
    brief.flips(found)
brief.alternatives(found)
left, right = st.columns([3, 2], gap="large")
with left:
    task.narrowness(drawn.dots, found.narrowness)
    task.spend(drawn.daily)
with right:
    task.facts(found)
task.assumptions(found)

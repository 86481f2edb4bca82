"""Launch: choose a task and a recipe, see what it costs and takes, start the run."""

import streamlit as st

from dashboard import data
from dashboard.parts import launch, page

status = page.heading("Launch")
version = page.require_analysis(status)
rows = data.portfolio(version)

form, live = st.columns([2, 3], gap="large")
with form:
    task_id = page.choose("Task", "task", {row.task_id: row.name for row in rows})
    row = next(row for row in rows if row.task_id == task_id)
    page.verdict_line(row)
    recipe = launch.ask()
with live:
    st.subheader("Plan", anchor=False)
    with page.told():
        launch.show(data.plan(version, task_id, recipe))

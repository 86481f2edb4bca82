"""Launch: choose a task and recipes, see what they cost and take, start the runs."""

import streamlit as st

from dashboard import building, data
from dashboard.parts import launch, launch_form, page

status = page.heading("Launch", "student", "α", "δ", "cap", "gate", "coverage")
version = page.require_analysis(status)
rows = data.portfolio(version)

form, live = st.columns([2, 3], gap="large")
question = None
with form:
    task_id = page.choose("Task", "task", {row.task_id: row.name for row in rows})
    row = next(row for row in rows if row.task_id == task_id)
    page.verdict_line(row)
    with page.told():
        question = launch_form.ask()
with live:
    st.subheader("Plan", anchor=False)
    with page.told():
        if question and question.recipes:
            plans = [building.plan(version, task_id, recipe) for recipe in question.recipes]
            launch.show(plans, question.options)
        else:
            st.info("Choose at least one kind of student.", title="Nothing to plan yet")

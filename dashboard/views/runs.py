"""Runs: what goes on, what has ended, and why."""

import streamlit as st

from dashboard import building
from dashboard.pages import LAUNCH
from dashboard.parts import page, run

page.heading("Runs", "cap", "agreement", "student")
if not building.runs():
    st.info("A run makes a student for one task. Start one from a task's brief or here.", title="No runs yet")
    st.page_link(LAUNCH.script, label="Plan a run")
    st.stop()

run.follow()
page.sources(
    {
        "the list": "spiritsafe runs list",
        "one run": "spiritsafe runs show RUN",
        "its log": "spiritsafe runs log RUN",
        "as it goes on": "spiritsafe runs watch RUN",
    }
)

"""Runs: what goes on, what has ended, and why."""

import streamlit as st

from dashboard import data
from dashboard.pages import LAUNCH
from dashboard.parts import page, run

page.heading("Runs")
if not data.runs():
    st.info("A run makes a student for one task. Start one from a task's brief or here.", title="No runs yet")
    st.page_link(LAUNCH.script, label="Plan a run")
    st.stop()

run.follow()

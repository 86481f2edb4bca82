"""Students: what serves, how well, what it saves, and the way to put one to work or take it back."""

import streamlit as st

from dashboard import building, watching, who
from dashboard.pages import LAUNCH
from dashboard.parts import control, deploy, page, student

page.heading("Students", "agreement", "coverage", "α", "δ", "audit", "CUSUM", "e-value", "gate", "operating point")
lines = building.students()
if not lines:
    st.info(
        "A run that succeeds registers a student, with its measured quality and its threshold.", title="No students yet"
    )
    if who.may("operator"):
        st.page_link(LAUNCH.script, label="Plan a run")
    st.stop()

deploy.at_work()
chosen = page.choose("Student", "student", {one.student_id: f"{one.task} · {one.student_id}" for one in lines})
with page.told():
    card = watching.card(chosen)
    deploy.verdict(card)
    student.title(card)
    student.figures(card)
    student.rule(card)
    control.show(card)
    deploy.form(card)
    student.weeks(card)
    student.rivals(card)
    student.failure_modes(card)
    student.tables(card)
    student.origin(card)
page.sources(
    {
        "the card": f"spiritsafe students show {chosen}",
        "weeks on paper": f"spiritsafe replay {chosen}",
        "savings": f"spiritsafe ledger --student {chosen}",
        "as a document": f"spiritsafe students card {chosen}",
    }
)

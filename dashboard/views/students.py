"""Students: how good each is, when it may answer, what it would have saved."""

import streamlit as st

from dashboard import data
from dashboard.pages import LAUNCH
from dashboard.parts import page, student

page.heading("Students")
cards = data.students()
if not cards:
    st.info(
        "A run that succeeds registers a student, with its measured quality and its threshold.", title="No students yet"
    )
    st.page_link(LAUNCH.script, label="Plan a run")
    st.stop()

chosen = page.choose(
    "Student", "student", {card["student_id"]: f"{card['task']} · {card['student_id']}" for card in cards}
)
card = next(card for card in cards if card["student_id"] == chosen)
student.title(card)
student.figures(card)
student.rule(card)
student.weeks(card)
student.rivals(card)
student.tables(card)
student.origin(card)

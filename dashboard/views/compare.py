"""Compare: students beside each other, by cost and quality, by slice, by answer."""

import streamlit as st

from dashboard import building
from dashboard.pages import LAUNCH
from dashboard.parts import compare, page

page.heading("Compare", "Pareto", "agreement", "student", "coverage")
merits = building.merits()
if not merits:
    page.needs_rows("No students yet", "A run that succeeds registers a student; two of one task can be compared.")
    st.page_link(LAUNCH.script, label="Plan a run")
    st.stop()

tasks = {one.task_id or one.task: one.task for one in merits}
task = page.choose("Task", "task", tasks)
mine = [one for one in merits if (one.task_id or one.task) == task]
compare.plane(mine)
chosen = compare.choose(mine)
if chosen:
    with page.told():
        compare.slices(chosen)
    with page.told():
        compare.answers(chosen)
page.sources({"cost, quality, speed": "spiritsafe students show STUDENT", "the rows behind a difference":
              "spiritsafe students parity STUDENT --write-inputs ROWS.jsonl"})  # fmt: skip

"""Router and failures: where the cut is, and what went wrong, to be labelled by key."""

from dashboard import building
from dashboard.parts import cut, failures, page

page.heading("Router and failures", "coverage", "operating point", "α", "δ", "audit")
lines = building.students()
if lines:
    with page.told():
        cut.show(lines)
else:
    page.needs_rows("No students yet", "A router needs a student. Until then every request goes to the teacher.")
with page.told():
    failures.show()
page.sources({"thresholds": "spiritsafe students show STUDENT", "the queue": "spiritsafe failures list",
              "labels": "spiritsafe failures label FAILURE --right teacher"})  # fmt: skip

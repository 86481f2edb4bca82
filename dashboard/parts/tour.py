"""A way through the pages for somebody who is here for the first time, and the sample log to walk it on.

The step lives in the address (``?tour=2``), so that a reload keeps it and a link shows somebody else the same.
"""

import streamlit as st

from dashboard import data, who
from dashboard.pages import BRIEF, COMPARE, DATA, LAUNCH, PORTFOLIO, REEVALUATIONS, ROUTER, RUNS, STUDENTS, PageFile

STEP = "tour"
STEPS: tuple[tuple[PageFile, str], ...] = (
    (PORTFOLIO, "Every task that your applications give to a large model, dearest first, each with a verdict. The "
     "sentence on top says what all of it is worth, with its range."),
    (BRIEF, "One task for the person who decides: verdict, worth, what would change our mind, and the options, doing "
     "nothing among them. Change an assumption below and see the verdict turn; take it away as PDF."),
    (DATA, "What the verdicts stand on: which days are covered, which models have no price, what the invoice says."),
    (LAUNCH, "Choose what to train. The right side says what it costs and takes before anything starts; nothing "
     "starts before you have read and ticked the review."),
    (RUNS, "Runs go on without this page. Each shows its stages, loss, money against its cap, and its log."),
    (COMPARE, "Students beside each other: what each costs and agrees, where they differ, and what they said."),
    (STUDENTS, "Put a student to work, and take it back. What it promised stands beside what it does."),
    (ROUTER, "Where the student hands over to the teacher, and the requests that went wrong, to be labelled by key."),
    (REEVALUATIONS, "When a base, a price or the task changes: what to keep, to retrain, to retire."),
)  # fmt: skip


def begin() -> None:
    """From the first step, on whichever page the reader is."""
    st.query_params[STEP] = "1"


def end() -> None:
    """No more of it."""
    st.query_params.pop(STEP, None)


def show(title: str) -> None:
    """The step of this page, with the way to the next; nothing where nobody asked for the tour."""
    steps = [step for step in STEPS if who.may("operator") or step[0] not in (LAUNCH, RUNS, COMPARE)]
    if STEP not in st.query_params:
        return
    at = next((number for number, (page, _) in enumerate(steps) if page.title == title), None)
    if at is None:
        return
    with st.container(border=True):
        st.markdown(f"**{at + 1} of {len(steps)}** · {steps[at][1]}")
        with st.container(horizontal=True):
            if at + 1 < len(steps):
                following = steps[at + 1][0]
                st.page_link(following.script, label=f"Next: {following.title}", query_params={STEP: str(at + 2)})
            st.button("End the tour", on_click=end, key="tour-end", type="tertiary")


def sample() -> None:
    """The sample log, imported, analysed and distilled by the same command that a terminal would use."""
    state = data.sample_state()
    if state == "running":
        _watch()
        return
    if st.button("Load the sample log", type="primary", disabled=not who.may("operator"), help=who.needs("operator")):
        data.load_sample()
        st.rerun()
    if state == "failed":
        st.error("\n".join(data.sample_log()[-3:]), title="The sample log could not be loaded")
    st.code("spiritsafe demo", language=None)


@st.fragment(run_every=2)
def _watch() -> None:
    """Until it is loaded; the process goes on whether anybody looks or not."""
    if data.sample_state() != "running":
        st.rerun()
    st.info("Import, analysis and a first student take a minute or two.", title="Loading the sample log")
    st.code("\n".join(data.sample_log()[-5:]) or "starting", language=None)

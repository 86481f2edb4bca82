"""The form of a run, its live plan, and the review that a click has to pass before anything starts."""

import pandas as pd
import streamlit as st

from analytics.reports import present
from dashboard import data
from dashboard.pages import RUNS
from dashboard.parts.page import told
from pipeline.api import Plan, Recipe

REVIEW = "review_open"  # the dialog is open while this is set; a button's own value would be lost on the next run
FEATURES = {"static": "static: n-grams and word vectors, trains in seconds", "sentence": "sentence: an encoder as well"}
DEFAULT_CAP_USD = 50.0


def ask() -> Recipe:
    """The choices."""
    features = st.radio("Features", list(FEATURES), format_func=lambda name: FEATURES[name])
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        alpha = st.number_input(
            "Allowed disagreement α (%)", 0.1, 50.0, 100 * Recipe.alpha, 0.5, format="%.1f",
            help="Of the answers that the student serves, at most this share may differ from the teacher's.",
        )  # fmt: skip
    with right:
        delta = st.number_input(
            "Risk of breaking it δ (%)", 0.1, 50.0, 100 * Recipe.delta, 1.0, format="%.1f",
            help="The chance that the promise above does not hold although the test passed.",
        )  # fmt: skip
    rows = st.number_input("Newest calls to read", 200, 5_000_000, Recipe.max_rows, 10_000)
    cap_usd = st.number_input(
        "Hard cap on paid calls (USD)", 0.0, 1e6, DEFAULT_CAP_USD, 10.0, format="%.2f",
        help="The run stops before a paid call that would break the cap; what was paid for is kept.",
    )  # fmt: skip
    shares = {"alpha": round(alpha / 100, 6), "delta": round(delta / 100, 6)}
    return Recipe(features=features, max_rows=int(rows), cap_usd=float(cap_usd), **shares)


def show(plan: Plan) -> None:
    """What the run would do, cost and take."""
    grid = st.grid(3, min_column_width=120)
    with grid:
        st.metric("Paid to others", present.usd(plan.cost_usd.p50), border=True, help=plan.cost_reason)
        st.metric("p90", present.usd(plan.cost_usd.p90), border=True, help="90th percentile")
        st.metric("Takes about", present.seconds(plan.seconds), border=True, help=f"Basis: {plan.seconds_basis}.")
    stages = pd.DataFrame(
        {
            "stage": [stage.name for stage in plan.stages],
            "what it does": [stage.does for stage in plan.stages],
            "rows": [present.count(stage.rows) for stage in plan.stages],
            "about": [present.seconds(stage.seconds) for stage in plan.stages],
        }
    )
    st.table(stages, border="horizontal", hide_index=True, alt="Stages of the plan")
    st.caption(f"Cost: this run {plan.cost_reason}. Time: {plan.seconds_basis}.")
    st.code(f"spiritsafe launch {plan.plan_id}", language=None)
    st.button("Review", type="primary", on_click=_set_review, args=(plan.plan_id,))
    if st.session_state.get(REVIEW) == plan.plan_id:
        review(plan)


def _promise(alpha: float, delta: float) -> str:
    return f"at most {present.percent(alpha, 1)} disagreement, confidence {present.percent(1 - delta)}"


def _set_review(plan_id: str | None) -> None:
    st.session_state[REVIEW] = plan_id


def review(plan: Plan) -> None:
    """Facts, a tick, then the only button that starts anything."""

    @st.dialog("Start this run?", on_dismiss=lambda: _set_review(None))
    def dialog() -> None:
        spec = plan.spec
        cap = (
            "no paid call is made"
            if plan.cost_usd.p90 == 0
            else f"stops at {present.usd(plan.cap_usd)}, keeps what was paid for"
        )
        facts = {
            "Task": plan.task_name,
            "Student": f"{spec.student}, {spec.features} features",
            "Calls read": present.count(plan.rows),
            "Promise": _promise(spec.alpha, spec.delta),
            "Cost": f"{present.usd(plan.cost_usd.p50)} (p90 {present.usd(plan.cost_usd.p90)}): {cap}",
            "Time": f"about {present.seconds(plan.seconds)}",
            "Data leaves to": "nobody: it trains on this machine",
            "Plan": plan.plan_id,
        }
        shown = pd.DataFrame({"what": list(facts), "": list(facts.values())})
        st.table(shown, border="horizontal", hide_index=True, hide_header=True, alt="What will be started")
        is_checked = st.checkbox("I have read this, and the teacher's terms allow training on its answers.")
        if st.button("Start", type="primary", disabled=not is_checked, width="stretch"):
            with told():
                view = data.launch(plan.plan_id)
                _set_review(None)
                st.switch_page(RUNS.script, query_params={"run": view.run_id})

    dialog()

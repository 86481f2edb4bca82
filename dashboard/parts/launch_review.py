"""The review that a click has to pass before anything starts."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from analytics.reports import present
from dashboard import building, who
from dashboard.pages import RUNS
from dashboard.parts.page import told
from pipeline.api import Disclosure, LaunchOptions, Plan

REVIEW = "review_open"  # the dialog is open while this is set; a button's own value would be lost on the next run
TYPED_ABOVE_USD = 500.0  # beyond this a tick is too easily given


def button(plans: Sequence[Plan], told_of: Mapping[str, Sequence[Disclosure]], options: LaunchOptions) -> None:
    """The way to the review."""
    asked = " ".join(plan.plan_id for plan in plans)
    st.button("Review", type="primary", on_click=_set, args=(asked,), disabled=not who.may("operator"),
              help=who.needs("operator"))  # fmt: skip
    if st.session_state.get(REVIEW) == asked:
        _dialog(plans, told_of, options)


def _set(asked: str | None) -> None:
    st.session_state[REVIEW] = asked


def _dialog(plans: Sequence[Plan], told_of: Mapping[str, Sequence[Disclosure]], options: LaunchOptions) -> None:
    """Facts, a tick, then the only button that starts anything."""
    title = "Start this run?" if len(plans) == 1 else f"Start these {len(plans)} runs?"

    @st.dialog(title, on_dismiss=lambda: _set(None))
    def dialog() -> None:
        for plan in plans:
            facts = _facts(plan, told_of[plan.plan_id])
            shown = pd.DataFrame({"what": list(facts), "": list(facts.values())}).map(present.as_text)
            st.table(shown, border="horizontal", hide_index=True, hide_header=True, alt=f"What {plan.plan_id} starts")
        is_read = st.checkbox("I have read this, and the teacher's terms allow training on its answers.")
        if st.button("Start", type="primary", disabled=not (is_read and _typed(plans)), width="stretch"):
            with told():
                views = [building.launch(plan.plan_id, options) for plan in plans]
                _set(None)
                st.switch_page(RUNS.script, query_params={"run": views[0].run_id})

    dialog()


def _typed(plans: Sequence[Plan]) -> bool:
    """Whether the task's name was typed, where much may be paid."""
    if sum(plan.cost_usd.p90 for plan in plans) <= TYPED_ABOVE_USD:
        return True
    name = plans[0].task_name
    return bool(st.text_input(f"It may cost more than {present.usd(TYPED_ABOVE_USD)}: type {name}") == name)


def _facts(plan: Plan, receivers: Sequence[Disclosure]) -> dict[str, str]:
    spec = plan.spec
    cap = (
        "no paid call is made"
        if plan.cost_usd.p90 == 0
        else f"stops at {present.usd(plan.cap_usd)}, keeps what was paid for"
    )
    promise = f"at most {present.percent(spec.alpha, 1)} disagreement, confidence {present.percent(1 - spec.delta)}"
    to = ", ".join(dict.fromkeys(f"{one.to} ({one.model})" for one in receivers))
    return {
        "Task": plan.task_name,
        "Student": f"{spec.student}, {spec.base or f'{spec.features} features'}, objective {spec.objective}",
        "Calls read": present.count(plan.rows),
        "Promise": promise,
        "Cost": f"{present.usd(plan.cost_usd.p50)} (p90 {present.usd(plan.cost_usd.p90)}): {cap}",
        "Time": f"about {present.seconds(plan.seconds)}",
        "Data leaves to": to or "nobody: it trains on this machine",
        "Plan": plan.plan_id,
    }

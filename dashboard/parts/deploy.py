"""What serves each task, and the acts that change it: each with a reason, a role and a row in the audit log."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from analytics.actors import Role
from analytics.reports import present
from dashboard import watching, who
from dashboard.pages import REEVALUATIONS
from dashboard.parts.page import show_table, told
from pipeline.api import Policy

Card = dict[str, Any]
DONE = "deploy_done"  # what the last act said; shown once, on the run after it
HISTORY = 12


def at_work() -> None:
    """Every task that a student serves."""
    serving = watching.in_force()
    if not serving:
        st.markdown("**No student is at work.** All traffic goes to the teacher.")
        return
    rows = [
        {
            "task": task_id,
            "student": policy.student_id,
            "serves above": present.percent(policy.threshold, 1),
            "promise": f"at most {present.percent(policy.alpha, 1)} wrong",
            "audited": present.percent(policy.audit_share, 1),
            "since": present.moment(row.created_at),
            "by": row.actor,
            "because": row.reason,
        }
        for task_id, (row, policy) in serving.items()
    ]
    with st.expander(f"At work: {present.plural(len(rows), 'task')}"):
        show_table(pd.DataFrame(rows), f"{len(rows)} tasks that a student serves", "at-work")


def verdict(card: Card) -> None:
    """Whether this one is at work, may be, or may not, before anything else of it."""
    message = st.session_state.pop(DONE, None)
    if message:
        st.success(message, title="Done")
    serving = watching.in_force().get(card["task_id"])
    gate = card.get("gate") or {}
    state = {True: "✓ passed", False: "✕ failed", None: "◌ too few rows to say"}[gate.get("passed")]
    if serving and serving[1].student_id == card["student_id"]:
        st.markdown(f"### ▶ At work since {present.moment(serving[0].created_at)}")
    elif card["threshold"] is None:
        st.markdown("### ■ It may not answer alone")
    else:
        st.markdown("### ◌ Ready, not at work")
    st.caption(f"Gate {state}: {gate.get('sentence', 'not judged when it was made')}")


def form(card: Card) -> None:
    """Promote, roll back, fall back, tighten, audit more."""
    task_id = card["task_id"]
    st.subheader("Put to work", anchor=False)
    if task_id is None:
        st.info("It was made from pairs, so no task's traffic is known to be its own.", title="Cannot serve a task")
        return
    serving = watching.in_force().get(task_id)
    is_mine = serving is not None and serving[1].student_id == card["student_id"]
    reason = st.text_input("Reason", key=f"why-{card['student_id']}", placeholder="kept with your name and the time")
    with st.container(horizontal=True):
        if not is_mine:
            _promote(card, reason)
        if watching.deployments(task_id):
            _act("Roll back", "operator", reason, lambda: watching.roll_back(task_id, reason),
                 "Back to the student that served before; to the teacher where there was none.")  # fmt: skip
        if serving is not None:
            _act("All to the teacher", "operator", reason, lambda: watching.fall_back(task_id, reason),
                 "The student answers nothing from now on.")  # fmt: skip
        st.page_link(REEVALUATIONS.script, label="Re-evaluate", query_params={"task": task_id})
    if is_mine and serving is not None:
        _safer(task_id, serving[1], reason)
    _history(task_id)


def _promote(card: Card, reason: str) -> None:
    """Under which policy, then the button."""
    with st.popover("Policy", help="How it is put to work"), st.grid(2, min_column_width=150):
        audits = st.number_input("Audited (%)", 0.0, 100.0, 1.0, 0.5, format="%.1f", key="audit_share",
                                 help="Share of its answers that the teacher is asked about as well.")  # fmt: skip
        traffic = st.number_input("Of the traffic (%)", 0.1, 100.0, 100.0, 5.0, format="%.1f", key="traffic_share",
                                  help="Share of the requests that it is asked about at all.")  # fmt: skip
        daily = st.number_input("Audits at most (USD a day)", 0.0, 1e5, 5.0, 1.0, format="%.2f", key="audit_cap")
        alarm = st.selectbox("On an alarm", ("tighten", "fall-back", "roll-back"), key="on_alarm")

    def act() -> Any:
        policy: Policy = replace(
            watching.policy_of(card["student_id"]), audit_share=round(audits / 100, 6),
            traffic_share=round(traffic / 100, 6), audit_cap_usd_per_day=float(daily), on_alarm=alarm,
        )  # fmt: skip
        return watching.promote(card["student_id"], reason, policy)

    nothing = "No threshold keeps its promise: it would serve nothing." if card["threshold"] is None else None
    _act("Promote", "approver", reason, act, "From the next request on.", why_not=nothing, is_main=True)


def _safer(task_id: str, policy: Policy, reason: str) -> None:
    """Changes that make it safer; the other way there is none but promoting anew."""
    with st.expander("Make it safer"), st.grid(2, min_column_width=200):
        with st.container():
            threshold = st.number_input("Serve only above (%)", 0.0, 100.0, 100 * float(policy.threshold or 0.0), 0.5,
                                        format="%.1f", key="tighten_to")  # fmt: skip
            _act("Tighten", "operator", reason, lambda: watching.tighten(task_id, threshold / 100, reason),
                 "Fewer answers, surer ones.")  # fmt: skip
        with st.container():
            share = st.number_input("Audit (%)", 0.0, 100.0, 100 * policy.audit_share, 1.0, format="%.1f",
                                    key="audit_to")  # fmt: skip
            _act("Raise audits", "operator", reason, lambda: watching.raise_audits(task_id, share / 100, reason),
                 "A drop is seen sooner, at the price of more calls to the teacher.")  # fmt: skip


def _act(
    label: str, least: Role, reason: str, act: Callable[[], Any], explained: str, *,
    why_not: str | None = None, is_main: bool = False,
) -> None:  # fmt: skip
    """One button: off without the role, without a reason it says so."""
    off = why_not or who.needs(least)
    if not st.button(
        label, type="primary" if is_main else "secondary", disabled=off is not None, help=off or explained
    ):
        return
    if not reason.strip():
        st.warning("Say why: the reason is kept for whoever asks later.")
        return
    with told():
        done = act()
        st.session_state[DONE] = f"{done.action}: {done.student_id or 'the teacher'} serves from now on. {done.reason}"
        st.rerun()


def _history(task_id: str) -> None:
    rows = watching.deployments(task_id)
    if not rows:
        return
    with st.expander(f"What served before: {present.plural(len(rows), 'change')}"):
        frame = pd.DataFrame(
            [
                {"when": present.moment(row.created_at), "what": row.action, "serves": row.student_id or "the teacher",
                 "by": row.actor, "because": row.reason}
                for row in rows[:HISTORY]
            ]
        )  # fmt: skip
        show_table(frame, "What served this task, newest first", f"deployments-{task_id}")

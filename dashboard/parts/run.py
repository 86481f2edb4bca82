"""Runs: the table, and one run with its stages, progress, log and what can be done about it."""

import pandas as pd
import streamlit as st

from analytics.reports import present
from dashboard import data
from dashboard.pages import STUDENTS
from dashboard.parts.page import choose, told
from pipeline.api import RunView

SIGNS = {
    "queued": ("◌", "gray"),
    "running": ("▶", "blue"),
    "interrupted": ("!", "orange"),
    "succeeded": ("✓", "green"),
    "failed": ("✕", "red"),
    "cancelled": ("■", "gray"),
}
STAGE_SIGNS = {"waiting": "◌", "started": "▶", "succeeded": "✓", "failed": "✕"}
LIVE = ("queued", "running")
POLL_S = 2
LOG_LINES = 14


def badge(state: str) -> str:
    """A state with its sign."""
    sign, colour = SIGNS[state]
    return f":{colour}-badge[{sign} {state}]"


def run_table(found: list[RunView]) -> None:
    """Every run, newest first."""
    rows = [
        {
            "run": view.run_id,
            "task": view.task,
            "state": f"{SIGNS[view.state][0]} {view.state}",
            "progress": view.progress,
            "spent of cap": _spent(view),
            "created": present.moment(view.created_at),
            "student": view.student_id or present.MISSING,
        }
        for view in found
    ]
    columns = {"progress": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)}
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns, alt=f"{len(found)} runs, newest first")


def follow() -> None:
    """The table and one run, drawn anew every two seconds while any run goes on and never after.

    A page left open on ended runs costs nothing.
    """
    is_live = _any_live(data.runs())

    @st.fragment(run_every=POLL_S if is_live else None)
    def live() -> None:
        found = data.runs()
        if _any_live(found) != is_live:
            st.rerun()
        run_table(found)
        labels = {view.run_id: f"{view.run_id} · {view.task} · {present.moment(view.created_at)}" for view in found}
        detail(data.run(choose("Run", "run", labels)))

    live()


def _any_live(found: list[RunView]) -> bool:
    return any(view.state in LIVE for view in found)


def detail(view: RunView) -> None:
    """State, progress, stages, log."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(view.task, anchor=False, width="content")
        st.markdown(badge(view.state), width="content")
    st.caption(f"{view.run_id} · {view.plan_id} · asked for {present.moment(view.created_at)}")
    st.progress(view.progress, text=_progress_line(view))
    if view.state in ("failed", "interrupted", "cancelled"):
        stopped_card(view)
    _buttons(view)
    st.table(_stages(view), border="horizontal", hide_index=True, alt=f"Stages of {view.run_id}")
    st.caption("End of the log")
    st.code("\n".join(data.log_tail(view.run_id, LOG_LINES)) or "nothing yet", language=None, wrap_lines=True)


def stopped_card(view: RunView) -> None:
    """Why it stands still, what is kept, and how it goes on."""
    kept = [stage.name for stage in view.stages if stage.state == "succeeded"]
    saved = f"Kept: {', '.join(kept)}." if kept else "No stage had finished."
    paid = f"Paid so far: {present.usd(view.spent_usd)}."
    where = f" in {view.stage}" if view.stage else ""
    if view.state == "failed":
        st.error(f"{view.error}\n\n{saved} {paid}", title=f"Failed{where}")
    elif view.state == "interrupted":
        st.warning(f"Its worker is gone. {saved} {paid}", title=f"Interrupted{where}")
    else:
        st.info(f"{saved} {paid}", title=f"Stopped{where}")
    st.code(f"spiritsafe runs resume {view.run_id}", language=None)


def _buttons(view: RunView) -> None:
    with st.container(horizontal=True):
        if view.state in LIVE and st.button("Stop", help="Stops within seconds; finished stages are kept."):
            with told():
                data.stop(view.run_id)
                st.rerun()
        if view.state in ("failed", "interrupted", "cancelled") and st.button("Resume", type="primary"):
            with told():
                data.resume(view.run_id)
                st.rerun()
        if view.student_id:
            st.page_link(
                STUDENTS.script, label=f"Open student {view.student_id}", query_params={"student": view.student_id}
            )


def _progress_line(view: RunView) -> str:
    if view.state == "succeeded":
        return f"all stages done · {_spent(view)}"
    parts = [view.stage or "waiting", f"{present.percent(view.progress)} of the expected time"]
    if view.eta_s is not None:
        parts.append(f"about {present.seconds(view.eta_s)} left")
    return " · ".join([*parts, _spent(view)])


def _spent(view: RunView) -> str:
    cap = "no cap" if view.cap_usd is None else f"cap {present.usd(view.cap_usd)}"
    return f"{present.usd(view.spent_usd)} ({cap})"


def _stages(view: RunView) -> pd.DataFrame:
    rows = []
    for stage in view.stages:
        counts = stage.detail or {}
        rows.append(
            {
                "stage": stage.name,
                "state": f"{STAGE_SIGNS[stage.state]} {stage.state}",
                "rows in": present.count(counts.get("rows_in")),
                "rows out": present.count(counts.get("rows_out")),
                "took": present.seconds(stage.seconds),
            }
        )
    return pd.DataFrame(rows)

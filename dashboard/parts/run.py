"""Runs: the table, and one run with its stages, progress, log and what can be done about it."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from analytics.reports import present
from dashboard import building
from dashboard.pages import LAUNCH, STUDENTS
from dashboard.parts import run_training
from dashboard.parts.launch_query import as_query
from dashboard.parts.page import choose, show_table, told
from dashboard.words import meaning
from pipeline.api import RunLine, RunView

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
STATES = {
    "queued": "waits for its turn: one run trains at a time",
    "running": "a worker is at it",
    "interrupted": "its worker is gone",
    "succeeded": "all stages done",
    "failed": "a stage refused or failed",
    "cancelled": "stopped by somebody",
}
POLL_S, SLOW_POLL_S = 2, 10
YOUNG_S = 300.0  # a run that is older is looked at less often
TABLE_PX = 420
LOG_LINES = 14


def badge(state: str) -> str:
    """A state with its sign."""
    sign, colour = SIGNS[state]
    return f":{colour}-badge[{sign} {state}]"


def run_table(found: list[RunLine]) -> None:
    """Every run, newest first."""
    rows = [
        {
            "run": line.run_id,
            "task": line.task,
            "kind": line.kind,
            "state": f"{SIGNS[line.state][0]} {line.state}",
            "stage": line.stage or present.MISSING,
            "progress": line.progress,
            "spent of cap": _spent(line),
            "left": present.seconds(line.eta_s),
            "agreement": line.agreement,
            "owner": line.owner or present.MISSING,
            "asked for": present.moment(line.created_at),
        }
        for line in found
    ]
    columns = {
        "progress": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
        "agreement": st.column_config.NumberColumn(format="percent", help=meaning("agreement")),
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns, alt=f"{len(found)} runs, newest first",
                 height=min(TABLE_PX, 38 + 35 * len(rows)))  # fmt: skip


def follow() -> None:
    """The table and one run, drawn anew every two seconds while any run goes on and never after.

    A page left open on ended runs costs nothing. After some minutes it looks every ten seconds only.
    """
    found = building.runs()
    is_live = _any_live(found)

    @st.fragment(run_every=_pace_s(found) if is_live else None)
    def live() -> None:
        lines = building.runs()
        if _any_live(lines) != is_live:
            st.rerun()
        labels = {one.run_id: f"{one.run_id} · {one.task} · {present.moment(one.created_at)}" for one in lines}
        run_table(_shown(lines))
        detail(building.run(choose("Run", "run", labels)))

    live()


def _shown(lines: list[RunLine]) -> list[RunLine]:
    """Those of the state that was asked for."""
    states = st.segmented_control("State", list(SIGNS), selection_mode="multi", key="states", bind="query-params")
    return [line for line in lines if not states or line.state in states]


def _any_live(found: list[RunLine]) -> bool:
    return any(line.state in LIVE for line in found)


def _pace_s(found: list[RunLine]) -> int:
    """Seconds between two looks: short while a run is young."""
    newest = max((line.created_at for line in found if line.state in LIVE), default=None)
    young = newest is not None and (datetime.now(UTC) - datetime.fromisoformat(newest)).total_seconds() < YOUNG_S
    return POLL_S if young else SLOW_POLL_S


def detail(view: RunView) -> None:
    """State, progress, stages, log."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(view.task, anchor=False, width="content")
        st.markdown(badge(view.state), width="content")
    st.caption(f"{view.run_id} · {view.plan_id} · asked for {present.moment(view.created_at)} · {STATES[view.state]}")
    st.progress(view.progress, text=_progress_line(view))
    if view.state in ("failed", "interrupted", "cancelled"):
        stopped_card(view)
    _buttons(view)
    show_table(_stages(view), f"Stages of {view.run_id}", f"stages-{view.run_id}")
    run_training.training(view)
    run_training.funnel(view)
    st.caption("End of the log")
    st.code("\n".join(building.log_tail(view.run_id, LOG_LINES)) or "nothing yet", language=None, wrap_lines=True)


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
                building.stop(view.run_id)
                st.rerun()
        if view.state in ("failed", "interrupted", "cancelled") and st.button("Resume", type="primary"):
            with told():
                building.resume(view.run_id)
                st.rerun()
        if view.task_id is not None:
            query = as_query(building.spec_of(view.plan_id))
            st.page_link(LAUNCH.script, label="Clone: plan it again with a change", query_params=query)
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


def _spent(view: RunView | RunLine) -> str:
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

"""The failure queue: groups first, then one request after the other, labelled by a key."""

from typing import Any

import pandas as pd
import streamlit as st

from analytics.reports import present
from analytics.terminal import to_json
from dashboard import watching, who
from dashboard.parts.page import show_table, told

Row = dict[str, Any]
LIMIT = 200
SHOWN = "failure_shown"  # the failure whose text this session has asked for and that was recorded
RIGHT = (("student", "1"), ("teacher", "2"), ("both", "3"), ("neither", "4"), ("skip", "5"))
WHY = {
    "unsure": "below the threshold",
    "unfamiliar": "unlike anything that it was taught",
    "audit": "an audit found another answer",
    "schema": "its answer did not fit the schema",
    "complaint": "somebody complained",
    "student-failed": "it gave no answer",
}


def show() -> None:
    """What went wrong, by reason; then the queue."""
    st.subheader("Failures", anchor=False)
    if not watching.knows("failures", "failure_groups", "label_failure"):
        st.info("This workspace's pipeline keeps no failures.", title="Not available")
        return
    groups = watching.failure_groups()
    if not groups:
        st.info(
            "A router writes a row for each request that a student could not or should not have answered.",
            title="No failure yet",
        )
        return
    whole, labelled = (sum(one[name] for one in groups) for name in ("failures", "labelled"))
    st.markdown(
        f"**{whole:,} failures, {whole - labelled:,} to be labelled.** Labels become lessons of the next round."
    )
    _groups(groups)
    _queue(groups)


def _groups(groups: list[Row]) -> None:
    rows = [
        {"task": one["task"], "reason": one["reason"], "meaning": WHY.get(one["reason"], ""),
         "group": one["cluster"] or present.MISSING, "failures": present.count(one["failures"]),
         "of the task's": present.percent(one["share"]), "labelled": present.count(one["labelled"])}
        for one in groups[:12]
    ]  # fmt: skip
    show_table(pd.DataFrame(rows), f"{len(groups)} groups of failures, the largest first", "failure-groups")


def _queue(groups: list[Row]) -> None:
    """One failure, the keys that label it, and the next."""
    tasks = list(dict.fromkeys(one["task"] for one in groups))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        task = st.selectbox("Task", tasks, index=None, key="of_task", bind="query-params", placeholder="all tasks")
        reason = st.selectbox("Reason", list(WHY), index=None, key="reason", bind="query-params",
                              placeholder="all reasons")  # fmt: skip
        done = st.toggle("Labelled ones too", key="labelled", bind="query-params")
    rows = watching.failures(task, reason, unlabelled=not done, limit=LIMIT)
    if not rows:
        st.success("Nothing waits for a label here.", title="Done")
        return
    _one(rows)
    _export(rows)


def _one(rows: list[Row]) -> None:
    """The first that waits: its answers side by side, its text on demand."""
    found = rows[0]
    st.markdown(
        f"**{len(rows)}{'+' if len(rows) == LIMIT else ''} in the queue** · {found['task']} · {found['reason']}: "
        f"{WHY.get(found['reason'], '')} · {found['student_id']} · {_when(found['happened_at'])}"
    )
    is_shown = st.session_state.get(SHOWN) == found["failure_id"]
    if is_shown:
        st.code(found["input_text"], language=None, wrap_lines=True)
        answers = {"1 student": found["student_output"], "2 teacher": found["teacher_output"]}
        st.table(
            pd.DataFrame({"who": list(answers), "said": [value or "no answer" for value in answers.values()]}),
            border="horizontal", hide_index=True, alt="Both answers",
        )  # fmt: skip
    else:
        st.caption("Request and answers are hidden. Showing them is recorded with your name.")
        if st.button("Show it", shortcut="S", disabled=not who.may("operator"), help=who.needs("operator")):
            with told():
                watching.record_reveal(found["failure_id"], "failure")
                st.session_state[SHOWN] = found["failure_id"]
                st.rerun()
    _keys(found, is_shown=is_shown)


def _keys(found: Row, *, is_shown: bool) -> None:
    """Five answers to "who was right?", each under its number."""
    answer = note = None
    if is_shown:
        answer = st.text_input("The right answer, where neither gave it", key=f"answer-{found['failure_id']}") or None
        note = st.text_input("Note", key=f"note-{found['failure_id']}") or None
    st.markdown("Who was right?")
    with st.container(horizontal=True):
        for right, key in RIGHT:
            off = _off(found, right, is_shown=is_shown)
            if st.button(right, shortcut=key, key=f"right-{right}", disabled=off is not None, help=off):
                with told():
                    watching.label(found["failure_id"], right, answer if right == "neither" else None, note)
                    st.rerun()


def _off(found: Row, right: str, *, is_shown: bool) -> str | None:
    """Why this answer cannot be given."""
    if refused := who.needs("operator"):
        return refused
    if right == "skip":
        return None
    if not is_shown:
        return "Look at it first."
    missing = [who_ for who_ in ("student", "teacher") if right in (who_, "both") and found[f"{who_}_output"] is None]
    return f"The {missing[0]} gave no answer." if missing else None


def _export(rows: list[Row]) -> None:
    """Ids, reasons and labels; texts only by the command, on the machine that holds them."""
    kept = ("failure_id", "task_id", "student_id", "call_id", "reason", "cluster", "happened_at", "label")
    frame = [{name: row[name] for name in kept} for row in rows]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button("JSON with labels", to_json(frame), "failures.json", "application/json", on_click="ignore",
                           help="Without texts")  # fmt: skip
        st.code("spiritsafe failures export FILE", language=None)


def _when(at: Any) -> str:
    return present.moment(at if isinstance(at, str) else at.isoformat())

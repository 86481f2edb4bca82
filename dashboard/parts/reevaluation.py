"""Kept reports, one report, a new one, and verdicts that were put aside."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from analytics.reports import present
from dashboard import data, watching, who
from dashboard.parts import brief
from dashboard.parts.page import choose, show_table, told

MIME = {"html": "text/html", "pdf": "application/pdf", "md": "text/markdown"}
CONDITION = "teacher below $2 · volume above 50000 · spend above $5000 · model NAME released · day 2027-01-31"


def show(version: str) -> None:
    """The newest report first; without one, how to make it."""
    if not watching.knows("reevaluations", "reevaluate", "snoozed"):
        st.info("This workspace's pipeline makes no re-evaluations.", title="Not available")
        return
    kept = watching.reevaluations()
    if kept:
        _report(kept)
    else:
        st.info("A re-evaluation compares today's prices, bases and traffic with those of the last verdicts.",
                title="No re-evaluation yet")  # fmt: skip
    _make(version)
    _snoozes(version)


def _report(kept: list[dict[str, Any]]) -> None:
    labels = {one["report_id"]: f"{present.moment(one['created_at'])} · {one['trigger']}" for one in kept}
    report_id = choose("Report", "report", labels)
    row = next(one for one in kept if one["report_id"] == report_id)
    told_of = watching.reevaluation(str(data.workspace().home), report_id)
    with st.container(border=True):
        st.markdown(f"### {present.as_text(told_of.sentence)}")
        for fact in told_of.facts:
            st.markdown(f":gray[{fact.label}:] {present.as_text(fact.value)} · {present.as_text(fact.note)}")
    with st.container(horizontal=True):
        for kind, path in row["files"].items():
            st.download_button(kind.upper(), _reader(path), f"{report_id}.{kind}", MIME.get(kind), on_click="ignore",
                               key=f"take-{report_id}-{kind}")  # fmt: skip
    brief.table(told_of.actions)
    if told_of.changes:
        st.subheader("What changed", anchor=False)
        lines = [f"- **{one.on}**: {one.sentence}" if one.on else f"- {one.sentence}" for one in told_of.changes]
        st.markdown(present.as_text("\n".join(lines)))
    brief.table(told_of.verdicts)
    brief.table(told_of.students)
    for probe in told_of.probes:
        st.subheader(probe.title, anchor=False)
        for table in (probe.ranking, probe.front, probe.moves, probe.worst):
            if table.rows:
                brief.table(table)
    for table in told_of.missed:
        brief.table(table)
    st.caption("  \n".join(f"{fact.label}: {present.as_text(fact.value)}" for fact in told_of.footer))


def _reader(path: str) -> Any:
    return lambda: Path(path).read_bytes()


def _make(version: str) -> None:
    """A new report, of all tasks or one."""
    st.subheader("Look again", anchor=False)
    names = {row.task_id: row.name for row in data.portfolio(version)}
    asked = st.query_params.get("task")
    with st.form("reeval", border=False):
        task = st.selectbox("Task", list(names), index=list(names).index(asked) if asked in names else None,
                            format_func=lambda one: names[one], placeholder="all tasks")  # fmt: skip
        go = st.form_submit_button("Re-evaluate", type="primary", disabled=not who.may("operator"),
                                   help=who.needs("operator"))  # fmt: skip
    if go:
        with told(), st.spinner("Comparing prices, bases and traffic; deciding each task", show_time=True):
            made = watching.reevaluate(task)
            st.query_params["report"] = made["report_id"]
            st.rerun()


def _snoozes(version: str) -> None:
    """Verdicts that were put aside until something happens."""
    st.subheader("Put aside", anchor=False, help="A snoozed verdict asks for nothing until its condition holds.")
    rows = watching.snoozed()
    if rows:
        shown = [
            {"task": one["task"], "until": one["said"], "now": "! awake" if one["is_awake"] else "◌ asleep",
             "why": one["why"], "reason given": one["reason"]}
            for one in rows
        ]  # fmt: skip
        show_table(pd.DataFrame(shown), f"{len(rows)} snoozed verdicts", "snoozes")
    names = {row.task_id: row.name for row in data.portfolio(version)}
    with st.form("snooze"):
        task = st.selectbox("Verdict of", list(names), format_func=lambda one: names[one])
        condition = st.text_input("Until", placeholder=CONDITION)
        reason = st.text_input("Why", placeholder="kept with your name")
        off = not who.may("operator")
        with st.container(horizontal=True):
            put = st.form_submit_button("Put aside", disabled=off, help=who.needs("operator"))
            wake = st.form_submit_button("Wake", disabled=off, help=who.needs("operator"))
    if put or wake:
        with told():
            watching.snooze(task, condition, reason) if put else watching.wake(task, reason)
            st.rerun()

"""One student: its card, how it compares, and its weeks in the ledger."""

from typing import Any

import pandas as pd
import streamlit as st

from analytics.reports import present
from dashboard import watching, who
from dashboard.charts import student as charts
from dashboard.pages import RUNS
from dashboard.parts.page import draw, ink, show_table, told
from dashboard.parts.run_training import rows_of
from dashboard.words import meaning

Card = dict[str, Any]
CLASS_ROWS_SHOWN = 400  # pixels


def title(card: Card) -> None:
    """Which student this is, in a sentence."""
    st.subheader(f"{card['task']}", anchor=False)
    base = f" on {card['base']['name']} ({card['base']['licence']})" if card.get("base") else ""
    st.caption(
        f"{card['student_id']} · {card['kind']} with {card['features']} features{base} · {card['labels']} answers · "
        f"learned until {present.day_and_year(card['trained_until'])} · made {present.moment(card['created_at'])}"
    )


def figures(card: Card) -> None:
    """Agreement, what it may serve, how fast and how big: each with its range."""
    grid = st.grid(4, min_column_width=170)
    agreement, coverage = card["agreement"], card["coverage"]
    with grid:
        _share(
            "Agreement, new inputs",
            agreement,
            meaning("agreement"),
        )
        _share("Could serve", coverage, meaning("coverage"))
        _share(
            "Differs when it serves",
            card["served_disagreement"],
            f"Target: {present.percent(card['alpha'], 1)}.",
            1,
        )
        latency = card["latency_ms"]
        st.metric(
            "Answers in (p50)",
            present.milliseconds(latency["p50"]),
            delta=f"p95 {present.milliseconds(latency['p95'])} · {present.size(card['bytes'])} on disk",
            delta_color="off",
            delta_arrow="off",
            border=True,
            help="One call at a time on the machine that made it.",
        )


def _share(label: str, interval: dict[str, Any] | None, explained: str, digits: int = 1) -> None:
    shown = present.percent(interval["value"], digits) if interval else "not scored"
    between = (
        f"{present.percent_range(interval['low'], interval['high'], digits)}, n {interval['n']:,}" if interval else None
    )
    st.metric(label, shown, delta=between, delta_color="off", delta_arrow="off", border=True, help=explained)


def rule(card: Card) -> None:
    """When it may answer, and what proves that."""
    if card["threshold"] is None:
        st.warning(card["threshold_reason"], title="It may not answer alone: no threshold keeps the promise")
    else:
        promise = (
            f"It answers where it is at least {present.percent(card['threshold'], 1)} sure. Promise: at most "
            f"{present.percent(card['alpha'], 1)} of what it serves differs from the teacher, with confidence "
            f"{present.percent(1 - card['delta'])}. Proof: {card['threshold_reason']}."
        )
        st.success(promise, title="It may answer")
    if card.get("least_escalation") is not None:
        st.caption(
            f"At least {present.percent(card['least_escalation'], 1)} of the traffic has to go to the teacher "
            "whatever the threshold: that is the bound for this student at this target."
        )


def weeks(card: Card) -> None:
    """Quality and savings week by week, and the button that measures them."""
    st.subheader("Quality and savings by week", anchor=False)
    rows = watching.weeks(card["student_id"])
    by_week = [row for row in rows if row["scope"] == "week"]
    if by_week:
        st.caption(_total_line(rows))
        left, right = st.columns(2)
        with left:
            draw(charts.quality(by_week, 1 - card["alpha"], ink()))
        with right:
            draw(charts.savings(by_week, ink()))
    else:
        st.info(
            "A replay answers the newest weeks of the log on paper, with what was known at the time.",
            title="Not replayed yet",
        )
    _replay_button(card, has_rows=bool(by_week))


def _total_line(rows: list[dict[str, Any]]) -> str:
    sources = {"replay": "Replay: nobody was served; the log's own calls were answered again on paper."}
    totals = [row for row in rows if row["scope"] == "total"]
    told_of = " ".join(sources.get(source, source) for source in sorted({row["source"] for row in rows}))
    if not totals:
        return told_of
    total = totals[-1]
    span = f"{present.day_and_year(total['from'])} to {present.day_and_year(total['to'])}"
    served = f"{present.count(total['student_calls'])} of {present.count(total['calls'])} calls served"
    return f"{told_of} {span}: {served}, net saving {present.usd(total['net_saving_usd'])}, engineering not counted."


def _replay_button(card: Card, *, has_rows: bool) -> None:
    from_pairs = card["task_id"] is None
    label = "Replay again" if has_rows else "Replay the newest weeks"
    why_not = "Made from pairs: there is no log to replay." if from_pairs else who.needs("operator")
    if st.button(label, disabled=why_not is not None, help=why_not, type="secondary" if has_rows else "primary"):
        with told(), st.spinner("Answering the newest weeks again", show_time=True):
            watching.replay(card["student_id"])
            st.rerun()


def rivals(card: Card) -> None:
    """The student beside the baselines, the one before it, and the truth where it is known."""
    st.subheader("Against what is cheaper", anchor=False)
    named = {"this student, new inputs": card["agreement"]}
    named |= {f"this student, {one['value']} inputs": one["agreement"] for one in card["slices"] if _is_repeated(one)}
    named |= {"this student, traffic as it comes": card["agreement_traffic"]}
    named |= {f"{name}, new inputs": found["agreement"] for name, found in card["baselines"].items()}
    previous = card.get("mcnemar_previous")
    if previous:
        named["student before it"] = previous["agreement"]
    named |= {
        "this student against gold": card.get("accuracy_gold_interval"),
        "teacher against gold": card.get("teacher_accuracy_gold_interval"),
    }
    rows = [
        {"name": name, "shown": _with_range(one)} | {key: one[key] for key in ("value", "low", "high")}
        for name, one in named.items()
        if one is not None
    ]
    draw(charts.rivals(rows, ink()))
    if previous:
        st.caption(
            f"Exact McNemar against the student before it on {previous['n']:,} inputs: only this one right on "
            f"{previous['only_this']}, only the other on {previous['only_previous']}, p = {previous['p_value']:.3f}."
        )


def _is_repeated(part: dict[str, Any]) -> bool:
    return bool(part["slice"] == "seen before" and part["value"] == "repeated")


def _with_range(interval: dict[str, Any]) -> str:
    return f"{present.percent(interval['value'], 1)}  ({present.percent_range(interval['low'], interval['high'], 1)})"


def failure_modes(card: Card) -> None:
    """Groups of what it gets wrong, and what would help."""
    groups = card.get("failure_modes") or []
    if not groups:
        return
    st.subheader("Where it fails", anchor=False, help="Disagreements on new inputs, grouped by their words.")
    rows = [
        {
            "group": one["name"],
            "disagreements": present.count(one["failures"]),
            "of all": present.percent(one["share_of_failures"]),
            "error rate": _with_range(one["error_rate"]) if one["error_rate"] else present.MISSING,
            "commonest": one["commonest"],
            "would help": "; ".join(one["would_help"]) or present.MISSING,
        }
        for one in groups
    ]
    show_table(pd.DataFrame(rows), f"{len(rows)} groups of failures", f"failures-{card['student_id']}")
    st.code(f"spiritsafe iterate {card['student_id']}", language=None)


def tables(card: Card) -> None:
    """Averages hide losses: by class and by slice."""
    left, right = st.columns(2)
    with left:
        st.subheader("By answer", anchor=False)
        rows = [_row(one["label"], one["agreement"], one["precision"]) for one in card["per_class"]]
        _table(rows, "answer", f"Agreement by answer, {len(rows)} answers")
    with right:
        st.subheader("By slice", anchor=False)
        rows = [_row(f"{one['slice']}: {one['value']}", one["agreement"]) for one in card["slices"]]
        _table(rows, "slice", "Agreement by slice of the traffic, new and repeated inputs among them")


def _row(name: str, interval: dict[str, Any] | None, precision: float | None = None) -> dict[str, Any]:
    found = interval or {"value": None, "low": None, "high": None, "n": 0}
    between = present.percent_range(found["low"], found["high"])
    return {"name": name, "rows": found["n"], "agreement": found["value"], "95% range": between, "precision": precision}


def _table(rows: list[dict[str, Any]], first: str, words: str) -> None:
    frame = pd.DataFrame(rows).rename(columns={"name": first}).dropna(axis="columns", how="all")
    columns = {
        "agreement": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
        "precision": st.column_config.NumberColumn(format="percent"),
    }
    st.dataframe(frame, hide_index=True, height=CLASS_ROWS_SHOWN, column_config=columns, alt=words)


def origin(card: Card) -> None:
    """What it was made from, row by row of the funnel."""
    with st.expander("What it was made from"):
        show_table(
            pd.DataFrame(rows_of(card["funnel"])), "Rows dropped by each filter", f"filters-{card['student_id']}"
        )
        rows = card["rows"]
        st.caption(
            f"Rows: train {rows['train']:,}, tune {rows['tune']:,}, calibrate {rows['calibrate']:,}, new test inputs "
            f"{rows['test']:,}, test traffic {rows['traffic']:,}. Data {card['data_version']}, "
            f"code {card['code_version']}, plan {card['plan_id']}."
        )
        if who.may("operator"):
            st.page_link(RUNS.script, label=f"Open run {card['run_id']}", query_params={"run": card["run_id"]})

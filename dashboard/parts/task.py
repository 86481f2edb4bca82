"""What the log says about one task, and what its verdict assumes."""

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from analytics.amounts import amount
from analytics.api import Brief
from analytics.contracts import Interval
from analytics.forecast_words import told
from analytics.reports import present
from analytics.reports.charts.style import Drawing
from dashboard.parts.page import draw


def narrowness(dots: Drawing | None, sentences: Mapping[str, str]) -> None:
    """How small a model could do it, component by component, and each in words."""
    st.subheader(
        "How narrow the task is",
        anchor=False,
        help="Each dot on its own scale from open to narrow; measured value beside it.",
    )
    if dots is None:
        st.info("No answer in the log to measure it from.")
        return
    draw(dots)
    with st.expander("The same in words"):
        st.markdown("\n".join(f"- {sentence.replace('$', chr(92) + '$')}" for sentence in sentences.values()))


def forecast(found: Brief) -> None:
    """What the coming months may cost, and how far the last forecast was off."""
    st.subheader("What comes, and the forecast so far", anchor=False, help="Ranges hold 80 % of the simulated paths.")
    st.markdown("\n".join(f"- {present.as_text(line)}" for line in told(found.profile.forecast)))


def facts(found: Brief) -> None:
    """What the log says about the task."""
    profile = found.profile
    shown = {
        "calls a month": present.count(profile.monthly_calls),
        "growth a month": _growth(profile.monthly_growth),
        "models": ", ".join(profile.models),
        "tokens in / out": _pair(present.count, profile.mean_input_tokens, profile.mean_output_tokens),
        "latency p50 / p95": _pair(present.milliseconds, profile.latency_ms_p50, profile.latency_ms_p95),
        "failed / retried": _pair(lambda share: present.percent(share, 1), profile.failure_share, profile.retry_share),
        "exact repeats": present.percent(profile.duplicate_share),
        "trainable rows": present.count(profile.trainable_rows),
        "different answers": present.count(profile.distinct_outputs),
        "found by": profile.found_by,
    }
    st.subheader("The task in the log", anchor=False)
    frame = pd.DataFrame({"what": list(shown), "value": list(shown.values())})
    st.table(frame, border="horizontal", hide_index=True, hide_header=True, alt="What the log says about the task")


def _pair(shown: Callable[[float | None], str], first: float | None, second: float | None) -> str:
    return f"{shown(first)} / {shown(second)}"


def _growth(growth: Interval | None) -> str:
    if growth is None:
        return present.MISSING
    return f"{present.percent(growth.value, 1)} ({present.percent_range(growth.low, growth.high, 1)})"


def spend(daily: Drawing) -> None:
    """Spend day by day."""
    st.subheader("Spend by day", anchor=False)
    draw(daily)


def assumptions(found: Brief) -> None:
    """Every input of the verdict with where it came from: what was measured or set first."""
    order = {"user-set": 0, "measured": 1, "default": 2}
    used = sorted(found.assumptions, key=lambda one: order[one["origin"]])
    known = sum(one["origin"] != "default" for one in used)
    with st.expander(f"Assumptions: {known} measured or set by you, {len(used) - known} at their default"):
        rows = [
            {
                "assumption": present.words(one["name"]),
                "value": amount(one["value"], one["unit"]),
                "from": one["origin"],
            }
            for one in used
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Every assumption with its value and origin")
        st.caption(
            "Set one in `spiritsafe.toml`, or try it: `spiritsafe whatif --set NAME=VALUE`. "
            "Meanings and sources: docs/assumptions.md."
        )

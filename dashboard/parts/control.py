"""A student at work: is it as good as it promised, what does it save, and what was foretold."""

from typing import Any

import pandas as pd
import streamlit as st

from analytics.reports import present
from dashboard import watching, who
from dashboard.charts import production as charts
from dashboard.parts.page import draw, ink, show_table, told
from dashboard.words import meaning

STATES = {"ok": ("✓", "green", "OK"), "watch": ("!", "orange", "WATCH"), "alarm": ("✕", "red", "ALARM")}
UNAVAILABLE = "This workspace's pipeline keeps no production figures."


def show(card: dict[str, Any]) -> None:
    """State in words, control chart, savings against the forecast; or why there is nothing to show."""
    st.subheader("At work", anchor=False, help=f"Audit: {meaning('audit')} CUSUM: {meaning('CUSUM')}")
    if not watching.knows("production"):
        st.info(UNAVAILABLE, title="Not available")
        return
    rows = [row for row in watching.production(card["student_id"]) if row["student_id"] == card["student_id"]]
    if not rows:
        st.info("It has served no request yet. Its weeks on paper are below.", title="Nothing served yet")
        return
    found = rows[0]
    st.markdown(sentence(found))
    _figures(found)
    left, right = st.columns(2)
    audited = [day for day in found["days"] if day.get("error")]
    with left:
        if audited:
            draw(charts.control(audited, found["promised_error"], found.get("events") or [], ink()), "control-chart")
        else:
            st.info("No audited answer yet: nothing to hold against the promise.", title="Not audited yet")
    with right:
        if found["days"]:
            total = (found.get("total") or {}).get("saving_usd")
            draw(charts.savings(found["days"], total, found.get("forecast"), ink()), "savings")
    if any(day.get("cusum") is not None for day in audited):
        draw(charts.cusum(audited, found["cusum_alarm"], ink()), "cusum")
    _more(found)


def sentence(found: dict[str, Any]) -> str:
    """The state first, with its reason."""
    sign, colour, word = STATES[found["status"]]
    total = found.get("total") or {}
    saved = (total.get("saving_usd") or {}).get("value")
    parts = [f":{colour}-badge[{sign} {word}] {found.get('reason') or ''}"]
    if saved is not None:
        parts.append(f"Saved **{present.usd(saved)}** so far{_of_forecast(found.get('forecast'))}.")
    return present.as_text(" ".join(parts))


def _of_forecast(forecast: dict[str, Any] | None) -> str:
    return f" of {present.usd(forecast['cumulative_usd'])} foretold by then" if forecast else ""


def _figures(found: dict[str, Any]) -> None:
    total = found.get("total") or {}
    error = total.get("error")
    with st.grid(4, min_column_width=150):
        st.metric(
            "Audited error", present.percent(error["value"], 1) if error else "not audited", border=True,
            delta=f"{present.percent_range(error['low'], error['high'], 1)}" if error else None,
            delta_color="off", delta_arrow="off",
            help=f"Promised: at most {present.percent(found['promised_error'], 1)}.",
        )  # fmt: skip
        st.metric("Served", present.count(total.get("served")), border=True, delta_color="off", delta_arrow="off",
                  delta=f"{present.count(total.get('escalated'))} to the teacher")  # fmt: skip
        e_value = found.get("e_value")
        st.metric("Evidence against it", present.MISSING if e_value is None else present.evidence(e_value), border=True,
                  help=meaning("e-value"))  # fmt: skip
        drop = found.get("smallest_detectable_drop")
        st.metric("Could see a drop of", present.MISSING if drop is None else f"{100 * drop:.1f} points", border=True,
                  help="The smallest that this number of audits would show; more see a smaller one.")  # fmt: skip


def _more(found: dict[str, Any]) -> None:
    """Drift, the miss explained, and the look at alarms."""
    moved = [one for one in found.get("drift") or [] if one.get("triggered")]
    for one in moved:
        st.markdown(
            f"- ⚑ drift of **{one['test']}**: {one['measure']} {one['statistic']:.2f}, above {one['threshold']:.2f}"
        )
    if found.get("drift") and not moved:
        st.caption(f"No drift of {', '.join(one['test'] for one in found['drift'])}.")
    if miss := found.get("miss"):
        parts = {name: miss.get(f"{name}_usd") for name in ("volume", "price", "coverage", "quality", "other")}
        rows = [{"because of": name, "USD": present.usd(usd)} for name, usd in parts.items() if usd is not None]
        rows.append({"because of": "in all", "USD": present.usd(miss["total_usd"])})
        with st.expander(f"Why it came {present.usd(miss['total_usd'])} otherwise than foretold"):
            show_table(pd.DataFrame(rows), "The miss by factor; the parts add up", f"miss-{found['student_id']}")
            st.caption(present.as_text(f"Came: {miss['came_is']}. Errors: {miss['extra_errors_are']}."))
    if st.button("Check alarms now", disabled=not who.may("operator"), help=who.needs("operator")):
        with told():
            watching.check_alarms()
            st.rerun()

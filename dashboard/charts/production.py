"""A student at work over time: audited error with its CUSUM, savings against the forecast."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from analytics.reports import present
from analytics.reports.charts.style import Drawing, Ink, finish

HEIGHT = 260


def control(days: Sequence[dict[str, Any]], promised: float, events: Sequence[dict[str, Any]], ink: Ink) -> Drawing:
    """Audited error day by day with its range, the promise as a line, and what happened as marks."""
    frame = pd.DataFrame(
        [{"day": str(day["day"])[:10], "audited": day["audited"], "cusum": day.get("cusum"), **_three(day["error"])}
         for day in days]
    )  # fmt: skip
    x = alt.X("yearmonthdate(day):T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True))
    y = alt.Y("low:Q", title=f"audited error (dashed: promised {present.percent(promised, 1)})",
              axis=alt.Axis(format=".1%"))  # fmt: skip
    tips = [alt.Tooltip("day:T", format="%-d %b"), "audited:Q", alt.Tooltip("cusum:Q", format=".2f"),
            *(alt.Tooltip(f"{name}:Q", format=".2%") for name in ("value", "low", "high"))]  # fmt: skip
    whisker = alt.Chart(frame).mark_rule(color=ink.series, strokeWidth=1.5).encode(x=x, y=y, y2="high:Q")
    dot = alt.Chart(frame).mark_circle(color=ink.series, size=60, opacity=1).encode(x=x, y="value:Q", tooltip=tips)
    floor = alt.Chart(frame.head(1)).mark_rule(color=ink.second, strokeDash=[5, 4], strokeWidth=1.5)
    chart = whisker + dot + floor.encode(y=alt.datum(promised))
    if marks := [{"day": str(one.get("day") or one.get("at"))[:10], "what": str(one.get("what") or one.get("action"))}
                 for one in events if one.get("day") or one.get("at")]:  # fmt: skip
        base = alt.Chart(pd.DataFrame(marks)).encode(x=x, tooltip=["what:N"])
        chart += base.mark_rule(color=ink.muted, strokeDash=[2, 3])
        chart += base.mark_text(align="left", dx=3, y=8, color=ink.muted, fontSize=10).encode(text="what:N")
    worst = max(days, key=lambda day: day["error"]["value"])
    words = (
        f"Audited error of {present.plural(len(days), 'day')}, promised at most {present.percent(promised, 1)}; "
        f"highest {present.percent(worst['error']['value'], 1)} on {present.day(str(worst['day'])[:10])}"
    )
    return Drawing(finish(chart.properties(height=HEIGHT), ink), words)


def savings(days: Sequence[dict[str, Any]], forecast: Any, ink: Ink) -> Drawing:
    """Savings added up, with their range, against the forecast where one was kept."""
    frame = pd.DataFrame(
        [{"day": str(day["day"])[:10], **_three(day["saving_usd"])} for day in days]
    ).sort_values("day")  # fmt: skip
    frame[["value", "low", "high"]] = frame[["value", "low", "high"]].cumsum()
    x = alt.X("yearmonthdate(day):T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True))
    y = alt.Y("low:Q", title="saved so far, USD", axis=alt.Axis(format="$~s"))
    band = alt.Chart(frame).mark_area(color=ink.band, opacity=0.2).encode(x=x, y=y, y2="high:Q")
    line = (
        alt.Chart(frame)
        .mark_line(color=ink.series, strokeWidth=2)
        .encode(
            x=x, y="value:Q", tooltip=[alt.Tooltip("day:T", format="%-d %b"), alt.Tooltip("value:Q", format="$,.2f")]
        )
    )
    chart = band + line
    foretold = forecast.get("days") if isinstance(forecast, dict) else None
    if foretold:
        told = pd.DataFrame([{"day": str(one["day"])[:10], **_three(one.get("saving_usd") or one)} for one in foretold])
        told = told.sort_values("day")
        told[["value", "low", "high"]] = told[["value", "low", "high"]].cumsum()
        chart += alt.Chart(told).mark_area(color=ink.second, opacity=0.15).encode(x=x, y=y, y2="high:Q")
        chart += alt.Chart(told).mark_line(color=ink.second, strokeDash=[5, 4]).encode(x=x, y="value:Q")
    last = frame.iloc[-1]
    between = present.usd_range(float(last["low"]), float(last["high"]))
    words = f"Saved so far: {present.usd(float(last['value']))} ({between}) after {present.plural(len(days), 'day')}"
    return Drawing(finish(chart.properties(height=HEIGHT), ink), words)


def _three(interval: dict[str, Any]) -> dict[str, float]:
    """Ranges are added day by day, which is the widest that they can be."""
    return {name: float(interval[name]) for name in ("value", "low", "high")}

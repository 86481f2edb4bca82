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
    if marks := [{"day": str(one["created_at"])[:10], "what": str(one["action"])} for one in events]:
        base = alt.Chart(pd.DataFrame(marks)).encode(x=x, tooltip=["what:N"])
        chart += base.mark_rule(color=ink.muted, strokeDash=[2, 3])
        chart += base.mark_text(align="left", dx=3, y=8, color=ink.muted, fontSize=10).encode(text="what:N")
    worst = max(days, key=lambda day: day["error"]["value"])
    words = (
        f"Audited error of {present.plural(len(days), 'day')}, promised at most {present.percent(promised, 1)}; "
        f"highest {present.percent(worst['error']['value'], 1)} on {present.day(str(worst['day'])[:10])}"
    )
    return Drawing(finish(chart.properties(height=HEIGHT), ink), words)


def cusum(days: Sequence[dict[str, Any]], alarm: float, ink: Ink) -> Drawing:
    """The running sum of what is worse than promised, and where it rings."""
    known = [day for day in days if day.get("cusum") is not None]
    frame = pd.DataFrame([{"day": str(day["day"])[:10], "cusum": day["cusum"]} for day in known])
    x = alt.X("yearmonthdate(day):T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True))
    y = alt.Y("cusum:Q", title="CUSUM")
    line = alt.Chart(frame).mark_line(color=ink.series, strokeWidth=2, point=True).encode(x=x, y=y)
    rule = alt.Chart(frame.head(1)).mark_rule(color=ink.loss, strokeDash=[5, 4]).encode(y=alt.datum(alarm))
    last, most = known[-1]["cusum"], max(day["cusum"] for day in known)
    words = f"CUSUM of audited errors: {last:.1f} now, {most:.1f} at most, alarm at {alarm:.1f}"
    return Drawing(finish((line + rule).properties(height=HEIGHT // 2), ink), words)


def savings(
    days: Sequence[dict[str, Any]], total: dict[str, Any] | None, forecast: dict[str, Any] | None, ink: Ink
) -> Drawing:
    """What was saved so far, all costs taken off, beside what was foretold; the range of the sum at its end."""
    rows = [{"day": str(day["day"])[:10], "usd": day["cumulative_usd"], "which": "came"} for day in days]
    rows += [{"day": str(day["day"])[:10], "usd": day["cumulative_usd"], "which": "foretold"}
             for day in (forecast or {}).get("days", ())]  # fmt: skip
    frame = pd.DataFrame(rows)
    x = alt.X("yearmonthdate(day):T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True))
    colours = alt.Scale(domain=["came", "foretold"], range=[ink.series, ink.second])
    dashes = alt.Scale(domain=["came", "foretold"], range=[[1, 0], [5, 4]])
    chart = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=alt.Y("usd:Q", title="saved so far, USD", axis=alt.Axis(format="$~s")),
            color=alt.Color("which:N", scale=colours, title=None),
            strokeDash=alt.StrokeDash("which:N", scale=dashes, title=None),
            tooltip=["which:N", alt.Tooltip("day:T", format="%-d %b"), alt.Tooltip("usd:Q", format="$,.2f")],
        )
    )
    words = f"Saved so far: {present.usd(float(days[-1]['cumulative_usd']))}"
    if total:
        end = pd.DataFrame([{"day": str(days[-1]["day"])[:10], "low": total["low"], "high": total["high"]}])
        chart += alt.Chart(end).mark_rule(color=ink.series, strokeWidth=3).encode(x=x, y="low:Q", y2="high:Q")
        words += f" ({present.usd_range(float(total['low']), float(total['high']))})"
    words += f" after {present.plural(len(days), 'day')}"
    if forecast:
        words += f", foretold {present.usd(float(forecast['cumulative_usd']))}"
    return Drawing(finish(chart.properties(height=HEIGHT), ink), words)


def _three(interval: dict[str, Any]) -> dict[str, float]:
    return {name: float(interval[name]) for name in ("value", "low", "high")}

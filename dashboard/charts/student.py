"""One student over time and against its baselines."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from analytics.reports import present
from analytics.reports.charts.style import Drawing, Ink, finish, named_rows, rows_height

HEIGHT = 260


def quality(weeks: Sequence[dict[str, Any]], accepted: float, ink: Ink) -> Drawing:
    """Agreement of what the student would have served, week by week with its interval, against the promise."""
    judged = [week for week in weeks if week["agreement"] is not None]
    frame = pd.DataFrame(
        [{"week": present.day(week["from"]), "calls": week["student_calls"], **week["agreement"]} for week in judged]
    )
    x = alt.X("week:N", sort=None, title="week from", axis=alt.Axis(labelAngle=0))
    y_scale = alt.Scale(zero=False, domainMax=1.0)
    y = alt.Y(
        "low:Q",
        title=f"agreement (dashed: promised {present.percent(accepted, 1)})",
        scale=y_scale,
        axis=alt.Axis(format=".1%"),
    )
    tips = ["week:N", "calls:Q", *(alt.Tooltip(f"{name}:Q", format=".2%") for name in ("value", "low", "high"))]
    whisker = alt.Chart(frame).mark_rule(color=ink.series, strokeWidth=2).encode(x=x, y=y, y2="high:Q")
    dot = alt.Chart(frame).mark_circle(color=ink.series, size=110, opacity=1).encode(x=x, y="value:Q", tooltip=tips)
    line = alt.Chart(frame).mark_line(color=ink.series, strokeWidth=1, opacity=0.5).encode(x=x, y="value:Q")
    chart = whisker + line + dot + _promise(accepted, ink)
    words = "; ".join(
        f"week from {present.day(week['from'])} {present.percent(week['agreement']['value'], 1)}" for week in judged
    )
    return Drawing(finish(chart.properties(height=HEIGHT), ink), f"Agreement with the teacher by week: {words}")


def _promise(accepted: float, ink: Ink) -> alt.Chart:
    frame = pd.DataFrame({"accepted": [accepted]})
    return alt.Chart(frame).mark_rule(color=ink.second, strokeDash=[5, 4], strokeWidth=1.5).encode(y="accepted:Q")


def savings(weeks: Sequence[dict[str, Any]], ink: Ink) -> Drawing:
    """Net saving by week; a loss hangs below the line."""
    frame = pd.DataFrame(
        [
            {
                "week": present.day(week["from"]),
                "usd": week["net_saving_usd"],
                "shown": present.usd(week["net_saving_usd"]),
                "teacher": week["teacher_cost_usd"],
                "hybrid": week["hybrid_cost_usd"],
            }
            for week in weeks
        ]
    )
    x = alt.X("week:N", sort=None, title="week from", axis=alt.Axis(labelAngle=0))
    y = alt.Y("usd:Q", title="net saving, USD", axis=alt.Axis(format="$~s"))
    tips = ["week:N", *(alt.Tooltip(f"{name}:Q", format="$,.2f") for name in ("usd", "teacher", "hybrid"))]
    gain = alt.condition("datum.usd >= 0", alt.value(ink.gain), alt.value(ink.loss))
    bars = alt.Chart(frame).mark_bar(size=34, cornerRadiusEnd=3).encode(x=x, y=y, color=gain, tooltip=tips)
    text = alt.Chart(frame).mark_text(dy=-8, color=ink.text).encode(x=x, y="usd:Q", text="shown:N")
    words = "; ".join(f"week from {row.week} {row.shown}" for row in frame.itertuples())
    return Drawing(finish((bars + text).properties(height=HEIGHT), ink), f"Net saving by week: {words}")


def rivals(rows: Sequence[dict[str, Any]], ink: Ink) -> Drawing:
    """The student beside what is cheaper than it, on the same new inputs, with intervals."""
    frame = pd.DataFrame(rows)
    y = named_rows("name", ink)
    scale = alt.Scale(domain=[0, 1.35])
    x = alt.X(
        "low:Q",
        title="agreement with the teacher",
        scale=scale,
        axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    whisker = alt.Chart(frame).mark_rule(color=ink.series, strokeWidth=3).encode(y=y, x=x, x2="high:Q")
    dot = (
        alt.Chart(frame)
        .mark_circle(size=110, color=ink.series, opacity=1)
        .encode(y=y, x="value:Q", tooltip=["name:N", "shown:N"])
    )
    text = alt.Chart(frame).mark_text(align="left", dx=10, color=ink.text).encode(y=y, x="high:Q", text="shown:N")
    words = "; ".join(f"{row['name']} {row['shown']}" for row in rows)
    return Drawing(finish((whisker + dot + text).properties(height=rows_height(len(rows))), ink), f"Agreement: {words}")

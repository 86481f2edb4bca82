"""Students of one task: cost against quality, and paired differences."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from analytics.reports import present
from analytics.reports.charts.style import Drawing, Ink, finish, named_rows, rows_height
from pipeline.api import Difference, Merit

HEIGHT = 300
LEAST_USD = 1e-6  # a logarithm has no zero


def pareto(placed: Sequence[Merit], ink: Ink) -> Drawing:
    """USD per 1,000 calls (log) against agreement with whiskers; size: latency; a diamond: not beaten."""
    frame = pd.DataFrame(
        [
            {"name": one.student_id or "teacher", "usd": max(one.usd_per_1000 or 0.0, LEAST_USD),
             "agreement": one.agreement, "low": one.low, "high": one.high, "ms": one.p50_ms or 0.0,
             "mark": "teacher" if one.student_id is None else "not beaten" if one.is_pareto else "beaten"}
            for one in placed
        ]
    )  # fmt: skip
    x = alt.X("usd:Q", title="USD per 1,000 calls (log)", scale=alt.Scale(type="log"), axis=alt.Axis(format="$~g"))
    y_scale = alt.Scale(zero=False, domainMax=1.0)
    y = alt.Y("low:Q", title="agreement with the teacher, 95%", scale=y_scale, axis=alt.Axis(format=".0%"))
    tips = ["name:N", alt.Tooltip("usd:Q", format="$,.4f"), alt.Tooltip("agreement:Q", format=".1%"),
            alt.Tooltip("ms:Q", title="p50 ms", format=".1f")]  # fmt: skip
    base = alt.Chart(frame)
    whisker = base.mark_rule(color=ink.muted, strokeWidth=1.5).encode(x=x, y=y, y2="high:Q")
    shape = alt.Shape(
        "mark:N", title=None,
        scale=alt.Scale(domain=["not beaten", "beaten", "teacher"], range=["diamond", "circle", "square"]),
    )  # fmt: skip
    size = alt.Size("ms:Q", legend=None, scale=alt.Scale(range=[90, 420]))
    dots = base.mark_point(filled=True, color=ink.series, opacity=0.9).encode(
        x=x, y="agreement:Q", shape=shape, size=size, tooltip=tips
    )
    line = (
        alt.Chart(frame[frame["mark"] != "beaten"].sort_values("usd"))
        .mark_line(color=ink.second, strokeDash=[4, 3], strokeWidth=1.5)
        .encode(x=x, y="agreement:Q")
    )
    names = base.mark_text(align="left", dx=10, dy=-8, color=ink.text, fontSize=11).encode(
        x=x, y="agreement:Q", text="name:N"
    )
    chart = (line + whisker + dots + names).properties(height=HEIGHT)
    words = "; ".join(
        f"{one.student_id or 'teacher'} ${one.usd_per_1000:.4f} and {present.percent(one.agreement, 1)}"
        for one in placed
    )
    return Drawing(finish(chart, ink), f"USD per 1,000 calls and agreement: {words}")


def differences(found: Sequence[Difference], ink: Ink) -> Drawing:
    """Points of agreement that the first has more than the second, slice by slice, with paired ranges."""
    frame = pd.DataFrame(
        [
            {"slice": _name(one), "value": 100 * one.difference["value"], "low": 100 * one.difference["low"],
             "high": 100 * one.difference["high"], "n": one.n}
            for one in found if one.difference
        ]
    )  # fmt: skip
    y = named_rows("slice", ink)
    x = alt.X("low:Q", title="points of agreement, first less second (95%)", axis=alt.Axis(format="+.0f"))
    rule = alt.Chart(frame).mark_rule(color=ink.series, strokeWidth=3).encode(y=y, x=x, x2="high:Q")
    tips = ["slice:N", "n:Q", *(alt.Tooltip(f"{name}:Q", format="+.1f") for name in ("value", "low", "high"))]
    dot = alt.Chart(frame).mark_circle(size=90, color=ink.series, opacity=1).encode(y=y, x="value:Q", tooltip=tips)
    zero = alt.Chart(frame.head(1)).mark_rule(color=ink.text, strokeWidth=1).encode(x=alt.datum(0))
    words = "; ".join(f"{row.slice} {row.value:+.1f} ({row.low:+.1f} to {row.high:+.1f})" for row in frame.itertuples())
    chart = (zero + rule + dot).properties(height=rows_height(len(frame)))
    return Drawing(finish(chart, ink), f"Difference of agreement in points: {words}")


def _name(one: Difference) -> str:
    return f"{one.slice}: {one.value} (n {one.n:,})"

"""A run while it trains: loss, and what each filter left."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from analytics.reports import present
from analytics.reports.charts.style import Drawing, Ink, finish, named_rows, rows_height

HEIGHT = 220


def loss(steps: Sequence[dict[str, Any]], ink: Ink) -> Drawing:
    """Loss by step, thinned; what is written of each step, nothing smoothed."""
    frame = pd.DataFrame([{"step": one["step"], "loss": one["loss"]} for one in steps])
    base = alt.Chart(frame).encode(
        x=alt.X("step:Q", title="step", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("loss:Q", title="loss", scale=alt.Scale(zero=False)),
        tooltip=["step:Q", alt.Tooltip("loss:Q", format=".4f")],
    )
    chart = base.mark_line(color=ink.series, strokeWidth=1.6) + base.mark_circle(color=ink.series, size=14)
    first, last = steps[0], steps[-1]
    words = (
        f"Loss by step: {first['loss']:.3f} at step {first['step']}, {last['loss']:.3f} at step {last['step']}, "
        f"least {min(one['loss'] for one in steps):.3f}"
    )
    return Drawing(finish(chart.properties(height=HEIGHT), ink), words)


def funnel(steps: Sequence[dict[str, Any]], ink: Ink) -> Drawing:
    """Rows that are left after each filter."""
    named = [(present.words(step["filter"]), step["rows_out"]) for step in steps]
    frame = pd.DataFrame(
        {"filter": [name for name, _ in named], "rows": [rows for _, rows in named],
         "shown": [present.count(rows) for _, rows in named]}
    )  # fmt: skip
    most = float(steps[0]["rows_in"]) or 1.0
    base = alt.Chart(frame).encode(
        y=named_rows("filter", ink),
        x=alt.X("rows:Q", title="rows left", scale=alt.Scale(domain=[0, 1.12 * most]), axis=alt.Axis(format="~s")),
    )
    bars = base.mark_bar(color=ink.series, height=14, cornerRadiusEnd=3)
    text = base.mark_text(align="left", dx=6, color=ink.text).encode(text="shown:N")
    words = "; ".join(f"{name} {present.count(rows)}" for name, rows in named)
    return Drawing(
        finish((bars + text).properties(height=rows_height(len(named))), ink), f"Rows left after each filter: {words}"
    )

"""From today's bill to the bill after, step by step."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import altair as alt
import pandas as pd

from analytics.reports import present
from analytics.reports.charts.style import BAR_HEIGHT, Drawing, Ink, finish, money_axis, named_rows, rows_height
from analytics.waterfall import Bar

ROOM = 1.2  # of the longest bar, for its figure


def waterfall(bars: Sequence[Bar], ink: Ink) -> Drawing:
    """Rows from today to after: totals stand on zero, steps hang where the one before ended."""
    rows = _rows(bars, ink)
    frame = pd.DataFrame(rows)
    y = named_rows("name", ink)
    top = ROOM * max(max(row["from"], row["to"]) for row in rows)
    scale = alt.Scale(domain=[min(0.0, *(row["to"] for row in rows)), top], nice=False)
    x = alt.X("from:Q", title="USD of the first full year", axis=money_axis(tickCount=5), scale=scale)
    bar = alt.Chart(frame).mark_bar(height=BAR_HEIGHT)
    bar = bar.encode(y=y, x=x, x2="to:Q", color=alt.Color("ink:N", scale=None), tooltip=["name:N", "shown:N"])
    text = alt.Chart(frame).mark_text(align="left", dx=6, color=ink.text).encode(y=y, x="end:Q", text="shown:N")
    words = "; ".join(f"{row['name']} {row['shown']}" for row in rows)
    chart = finish((bar + text).properties(height=rows_height(len(rows))), ink)
    return Drawing(chart, f"From the bill today to the bill after: {words}")


def _rows(bars: Sequence[Bar], ink: Ink) -> list[dict[str, Any]]:
    """Each bar from where it starts to where it ends; a bill that falls is a gain."""
    levels = list(accumulate(0.0 if bar.is_total and at else bar.usd for at, bar in enumerate(bars)))
    rows = []
    for bar, level in zip(bars, levels, strict=True):
        start = 0.0 if bar.is_total else level - bar.usd
        fill = ink.muted if bar.is_total else ink.gain if bar.usd < 0 else ink.loss
        sign = "" if bar.is_total or bar.usd < 0 else "+"
        shown = sign + present.usd(bar.usd)
        rows.append(
            {"name": bar.name, "from": start, "to": level, "end": max(start, level), "ink": fill, "shown": shown}
        )
    return rows

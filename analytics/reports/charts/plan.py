"""What each chosen project pays, with its range, and all of them together."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from analytics.portfolio_brief import PortfolioBrief
from analytics.portfolio_plan import Spread
from analytics.reports import present
from analytics.reports.charts.style import Drawing, Ink, finish, money_axis, named_rows, rows_height, zero_rule

TOGETHER = "all of them together"
ROOM = 0.16  # of the span, for the figures at the right


def ranges(found: PortfolioBrief, ink: Ink) -> Drawing | None:
    """Expected value and 5th to 95th percentile; None where nothing is chosen."""
    rows = [_row(one.name, one.value) for one in found.projects if one.is_chosen]
    if not rows:
        return None
    rows = [*rows, _row(TOGETHER, found.total)] if len(rows) > 1 else rows
    frame = pd.DataFrame(rows)
    y = named_rows("name", ink)
    x = alt.X("low:Q", title="value over 24 months, USD", axis=money_axis(tickCount=5), scale=_scale(rows))
    line = alt.Chart(frame).mark_rule(color=ink.series, strokeWidth=4, opacity=0.45).encode(y=y, x=x, x2="high:Q")
    dot = alt.Chart(frame).mark_circle(size=110, color=ink.series, opacity=1).encode(y=y, x="mean:Q")
    text = alt.Chart(frame).mark_text(align="left", dx=8, color=ink.text).encode(y=y, x="high:Q", text="shown:N")
    chart = finish((zero_rule(ink, "x") + line + dot + text).properties(height=rows_height(len(rows))), ink)
    words = "; ".join(f"{row['name']} {row['shown']}, {row['range']}" for row in rows)
    return Drawing(chart, f"Value over 24 months, expected and 5th to 95th percentile: {words}")


def _row(name: str, value: Spread) -> dict[str, Any]:
    between = present.usd_range(value.p5, value.p95)
    return {"name": name, "low": value.p5, "high": value.p95, "mean": value.mean, "shown": present.usd(value.mean),
            "range": between}  # fmt: skip


def _scale(rows: Sequence[dict[str, Any]]) -> alt.Scale:
    low, high = min(0.0, *(row["low"] for row in rows)), max(0.0, *(row["high"] for row in rows))
    return alt.Scale(domain=[low, high + ROOM * (high - low)], nice=False)

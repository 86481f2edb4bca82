"""What a log covers: sources by day."""

from collections.abc import Sequence
from datetime import timedelta

import altair as alt
import pandas as pd

from analytics.data_state import SourceDay
from analytics.reports import present
from analytics.reports.charts.style import Drawing, Ink, finish, named_rows, rows_height

MOST_DAYS = 400  # drawn; a longer log shows its newest


def missing_days(days: Sequence[SourceDay]) -> int:
    """Days between the first and the last without a call of any source."""
    there = {one.day for one in days}
    return (max(there) - min(there)).days + 1 - len(there) if there else 0


def matrix(days: Sequence[SourceDay], ink: Ink) -> Drawing:
    """A square a source and day, the darker the more calls; a day without calls stays empty."""
    last = max(one.day for one in days)
    shown = [one for one in days if one.day > last - timedelta(days=MOST_DAYS)]
    frame = pd.DataFrame(
        {"source": [one.source for one in shown], "day": [one.day.isoformat() for one in shown],
         "calls": [one.calls for one in shown]}
    )  # fmt: skip
    fills = alt.Scale(range=[ink.rule, ink.series], type="sqrt")
    chart = (
        alt.Chart(frame)
        .mark_rect(height=18)
        .encode(
            x=alt.X("yearmonthdate(day):T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True)),
            y=named_rows("source", ink),
            color=alt.Color("calls:Q", scale=fills, title="calls a day", legend=alt.Legend(format="~s")),
            tooltip=["source:N", alt.Tooltip("day:T", format="%-d %b %Y"), alt.Tooltip("calls:Q", format=",.0f")],
        )
    )
    sources = list(dict.fromkeys(one.source for one in shown))
    words = "; ".join(_in_words(name, [one for one in shown if one.source == name]) for name in sources)
    return Drawing(
        finish(chart.properties(height=rows_height(len(sources), 34)), ink), f"Calls by source and day: {words}"
    )


def _in_words(name: str, days: Sequence[SourceDay]) -> str:
    first, last = min(one.day for one in days), max(one.day for one in days)
    return f"{name} {present.day(first)} to {present.day(last)}, {present.plural(len(days), 'day')} with calls"

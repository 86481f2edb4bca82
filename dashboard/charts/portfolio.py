"""Where the money goes, task by task."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from analytics.api import PortfolioRow
from analytics.reports import present
from analytics.reports.charts.style import (
    BAR_HEIGHT,
    LEGEND_HEIGHT,
    Drawing,
    Ink,
    finish,
    money_axis,
    named_rows,
    rows_height,
)
from analytics.reports.looks import LOOKS, look

ROOM_FOR_LABELS = 1.12  # of the longest bar


def spend_bars(rows: Sequence[PortfolioRow], ink: Ink) -> Drawing:
    """Monthly spend by task, dearest first, shaded by verdict; the verdict is written beside each bar as well."""
    priced = [row for row in rows if row.monthly_spend_usd is not None]
    frame = pd.DataFrame(
        {
            "task": [row.name for row in priced],
            "spend": [row.monthly_spend_usd for row in priced],
            "verdict": [look(row.verdict).text for row in priced],
            "shown": [f"{present.usd(row.monthly_spend_usd)}  {look(row.verdict).sign}" for row in priced],
        }
    )
    used = [one for one in LOOKS.values() if one.text in set(frame["verdict"])]
    fills = alt.Scale(domain=[one.text for one in used], range=[one.dark if ink.is_dark else one.light for one in used])
    base = alt.Chart(frame).encode(
        y=named_rows("task", ink),
        x=alt.X(
            "spend:Q",
            title="USD a month",
            axis=money_axis(tickCount=6),
            scale=alt.Scale(domainMax=ROOM_FOR_LABELS * float(frame["spend"].max())),
        ),
        tooltip=[alt.Tooltip("task:N"), alt.Tooltip("verdict:N"), alt.Tooltip("spend:Q", format="$,.0f")],
    )
    bars = base.mark_bar(height=BAR_HEIGHT, cornerRadiusEnd=3).encode(
        color=alt.Color("verdict:N", scale=fills, title=None)
    )
    labels = base.mark_text(align="left", dx=6, color=ink.text).encode(text="shown:N")
    chart = finish((bars + labels).properties(height=rows_height(len(priced), LEGEND_HEIGHT)), ink)
    return Drawing(chart, _in_words(priced))


def _in_words(priced: Sequence[PortfolioRow]) -> str:
    parts = [f"{row.name} {present.usd(row.monthly_spend_usd)}, {look(row.verdict).label.lower()}" for row in priced]
    return "Monthly spend by task: " + "; ".join(parts)

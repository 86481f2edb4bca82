"""The case of one task: cumulative cash, what moves it, and how narrow the task is."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from analytics.amounts import amount
from analytics.fan import BreakEvenBand
from analytics.reports import present
from analytics.reports.charts.style import (
    BAR_HEIGHT,
    Drawing,
    Ink,
    finish,
    money_axis,
    named_rows,
    rows_height,
    zero_rule,
)

HEIGHT = 300
LABEL_ROOM = 0.36  # of the span of a tornado, on each side


def fan(points: Sequence[dict[str, Any]], ink: Ink, band: BreakEvenBand | None = None) -> Drawing:
    """Cumulative cash by month: P10 to P90, P25 to P75, the median, the line of zero, and when the draws cross it."""
    frame = pd.DataFrame(points)
    x = alt.X("month:Q", title="months from the start", axis=alt.Axis(tickMinStep=1, grid=False))
    money = money_axis()
    outer, inner = (
        alt.Chart(frame)
        .mark_area(color=ink.band, opacity=opacity)
        .encode(x=x, y=alt.Y(f"{low}:Q", title="cumulative, USD", axis=money), y2=alt.Y2(f"{high}:Q"))
        for low, high, opacity in (("p10", "p90", 0.18), ("p25", "p75", 0.3))
    )
    median = alt.Chart(frame).mark_line(color=ink.series, strokeWidth=2.5).encode(x=x, y="p50:Q", tooltip=_fan_tips())
    layers = outer + inner + zero_rule(ink, "y") + median + _band_names(points, ink)
    if band is not None and band.p10 is not None:
        layers = _crossings(band, ink) + layers
    last = points[-1]
    words = (
        f"Cumulative cash over {last['month']} months: median {present.usd(last['p50'])} at the end, "
        f"{present.usd_range(last['p10'], last['p90'])} in eight cases of ten{_crossed(band)}"
    )
    return Drawing(finish(layers.properties(height=HEIGHT), ink), words)


def _crossings(band: BreakEvenBand, ink: Ink) -> alt.LayerChart:
    """The months in which the draws first break even, from their own paths."""
    months = f"breaks even in month {band.p10:.0f} to {band.p90:.0f}"
    never = f"{present.percent(band.never_share)} never do"
    frame = pd.DataFrame([{"from": band.p10, "to": band.p90, "middle": band.p50}])
    shade = alt.Chart(frame).mark_rect(color=ink.second, opacity=0.14).encode(x="from:Q", x2="to:Q")
    middle = alt.Chart(frame).mark_rule(color=ink.second, strokeDash=[4, 3], strokeWidth=1.5).encode(x="middle:Q")
    texts = [
        alt.Chart(frame)
        .mark_text(align="left", baseline="top", dx=5, dy=4 + 14 * row, color=ink.text, fontSize=11)
        .encode(x="middle:Q", y=alt.value(0), text=alt.value(text))
        for row, text in enumerate((months, never))
    ]
    return alt.layer(shade, middle, *texts)


def _crossed(band: BreakEvenBand | None) -> str:
    if band is None or band.p10 is None:
        return "" if band is None else "; no case breaks even"
    share = present.percent(band.never_share)
    return f"; those that break even do so in month {band.p10:.0f} to {band.p90:.0f}, {share} never do"


def _fan_tips() -> list[alt.Tooltip]:
    return [alt.Tooltip("month:Q")] + [
        alt.Tooltip(f"{name}:Q", format="$,.0f") for name in ("p10", "p25", "p50", "p75", "p90")
    ]


def _band_names(points: Sequence[dict[str, Any]], ink: Ink) -> alt.LayerChart:
    """The bands named at their right end, so that no legend has to be decoded."""
    last = points[-1]
    named = [
        ("P90", last["p90"]),
        ("P75", last["p75"]),
        ("median", last["p50"]),
        ("P25", last["p25"]),
        ("P10", last["p10"]),
    ]
    frame = pd.DataFrame([{"month": last["month"], "usd": value, "name": name} for name, value in named])
    return alt.layer(
        alt.Chart(frame)
        .mark_text(align="left", dx=5, color=ink.muted, fontSize=11)
        .encode(x="month:Q", y="usd:Q", text="name:N")
    )


def tornado(drivers: Sequence[dict[str, Any]], npv_usd: float, ink: Ink) -> Drawing:
    """Value over 24 months with one input at its 10th and 90th percentile, the others as they are."""
    rows = [_ends(driver) for driver in drivers]
    frame = pd.DataFrame(rows)
    y = named_rows("driver", ink)
    x = alt.X("from:Q", title="value over 24 months, USD", axis=money_axis(tickCount=4), scale=_room(rows))
    tips = ["driver:N", "range:N", alt.Tooltip("from:Q", format="$,.0f"), alt.Tooltip("to:Q", format="$,.0f")]
    bars = alt.Chart(frame).mark_bar(height=BAR_HEIGHT, color=ink.series, opacity=0.75)
    bars = bars.encode(y=y, x=x, x2="to:Q", tooltip=tips)
    low = alt.Chart(frame).mark_text(align="right", dx=-6, color=ink.text).encode(y=y, x="from:Q", text="from_text:N")
    high = alt.Chart(frame).mark_text(align="left", dx=6, color=ink.text).encode(y=y, x="to:Q", text="to_text:N")
    now = alt.Chart(pd.DataFrame({"npv": [npv_usd]})).mark_rule(color=ink.second, strokeWidth=2).encode(x="npv:Q")
    chart = finish((bars + zero_rule(ink, "x") + now + low + high).properties(height=rows_height(len(rows))), ink)
    words = "; ".join(f"{row['driver']} moves it from {row['from_text']} to {row['to_text']}" for row in rows)
    return Drawing(chart, f"What moves the value over 24 months: {words}")


def _room(rows: Sequence[dict[str, Any]]) -> alt.Scale:
    """Space for the figures at both ends of the bars."""
    low, high = min(0.0, *(row["from"] for row in rows)), max(0.0, *(row["to"] for row in rows))
    return alt.Scale(domain=[low - LABEL_ROOM * (high - low), high + LABEL_ROOM * (high - low)], nice=False)


def _ends(driver: dict[str, Any]) -> dict[str, Any]:
    """One bar, its worse end first, with the input's value at each end."""
    ends = sorted(
        ((driver["npv_at_low_usd"], driver["low_value"]), (driver["npv_at_high_usd"], driver["high_value"])),
        key=lambda end: end[0],
    )
    (worse, worse_at), (better, better_at) = ends
    shown = [amount(value, driver["unit"]) for value in (worse_at, better_at)]
    return {
        "driver": present.words(driver["name"]),
        "from": worse,
        "to": better,
        "from_text": present.usd(worse),
        "to_text": present.usd(better),
        "range": f"{shown[0]} → {shown[1]}",
    }


def dots(components: Sequence[dict[str, Any]], ink: Ink) -> Drawing:
    """How narrow the task is: one dot a component on its own scale, the measured value beside it.

    No radar: its area depends on the order of its axes.
    """
    frame = pd.DataFrame(components)
    y = named_rows("label", ink)
    scale = alt.Scale(domain=[0, 1.25])
    axis = alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".0%")
    x = alt.X("share:Q", title="open  →  narrow", scale=scale, axis=axis)
    track = alt.Chart(frame).mark_rule(color=ink.rule).encode(y=y, x=alt.datum(0), x2=alt.datum(1))
    dot = (
        alt.Chart(frame)
        .mark_circle(size=130, color=ink.series, opacity=1)
        .encode(y=y, x=x, tooltip=["label:N", "shown:N"])
    )
    text = alt.Chart(frame).mark_text(align="left", dx=10, color=ink.text).encode(y=y, x=x, text="shown:N")
    words = "; ".join(f"{row['label']} {row['shown']}" for row in components)
    return Drawing(
        finish((track + dot + text).properties(height=rows_height(len(components))), ink), f"Narrowness: {words}"
    )


def daily(days: Sequence[dict[str, Any]], ink: Ink) -> Drawing:
    """Spend by day, over the whole log."""
    frame = pd.DataFrame(days)
    area = alt.Chart(frame).mark_area(color=ink.band, opacity=0.25, line={"color": ink.series, "strokeWidth": 1.5})
    area = area.encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", grid=False)),
        y=alt.Y("spend_usd:Q", title="USD a day", axis=money_axis()),
        tooltip=["day:T", alt.Tooltip("spend_usd:Q", format="$,.0f"), alt.Tooltip("calls:Q", format=",.0f")],
    )
    ends = f"{present.day_and_year(days[0]['day'])} to {present.day_and_year(days[-1]['day'])}"
    return Drawing(finish(area.properties(height=200), ink), f"Spend by day, {ends}")

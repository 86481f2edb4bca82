"""Agreement against latency: what there was before a probe, and what the candidates add."""

from collections.abc import Mapping
from typing import Any

from analytics.reports import present
from analytics.reports.charts.style import Drawing, Ink, finish

WIDTH, HEIGHT = 620, 210
BEFORE, AFTER = "before", "candidate"


def pareto(probe: Mapping[str, Any], ink: Ink) -> Drawing | None:
    """Points with their 95 % intervals; filled: on the front. None where nothing was compared."""
    import altair as alt

    rows = points(probe)
    if not rows:
        return None
    x = alt.X("latency_ms:Q", title="one call, median, ms", scale=alt.Scale(type="log", nice=True))
    y = alt.Y("agreement:Q", title="agreement with the teacher", axis=alt.Axis(format="%"), scale=alt.Scale(zero=False))
    colour = alt.Color("when:N", title=None, scale=alt.Scale(domain=[BEFORE, AFTER], range=[ink.second, ink.series]))
    data = alt.Chart(alt.InlineData(values=rows))
    bars = data.mark_rule(strokeWidth=2, opacity=0.5).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour)
    filled = alt.FillOpacity(
        "front:N", scale=alt.Scale(domain=["on the front", "behind it"], range=[1, 0]), legend=None
    )
    dots = data.mark_point(size=90, filled=True, strokeWidth=2).encode(
        x=x, y=y, color=colour, stroke=colour, fillOpacity=filled
    )
    names = data.mark_text(align="left", dx=9, dy=-7, color=ink.text).encode(x=x, y=y, text="name:N")
    words = "; ".join(
        f"{row['name']} ({row['when']}, {row['front']}) {present.percent(row['agreement'], 1)} at "
        f"{present.milliseconds(row['latency_ms'])}"
        for row in rows
    )
    return Drawing(finish(bars + dots + names, ink), f"Agreement on the frozen rows against latency: {words}")


def points(probe: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is drawn: every candidate with figures."""
    return [
        {
            "name": one["name"], "when": BEFORE if one["is_present"] else AFTER, "latency_ms": one["latency_ms"],
            "agreement": one["agreement"]["value"], "low": one["agreement"]["low"], "high": one["agreement"]["high"],
            "front": "on the front" if one["is_pareto"] else "behind it",
        }
        for one in probe["candidates"] if one["agreement"] and one["latency_ms"]
    ]  # fmt: skip

"""Risk against coverage of one student."""

import altair as alt
import pandas as pd

from analytics.reports import present
from analytics.reports.charts.style import Drawing, Ink, finish
from pipeline.api import OperatingPoint, OperatingRange

HEIGHT = 300


def risk_coverage(found: OperatingRange, tried: OperatingPoint, ink: Ink) -> Drawing:
    """Error among what is served by coverage, with its upper bound, the tolerated error, and the cut."""
    known = [point for point in found.points if point.error is not None]
    frame = pd.DataFrame(
        [{"coverage": one.coverage, "error": one.error, "low": one.error_low, "upper": one.error_upper,
          "threshold": one.threshold} for one in known]
    )  # fmt: skip
    x = alt.X("coverage:Q", title="share of the traffic served", axis=alt.Axis(format=".0%"),
              scale=alt.Scale(domain=[0, 1]))  # fmt: skip
    y = alt.Y("low:Q", title=f"wrong when it serves (dashed: tolerated {present.percent(found.alpha, 1)})",
              axis=alt.Axis(format=".1%"))  # fmt: skip
    tips = [alt.Tooltip("threshold:Q", format=".1%"), alt.Tooltip("coverage:Q", format=".1%"),
            alt.Tooltip("error:Q", format=".2%"),
            alt.Tooltip("upper:Q", title="upper bound", format=".2%")]  # fmt: skip
    band = alt.Chart(frame).mark_area(color=ink.band, opacity=0.2).encode(x=x, y=y, y2="upper:Q")
    line = alt.Chart(frame).mark_line(color=ink.series, strokeWidth=2).encode(x=x, y="error:Q")
    dots = alt.Chart(frame).mark_circle(color=ink.series, size=24).encode(x=x, y="error:Q", tooltip=tips)
    at = alt.Chart(pd.DataFrame([{"coverage": tried.coverage, "shown": "tried"}]))
    rule = at.mark_rule(color=ink.text, strokeWidth=1.5).encode(x=x)
    text = at.mark_text(align="right", dx=-6, y=10, color=ink.text).encode(x=x, text="shown:N")
    allowed = alt.Chart(frame.head(1)).mark_rule(color=ink.second, strokeDash=[5, 4], strokeWidth=1.5)
    chart = band + line + dots + rule + text + allowed.encode(y=alt.datum(found.alpha))
    best = found.highest_within()
    kept = (
        f"the upper bound meets the tolerated {present.percent(found.alpha, 1)} "
        f"at {present.percent(best.coverage)} served"
        if best else f"no point keeps the tolerated {present.percent(found.alpha, 1)}"
    )  # fmt: skip
    return Drawing(
        finish(chart.properties(height=HEIGHT), ink),
        f"Error among served answers by coverage: {kept}; tried threshold serves {present.percent(tried.coverage)}",
    )

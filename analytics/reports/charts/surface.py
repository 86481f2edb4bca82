"""Where a project pays: the median value over a grid of two inputs, loss and gain apart by colour, sign and figure."""

from typing import Any

import altair as alt
import pandas as pd

from analytics.amounts import amount, said
from analytics.reports import present
from analytics.reports.charts.style import Drawing, Ink, finish
from analytics.surface import Surface, SurfacePoint

HEIGHT = 230
FAINTEST, STRONGEST = 0.12, 0.5  # opacity of a cell; its figure stays readable on both


def heat_map(found: Surface, ink: Ink) -> Drawing:
    """One cell a pair of values, with the figure in it; the case as it is stands between its neighbours."""
    most = max(abs(point.npv_24m_p50_usd) for point in found.points) or 1.0
    frame = pd.DataFrame([_cell(found, point, most) for point in found.points])
    axis = alt.Axis(labelAngle=0, labelOverlap=False)
    x = alt.X("x:N", sort=None, title=said(found.x.name), axis=axis)
    y = alt.Y("y:N", sort=None, title=said(found.y.name), axis=axis)
    cells = alt.Chart(frame).encode(x=x, y=y)
    colour = alt.condition("datum.gains", alt.value(ink.gain), alt.value(ink.loss))
    fills = cells.mark_rect(stroke=ink.rule).encode(color=colour, opacity=alt.Opacity("strength:Q", scale=None))
    texts = cells.mark_text(color=ink.text, fontSize=10).encode(text="shown:N")
    return Drawing(finish((fills + texts).properties(height=HEIGHT), ink), _words(found))


def _cell(found: Surface, point: SurfacePoint, most: float) -> dict[str, Any]:
    value = point.npv_24m_p50_usd
    return {
        "x": amount(point.x, found.x.unit),
        "y": amount(point.y, found.y.unit),
        "shown": present.usd(value),
        "gains": value >= 0,
        "strength": FAINTEST + (STRONGEST - FAINTEST) * min(1.0, abs(value) / most),
    }


def _words(found: Surface) -> str:
    gains = sum(point.npv_24m_p50_usd >= 0 for point in found.points)
    return (
        f"Median value over 24 months by {said(found.x.name)} and {said(found.y.name)}: "
        f"{gains} of {len(found.points)} points gain"
    )

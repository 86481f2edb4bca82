"""What all charts share: the inks of the two themes, and the shape that a page shows.

Altair leaves the colour of texts and rules alone when Streamlit turns dark, so every mark takes its ink from here.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import altair as alt

BAR_HEIGHT = 18  # pixels
ROW_STEP = 32
AXIS_HEIGHT = 76  # labels and title below the rows; Streamlit counts them in a chart's height
LEGEND_HEIGHT = 34


@dataclass(frozen=True)
class Ink:
    """The colours of one theme. Series keep a contrast of 3:1 to the page, text of 4.5:1."""

    is_dark: bool
    text: str
    muted: str
    rule: str
    series: str  # the figure itself
    second: str  # what it is compared with
    band: str
    gain: str
    loss: str


LIGHT = Ink(False, "#1d2625", "#5b6967", "#b9c4c1", "#0b6e69", "#c77d0a", "#0b6e69", "#0b6e69", "#c2410c")
DARK = Ink(True, "#e6ecea", "#a4b1ae", "#4a5754", "#4fd1c5", "#f0b24d", "#4fd1c5", "#4fd1c5", "#fb8c5a")


class Drawing(NamedTuple):
    """A chart as Vega-Lite reads it, with what it says for people who cannot see it."""

    spec: dict[str, Any]
    alt: str


def finish(chart: Any, ink: Ink) -> dict[str, Any]:
    """Quiet axes in the theme's ink; checked against the schema, and plain data from here on."""
    quiet = {"domain": False, "ticks": False, "labelColor": ink.muted, "titleColor": ink.muted, "gridColor": ink.rule}
    finished = (
        chart.configure_axis(**quiet, gridOpacity=0.5, labelFontSize=12, titleFontSize=12, titleFontWeight="normal")
        .configure_view(strokeWidth=0)
        .configure_rule(aria=False)  # a line without words of its own; the chart's description says what it shows
        .configure_legend(labelColor=ink.text, titleColor=ink.muted, orient="top", labelFontSize=12)
    )
    spec: dict[str, Any] = finished.to_dict()
    return spec


def money_axis(**options: Any) -> alt.Axis:
    """An axis of dollars, written as the figures beside it are: $150K, $2M."""
    label = "replace(replace(format(datum.value, '$~s'), 'k', 'K'), 'G', 'B')"
    return alt.Axis(labelExpr=label, labelOverlap=True, **options)


def rows_height(rows: int, extra: int = 0) -> int:
    """Height of a chart of one row a name [pixels]."""
    return ROW_STEP * rows + AXIS_HEIGHT + extra


def named_rows(field: str, ink: Ink) -> alt.Y:
    """Rows in the order of the data, every name shown."""
    return alt.Y(
        f"{field}:N", sort=None, title=None, axis=alt.Axis(labelLimit=260, labelColor=ink.text, labelOverlap=False)
    )


def zero_rule(ink: Ink, axis: str) -> Any:
    """The line between loss and gain; ``axis`` is the one that carries the money."""
    rule = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=ink.text, strokeWidth=1.2)
    return rule.encode(**{axis: alt.datum(0)})

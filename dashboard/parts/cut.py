"""Risk against coverage: where the cut is, and what another one would serve, get wrong and save."""

from collections.abc import Sequence

import streamlit as st

from analytics.reports import present
from dashboard import data, watching
from dashboard.charts import cut as charts
from dashboard.pages import STUDENTS
from dashboard.parts.page import choose, draw, ink
from dashboard.words import meaning
from pipeline.api import OperatingPoint, OperatingRange, StudentLine


def show(lines: Sequence[StudentLine]) -> None:
    """One student's curve and a threshold to try."""
    labels = {one.student_id: f"{one.task} · {one.student_id}" for one in lines}
    student_id = choose("Student", "student", labels)
    found = watching.operating_range(str(data.workspace().home), student_id)
    st.markdown(_sentence(found))
    if not found.points:
        st.info("None of the newest traffic was familiar to it.", title="No curve")
        return
    point = _try(found)
    draw(charts.risk_coverage(found, point, ink()), "risk-coverage")
    st.caption(
        "The bound holds for one threshold looked at by itself; the threshold in force rests on Learn-then-Test, which "
        "allows for having looked at many. A lower threshold than the proved one cannot be applied, only a higher one."
    )


def _sentence(found: OperatingRange) -> str:
    """Where the cut is, in words."""
    sure = present.percent(1 - found.delta)
    promise = f"at most {present.percent(found.alpha, 1)} wrong among what is served, confidence {sure}"
    if found.threshold is None:
        return f"**No threshold is proved to keep the promise** ({promise}): everything goes to the teacher."
    point = found.nearest(found.threshold)
    return (
        f"**It serves {present.percent(point.coverage)} of the traffic**, above {present.percent(found.threshold, 1)} "
        f"sure. Promise: {promise}; on the newest traffic {present.percent(point.error, 1)} were wrong "
        f"(upper bound {present.percent(point.error_upper, 1)})."
    )


def _try(found: OperatingRange) -> OperatingPoint:
    """A threshold to try, and what it would do."""
    start = found.threshold if found.threshold is not None else found.points[0].threshold
    tried = st.slider(
        "Threshold to try (%)", 0.0, 100.0, round(100 * start, 1), 0.1, format="%.1f", key="threshold",
        bind="query-params", help=meaning("operating point"),
    )  # fmt: skip
    point = found.nearest(tried / 100)
    saved, errors = found.saved_usd_a_month(point), found.errors_a_day(point)
    with st.grid(4, min_column_width=150):
        st.metric("Coverage", present.percent(point.coverage, 1), border=True, help=meaning("coverage"),
                  delta=f"{point.served:,} of {found.rows:,}", delta_color="off", delta_arrow="off")  # fmt: skip
        st.metric("Wrong when it serves", present.percent(point.error, 1), border=True, delta_color="off",
                  delta_arrow="off", delta=f"bound {present.percent(point.error_upper, 1)}",
                  help="Differs from the teacher; the bound is one-sided at 1 − δ.")  # fmt: skip
        st.metric("Wrong a day", present.MISSING if errors is None else f"{errors:,.1f}", border=True,
                  help="At the volume of the test weeks.")  # fmt: skip
        st.metric("Saved a month", present.usd(saved), border=True,
                  help="Teacher's price of what it answers, less serving; no audits, no engineering.")  # fmt: skip
    if found.threshold is not None and tried / 100 > found.threshold + 1e-9:
        st.page_link(
            STUDENTS.script, label="Tighten it there, with a reason", query_params={"student": found.student_id}
        )
    return point

"""What students at work have saved so far, beside what was foretold of them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import streamlit as st

from analytics.reports import present
from dashboard import watching
from dashboard.charts import production as charts
from dashboard.parts.page import draw, ink


def show() -> None:
    """A sentence and a line; nothing where no student has served."""
    if not watching.knows("production"):
        return
    found = watching.production()
    if not found:
        return
    total = sum(one["total"]["saving_usd"]["value"] for one in found)
    alarms = [one["task"] for one in found if one["status"] == "alarm"]
    st.subheader("Realised so far", anchor=False)
    ringing = f" **Alarm: {', '.join(alarms)}.**" if alarms else ""
    st.markdown(
        present.as_text(
            f"{present.plural(len(found), 'student')} saved **{present.usd(total)}**, costs taken off.{ringing}"
        )
    )
    came, foretold = _by_day(found, "days"), _by_day([one["forecast"] for one in found if one["forecast"]], "days")
    forecast = {"days": foretold, "cumulative_usd": foretold[-1]["cumulative_usd"]} if foretold else None
    draw(charts.savings(came, None, forecast, ink()), "realised")


def _by_day(found: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The sums of all by day: each keeps its last sum on days on which it did not serve."""
    days = sorted({str(day["day"]) for one in found for day in one[name]})
    sums: dict[str, float] = defaultdict(float)
    for one in found:
        known, last = {str(day["day"]): day["cumulative_usd"] for day in one[name]}, 0.0
        for day in days:
            last = known.get(day, last)
            sums[day] += last
    return [{"day": day, "cumulative_usd": sums[day]} for day in days]

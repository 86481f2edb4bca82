"""The first page's sentence and table."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.api import PortfolioRow, Status
from analytics.contracts import Interval
from analytics.reports import present
from analytics.reports.looks import look
from dashboard.pages import BRIEF
from dashboard.totals import WORTH_IT, totals
from dashboard.verdicts import badge

REASON_CHARACTERS = 90  # the brief has the whole of it


def sentence(status: Status, rows: Sequence[PortfolioRow]) -> str:
    """What is spent, and what of it is worth distilling."""
    summed = totals(rows)
    spent = f"Spending **{present.usd(status.monthly_spend_usd)} a month** on {present.plural(len(rows), 'task')}"
    if not summed.worth_it:
        return f"{spent}; none is worth distilling at the moment."
    verb, they = ("is", "It is") if summed.worth_it == 1 else ("are", "Together they are")
    part = f"{present.usd(summed.monthly_spend_usd)} of that spend"
    worth = f"**{summed.worth_it} {verb} worth distilling or a pilot**, {part}"
    value = f"**{present.usd(summed.npv_24m_p50_usd)}** over 24 months"
    between = present.usd_range(summed.npv_24m_p5_usd, summed.npv_24m_p95_usd)
    return f"{spent}; {worth}. {they} worth {value} (5–95%: {between})."


def briefs(rows: Sequence[PortfolioRow]) -> None:
    """Links to the briefs worth reading first."""
    worth = [row for row in rows if row.verdict in WORTH_IT]
    with st.container(horizontal=True):
        for row in worth or rows[:3]:
            label = f"{look(row.verdict).sign} Open the brief of {row.name}"
            st.page_link(BRIEF.script, label=label, query_params={"task": row.task_id})


def table(rows: Sequence[PortfolioRow]) -> None:
    """Every task, dearest first; a name opens its brief."""
    columns = (
        "Task",
        "Verdict",
        "Spend a month",
        "Value, 24 months",
        "Pays in 12 m",
        "Payback",
        "Agreement",
        "Effort",
        "Worst risk",
        "Main reason",
    )
    frame = pd.DataFrame([_row(row) for row in rows], columns=columns)
    st.table(frame, border="horizontal", hide_index=True, alt=f"{len(rows)} tasks, dearest first")
    st.caption(
        "Value: net of every cost, median and 5–95% of the simulations. Pays in 12 m: chance to break even by then. "
        "Agreement: predicted before any training, student with teacher on requests it has not seen, 95% interval. "
        "Effort: of engineers. Worst risk: the input that alone can take most away, and what it leaves. Reversible: a "
        "student is taken back with one act at any time; what was spent on it is not."
    )


def _row(row: PortfolioRow) -> tuple[str, ...]:
    value, agreement = row.npv_24m_usd, row.predicted_agreement
    return (
        f"[{row.name}](/{BRIEF.address}?task={row.task_id})",
        badge(row.verdict),
        present.as_text(present.usd(row.monthly_spend_usd)),
        _over_range(present.usd(value["p50"]), present.usd_range(value["p5"], value["p95"])),
        present.percent(row.p_break_even_12m),
        present.months(row.payback_months),
        _agreement(agreement) if agreement else present.MISSING,
        present.MISSING if row.engineer_weeks is None else f"{row.engineer_weeks:g} weeks",
        _over_range(present.words(row.worst_driver), f"leaves {present.usd(row.worst_npv_24m_usd)}")
        if row.worst_driver
        else present.MISSING,
        present.as_text(present.shorten(row.top_reason, REASON_CHARACTERS)),
    )


def _agreement(interval: Interval) -> str:
    return _over_range(present.percent(interval.value), present.percent_range(interval.low, interval.high))


def _over_range(figure: str, between: str) -> str:
    return present.as_text(f"**{figure}** :small[:gray[{between}]]")

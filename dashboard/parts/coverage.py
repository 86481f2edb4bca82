"""What the log covers and lacks: days, models without a price, rows that were not taken, who did what."""

import pandas as pd
import streamlit as st

from analytics.api import DataState, Status
from analytics.reports import present
from dashboard import data
from dashboard.charts import coverage as charts
from dashboard.parts.page import draw, ink, show_table

UNPRICED_LIMIT = 0.05  # share of the calls beyond which a bill is a guess
ROWS = 200


def sentence(status: Status, found: DataState) -> None:
    """Whether the figures can be trusted, first."""
    calls = sum(one.calls for one in found.models)
    unpriced = sum(one.unpriced_calls for one in found.models)
    share = unpriced / calls if calls else None
    missing = charts.missing_days(found.days)
    files = present.plural(len(found.imports), "import")
    told = (
        f"{present.count(calls)} calls from {files}, {present.day(status.data_from)} to {present.day(status.data_to)}"
    )
    parts = [f"{present.percent(share, 1)} of them have no price", f"{present.plural(missing, 'day')} without a call"]
    parts.append(f"{present.count(status.quarantined)} rows in quarantine")
    st.markdown(f"**{told}**; {', '.join(parts)}.")
    if share and share > UNPRICED_LIMIT:
        unknown = [one.model for one in found.models if one.unpriced_calls and one.model]
        st.warning(
            f"Spend is understated by whatever these cost: {', '.join(unknown[:6])}. Verdicts of tasks that use them "
            "rest on the priced calls alone.",
            title=f"{present.percent(share)} of the calls have no price",
        )
        st.code(f"spiritsafe prices set PROVIDER/{unknown[0] if unknown else 'MODEL'} --help", language=None)


def matrix(found: DataState) -> None:
    """Calls by source and day; a hole shows."""
    st.subheader("What is covered", anchor=False, help="Each square a source and a day (UTC); empty: no call.")
    draw(charts.matrix(found.days, ink()), "coverage")
    sampled = sorted({one.source for one in found.days if one.is_sampled})
    if sampled:
        st.caption(f"Sampled: {', '.join(sampled)}. A row of theirs stands for several calls; totals are weighted.")


def models(found: DataState) -> None:
    """Every model with what it cost, those without a price first."""
    st.subheader("Models and prices", anchor=False)
    rows = [
        {
            "model": one.model or "not named",
            "calls": present.count(one.calls),
            "cost": present.usd(one.cost_usd) if one.cost_usd is not None else "unknown",
            "without a price": present.count(one.unpriced_calls) if one.unpriced_calls else present.MISSING,
            "the log says": present.usd(one.logged_cost_usd),
            "seen": f"{present.day(one.first_day)} to {present.day(one.last_day)}",
        }
        for one in found.models[:ROWS]
    ]
    show_table(pd.DataFrame(rows), f"{len(found.models)} models, those without a price first", "models")


def imports(found: DataState) -> None:
    """Files with their accounts: rows in = calls + duplicates + quarantined."""
    with st.expander(f"Imports: {len(found.imports)}"):
        rows = [
            {
                "file": one.file.rsplit("/", 1)[-1], "format": one.format, "rows in": one.rows_in, "calls": one.calls,
                "duplicates": one.duplicates, "quarantined": one.quarantined, "sampling": one.sample_rate,
                "personal data": "replaced" if one.is_redacted else "✕ as it came",
                "imported": present.moment(one.imported_at),
            }
            for one in found.imports[:ROWS]
        ]  # fmt: skip
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Imports, newest first")
    if found.quarantine:
        with st.expander(f"Quarantine: {sum(rows for _, rows in found.quarantine):,} rows"):
            frame = pd.DataFrame({"reason": [why for why, _ in found.quarantine],
                                  "rows": [f"{rows:,}" for _, rows in found.quarantine]})  # fmt: skip
            show_table(frame, "Reasons for which rows were not taken", "quarantine")


def trail() -> None:
    """Who did what: launches, promotions, labels, and every text that was shown."""
    entries = data.audit_trail()
    with st.expander(f"Who did what: {len(entries)} newest entries"):
        if not entries:
            st.info("Launches, promotions, labels and every text that is shown are kept here.", title="Nothing yet")
            return
        rows = [
            {"when": present.moment(one.at), "who": one.actor, "role": one.role, "did": one.action,
             "to": one.subject, "because": one.reason or present.MISSING}
            for one in entries
        ]  # fmt: skip
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="The audit log, newest first", height=320)

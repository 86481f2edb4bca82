"""A month of the log against its invoice."""

from decimal import Decimal, InvalidOperation

import pandas as pd
import streamlit as st

from analytics.api import DataState, Reconciled
from analytics.reports import present
from dashboard import data
from dashboard.parts.page import show_table, told


def form(found: DataState) -> None:
    """Month and total in, the difference and what could explain it out; nothing is stored."""
    st.subheader("Does the bill agree?", anchor=False)
    months = sorted({f"{one.day:%Y-%m}" for one in found.days}, reverse=True)
    with st.form("invoice"):
        with st.grid(3, min_column_width=180):
            month = st.selectbox("Month (UTC)", months, key="month", bind="query-params")
            total = st.text_input("Total of the invoice, USD", key="invoice", bind="query-params",
                                  placeholder="without tax")  # fmt: skip
            provider = st.text_input("Provider", key="provider", bind="query-params", placeholder="all of them")
        asked = st.form_submit_button("Hold them against each other")
    if (asked or total) and month:
        with told():
            _show(data.reconcile(month, _amount(total), provider.strip() or None))


def _amount(text: str) -> str:
    """A number as people type it. Raises InputError through the command's own check."""
    plain = text.replace(",", "").replace("$", "").strip()
    try:
        return str(Decimal(plain))
    except InvalidOperation:
        from analytics.errors import InputError

        raise InputError(f"the total of the invoice is a number of USD, not {text!r}") from None


def _show(found: Reconciled) -> None:
    share = "" if found.difference_percent is None else f", {found.difference_percent:+.1f}%"
    st.markdown(
        present.as_text(
            f"Invoice **{present.usd(float(found.invoice_usd))}**, costed **{present.usd(float(found.costed_usd))}**: "
            f"difference {present.usd(float(found.difference_usd))}{share}."
        )
    )
    rows = [{"what could explain it": one.text, "about": present.usd(one.usd)} for one in found.explanations]
    if rows:
        show_table(pd.DataFrame(rows), "What could explain the difference", f"invoice-{found.month}")
    st.code(
        f"spiritsafe prices reconcile --month {found.month} --invoice {found.invoice_usd} --apply --why 'invoice'",
        language=None,
    )
    st.caption("This page stores nothing. The command stores the factor, from that month on.")

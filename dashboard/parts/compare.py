"""Students of one task beside each other."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.reports import present
from dashboard import building, data, who
from dashboard.charts import compare as charts
from dashboard.parts.page import draw, ink, show_table, told
from pipeline.api import Difference, Merit, Said

MOST = 4
ROWS_SHOWN = 25
NO_TEACHER = "The teacher's price is not known, so it has no place in the plane."


def plane(mine: Sequence[Merit]) -> None:
    """What is best in words, then cost against quality, then the figures."""
    students = [one for one in mine if one.student_id]
    best = [one for one in students if one.is_pareto]
    named = ", ".join(f"**{one.student_id}**" for one in best) or "none: no cost is known"
    st.markdown(
        f"{present.plural(len(students), 'student')}; not beaten in agreement and cost at once: {named}. "
        "Agreement is with the teacher on new inputs."
    )
    placed = [one for one in mine if one.usd_per_1000 is not None and one.agreement is not None]
    if placed:
        draw(charts.pareto(placed, ink()), "pareto")
    if not any(one.student_id is None for one in placed):
        st.caption(NO_TEACHER)
    show_table(pd.DataFrame([_row(one) for one in mine]), f"{len(students)} students and their teacher", "students")


def _row(one: Merit) -> dict[str, str]:
    between = "" if one.student_id is None else f" ({present.percent_range(one.low, one.high, 1)})"
    return {
        "student": one.student_id or "the teacher",
        "kind": one.kind,
        "agreement": present.percent(one.agreement, 1) + between,
        "$ per 1,000 calls": "unknown" if one.usd_per_1000 is None else f"${one.usd_per_1000:,.4f}",
        "answers in (p50)": present.milliseconds(one.p50_ms),
        "frontier": "◆ not beaten" if one.is_pareto and one.student_id else "",
    }


def choose(mine: Sequence[Merit]) -> list[str]:
    """Which of them, at most four; kept in the address."""
    there = [one.student_id for one in mine if one.student_id]
    chosen = st.multiselect(
        "Students to compare", there, default=there[:2], max_selections=MOST, key="students", bind="query-params",
        help="The first is compared with each of the others, on the rows that both were tested on.",
    )  # fmt: skip
    return list(chosen)


def slices(chosen: Sequence[str]) -> None:
    """The first less each other, in all and by slice, with paired ranges."""
    if len(chosen) < 2:
        st.caption("Choose a second student to see where they differ.")
        return
    st.subheader("Where they differ", anchor=False, help="Paired: the same rows, Newcombe's interval, 95%.")
    first, *others = chosen
    for other in others:
        with told():
            found = building.differences(str(data.workspace().home), first, other)
            st.markdown(_sentence(first, other, found[0]))
            known = [one for one in found if one.difference]
            if known:
                draw(charts.differences(known, ink()), f"{first}-less-{other}")
            small = sum(one.difference is None for one in found)
            if small:
                st.caption(f"{present.plural(small, 'slice')} with fewer than 30 rows in common: no figure.")


def _sentence(first: str, other: str, whole: Difference) -> str:
    if whole.difference is None:
        return f"{first} and {other} share {whole.n} new inputs: too few to say."
    value, low, high = (100 * whole.difference[name] for name in ("value", "low", "high"))
    said = (
        "agrees more often than" if low > 0 else "agrees less often than" if high < 0 else "is not shown to differ from"
    )
    return (
        f"**{first}** {said} **{other}** on {whole.n:,} new inputs: {value:+.1f} points "
        f"(95%: {low:+.1f} to {high:+.1f})."
    )


def answers(chosen: Sequence[str]) -> None:
    """What each said to the same requests, side by side."""
    st.subheader("Side by side", anchor=False)
    apart = st.toggle("Only where they are not of one mind", value=True, key="apart", bind="query-params")
    home = str(data.workspace().home)
    rows = building.answers(home, tuple(chosen), apart, ROWS_SHOWN)
    if not rows:
        st.info("Everybody said the same to every request in common.", title="No difference")
        return
    if not all(building.quotes_nothing(home, one) for one in chosen):
        st.caption("Answers of an open form may quote the request: each is shown only when somebody asks for it.")
    else:
        show_table(pd.DataFrame([_said(row, chosen) for row in rows]), f"{len(rows)} requests, newest first", "answers")
    _request(rows, chosen[0])


def _said(row: Said, chosen: Sequence[str]) -> dict[str, str]:
    given = {
        one: f"{_mark(row, one)} {row.answers[one]} ({present.percent(row.confidence[one])} sure)" for one in chosen
    }
    gold = {"known to be right": row.gold} if row.gold is not None else {}
    return {"request": row.call_id, "teacher": row.teacher} | gold | given


def _mark(row: Said, student_id: str) -> str:
    return "✓" if row.answers[student_id] == row.teacher else "✕"


def _request(rows: Sequence[Said], student_id: str) -> None:
    """The text of one request, on demand; that it was read is kept."""
    by_id = {row.call_id: row for row in rows}
    with st.form("reveal", border=False):
        call_id = st.selectbox("Request", list(by_id))
        asked = st.form_submit_button("Show its text", disabled=not who.may("operator"), help=who.needs("operator"))
    st.caption("Texts are hidden. Showing one is recorded with your name.")
    if asked:
        with told():
            st.code(building.reveal(student_id, call_id), language=None, wrap_lines=True)
            row = by_id[call_id]
            given = {"teacher": row.teacher} | row.answers
            st.table(pd.DataFrame({"who": list(given), "said": list(given.values())}), hide_index=True,
                     border="horizontal", alt=f"Answers to {call_id}")  # fmt: skip

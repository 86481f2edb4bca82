"""Other assumptions for one task: try them, see the verdict, keep them with a reason."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from analytics.actors import require
from analytics.amounts import amount
from analytics.api import Brief
from analytics.assumptions import known
from analytics.reports import present
from analytics.task_settings import Said
from dashboard import data, who
from dashboard.parts.page import told
from dashboard.verdicts import badge

DRIVERS = 5
ERROR_COST = "error_cost_calls"
LINK = "set"  # of the address: NAME=VALUE,NAME=VALUE
FIGURES = 4  # that a field shows


def form(version: str, found: Brief) -> None:
    """The five largest drivers and what an error costs."""
    st.subheader("Assumptions of this task", anchor=False)
    _said(found)
    used = {one["name"]: one for one in found.assumptions}
    asked = _of_the_link(used)
    names = list(dict.fromkeys([*(driver["name"] for driver in found.tornado[:DRIVERS]), ERROR_COST, *asked]))
    with st.form(f"try-{found.task_id}"):
        with st.grid(3, min_column_width=220):
            values = {name: _field(found.task_id, used[name], asked.get(name)) for name in names}
        why = st.text_input("Why", placeholder="kept beside the values, with your name and the time")
        with st.container(horizontal=True):
            try_it = st.form_submit_button("Try")
            keep_it = st.form_submit_button(
                "Keep for this task", disabled=not who.may("operator"), help=who.needs("operator")
            )
    changed = {name: value for name, value in values.items() if value != _shown(used[name]["value"])}
    if try_it:
        _into_the_link(changed)
    if (try_it or keep_it) and not changed:
        st.info("No value differs from the one in use.")
    elif keep_it:
        _keep(found, changed, why)
    elif try_it or asked:
        _show(version, found, changed if try_it else asked)


def _of_the_link(used: Mapping[str, Any]) -> dict[str, float]:
    """Values that somebody tried and sent along; one that cannot be is left out and said."""
    found: dict[str, float] = {}
    for name, _, text in (part.partition("=") for part in st.query_params.get(LINK, "").split(",") if part):
        try:
            value = float(text)
            if name not in used or not known(name).minimum <= value <= known(name).maximum:
                raise ValueError
            found[name] = value
        except ValueError:
            st.warning(f"The link tries `{name}={text}`, which this task cannot take.")
    return found


def _into_the_link(changed: Mapping[str, float]) -> None:
    """So that a reload keeps them and a link shows somebody else the same."""
    if changed:
        st.query_params[LINK] = ",".join(f"{name}={value:g}" for name, value in changed.items())
    else:
        st.query_params.pop(LINK, None)


def _field(task_id: str, one: Mapping[str, Any], asked: float | None) -> float:
    """One value, within its registered range; its key holds the value in use, so that a kept one shows at once."""
    entry = known(one["name"])
    return st.number_input(
        f"{present.words(one['name'])} ({entry.unit})", min_value=float(entry.minimum), max_value=float(entry.maximum),
        value=_shown(one["value"]) if asked is None else asked, format="%g",
        step=_step(one["value"]), help=f"{entry.meaning}; {one['origin']}",
        key=f"{task_id}-{one['name']}-{one['value']}",
    )  # fmt: skip


def _step(value: float) -> float:
    """A tenth of the value's own power of ten."""
    return float(10 ** (math.floor(math.log10(abs(value))) - 1)) if value else 0.01


def _shown(value: float) -> float:
    """The value in use as its field shows it."""
    return float(f"{value:.{FIGURES}g}")


def _show(version: str, found: Brief, changed: Mapping[str, float]) -> None:
    """The verdict with these values beside the one in force."""
    with told(), st.spinner("Deciding"):
        tried = data.brief(version, found.task_id, tuple(changed.items()))
    with st.container(border=True):
        st.markdown(f"With these values: {badge(tried.verdict)} (now {badge(found.verdict)})")
        rows = [(label, shown(found), shown(tried)) for label, shown in COMPARED]
        frame = pd.DataFrame(rows, columns=["figure", "now", "with these values"])
        st.table(frame.map(present.as_text), border="horizontal", hide_index=True, alt="The case now and as tried")
        pairs = " ".join(f"{name}={value:g}" for name, value in changed.items())
        st.code(f"spiritsafe brief {found.task_id} --set {pairs}", language=None)


COMPARED = (
    ("worth over 24 months", lambda one: present.usd(one.figures["npv_24m_p50_usd"])),
    ("5–95%", lambda one: present.usd_range(one.figures["npv_24m_p5_usd"], one.figures["npv_24m_p95_usd"])),
    ("breaks even by month 12", lambda one: present.percent(one.figures["p_break_even_12m"])),
    ("payback", lambda one: present.months(one.figures["payback_months"])),
)


def _keep(found: Brief, changed: Mapping[str, float], why: str) -> None:
    """Into the record, with the reason; the page then shows the new verdict."""
    if not why.strip():
        st.warning("Say why: the reason is kept beside the values.")
        return
    with told():
        require(who.actor(), "operator", "keeping an assumption")
        data.keep(found.task_id, changed, why.strip())
        _into_the_link({})
        st.rerun()


def _said(found: Brief) -> None:
    """What people said of this task and still counts."""
    kept = data.kept(found.task_id)
    if not kept:
        st.caption("The five that move the value most, and what an error costs. Nothing was said of this task yet.")
        return
    lines = [
        f"- {present.words(one.name)} **{_value(one)}**: {one.why or 'no reason'} ({one.by}, "
        f"{present.day_and_year(one.at)})"
        for one in kept
    ]
    st.markdown(present.as_text("\n".join(lines)))
    if st.button("Take these back", disabled=not who.may("operator"), help=who.needs("operator")):
        data.keep(found.task_id, {one.name: None for one in kept}, "taken back")
        st.rerun()


def _value(one: Said) -> str:
    """A value with its unit; a range as it was given."""
    given = one.value or ""
    return given if ":" in given else amount(float(given), known(one.name).unit)

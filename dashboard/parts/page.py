"""What every page has: its heading, where its figures come from, choices that live in the address, errors."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st

from analytics.api import PortfolioRow, Status
from analytics.errors import SpiritsafeError
from analytics.reports import present
from analytics.reports.charts.style import DARK, LIGHT, Drawing, Ink
from dashboard import data, who
from dashboard.parts import tour
from dashboard.parts.take_away import chart_data, table_data
from dashboard.verdicts import badge
from dashboard.words import TERMS, meaning


def heading(title: str, *terms: str) -> Status:
    """The page's title and the line that says of when its figures are. Stops the page when nothing can be read.

    terms: those that the page uses; their meaning is one click away.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(title, anchor=False, width="stretch")
        explained(terms)
    tour.show(title)
    with told():
        status = data.status()
        if status.has_calls:
            st.caption(provenance(status))
        if status.is_stale:
            stale()
        return status
    st.stop()


def explained(terms: tuple[str, ...]) -> None:
    """What the words of a page mean, and the way through the pages."""
    with st.popover("Words", type="tertiary", help="What the terms on this page mean"):
        for term in terms or TERMS:
            st.markdown(f"**{term}**: {meaning(term)}")
        st.button("Show me around", on_click=tour.begin, key="tour-begin")


def provenance(status: Status) -> str:
    """Data, prices, what has no price, and what the reader may do, in one line."""
    parts = [f"data to {present.day(status.data_to)}", f"prices {present.day(status.price_snapshot_date)}"]
    parts.append(f"{present.percent(status.unpriced_share, 1)} of calls unpriced")
    if status.quarantined:
        parts.append(f"{present.count(status.quarantined)} rows in quarantine")
    parts.append(who.actor().role)
    return " · ".join(parts)


def stale() -> None:
    """Figures older than the data stay on screen, and say so."""
    st.warning(
        "The figures below do not count the newest import. Bring them up to date with `spiritsafe analyze`.",
        title="The data is newer than this analysis",
    )


def require_analysis(status: Status) -> str:
    """The analysis that the page shows; without one, what to do first, and the page ends."""
    if not status.has_calls:
        no_logs()
        st.stop()
    if status.snapshot_id is None:
        st.info("The log is imported but not analysed yet. Run:", title="No analysis yet")
        st.code("spiritsafe analyze", language=None)
        st.stop()
    return status.snapshot_id


def no_logs() -> None:
    """The first page of an empty workspace."""
    st.info(
        "Import the log of your gateway or provider, and let it be analysed. Files, folders and patterns all work; "
        "the format is recognised. Or try it with the sample log first.",
        title="No logs yet",
    )
    st.code("spiritsafe import my-logs/\nspiritsafe analyze", language=None)
    tour.sample()


def choose(label: str, name: str, options: Mapping[str, str]) -> str:
    """One of ``options`` (key to shown text), kept in the address as ``?name=key`` so that a link lands on it.

    Streamlit's own binding drops a value that equals the default from the address; a link to the newest run must
    stay a link to that run when a newer one starts.
    """
    keys = list(options)
    asked = st.query_params.get(name)
    found = next((key for key in keys if asked in (key, options[key])), None)
    if asked is not None and found is None:
        st.warning(f"No {label.lower()} is called `{asked}`; this is another one.")
    position = keys.index(found) if found else 0
    picked = st.selectbox(label, keys, index=position, format_func=lambda key: options[key])
    if picked != asked:
        st.query_params[name] = picked
    return picked


@contextmanager
def told() -> Iterator[None]:
    """An error that a person can act on is shown on the page; anything else is a bug and stays one."""
    try:
        yield
    except SpiritsafeError as error:
        st.error(str(error), title="That did not work")


def ink() -> Ink:
    """The inks of the theme in use."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def draw(drawing: Drawing, name: str | None = None) -> None:
    """A chart with its text alternative; ``name``: of the files in which its data and picture can be taken away."""
    st.vega_lite_chart(None, drawing.spec, width="stretch", alt=drawing.alt)
    chart_data(drawing, name or present.file_name(drawing.alt[:40]).lower())


def show_table(frame: pd.DataFrame, alt: str, name: str, **options: Any) -> None:
    """A table of text that can be taken away as CSV."""
    st.table(frame.map(present.as_text), border="horizontal", hide_index=True, alt=alt, **options)
    table_data(frame, name)


def needs_rows(title: str, why: str, *commands: str) -> None:
    """A part of a page that has nothing to show yet: why, and what would bring it."""
    st.info(why, title=title)
    if commands:
        st.code("\n".join(commands), language=None)


def sources(rows: Mapping[str, str], *, sql: Sequence[str] = ()) -> None:
    """Where the figures of a page come from: the command that prints each, and the SQL behind them."""
    with st.expander("Where these figures come from"):
        st.markdown("\n".join(f"- {what}: `{command}`" for what, command in rows.items()))
        for path in sql:
            st.caption(f"sql/{path}")
            st.code(data.sql_text(path), language="sql")


def verdict_line(row: PortfolioRow) -> None:
    """The verdict on a task, where a decision about it is being made."""
    st.markdown(f"{badge(row.verdict)} {row.top_reason}")

"""What every page has: its heading, where its figures come from, choices that live in the address, errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import streamlit as st

from analytics.api import PortfolioRow, Status
from analytics.errors import SpiritsafeError
from analytics.reports import present
from analytics.reports.charts.style import DARK, LIGHT, Drawing, Ink
from dashboard import data
from dashboard.verdicts import badge


def heading(title: str) -> Status:
    """The page's title and the line that says of when its figures are. Stops the page when nothing can be read."""
    st.header(title, anchor=False)
    with told():
        status = data.status()
        if status.has_calls:
            st.caption(provenance(status))
        if status.is_stale:
            stale()
        return status
    st.stop()


def provenance(status: Status) -> str:
    """Data, prices and what has no price, in one line."""
    parts = [f"data to {present.day(status.data_to)}", f"prices {present.day(status.price_snapshot_date)}"]
    parts.append(f"{present.percent(status.unpriced_share, 1)} of calls unpriced")
    if status.quarantined:
        parts.append(f"{present.count(status.quarantined)} rows in quarantine")
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
    st.code("spiritsafe demo", language=None)


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


def draw(drawing: Drawing) -> None:
    """A chart with its text alternative."""
    st.vega_lite_chart(None, drawing.spec, width="stretch", alt=drawing.alt)


def verdict_line(row: PortfolioRow) -> None:
    """The verdict on a task, where a decision about it is being made."""
    st.markdown(f"{badge(row.verdict)} {row.top_reason}")

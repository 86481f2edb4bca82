"""Documents to take away: made when their button is pressed, from the same page."""

from collections.abc import Callable

import streamlit as st

from analytics.reports.extras import FOR_HTML, FOR_PDF, missing
from analytics.reports.render import Format

KINDS: tuple[tuple[str, Format, str, tuple[str, ...]], ...] = (
    ("HTML", "html", "text/html", FOR_HTML),
    ("PDF", "pdf", "application/pdf", FOR_PDF),
    ("Markdown", "md", "text/markdown", FOR_HTML[:1]),
)


def documents(name: str, made: Callable[[Format], bytes]) -> None:
    """A button a format; one whose libraries are not installed says what to install."""
    for label, to, mime, needs in KINDS:
        lacks = missing(needs)
        st.download_button(
            label, _maker(made, to) if not lacks else b"", f"{name}.{to}", mime,
            on_click="ignore", disabled=lacks is not None, help=lacks, key=f"take-{name}-{to}",
        )  # fmt: skip


def _maker(made: Callable[[Format], bytes], to: Format) -> Callable[[], bytes]:
    return lambda: made(to)

"""Documents, charts and tables to take away: made when their button is pressed, from what the page shows."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from analytics.reports.charts.style import Drawing
from analytics.reports.extras import FOR_HTML, FOR_PDF, missing
from analytics.reports.render import Format

WIDTH, HEIGHT = 720, 260  # of a picture whose chart states none [pixels]
FOR_SVG = ("vl_convert",)
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


def chart_data(drawing: Drawing, name: str) -> None:
    """The data behind a chart, and its picture."""
    lacks = missing(FOR_SVG)
    with st.container(horizontal=True, gap="small"):
        _small("CSV", lambda: rows_of(drawing).to_csv(index=False).encode(), f"{name}.csv", "text/csv",
               "The data of this chart")  # fmt: skip
        _small("SVG", (lambda: picture(drawing)) if not lacks else b"", f"{name}.svg", "image/svg+xml",
               lacks or "This chart as a picture", is_off=lacks is not None)  # fmt: skip


def table_data(frame: pd.DataFrame, name: str) -> None:
    """The rows of a table."""
    _small("CSV", lambda: frame.to_csv(index=False).encode(), f"{name}.csv", "text/csv", "The rows of this table")


def rows_of(drawing: Drawing) -> pd.DataFrame:
    """What a chart draws: its data sets one below the other, with the name of the set where there are several."""
    sets = [pd.DataFrame(rows) for rows in drawing.spec.get("datasets", {}).values() if rows]
    if len(sets) > 1:
        sets = [frame.assign(set=number) for number, frame in enumerate(sets, start=1)]
    return pd.concat(sets, ignore_index=True) if sets else pd.DataFrame()


def picture(drawing: Drawing) -> bytes:
    """The chart as SVG."""
    from analytics.reports.svg import svg

    return svg(drawing, WIDTH, int(drawing.spec.get("height") or HEIGHT)).encode()


def _small(
    label: str, made: Callable[[], bytes] | bytes, file: str, mime: str, explained: str, *, is_off: bool = False
) -> None:
    st.download_button(
        label, made, file, mime, on_click="ignore", type="tertiary", help=explained, disabled=is_off,
        key=f"take-{file}",
    )  # fmt: skip

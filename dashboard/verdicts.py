"""A verdict as a badge of Streamlit: its sign and word, colour only beside them."""

from analytics.contracts import Verdict
from analytics.reports.looks import look

COLOURS = {
    Verdict.DISTILL: "green",
    Verdict.PILOT: "blue",
    Verdict.CHEAPER_FIX_FIRST: "orange",
    Verdict.WAIT: "violet",
    Verdict.DO_NOT_DISTILL: "gray",
    Verdict.NOT_ENOUGH_DATA: "gray",
}


def badge(verdict: str) -> str:
    """Markdown of the badge."""
    return f":{COLOURS[Verdict(verdict)]}-badge[{look(verdict).text}]"

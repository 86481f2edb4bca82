"""The documents that people take away: one task's brief, and the portfolio's."""

from collections.abc import Mapping

from analytics.brief import Brief
from analytics.portfolio_brief import PortfolioBrief
from analytics.reports.page import brief_page
from analytics.reports.portfolio_page import portfolio_page
from analytics.reports.render import Format, render

# Width and height of each chart's plot [pixels]; two stand side by side, names of rows beside their plot.
SIZES = {"fan": (300, 160), "tornado": (215, 160), "waterfall": (230, 225), "dots": (155, 225), "surface": (780, 230)}


RANGES_WIDTH, ROW_HEIGHT = 560, 26


def brief_document(found: Brief, to: Format) -> bytes:
    """The leadership brief of one task."""
    return render("brief", to, brief_page(found), {} if to == "md" else _pictures(found))


def _pictures(found: Brief) -> Mapping[str, str]:
    """SVG and words of each chart."""
    from analytics.reports.charts.case_drawings import draw_case
    from analytics.reports.charts.style import LIGHT
    from analytics.reports.svg import svg

    drawn = draw_case(found, LIGHT)
    named = {name: getattr(drawn, name) for name in SIZES}
    made = {name: svg(drawing, *SIZES[name]) for name, drawing in named.items() if drawing}
    return {**made, **{f"{name}_words": drawing.alt for name, drawing in named.items() if drawing}}


def portfolio_document(found: PortfolioBrief, to: Format) -> bytes:
    """The brief over all tasks."""
    return render("portfolio", to, portfolio_page(found), {} if to == "md" else _ranges(found))


def _ranges(found: PortfolioBrief) -> Mapping[str, str]:
    from analytics.reports.charts.plan import ranges
    from analytics.reports.charts.style import LIGHT
    from analytics.reports.svg import svg

    drawing = ranges(found, LIGHT)
    rows = 1 + sum(one.is_chosen for one in found.projects)
    size = (RANGES_WIDTH, ROW_HEIGHT * rows)
    return {"ranges": svg(drawing, *size), "ranges_words": drawing.alt} if drawing else {"ranges": ""}

"""The report as Markdown, HTML and PDF, by the renderer of every other document."""

from collections.abc import Mapping
from typing import Any

from analytics.reports.extras import FOR_HTML, FOR_PDF, missing
from analytics.reports.render import pdf, render
from pipeline.reevaluation.page import report_page

STEM, TEMPLATE = "reevaluation", "reevaluation"


def documents(report: Mapping[str, Any]) -> dict[str, bytes]:
    """Every document that the installed extras can make, by file name; the data itself needs none."""
    page = report_page(report)
    made: dict[str, bytes] = {}
    if not missing(("jinja2",)):
        made[f"{STEM}.md"] = render(TEMPLATE, "md", page, {})
    if not missing(FOR_HTML):
        html = render(TEMPLATE, "html", page, _pictures(report))
        made[f"{STEM}.html"] = html
        if not missing(FOR_PDF):
            made[f"{STEM}.pdf"] = pdf(html.decode())
    return made


def _pictures(report: Mapping[str, Any]) -> dict[str, str]:
    """One picture a probe: agreement against latency, before and after."""
    from analytics.reports.charts.style import LIGHT
    from analytics.reports.svg import svg
    from pipeline.reevaluation.pareto import HEIGHT, WIDTH, pareto

    found: dict[str, str] = {}
    for number, probe in enumerate(report["probes"]):
        drawing = pareto(probe, LIGHT)
        name = f"pareto{number}"
        found[name] = svg(drawing, WIDTH, HEIGHT) if drawing else ""
        found[f"{name}_words"] = drawing.alt if drawing else ""
    return found

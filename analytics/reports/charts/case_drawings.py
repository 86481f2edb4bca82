"""All charts of one brief, from the brief."""

from typing import Any, NamedTuple

from analytics.brief import Brief
from analytics.narrowness import Narrowness
from analytics.reports import present
from analytics.reports.charts import case
from analytics.reports.charts.style import Drawing, Ink
from analytics.reports.charts.surface import heat_map
from analytics.reports.charts.waterfall import waterfall


class CaseDrawings(NamedTuple):
    """The charts of one task's page."""

    fan: Drawing
    tornado: Drawing
    dots: Drawing | None  # None: nothing to measure narrowness from
    daily: Drawing
    waterfall: Drawing
    surface: Drawing


def draw_case(found: Brief, ink: Ink) -> CaseDrawings:
    """Every chart of the page in the inks of one theme."""
    narrow = found.profile.narrowness
    days = [{"day": day, "calls": calls, "spend_usd": usd} for day, calls, usd in found.profile.daily]
    return CaseDrawings(
        fan=case.fan([point._asdict() for point in found.fan], ink, found.break_even_band),
        tornado=case.tornado(found.tornado, found.figures["npv_24m_usd"], ink),
        dots=case.dots(components(narrow), ink) if narrow else None,
        daily=case.daily(days, ink),
        waterfall=waterfall(found.waterfall, ink),
        surface=heat_map(found.surface, ink),
    )


def components(narrow: Narrowness) -> list[dict[str, Any]]:
    """The known components as rows of the dot plot."""
    neighbour = narrow.neighbour_agreement
    shares = {
        "constant part of the prompt": narrow.template_share,
        "answers from a closed set": narrow.closed_label_rate,
        "answers with one JSON shape": narrow.schema_rate,
        "answers concentrated": narrow.output_concentration,
        "nearest earlier request answered alike": neighbour.value if neighbour else None,
        "teacher agrees with itself": narrow.self_consistency,
        "requests seen before": narrow.repeated_share,
    }
    return [
        {"label": label, "share": share, "shown": present.percent(share)}
        for label, share in shares.items()
        if share is not None
    ]

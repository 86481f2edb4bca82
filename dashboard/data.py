"""What the pages read and ask for: ``analytics.api`` and ``pipeline.api``, kept where nothing can change.

Results are kept under an explicit version (the analysis, the data, the immutable student), never by time: a new
import or analysis has another version, so no page shows figures of the one before. Runs are always read afresh.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from analytics import api as analytics_api
from analytics.reports.charts.case_drawings import CaseDrawings, draw_case
from analytics.reports.charts.style import DARK, LIGHT
from analytics.reports.render import Format
from analytics.task_settings import Said
from analytics.workspace import Workspace, find_home
from pipeline import api as pipeline_api
from pipeline.api import Plan, Recipe, RunView

Card = dict[str, Any]
Tried = tuple[tuple[str, float], ...]


def workspace() -> Workspace:
    """The workspace that the command named."""
    return Workspace(find_home())


def status() -> analytics_api.Status:
    """What there is, and how fresh it is."""
    return analytics_api.status(workspace())


def portfolio(version: str) -> list[analytics_api.PortfolioRow]:
    """Every task of the analysis ``version``, dearest first."""
    return _portfolio(str(workspace().home), version)


@st.cache_data(max_entries=4, show_spinner=False)
def _portfolio(home: str, version: str) -> list[analytics_api.PortfolioRow]:
    return analytics_api.portfolio(workspace())


def brief(version: str, task_id: str, tried: Tried = ()) -> analytics_api.Brief:
    """The leadership page of one task. tried: assumptions above all that was said, by name."""
    place = workspace()
    return _brief(str(place.home), version, analytics_api.settings_version(place), task_id, tried)


@st.cache_data(max_entries=64, show_spinner=False)
def _brief(home: str, version: str, settings: str, task_id: str, tried: Tried) -> analytics_api.Brief:
    return analytics_api.brief(workspace(), task_id, dict(tried))


def document(version: str, task_id: str, to: Format) -> bytes:
    """A brief to take away."""
    from analytics.reports.documents import brief_document

    return brief_document(brief(version, task_id), to)


def keep(task_id: str, values: Mapping[str, float | None], why: str) -> None:
    """Keep what somebody says of a task; no value takes it back."""
    analytics_api.keep_assumptions(workspace(), task_id, values, why)


def kept(task_id: str) -> list[Said]:
    """What was said of a task and still counts."""
    return analytics_api.kept_assumptions(workspace(), task_id)


def portfolio_plan(
    version: str, engineers: float | None, weeks: float, budget_usd: float | None
) -> analytics_api.PortfolioBrief:
    """What to do over all tasks within limits."""
    place = workspace()
    settings = analytics_api.settings_version(place)
    return _portfolio_plan(str(place.home), version, settings, engineers, weeks, budget_usd)


@st.cache_data(max_entries=16, show_spinner="Simulating every task")
def _portfolio_plan(
    home: str, version: str, settings: str, engineers: float | None, weeks: float, budget_usd: float | None
) -> analytics_api.PortfolioBrief:
    return analytics_api.plan_portfolio(workspace(), engineers, weeks, budget_usd)


def portfolio_document(found: analytics_api.PortfolioBrief, to: Format) -> bytes:
    """The portfolio brief to take away."""
    from analytics.reports.documents import portfolio_document as made

    return made(found, to)


def case_drawings(version: str, task_id: str, *, is_dark: bool) -> CaseDrawings:
    """The charts of a brief in one theme; building them takes longer than showing them."""
    place = workspace()
    return _case_drawings(str(place.home), version, analytics_api.settings_version(place), task_id, is_dark)


@st.cache_data(max_entries=128, show_spinner=False)
def _case_drawings(home: str, version: str, settings: str, task_id: str, is_dark: bool) -> CaseDrawings:
    return draw_case(brief(version, task_id), DARK if is_dark else LIGHT)


def plan(version: str, task_id: str, recipe: Recipe) -> Plan:
    """A priced plan; the same choices on the same data are the same plan."""
    return _plan(str(workspace().home), version, task_id, recipe)


@st.cache_data(max_entries=64, show_spinner="Counting rows")
def _plan(home: str, version: str, task_id: str, recipe: Recipe) -> Plan:
    return pipeline_api.plan(workspace(), recipe, task_id)


def launch(plan_id: str) -> RunView:
    """Start the plan's run; a second click starts no second run."""
    return pipeline_api.launch(workspace(), plan_id)


def runs() -> list[RunView]:
    """Every run, newest first; none where nothing was ever recorded."""
    place = workspace()
    return pipeline_api.runs(place) if place.control.exists() else []


def run(run_id: str) -> RunView:
    """One run as it is now."""
    return pipeline_api.show_run(workspace(), run_id)


def log_tail(run_id: str, lines: int) -> list[str]:
    """The end of a run's log."""
    return pipeline_api.log_tail(workspace(), run_id, lines)


def stop(run_id: str) -> RunView:
    """Ask a run to stop."""
    return pipeline_api.stop(workspace(), run_id)


def resume(run_id: str) -> RunView:
    """Go on with a run."""
    return pipeline_api.resume(workspace(), run_id)


def students() -> list[Card]:
    """Every student's card, newest first; none where nothing was ever recorded."""
    place = workspace()
    return pipeline_api.students(place) if place.control.exists() else []


def weeks(student_id: str) -> list[dict[str, Any]]:
    """The student's ledger, oldest first."""
    return pipeline_api.ledger(workspace(), student_id)


def replay(student_id: str) -> dict[str, Any]:
    """Replay the newest weeks; writes the ledger."""
    return pipeline_api.replay(workspace(), student_id)

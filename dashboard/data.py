"""What the pages of Decide read and ask for: ``analytics.api``, kept where nothing can change.

Results are kept under an explicit version (the analysis, the data, the immutable student), never by time: a new
import or analysis has another version, so no page shows figures of the one before. Runs are always read afresh.
"""

from collections.abc import Mapping
from decimal import Decimal

import streamlit as st

from analytics import api as analytics_api
from analytics.api import Reconciled
from analytics.reports.charts.case_drawings import CaseDrawings, draw_case
from analytics.reports.charts.style import DARK, LIGHT
from analytics.reports.render import Format
from analytics.task_settings import Said
from analytics.workspace import SQL, Workspace, find_home
from dashboard import who
from pipeline import api as pipeline_api

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


def data_state(version: str) -> analytics_api.DataState:
    """Imports, coverage and models, of one state of the data."""
    place = workspace()
    return _data_state(str(place.home), version, analytics_api.data_version(place))


@st.cache_data(max_entries=4, show_spinner="Reading what the log covers")
def _data_state(home: str, version: str, data_version: str | None) -> analytics_api.DataState:
    return analytics_api.data_state(workspace())


def reconcile(month: str, invoice_usd: str, provider: str | None) -> Reconciled:
    """A month of the log against its invoice; nothing is stored."""
    return analytics_api.reconcile(workspace(), month, Decimal(invoice_usd), provider)


def audit_trail() -> list[analytics_api.AuditEntry]:
    """Who did what, newest first."""
    place = workspace()
    return analytics_api.audit_trail(place) if place.control.exists() else []


@st.cache_data(max_entries=64, show_spinner=False)
def sql_text(path: str) -> str:
    """One file of ``sql/``, as it is run."""
    return (SQL / path).read_text("utf-8")


def sample_state() -> str:
    """What became of loading the sample log."""
    return pipeline_api.demo_state(workspace())


def sample_log() -> list[str]:
    """What loading it has said so far."""
    return pipeline_api.demo_log(workspace())


def load_sample() -> None:
    """Load it, once however often it is asked for."""
    pipeline_api.start_demo(workspace(), who.actor())

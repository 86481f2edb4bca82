"""One brief of the small workspace, and its documents."""

import pytest

from analytics import api
from analytics.reports.documents import brief_document, portfolio_document
from analytics.workspace import Workspace

pytest.importorskip("weasyprint")
pytest.importorskip("vl_convert")


@pytest.fixture(scope="session")
def mail(mail_home):
    return Workspace(mail_home)


@pytest.fixture(scope="session")
def brief(mail):
    (task,) = api.tasks(mail)
    return api.brief(mail, task.task_id)


@pytest.fixture(scope="session")
def plan(mail):
    return api.plan_portfolio(mail, engineers=1, budget_usd=100_000)


@pytest.fixture(scope="session")
def html(brief):
    return brief_document(brief, "html").decode()


@pytest.fixture(scope="session")
def markdown(brief):
    return brief_document(brief, "md").decode()


@pytest.fixture(scope="session")
def plan_html(plan):
    return portfolio_document(plan, "html").decode()

"""Workspaces in the states that a page meets, and the app on each of them."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import dashboard
from analytics.workspace import HOME_VARIABLE, Workspace
from pipeline import registry
from tests.dashboard import homes

APP = Path(dashboard.__file__).parent / "app.py"
FIRST_RUN_S = 240  # a brief is decided afresh, and the machine may have other work


@dataclass(frozen=True)
class Full:
    """A workspace with everything in it."""

    workspace: Workspace
    task_id: str
    student_id: str
    lookup_id: str  # another student of the task
    plan_id: str  # that made the first
    failed_run_id: str


@pytest.fixture(scope="session")
def full(tmp_path_factory):
    folder = tmp_path_factory.mktemp("full")
    workspace = homes.with_log(folder)
    lookup_id = homes.train(workspace, student="lookup")
    student_id = homes.train_and_replay(workspace)
    plan_id = registry.show_student(workspace, student_id)["plan_id"]
    failed = homes.fail_a_run(workspace, folder)
    return Full(workspace, homes.mail_task(workspace), student_id, lookup_id, plan_id, failed)


@pytest.fixture(scope="session")
def stale(full, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stale")
    shutil.copytree(full.workspace.home, folder / "home")
    workspace = Workspace(folder / "home")
    homes.make_stale(workspace, folder)
    return workspace


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("empty") / "home")


@pytest.fixture
def homes_by_name(full, stale, empty):
    return {"full": full.workspace, "stale": stale, "empty": empty}


@pytest.fixture
def open_page(monkeypatch):
    """Opens a page of the app on a workspace; ``script`` is None for the first page."""

    def open_(workspace, script=None, **query):
        monkeypatch.setenv(HOME_VARIABLE, str(workspace.home))
        st.cache_data.clear()
        page = AppTest.from_file(str(APP), default_timeout=FIRST_RUN_S).run()
        if script is not None:
            page.switch_page(script)
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()

    return open_

"""A real server on a real small workspace, and a real browser in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.dashboard import homes

CHROMIUM = Path(os.environ.get("SPIRITSAFE_CHROMIUM", "/usr/bin/chromium"))
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
)  # fmt: skip
SERVER_WAIT_S = 60.0
PAGE_WAIT_MS = 60_000


@dataclass(frozen=True)
class Served:
    """A workspace with its server."""

    address: str
    task_id: str
    student_id: str
    watched_id: str  # at work, and worse than it promised


def _require_browser():
    if CHROMIUM.exists():
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"no browser at {CHROMIUM}; install the system's chromium")
    pytest.skip(f"BROWSER TESTS SKIPPED: no browser at {CHROMIUM}; install chromium or set SPIRITSAFE_CHROMIUM")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    _require_browser()
    folder = tmp_path_factory.mktemp("served")
    workspace = homes.with_log(folder)
    watched_id = homes.train(workspace, student="lookup")
    homes.put_to_work(workspace, watched_id, homes.mail_task(workspace))
    student_id = homes.train_and_replay(workspace)
    port = _free_port()
    command = [sys.executable, "-m", "spiritsafe", "dashboard", "--port", str(port), "--home", str(workspace.home)]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _wait_until_up(server, port, folder / "server.log")
        yield Served(f"http://127.0.0.1:{port}", homes.mail_task(workspace), student_id, watched_id)
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_up(server, port, log):
    deadline_s = time.monotonic() + SERVER_WAIT_S
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None and time.monotonic() < deadline_s, log.read_text()
        time.sleep(0.1)


AXE = Path(os.environ.get("SPIRITSAFE_AXE", "axe.min.js"))  # axe-core's script: npm pack axe-core
# Streamlit's own page: its menu is a list with headings between the items; its dataframe a canvas with a hidden table.
# A slider's value is written in the primary colour, which is held to the labels of buttons: 3.7 to 1 on dark.
NOT_OURS = ("stSidebarNavItems", "stDataFrame", "data-grid-canvas", "stSidebar", "stSliderThumbValue")


# Each place with the test ids around it, by which Streamlit's own parts are known.
FIND_PROBLEMS = """async () => {
  const around = at => at ? `${at.dataset?.testid ?? ''} ${around(at.parentElement)}` : '';
  const found = await axe.run(document, {resultTypes: ['violations']});
  return found.violations.map(({id, nodes}) => ({id, nodes: nodes.map(
    ({html, target, failureSummary}) => ({html, failureSummary, inside: around(document.querySelector(target[0]))}))}));
}"""


def axe_problems(page):
    """What axe finds in what we make, one line a problem; skips where its script is not there."""
    if not AXE.is_file():
        pytest.skip(f"no axe-core at {AXE}; name its axe.min.js in SPIRITSAFE_AXE")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(FIND_PROBLEMS)
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found
        for node in one["nodes"]
        if not any(name in node["html"] + node["inside"] for name in NOT_OURS)
    ]


@pytest.fixture(scope="session")
def browser():
    _require_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield started
        started.close()


class Visit:
    """One tab, and what happened in it."""

    def __init__(self, page, served):
        self.page = page
        self.served = served
        self.foreign = []
        page.set_default_timeout(PAGE_WAIT_MS)
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url):
        if not url.startswith((self.served.address, self.served.address.replace("http", "ws"), "data:", "blob:")):
            self.foreign.append(url)

    def go(self, path):
        self.page.goto(self.served.address + path)
        self.page.locator("h2").first.wait_for()
        self.settle()

    def settle(self):
        """Until the script has run and the charts are drawn."""
        self.page.wait_for_timeout(300)
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()

    def assert_clean(self):
        """No exception on the page, no request to anybody else."""
        assert self.page.locator("[data-testid=stException]").count() == 0
        assert self.foreign == []


@pytest.fixture
def visit(browser, served):
    """Opens a tab of some width and colour scheme."""
    contexts = []

    def open_(width=1280, scheme="light"):
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 1000})
        contexts.append(context)
        return Visit(context.new_page(), served)

    yield open_
    for context in contexts:
        context.close()

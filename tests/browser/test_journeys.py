"""Four people at the dashboard, each from the first page to the thing they came for."""

import re

import pytest

from tests.browser.conftest import axe_problems

pytestmark = pytest.mark.browser
RUN_WAIT_MS = 180_000


def press(tab, name, *, exact=True):
    tab.page.get_by_role("button", name=name, exact=exact).first.click()
    tab.settle()


def set_number(tab, label, value):
    field = tab.page.get_by_label(label)
    field.fill(value)
    field.press("Enter")
    tab.settle()


def start(tab):
    """Review, tick, start. Returns the run's id."""
    tab.page.get_by_role("button", name="Review").click()
    dialog = tab.page.get_by_role("dialog")
    dialog.locator("label").filter(has_text="I have read this").click()
    tab.page.wait_for_function("document.querySelector('[role=dialog] button[kind=primary]')?.disabled === false")
    dialog.get_by_role("button", name="Start").click()
    tab.page.wait_for_url("**/runs?run=run_*")
    tab.settle()
    return re.search(r"run=(run_\w+)", tab.page.url)[1]


def test_a_leader_goes_from_the_portfolio_to_a_document(visit, served):
    tab = visit()
    tab.go("/")
    tab.page.get_by_test_id("stPageLink-NavLink").first.click()
    tab.page.wait_for_url(f"**/brief?task={served.task_id}")
    tab.page.get_by_text("Distil now").first.wait_for()
    with tab.page.expect_download() as download:
        tab.page.get_by_test_id("stDownloadButton").get_by_role("button", name="PDF", exact=True).click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    tab.assert_clean()


def test_an_engineer_launches_watches_compares_promotes_and_rolls_back(visit, served):
    tab = visit()
    tab.go(f"/launch?task={served.task_id}&kinds=lookup")
    set_number(tab, "Newest calls to read", "1300")
    run_id = start(tab)
    tab.page.get_by_text("all stages done ·").first.wait_for(timeout=RUN_WAIT_MS)
    tab.page.reload()
    tab.settle()
    assert run_id in tab.page.locator("[data-testid=stMain]").inner_text()
    tab.go(f"/compare?task={served.task_id}")
    tab.page.get_by_text("Where they differ").wait_for()
    tab.page.locator("[role=graphics-document]").nth(1).wait_for()
    tab.go(f"/students?student={served.student_id}")
    tab.page.get_by_label("Reason", exact=True).fill("good enough by the gate")
    tab.page.get_by_label("Reason", exact=True).press("Enter")
    tab.settle()
    press(tab, "Promote")
    tab.page.get_by_text("serves from now on").first.wait_for()
    tab.page.get_by_text("At work since").first.wait_for()
    tab.page.get_by_label("Reason", exact=True).fill("only a try")
    tab.page.get_by_label("Reason", exact=True).press("Enter")
    tab.settle()
    press(tab, "Roll back")
    tab.page.get_by_text("roll-back:").first.wait_for()
    tab.page.get_by_text("Ready, not at work").first.wait_for()
    tab.assert_clean()


def test_a_watcher_goes_from_an_alarm_to_labels_by_key_and_the_next_round(visit, served):
    tab = visit()
    tab.go(f"/students?student={served.watched_id}")
    tab.page.get_by_text("ALARM").first.wait_for()
    assert tab.page.locator("[role=graphics-document][aria-label^='Audited error']").count() == 1
    tab.go("/router")
    waiting = tab.page.get_by_text(re.compile(r"\d+ to be labelled")).first
    before = int(re.search(r"(\d+) to be labelled", waiting.inner_text())[1])
    tab.page.locator("body").press("s")  # show it
    tab.page.get_by_label("Note").wait_for()
    tab.page.get_by_text("Who was right?").click()
    tab.page.keyboard.press("2")  # the teacher
    tab.page.get_by_text(f"{before - 1:,} to be labelled").wait_for()
    tab.page.keyboard.press("5")  # skip the next
    tab.page.get_by_text(f"{before - 2:,} to be labelled").wait_for()
    tab.go(f"/launch?task={served.task_id}")
    tab.page.get_by_text("spiritsafe plan").first.wait_for()
    tab.assert_clean()


def test_an_analyst_changes_an_assumption_and_shares_the_link(visit, served):
    tab = visit()
    tab.go(f"/brief?task={served.task_id}")
    effort = tab.page.get_by_label(re.compile("^engineering effort")).first
    effort.fill("90")
    press(tab, "Try")
    tab.page.get_by_text("With these values").first.wait_for()
    shared = tab.page.url
    assert "task=" in shared
    other = visit()
    other.page.goto(shared)
    other.page.locator("h2").first.wait_for()
    other.settle()
    other.page.get_by_text("With these values").first.wait_for()
    tab.assert_clean()
    other.assert_clean()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/", "/brief", "/data", "/launch", "/runs", "/compare", "/students", "/router", "/reevaluations"]
)
def test_no_page_has_a_problem_that_axe_finds(visit, path, scheme):
    tab = visit(scheme=scheme)
    tab.go(path)
    tab.page.wait_for_timeout(1500)  # charts
    assert axe_problems(tab.page) == []

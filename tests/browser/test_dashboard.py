"""The dashboard as a person meets it."""

import re

import pytest

from dashboard.pages import GROUPS

pytestmark = pytest.mark.browser
ADDRESSES = {page.title: f"/{page.address or ''}" for pages in GROUPS.values() for page in pages}
CHARTS = {"Portfolio": 1, "Task brief": 4, "Launch": 0, "Runs": 0, "Students": 3}
RUN_WAIT_MS = 180_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("title", ADDRESSES)
def test_every_page_lands_from_its_address(visit, title, scheme):
    tab = visit(scheme=scheme)
    tab.go(ADDRESSES[title])
    assert tab.page.locator("h2").first.inner_text() == title
    drawn = tab.page.locator("[role=graphics-document]")
    if CHARTS[title]:
        drawn.nth(CHARTS[title] - 1).wait_for()
    assert drawn.count() == CHARTS[title]
    assert all(chart.get_attribute("aria-label") for chart in drawn.all())
    tab.assert_clean()


@pytest.mark.parametrize("title", ADDRESSES)
def test_no_page_scrolls_sideways_on_a_phone(visit, title):
    tab = visit(width=390)
    tab.go(ADDRESSES[title])
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    main = tab.page.locator("[data-testid=stMain]")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0
    tab.assert_clean()


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_the_page_and_its_charts_follow_the_colour_scheme(visit, scheme, is_dark):
    tab = visit(scheme=scheme)
    tab.go("/")
    name = tab.page.locator("[role=graphics-document] text").first
    name.wait_for()
    assert (brightness(name.evaluate("element => getComputedStyle(element).fill")) > 128) is is_dark
    background = tab.page.locator("[data-testid=stApp]").evaluate(
        "element => getComputedStyle(element).backgroundColor"
    )
    assert (brightness(background) < 128) is is_dark


def brightness(colour):
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / 3


def test_a_link_from_the_portfolio_opens_the_brief(visit, served):
    tab = visit()
    tab.go("/")
    tab.page.get_by_test_id("stPageLink-NavLink").first.click()
    tab.page.wait_for_url(f"**/brief?task={served.task_id}")
    tab.settle()
    assert "Distil now" in tab.page.locator("[data-testid=stMain]").inner_text()
    tab.assert_clean()


def test_a_run_starts_only_through_review_tick_and_start_and_outlives_the_page(visit, served):
    tab = visit()
    tab.go(f"/launch?task={served.task_id}")
    _set_number(tab, "Newest calls to read", "1200")
    run_id = _start(tab)
    address = tab.page.url
    tab.page.reload()
    tab.settle()
    assert tab.page.url == address
    assert run_id in tab.page.locator("[data-testid=stMain]").inner_text()
    tab.page.get_by_text("all stages done").wait_for(timeout=RUN_WAIT_MS)
    tab.page.get_by_test_id("stPageLink-NavLink").filter(has_text="Open student").first.click()
    tab.page.wait_for_url("**/students?student=*")
    tab.settle()
    assert tab.page.get_by_text("Agreement, new inputs").count() == 1
    tab.assert_clean()


def test_a_run_stops_when_asked_and_goes_on_when_asked(visit, served):
    tab = visit()
    tab.go(f"/launch?task={served.task_id}")
    _set_number(tab, "Newest calls to read", "1100")
    _start(tab)
    tab.page.get_by_role("button", name="Stop").click()
    tab.page.get_by_role("button", name="Resume").click(timeout=RUN_WAIT_MS)
    tab.page.get_by_text("all stages done").wait_for(timeout=RUN_WAIT_MS)
    tab.assert_clean()


def test_a_replay_refreshes_the_page(visit, served):
    tab = visit()
    tab.go(f"/students?student={served.student_id}")
    tab.page.get_by_role("button", name="Replay again").click()
    tab.page.get_by_role("button", name="Replay again").wait_for()
    tab.page.locator("[role=graphics-document]").nth(2).wait_for()
    tab.assert_clean()


def _set_number(tab, label, value):
    field = tab.page.get_by_label(label)
    field.fill(value)
    field.press("Enter")
    tab.settle()


def _start(tab):
    """Review, tick, start. Returns the run's id."""
    tab.page.get_by_role("button", name="Review").click()
    dialog = tab.page.get_by_role("dialog")
    start = dialog.get_by_role("button", name="Start")
    start.wait_for()
    assert start.is_disabled()
    dialog.locator("label").filter(has_text="I have read this").click()
    tab.page.wait_for_function("document.querySelector('[role=dialog] button[kind=primary]')?.disabled === false")
    start.click()
    tab.page.wait_for_url("**/runs?run=run_*")
    tab.settle()
    return tab.page.url.split("run=")[1]

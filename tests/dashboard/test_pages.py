"""Every page in every state that a workspace can be in."""

import json
import shutil

import pytest

from analytics.task_settings import said_of
from analytics.workspace import Workspace
from dashboard.pages import BRIEF, GROUPS, LAUNCH, PORTFOLIO, RUNS, STUDENTS

PAGES = [page for pages in GROUPS.values() for page in pages]


def texts(page):
    """Everything that a page says, in one string."""
    said = [
        element.value for kind in ("header", "subheader", "markdown", "caption", "code") for element in page.get(kind)
    ]
    for kind in ("info", "warning", "error", "success"):
        said += [f"{element.proto.title} {element.value}" for element in page.get(kind)]
    said += [f"{metric.label} {metric.value} {metric.delta}" for metric in page.metric]
    said += [table.value.to_string() for table in page.table]
    return "\n".join(str(one) for one in said)


def charts(page):
    """The charts' specifications with their text alternatives."""
    return [(json.loads(chart.proto.spec), chart.proto.alt) for chart in page.get("vega_lite_chart")]


def test_there_are_pages():
    assert len(PAGES) == 5


@pytest.mark.parametrize("state", ["empty", "full", "stale"])
@pytest.mark.parametrize("page_file", PAGES, ids=lambda page: page.title)
def test_every_page_opens_without_an_error(open_page, homes_by_name, page_file, state):
    page = open_page(homes_by_name[state], page_file.script)
    assert not page.exception
    assert [header.value for header in page.header] == [page_file.title]


@pytest.mark.parametrize("page_file", [PORTFOLIO, BRIEF, LAUNCH], ids=lambda page: page.title)
def test_an_empty_workspace_is_told_which_command_comes_first(open_page, empty, page_file):
    page = open_page(empty, page_file.script)
    assert "No logs yet" in texts(page)
    assert "spiritsafe import" in texts(page)


@pytest.mark.parametrize("page_file", PAGES, ids=lambda page: page.title)
def test_stale_figures_stay_and_say_so(open_page, stale, full, page_file):
    said = texts(open_page(stale, page_file.script))
    assert "spiritsafe analyze" in said
    assert "data to" in said
    assert "spiritsafe analyze" not in texts(open_page(full.workspace, page_file.script))


def test_every_page_says_of_when_its_figures_are(open_page, full):
    for page_file in PAGES:
        line = open_page(full.workspace, page_file.script).caption[0].value
        assert line.startswith("data to 27 Sep") or line.startswith("data to 28 Sep")
        assert "of calls unpriced" in line


def test_the_portfolio_leads_with_the_sum_and_the_verdict_of_each_task(open_page, full):
    page = open_page(full.workspace)
    said = texts(page)
    assert "a month** on 2 tasks" in said.replace("\\", "")
    table = page.table[0].value
    assert list(table["Verdict"].str.contains("Distil now")) == [True, False]
    assert "task=" + full.task_id in table["Task"].iloc[0]
    spec, words = charts(page)[0]
    assert spec["height"] > 0
    assert "distil now" in words


def test_a_link_lands_on_the_task_it_names(open_page, full):
    for asked in (full.task_id, "helpful assistant anything"):
        page = open_page(full.workspace, BRIEF.script, task=asked)
        assert not page.exception
        assert page.query_params["task"] == page.selectbox[0].value
    assert "Not enough data" in texts(page)


def test_a_link_to_an_unknown_task_says_so_and_shows_another(open_page, full):
    page = open_page(full.workspace, BRIEF.script, task="no-such-task")
    assert "no-such-task" in texts(page)
    assert not page.exception


def test_the_brief_has_its_figures_with_ranges_and_five_charts(open_page, full):
    page = open_page(full.workspace, BRIEF.script, task=full.task_id)
    assert [metric.label for metric in page.metric][:3] == [
        "Spent now",
        "Left by cheaper calls (S*)",
        "Worth over 24 months",
    ]
    assert len(page.metric) == 8
    drawn = charts(page)
    assert len(drawn) == 5
    assert all(words for _, words in drawn)
    assert any("those that break even do so in month" in words for _, words in drawn)
    assert any(words.startswith("From the bill today to the bill after") for _, words in drawn)


def test_the_brief_has_its_parts_in_the_order_in_which_a_leader_asks(open_page, full):
    page = open_page(full.workspace, BRIEF.script, task=full.task_id)
    said = texts(page)
    for part in ("Distil now", "nobody has confirmed", "5–95%", "do nothing", "quality untested", "Guarantee", "privacy",
                 "What knowing more is worth", "Ways to serve", "Retire by", "at their default", "Prices of"):  # fmt: skip
        assert part in said, part
    heads = [header.value for header in page.subheader]
    order = ["Cumulative cash", "The options, doing nothing among them", "What would change our mind",
             "From the bill today to the bill after", "Beside money", "Assumptions of this task"]  # fmt: skip
    assert [head for head in heads if head in order] == order


def test_other_values_show_another_verdict_beside_the_one_in_force(open_page, full):
    page = open_page(full.workspace, BRIEF.script, task=full.task_id)
    assert "With these values" not in texts(page)
    page = press(page, "Try")
    assert "No value differs" in texts(page)
    next(one for one in page.number_input if one.label.startswith("engineering effort")).set_value(60.0)
    page = press(page, "Try")
    said = texts(page)
    assert not page.exception
    assert "With these values" in said and "--set engineer_weeks=60" in said


def test_a_value_is_kept_with_its_reason_and_taken_back(open_page, full, tmp_path):
    home = Workspace(tmp_path / "home")
    shutil.copytree(full.workspace.home, home.home)
    page = open_page(home, BRIEF.script, task=full.task_id)
    next(one for one in page.number_input if one.label.startswith("cost of an extra error")).set_value(25.0)
    page = press(page, "Keep for this task")
    assert "Say why" in texts(page)
    assert said_of(home, full.task_id) == {}
    next(one for one in page.text_input if one.label == "Why").set_value("asked the desk")
    page = press(page, "Keep for this task")
    said = texts(page)
    assert not page.exception
    assert "asked the desk" in said and "nobody has confirmed" not in said
    assert said_of(home, full.task_id)["error_cost_calls"].value == "25.0"
    page = press(page, "Take these back")
    assert "nobody has confirmed" in texts(page)


def press(page, label):
    """Press a button of a page."""
    return next(one for one in page.button if one.label == label).click().run()


def test_the_portfolio_brief_is_made_under_limits(open_page, full):
    page = open_page(full.workspace)
    assert "Totals are simulated" not in texts(page)
    next(one for one in page.number_input if one.label == "Engineers").set_value(2.0)
    page = press(page, "Make the portfolio brief")
    assert not page.exception
    assert "Totals are simulated" in texts(page)
    assert "student for" in texts(page)


def test_choosing_another_task_changes_the_address(open_page, full):
    page = open_page(full.workspace, BRIEF.script, task=full.task_id)
    other = next(option for option in page.selectbox[0].options if "assistant" in option)
    page.selectbox[0].select_index(page.selectbox[0].options.index(other)).run()
    assert page.query_params["task"] != full.task_id


def test_the_launch_page_shows_the_plan_and_its_command_before_anything_starts(open_page, full):
    page = open_page(full.workspace, LAUNCH.script, task=full.task_id)
    said = texts(page)
    assert "spiritsafe launch plan_" in said
    assert "calibrate" in said
    assert [button.label for button in page.button] == ["Review"]


def test_start_can_be_pressed_only_after_the_tick(open_page, full):
    page = open_page(full.workspace, LAUNCH.script, task=full.task_id)
    page.button[0].click().run()
    start = next(button for button in page.button if button.label == "Start")
    assert start.disabled
    page.checkbox[0].check().run()
    assert not next(button for button in page.button if button.label == "Start").disabled


def test_a_failed_run_shows_its_cause_and_the_way_on(open_page, full):
    page = open_page(full.workspace, RUNS.script, run=full.failed_run_id)
    said = texts(page)
    assert "Failed in" in said
    assert f"spiritsafe runs resume {full.failed_run_id}" in said
    assert [button.label for button in page.button] == ["Resume"]


def test_the_run_that_made_the_student_shows_every_stage_and_its_log(open_page, full):
    page = open_page(full.workspace, RUNS.script)
    page = open_page(full.workspace, RUNS.script, run=page.selectbox[0].options[1].split(" ")[0])
    said = texts(page)
    assert said.count("succeeded") >= 7
    assert "collect: started" in said or "register: done" in said
    assert not page.button


def test_the_students_page_shows_quality_and_savings_by_week(open_page, full):
    page = open_page(full.workspace, STUDENTS.script, student=full.student_id)
    said = texts(page)
    assert "Agreement, new inputs" in said
    assert "Replay" in said
    words = [alt for _, alt in charts(page)]
    assert any(alt.startswith("Agreement with the teacher by week") for alt in words)
    assert any(alt.startswith("Net saving by week") for alt in words)


def test_no_figure_is_drawn_in_the_ink_of_the_other_theme(open_page, full):
    page = open_page(full.workspace, BRIEF.script, task=full.task_id)
    for spec, _ in charts(page):
        assert spec["config"]["axis"]["labelColor"]

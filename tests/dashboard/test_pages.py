"""Every page in every state that a workspace can be in."""

import shutil

import pytest

from analytics.task_settings import said_of
from analytics.workspace import Workspace
from dashboard.pages import BRIEF, COMPARE, DATA, GROUPS, LAUNCH, PORTFOLIO, RUNS, STUDENTS
from tests.dashboard.reading import button, charts, press, texts

PAGES = [page for pages in GROUPS.values() for page in pages]


def test_there_are_pages():
    assert len(PAGES) == 9


@pytest.mark.parametrize("state", ["empty", "full", "stale"])
@pytest.mark.parametrize("page_file", PAGES, ids=lambda page: page.title)
def test_every_page_opens_without_an_error(open_page, homes_by_name, page_file, state):
    page = open_page(homes_by_name[state], page_file.script)
    assert not page.exception
    assert [header.value for header in page.header] == [page_file.title]


@pytest.mark.parametrize("page_file", [PORTFOLIO, BRIEF, DATA, LAUNCH], ids=lambda page: page.title)
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
    assert "Nobody: it learns from answers that are here" in said
    assert button(page, "Review").proto.disabled is False


def test_start_can_be_pressed_only_after_the_tick(open_page, full):
    page = open_page(full.workspace, LAUNCH.script, task=full.task_id)
    press(page, "Review")
    assert button(page, "Start").disabled
    page.checkbox[0].check().run()
    assert not button(page, "Start").disabled


def test_a_failed_run_shows_its_cause_and_the_way_on(open_page, full):
    page = open_page(full.workspace, RUNS.script, run=full.failed_run_id)
    said = texts(page)
    assert "Failed in" in said
    assert f"spiritsafe runs resume {full.failed_run_id}" in said
    assert "Resume" in [one.label for one in page.button] and "Stop" not in [one.label for one in page.button]


def test_the_run_that_made_the_student_shows_every_stage_and_its_log(open_page, full):
    page = open_page(full.workspace, RUNS.script)
    page = open_page(full.workspace, RUNS.script, run=page.selectbox[0].options[1].split(" ")[0])
    said = texts(page)
    assert said.count("succeeded") >= 7
    assert "collect: started" in said or "register: done" in said
    assert not {"Stop", "Resume"} & {one.label for one in page.button}
    assert any(words.startswith("Rows left after each filter") for _, words in charts(page))


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


def test_the_data_page_counts_what_has_no_price_and_shows_its_sql(open_page, full):
    page = open_page(full.workspace, DATA.script)
    said = texts(page)
    assert "have no price" in said and "select" in said and "list_source_days" in said
    assert any(words.startswith("Calls by source and day: litellm") for _, words in charts(page))
    assert "launch" in page.dataframe[-1].value["did"].tolist()


def test_an_invoice_is_held_against_the_month(open_page, full):
    page = open_page(full.workspace, DATA.script, invoice="12,000")
    said = texts(page)
    assert not page.exception and not page.error
    assert "Invoice **\\$12K**" in said and "spiritsafe prices reconcile --month" in said
    page = open_page(full.workspace, DATA.script, invoice="a lot")
    assert "is a number of USD" in texts(page)


def test_a_link_plans_what_it_says(open_page, full):
    page = open_page(
        full.workspace, LAUNCH.script, task=full.task_id, kinds=["lookup", "head"], alpha="5", teacher="openai/gpt-4.1",
        teach=["relabel"],
    )  # fmt: skip
    said = texts(page)
    assert not page.exception and not page.error
    assert "--candidates 2" in said and "--alpha 0.05" in said and "--teacher openai/gpt-4.1 --teach relabel" in said
    assert "**openai**" in said and "Terms forbid" in said
    assert float(page.query_params["alpha"]) == 5.0


def test_a_choice_that_cannot_be_is_told_with_its_reason(open_page, full):
    page = open_page(full.workspace, LAUNCH.script, task=full.task_id, teacher="openai/gpt-4.1")
    assert "say what the teacher is paid for" in texts(page)
    assert not page.exception


def test_a_decoder_shows_memory_licence_and_what_would_fit(open_page, full):
    page = open_page(full.workspace, LAUNCH.script, task=full.task_id, kinds=["causal"], bases=["qwen3-14b"])
    said = texts(page)
    assert "does not fit on this machine" in said and "What would fit" in said
    assert "weights, licence Apache-2.0" in said


def test_a_run_is_cloned_into_the_same_plan(open_page, full, monkeypatch):
    from analytics.workspace import HOME_VARIABLE
    from dashboard.parts.launch_query import as_query
    from pipeline import api as pipeline_api

    monkeypatch.setenv(HOME_VARIABLE, str(full.workspace.home))
    spec = pipeline_api.spec_of(full.workspace, full.plan_id)
    page = open_page(full.workspace, LAUNCH.script, **as_query(spec))
    assert not page.exception and not page.error
    assert full.plan_id not in ("", None)
    assert f"spiritsafe plan {full.task_id} --alpha 0.1" in texts(page)


def test_two_students_are_compared_by_slice_and_by_answer(open_page, full):
    page = open_page(full.workspace, COMPARE.script, task=full.task_id, students=[full.student_id, full.lookup_id])
    said = texts(page)
    assert not page.exception and not page.error
    words = [alt for _, alt in charts(page)]
    assert any(alt.startswith("USD per 1,000 calls and agreement") for alt in words)
    assert any(alt.startswith("Difference of agreement in points") for alt in words)
    assert f"**{full.student_id}**" in said and "Side by side" in said
    assert any("teacher" in table.value.columns for table in page.table)


def test_a_text_is_shown_only_after_it_was_recorded(open_page, full):
    from analytics.api import audit_trail

    page = open_page(full.workspace, COMPARE.script, task=full.task_id, students=[full.student_id, full.lookup_id])
    before = len(audit_trail(full.workspace))
    inputs = "where is my order"
    page = press(page, "Show its text")
    assert not page.exception and not page.error, inputs
    entries = audit_trail(full.workspace)
    assert len(entries) == before + 1
    assert (entries[0].action, entries[0].actor) == ("reveal", __import__("getpass").getuser())


def test_a_figure_is_traced_to_its_inputs_and_sql(open_page, full):
    page = open_page(full.workspace, BRIEF.script, task=full.task_id, figure="npv_24m_usd")
    said = texts(page)
    assert "sum of net" in said and "--explain npv_24m_usd" in said and "select" in said


def test_the_tour_goes_on_from_page_to_page_and_ends(open_page, full):
    page = open_page(full.workspace, tour="1")
    assert "**1 of 9**" in texts(page)
    page = press(page, "End the tour")
    assert "of 9**" not in texts(page)
    assert "**4 of 9**" in texts(open_page(full.workspace, LAUNCH.script, tour="4"))


def test_a_link_shows_what_somebody_tried(open_page, full):
    page = open_page(full.workspace, BRIEF.script, task=full.task_id, set="engineer_weeks=60,nonsense=1")
    said = texts(page)
    assert not page.exception
    assert "With these values" in said and "--set engineer_weeks=60" in said
    assert "nonsense=1" in said and "cannot take" in said

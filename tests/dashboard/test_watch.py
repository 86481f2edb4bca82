"""The pages of Watch on a workspace whose student has served: an alarm, failures to label, verdicts put aside."""

import shutil

import pytest

from analytics.api import audit_trail
from analytics.reports.charts.style import LIGHT
from analytics.workspace import Workspace
from dashboard import who
from dashboard.charts import production
from dashboard.pages import PORTFOLIO, REEVALUATIONS, ROUTER, STUDENTS
from pipeline import api
from tests.dashboard import homes
from tests.dashboard.reading import button, charts, press, texts


@pytest.fixture(scope="module")
def worked(full, tmp_path_factory):
    home = Workspace(tmp_path_factory.mktemp("worked") / "home")
    shutil.copytree(full.workspace.home, home.home)
    homes.put_to_work(home, full.lookup_id, full.task_id)
    return home


@pytest.fixture
def own(worked, tmp_path):
    """A copy of it that a test may change."""
    home = Workspace(tmp_path / "home")
    shutil.copytree(worked.home, home.home)
    return home


def test_an_alarm_is_the_first_thing_that_is_said(open_page, worked, full):
    page = open_page(worked, STUDENTS.script, student=full.lookup_id)
    said = texts(page)
    assert not page.exception and not page.error
    assert "✕ ALARM" in said and "above the promised" in said
    words = [alt for _, alt in charts(page)]
    assert any(alt.startswith("Audited error of") for alt in words)
    assert any(alt.startswith("CUSUM of audited errors") for alt in words)
    assert any(alt.startswith("Saved so far") for alt in words)


def test_the_control_chart_draws_every_audited_day_with_its_range(worked, full):
    told = next(one for one in api.production(worked) if one["student_id"] == full.lookup_id)
    audited = [day for day in told["days"] if day["error"]]
    drawn = production.control(audited, told["promised_error"], told["events"], LIGHT)
    rows = max(drawn.spec["datasets"].values(), key=len)
    assert len(rows) == len(audited) > 5
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)
    rule = production.cusum(audited, told["cusum_alarm"], LIGHT)
    assert f"alarm at {told['cusum_alarm']:.1f}" in rule.alt


def test_the_portfolio_says_what_was_realised_and_what_rings(open_page, worked):
    page = open_page(worked, PORTFOLIO.script if PORTFOLIO.address else None)
    said = texts(page)
    assert "Realised so far" in said and "Alarm:" in said


def test_a_failure_is_hidden_until_it_is_asked_for_then_labelled(open_page, own):
    page = open_page(own, ROUTER.script)
    said = texts(page)
    assert "Request and answers are hidden" in said and "what of call" not in said
    assert button(page, "teacher").disabled and not button(page, "skip").disabled
    waiting = len(api.failures(own))
    page = press(page, "Show it")
    assert "what of call" in texts(page)
    assert audit_trail(own)[0].action == "reveal"
    page = press(page, "teacher")
    assert not page.exception and not page.error
    assert len(api.failures(own)) == waiting - 1
    assert "what of call" not in texts(page)  # the next one is hidden again


def test_keys_stand_on_the_buttons(open_page, worked):
    page = open_page(worked, ROUTER.script)
    keys = {one.label: one.proto.shortcut for one in page.button if one.proto.shortcut}
    assert keys == {"Show it": "s", "student": "1", "teacher": "2", "both": "3", "neither": "4", "skip": "5"}


def test_a_viewer_labels_nothing(open_page, worked, monkeypatch):
    monkeypatch.setenv(who.ROLE_VARIABLE, "viewer")
    page = open_page(worked, ROUTER.script)
    assert all(one.disabled for one in page.button if one.label in ("Show it", "teacher", "skip"))


def test_a_student_is_promoted_and_taken_back_with_a_reason(open_page, own, full):
    page = open_page(own, STUDENTS.script, student=full.student_id)
    page = press(page, "Promote")
    assert "Say why" in texts(page)
    next(one for one in page.text_input if one.label == "Reason").set_value("passed the gate")
    page = press(page, "Promote")
    said = texts(page)
    assert not page.exception and not page.error
    assert "At work since" in said and "passed the gate" in said
    entry = audit_trail(own)[0]
    assert (entry.action, entry.subject, entry.reason) == ("promote", full.student_id, "passed the gate")
    next(one for one in page.text_input if one.label == "Reason").set_value("only a try")
    page = press(page, "Roll back")
    assert "Ready, not at work" in texts(page)
    assert audit_trail(own)[0].action == "roll-back"


def test_a_verdict_is_put_aside_and_woken(open_page, own):
    page = open_page(own, REEVALUATIONS.script)
    assert "No re-evaluation yet" in texts(page)
    next(one for one in page.text_input if one.label == "Until").set_value("volume above 900000000")
    next(one for one in page.text_input if one.label == "Why").set_value("budget comes in March")
    page = press(page, "Put aside")
    assert not page.exception and not page.error
    assert "budget comes in March" in texts(page) and "asleep" in texts(page)
    next(one for one in page.text_input if one.label == "Why").set_value("it came")
    page = press(page, "Wake")
    assert not page.exception and not page.error


def test_a_report_is_made_and_read(open_page, own):
    page = press(open_page(own, REEVALUATIONS.script), "Re-evaluate")
    assert not page.exception and not page.error
    said = texts(page)
    assert "What to do" in said and "spiritsafe reeval" in said
    assert {"HTML", "MD"} <= {one.proto.label for one in page.get("download_button")}
    assert page.query_params["report"]

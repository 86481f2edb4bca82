"""Who may do what: on the pages, and where it is done."""

import pytest

from analytics.actors import Actor, at_terminal
from analytics.api import audit_trail
from analytics.errors import InputError
from dashboard import who
from dashboard.pages import BRIEF, GROUPS, LAUNCH, ROUTER, STUDENTS, groups_for
from pipeline import api
from tests.dashboard.reading import button, texts

ROLES = {"approvers": ["Ada@example.org"], "operators": ["ben@example.org", "ada@example.org"]}


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"email": "ada@example.org"}, Actor("ada@example.org", "approver")),
        ({"email": "Ben@example.org", "email_verified": True}, Actor("Ben@example.org", "operator")),
        ({"email": "cleo@example.org"}, Actor("cleo@example.org", "viewer")),
        ({"email": "ada@example.org", "email_verified": False}, Actor("ada@example.org", "viewer")),
        ({"sub": "4711"}, Actor("4711", "viewer")),
    ],
)
def test_the_file_says_who_may_do_what(claims, expected):
    assert who.signed_in(claims, ROLES) == expected


def test_without_sign_in_it_is_the_person_at_the_machine(monkeypatch):
    monkeypatch.setenv(who.SIGN_IN_VARIABLE, "")
    monkeypatch.setenv(who.ROLE_VARIABLE, "")
    assert who.actor() == at_terminal()
    monkeypatch.setenv(who.ROLE_VARIABLE, "viewer")
    assert who.actor().role == "viewer"
    assert "operator" in who.needs("operator") and who.needs("viewer") is None


def test_nobody_sees_anything_before_signing_in(open_page, full, monkeypatch):
    monkeypatch.setenv(who.SIGN_IN_VARIABLE, "1")
    page = open_page(full.workspace)
    assert not page.exception
    assert "Sign in first" in texts(page) and "data to" not in texts(page)


def test_a_viewer_has_no_group_that_acts():
    assert list(groups_for(may_act=False)) == ["Decide", "Watch"]
    assert groups_for(may_act=True) == GROUPS


@pytest.mark.parametrize("page_file", [page for group in groups_for(may_act=False).values() for page in group],
                         ids=lambda page: page.title)  # fmt: skip
def test_every_page_of_a_viewer_opens_and_says_so(open_page, full, monkeypatch, page_file):
    monkeypatch.setenv(who.ROLE_VARIABLE, "viewer")
    page = open_page(full.workspace, page_file.script)
    assert not page.exception
    assert page.caption[0].value.endswith("viewer")


def test_a_viewer_is_shown_what_he_may_not_press(open_page, full, monkeypatch):
    monkeypatch.setenv(who.ROLE_VARIABLE, "viewer")
    page = open_page(full.workspace, STUDENTS.script, student=full.student_id)
    promote = button(page, "Promote")
    assert promote.disabled and "approver" in promote.help
    assert "Launch" not in [one.label for one in open_page(full.workspace, BRIEF.script).button]


def test_an_operator_may_not_promote(open_page, full, monkeypatch):
    monkeypatch.setenv(who.ROLE_VARIABLE, "operator")
    page = open_page(full.workspace, STUDENTS.script, student=full.student_id)
    assert button(page, "Promote").disabled
    assert not button(open_page(full.workspace, LAUNCH.script), "Review").disabled
    assert not open_page(full.workspace, ROUTER.script).exception


VIEWER, OPERATOR = Actor("vera", "viewer"), Actor("otto", "operator")


@pytest.mark.parametrize(
    "act",
    [
        lambda place, made: api.launch(place, VIEWER, made.plan_id),
        lambda place, made: api.stop(place, VIEWER, made.failed_run_id),
        lambda place, made: api.resume(place, VIEWER, made.failed_run_id),
        lambda place, made: api.reveal(place, VIEWER, made.student_id, "any"),
        lambda place, made: api.record_reveal(place, VIEWER, "any", "failure"),
        lambda place, made: api.promote(place, OPERATOR, made.student_id, "because"),
        lambda place, made: api.roll_back(place, VIEWER, made.task_id, "because"),
        lambda place, made: api.fall_back(place, VIEWER, made.task_id, "because"),
        lambda place, made: api.start_demo(place, VIEWER),
    ],
)
def test_what_a_page_does_not_offer_is_refused_below_it_as_well(full, act):
    before = audit_trail(full.workspace)
    with pytest.raises(InputError, match="needs the role"):
        act(full.workspace, full)
    assert audit_trail(full.workspace) == before

"""Snoozed verdicts: what can be said, when it holds, who may say it, and that it is kept."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import task

from analytics.actors import Actor
from analytics.errors import DataMissing, InputError, UnknownName
from analytics.workspace import Workspace
from pipeline import api
from pipeline.reevaluation.snoozed import Condition, Known, condition_of, is_met
from pipeline.reevaluation.world import KnownBase

ANNA, VIEWER = Actor("anna", "operator"), Actor("bert", "viewer")
KNOWN = Known({"qwen9-1b": KnownBase("2026-11-01", None, "a")}, frozenset({"gpt-9-mini"}), date(2026, 11, 25))


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("teacher below $2", Condition("teacher-below", 2.0, per="million tokens")),
        ("Teacher below 0.15 per million tokens.", Condition("teacher-below", 0.15, per="million tokens")),
        ("teacher below $1.50 per 1000 calls", Condition("teacher-below", 1.5, per="1000 calls")),
        ("volume above 50,000", Condition("volume-above", 50_000.0)),
        ("volume above 2M calls a month", Condition("volume-above", 2e6)),
        ("volume below 9k", Condition("volume-below", 9_000.0)),
        ("spend above $5,000 a month", Condition("spend-above", 5_000.0)),
        ("model qwen4 released", Condition("model-released", name="qwen4")),
        ("day 2027-01-31", Condition("day", name="2027-01-31")),
        ({"kind": "volume-above", "value": 10}, Condition("volume-above", 10.0)),
    ],
)
def test_what_can_be_said(said, condition):
    assert condition_of(said) == condition


@pytest.mark.parametrize(
    "said",
    ["", "when I say so", "teacher below", "volume above many", "day 2027-13-01", {"kind": "luck"}, {"value": 3}],
)
def test_what_cannot_be_said_is_refused_with_what_can(said):
    with pytest.raises(InputError):
        condition_of(said)


@given(
    st.sampled_from(["teacher-below", "volume-above", "volume-below", "spend-above"]),
    st.floats(0.01, 1e9).map(lambda value: float(f"{value:.6g}")),
)
def test_a_condition_can_be_given_again_as_it_is_said(kind, value):
    made = Condition(kind, value, per="million tokens" if kind == "teacher-below" else None)
    assert condition_of(made.sentence) == made


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ("teacher below $5", True), ("teacher below $4", False), ("teacher below $34 per 1000 calls", True),
        ("volume above 300000", True), ("volume above 310000", False), ("volume below 310000", True),
        ("spend above $9,999", True), ("spend above $10,000", False),
        ("model qwen9 released", True), ("model gpt-9 released", True), ("model llama7 released", False),
        ("day 2026-11-25", True), ("day 2026-11-26", False),
    ],
)  # fmt: skip
def test_when_it_holds(said, holds):
    assert (is_met(condition_of(said), task(), KNOWN) is not None) == holds


def test_what_is_not_known_wakes_nobody():
    unknown = task(usd_per_million_tokens=None, monthly_spend_usd=None)
    assert is_met(condition_of("teacher below $5"), unknown, KNOWN) is None
    assert is_met(condition_of("spend above $1"), unknown, KNOWN) is None


@pytest.fixture
def mail(mail_home, tmp_path):
    """A workspace of its own with the small analysed log, and the name of its task."""
    import shutil

    home = tmp_path / "home"
    shutil.copytree(mail_home, home)
    workspace = Workspace(home)
    from analytics.kept_tasks import task_rows

    return workspace, task_rows(workspace)[0]["name"]


def test_a_snooze_is_kept_told_and_taken_back(mail):
    workspace, name = mail
    made = api.snooze(workspace, ANNA, name, "volume above 900M", "too small today")
    assert (made["task"], made["is_awake"], made["reason"], made["actor"]) == (name, False, "too small today", "anna")
    assert made["why"].startswith("waits for") and api.snoozed(workspace) == [made]
    later = api.snooze(workspace, ANNA, name, {"kind": "day", "name": "2999-01-01"}, "no hurry")
    assert [one["said"] for one in api.snoozed(workspace)] == ["day 2999-01-01"] == [later["said"]]
    woken = api.wake(workspace, ANNA, name, "the contract changed")
    assert woken["is_awake"] and "the contract changed" in woken["why"]
    assert api.snoozed(workspace) == []
    with pytest.raises(DataMissing):
        api.wake(workspace, ANNA, name, "again")


def test_who_may_and_what_is_needed(mail):
    workspace, name = mail
    for actor, said, reason in (
        (VIEWER, "day 2999-01-01", "x"), (ANNA, "day 2999-01-01", " "), (ANNA, "volume above 1", "holds already"),
    ):  # fmt: skip
        with pytest.raises(InputError):
            api.snooze(workspace, actor, name, said, reason)
    with pytest.raises(UnknownName):
        api.snooze(workspace, ANNA, "no such task", "day 2999-01-01", "x")
    assert api.snoozed(workspace) == []

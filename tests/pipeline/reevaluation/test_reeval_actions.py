"""What to do follows from what is known, the dearest mistake first."""

import pytest
from worlds import task

from analytics.contracts import Interval
from pipeline.reevaluation.actions import Facts, Fresh, Kept, Winner, decide
from pipeline.reevaluation.changes import Change

GOOD, BAD = Kept(50_000.0, 10_000.0, 90_000.0), Kept(-5_000.0, -20_000.0, 9_000.0)
SAME = Fresh(Interval(0.95, 0.93, 0.97, "95%"), Interval(0.95, 0.94, 0.96, "95%"), 400, "a", "b")
WORSE = Fresh(Interval(0.85, 0.82, 0.88, "95%"), Interval(0.95, 0.94, 0.96, "95%"), 400, "a", "b")
BETTER = Winner("causal:new", Interval(0.03, 0.01, 0.05, "95% for all 3"), 12_000.0)
DRIFT = Change("drift", "mail", "The answers changed.", ("t-1",))
BASE = Change("base-retires", "own", "own is to be taken away.", ("t-1",), "2026-12-31")


def act(verdict="pilot", old="pilot", **facts):
    changes = facts.pop("changes", ())
    known = None if old is None else task(verdict=old)
    return decide(Facts(known, task(verdict=verdict), changes, **facts))


def student(**facts):
    return act(student_id="head-1", **({"serves_share": 0.9, "kept": GOOD, "fresh": SAME} | facts))


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        ({}, "keep"),
        ({"kept": BAD}, "retire"),
        ({"kept": BAD, "winner": BETTER, "fresh": WORSE}, "retire"),
        ({"winner": BETTER, "fresh": WORSE}, "switch-base"),
        ({"changes": (BASE,)}, "switch-base"),
        ({"fresh": WORSE}, "retrain"),
        ({"changes": (DRIFT,)}, "keep"),  # the requests moved, the student still agrees
        ({"changes": (DRIFT,), "fresh": None}, "retrain"),
        ({"serves_share": None, "kept": None}, "retrain"),
        ({"kept": BAD, "asleep": "volume above 5"}, "keep"),
    ],
)
def test_with_a_student(facts, action):
    made = student(**facts)
    assert made.action == action and made.why.endswith(".")


@pytest.mark.parametrize(
    ("verdict", "old", "facts", "action"),
    [
        ("distill", "wait", {}, "distil-now"),
        ("distill", "distill", {}, "distil-now"),
        ("pilot", "pilot", {}, "keep"),
        ("do-not-distill", "do-not-distill", {}, "keep"),
        ("do-not-distill", "pilot", {}, "stop"),
        ("cheaper-fix-first", "distill", {}, "stop"),
        ("do-not-distill", None, {}, "keep"),
        ("do-not-distill", None, {"runs": ("run_1",)}, "stop"),
        ("wait", "pilot", {}, "keep"),
    ],
)
def test_without_a_student(verdict, old, facts, action):
    assert act(verdict, old, **facts).action == action


def test_the_reason_names_figures():
    assert "$" in student(kept=BAD).why and "85.0%" in student(fresh=WORSE).why
    assert "+3.0 points" in student(winner=BETTER).why and "run_1" in act("do-not-distill", runs=("run_1",)).why
    assert "2026-12-31" in student(changes=(BASE,)).why

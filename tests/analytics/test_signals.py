import dataclasses
from types import SimpleNamespace

import pytest

from analytics.contracts import Interval
from analytics.gates import cautions
from analytics.narrowness_drift import Drift
from analytics.signals import gates_of
from tests.analytics.test_narrowness import mail, measured


@pytest.fixture(scope="module")
def narrow():
    return measured(*mail(800))


def gates(narrow, **changed):
    facts = {
        "narrowness": narrow,
        "models": ["gpt-4o"],
        "distinct_inputs": 5_000,
        "unpriced_share": 0.0,
        "tool_call_share": 0.0,
        "reasoning_share": 0.0,
        "teacher_accuracy_gold": None,
        "gold_rows": 0,
        "recent_monthly_spend_usd": 80_000.0,
    }
    return gates_of(SimpleNamespace(**{**facts, **changed}), 0.02, is_default_case=True)


def share(value, low, high):
    return Interval(value, low, high, "80 % of students", 500)


def test_a_narrow_task_trips_nothing(narrow):
    found = gates(narrow)
    signals = (found.open_ended, found.long_tail, found.multi_step_reasoning, found.teacher_unreliable, found.drifting)
    assert not any(signal.holds for signal in signals)


def test_answers_that_no_student_can_learn_point_at_the_teacher(narrow):
    weak = dataclasses.replace(
        narrow,
        predicted_agreement=share(0.4, 0.35, 0.45),
        predicted_fine_tuned_agreement=share(0.5, 0.35, 0.65),
    )
    found = gates(weak).teacher_unreliable
    assert found.holds and "40%" in found.sentence


def test_what_fine_tuning_can_learn_is_no_fault_of_the_teacher(narrow):
    learnable = dataclasses.replace(
        narrow,
        predicted_agreement=share(0.65, 0.61, 0.69),
        predicted_fine_tuned_agreement=share(0.78, 0.68, 0.86),
    )
    assert not gates(learnable).teacher_unreliable.holds


@pytest.mark.parametrize(("bits", "expected"), [(0.2, True), (0.02, False)])
def test_drift_is_a_caution_when_it_is_more_than_chance_and_matters(narrow, bits, expected):
    moved = dataclasses.replace(narrow, drift=Drift(4, "answers", bits, 0.01, "2026-03 to 2026-04"))
    reasons = {reason.code: reason.sentence for reason in cautions(gates(moved))}
    assert ("drifting" in reasons) is expected
    assert not expected or "0.200 bits" in reasons["drifting"]


def test_text_is_open_ended_though_nothing_is_predicted():
    inputs, _ = mail(400)
    prose = measured(inputs, [f"a long answer of its own kind, number {n}, " * 4 for n in range(400)])
    found = gates(prose)
    assert found.open_ended.holds and found.predicted_agreement is None

"""The gate on students of known worth: an equal one, a worse one, and too few rows; with gold and without."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.contracts import Answer, Gate
from pipeline.evaluation.compared import Compared
from pipeline.evaluation.gated import gate_student
from pipeline.metrics import Known
from pipeline.routing import Calibration

LABELS = "abcdef"
START = datetime(2026, 3, 2, tzinfo=UTC)


def noisy(answers, share, seed):
    draw = random.Random(seed)
    return [
        draw.choice([one for one in LABELS if one != right]) if draw.random() < share else right for right in answers
    ]


def compared(rows=2_000, teacher_error=0.05, student_error=0.05, has_gold=True, previous_error=None):
    truth = random.Random(0).choices(LABELS, k=rows)
    said = noisy(truth, student_error, 2)
    return Compared(
        inputs=[f"text {n}" for n in range(rows)],
        forms=[f"text {n}" for n in range(rows)],
        teacher=noisy(truth, teacher_error, 1),
        gold=list(truth) if has_gold else [None] * rows,
        groups=list(range(rows)),
        is_new=[True] * rows,
        times=[START + timedelta(hours=n) for n in range(rows)],
        answers=[Answer(one, 0.9, 0.1) for one in said],
        known=Known("label"),
        seed=1,
        previous=None if previous_error is None else noisy(truth, previous_error, 3),
    )


def rule(threshold=0.5, alpha=0.02):
    nothing = [None, None, None, None, "a reason"]
    return Calibration(threshold, 1.0, alpha, 0.05, list(LABELS), 500, 1, [], *nothing)


def test_an_equal_student_passes_by_gold():
    found = gate_student(compared(), rule(), Gate())
    assert found.passed is True and found.checks[0].name == "against the teacher, by gold"
    assert found.checks[0].low > -0.02 and "passes the gate" in found.sentence


@pytest.mark.parametrize("has_gold", [True, False])
def test_a_bad_student_fails_and_a_good_one_with_few_rows_cannot_be_judged(has_gold):
    assert gate_student(compared(student_error=0.3, has_gold=has_gold), rule(), Gate()).passed is False
    few = gate_student(compared(120, 0, 0.01, has_gold=has_gold), rule(), Gate())
    assert few.passed is None and "cannot be judged" in few.sentence


def test_without_gold_what_is_served_must_agree_with_the_teacher():
    good = gate_student(compared(teacher_error=0, student_error=0.01, has_gold=False), rule(), Gate())
    assert good.passed is True and good.checks[0].bound == pytest.approx(0.96)
    assert gate_student(compared(teacher_error=0, student_error=0.08, has_gold=False), rule(), Gate()).passed is False


def test_only_what_would_be_served_counts():
    half = compared(teacher_error=0, student_error=0)
    answers = [Answer("z", 0.1, 0.1) if n % 2 else one for n, one in enumerate(half.answers)]
    found = gate_student(Compared(**(vars(half) | {"answers": answers})), rule(), Gate())
    assert found.passed is True and found.checks[0].n == 1_000
    alone = gate_student(Compared(**(vars(half) | {"answers": answers})), rule(threshold=None), Gate())
    assert alone.passed is False and "serves none" in alone.judged_on


def test_a_student_worse_than_the_one_before_it_fails():
    better_before = compared(teacher_error=0.1, student_error=0.1, previous_error=0.02)
    found = gate_student(better_before, rule(), Gate())
    assert found.passed is False
    assert found.checks[1].passed is False and "the student before it" in found.checks[1].name
    assert gate_student(compared(5_000, previous_error=0.05), rule(), Gate()).passed is True


def test_a_wider_margin_lets_more_through():
    worse = compared(student_error=0.09)
    assert gate_student(worse, rule(), Gate(margin=0.02)).passed is False
    assert gate_student(worse, rule(), Gate(margin=0.10)).passed is True

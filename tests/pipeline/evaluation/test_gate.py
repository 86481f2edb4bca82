"""The gate lets an equal student through with enough rows, never a worse one, and says when it cannot say."""

import math
from dataclasses import replace

import numpy as np
import pytest

from pipeline.contracts import Gate
from pipeline.evaluation.gate import not_below, share_above, verdict

RULE = Gate()


def answerers(n, only_student, only_teacher, both_wrong=0):
    student = [True] * (n - only_teacher - both_wrong) + [False] * (only_teacher + both_wrong)
    teacher = [True] * (n - only_student - only_teacher - both_wrong) + [False] * only_student
    return student, teacher + [True] * only_teacher + [False] * both_wrong


def compared(n, only_student, only_teacher, rule=RULE, groups=None):
    student, teacher = answerers(n, only_student, only_teacher)
    return not_below("teacher", student, teacher, groups or range(n), rule)


def test_an_equal_student_passes_with_enough_rows_and_cannot_say_with_few():
    assert compared(1_200, 20, 20).passed is True
    few = compared(120, 2, 2)
    assert few.passed is None and "200 independent rows" in few.why
    between = compared(400, 10, 10)
    assert between.passed is None and "rows would show it" in between.why


def test_a_bad_student_fails_with_many_rows_and_with_few():
    assert compared(1_200, 10, 130).passed is False
    assert compared(100, 0, 60).passed is False
    sentence = verdict(RULE, [compared(1_200, 10, 130)], "served answers").sentence
    assert sentence.startswith("fails the gate (teacher: -10.0 points on 1,200 rows")


def test_rows_that_repeat_do_not_pass_a_student():
    groups = [n // 20 for n in range(1_200)]
    assert compared(1_200, 20, 20, groups=groups).passed is None


def test_more_candidates_need_more():
    assert compared(500, 8, 8).passed is True
    assert compared(500, 8, 8, replace(RULE, candidates=5)).passed is None


def test_agreement_of_what_is_served():
    assert share_above("served", 990, 1_000, 0.96, RULE).passed is True
    assert share_above("served", 95, 100, 0.96, RULE).passed is None
    assert share_above("served", 930, 1_000, 0.96, RULE).passed is False
    assert share_above("served", 0, 0, 0.96, RULE).passed is None


def test_one_failure_fails_all_and_nothing_shown_is_no_pass():
    good, bad, unknown = compared(1_200, 20, 20), compared(1_200, 10, 130), compared(120, 2, 2)
    assert verdict(RULE, [good], "").passed is True
    assert verdict(RULE, [good, unknown], "").passed is None
    assert verdict(RULE, [good, unknown, bad], "").passed is False
    assert verdict(RULE, [], "").passed is None


def passes(n, first, second, correlation, trials=2_000, seed=11):
    """How often a student with these true shares passes."""
    generator = np.random.default_rng(seed)
    both = first * second + correlation * math.sqrt(first * (1 - first) * second * (1 - second))
    draws = generator.multinomial(n, [both, first - both, second - both, 1 - first - second + both], size=trials)
    counts, times = np.unique(draws, axis=0, return_counts=True)
    found = [compared_counts(*row) for row in counts]
    return float(np.dot(found, times) / trials)


def compared_counts(both, only_student, only_teacher, neither):
    student = [True] * (both + only_student) + [False] * (only_teacher + neither)
    teacher = [True] * both + [False] * only_student + [True] * only_teacher + [False] * neither
    return not_below("teacher", student, teacher, range(len(student)), RULE).passed is True


@pytest.mark.parametrize(("n", "second", "correlation"), [(200, 0.97, 0.3), (600, 0.95, 0.6), (1_000, 0.9, 0.8)])
def test_a_student_at_the_margin_passes_in_at_most_one_of_twenty(n, second, correlation):
    assert passes(n, second - RULE.margin, second, correlation) <= 0.05


def test_an_equal_student_mostly_passes():
    assert passes(2_000, 0.96, 0.96, 0.5) >= 0.8


def test_a_share_at_the_bound_passes_in_at_most_one_of_twenty():
    draws = np.random.default_rng(2).binomial(500, 0.96, size=2_000)
    assert np.mean([share_above("served", int(k), 500, 0.96, RULE).passed is True for k in draws]) <= 0.03

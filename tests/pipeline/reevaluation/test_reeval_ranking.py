"""Intervals that hold for all candidates together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation.paired import newcombe_paired, pairs
from pipeline.reevaluation.ranking import against


def column(seed, share, rows=400):
    return list(np.random.default_rng(seed).random(rows) < share)


def test_one_candidate_gets_the_usual_interval():
    right, reference = column(1, 0.9), column(2, 0.8)
    one = against({"a": right}, reference, range(400), 1)["a"]
    usual = newcombe_paired(pairs(right, reference))
    assert (one.difference.low, one.difference.high) == pytest.approx((usual.low, usual.high))
    assert one.p_corrected == one.p_value and one.is_better


def test_more_candidates_make_wider_intervals_and_larger_p():
    reference, rights = column(0, 0.8), {name: column(seed, 0.85) for seed, name in enumerate("abc", 1)}
    alone, family = (
        against({"a": rights["a"]}, reference, range(400), 1)["a"],
        against(rights, reference, range(400), 3)["a"],
    )
    assert family.difference.low < alone.difference.low and family.p_corrected >= alone.p_corrected
    assert "for all 3 compared" in family.difference.covers


def test_those_compared_before_count():
    right, reference = column(1, 0.86), column(2, 0.8)
    once, later = (against({"a": right}, reference, range(400), family)["a"] for family in (1, 10))
    assert later.p_corrected == pytest.approx(min(1.0, 10 * once.p_value))
    assert later.difference.high - later.difference.low > once.difference.high - once.difference.low


def test_rows_that_repeat_each_other_count_once():
    right, reference = [True, False, True, True] * 25, [False, True, True, False] * 25
    rows, groups = range(100), [place // 5 for place in range(100)]
    alone, repeated = (against({"a": right}, reference, list(of), 1)["a"] for of in (rows, groups))
    assert repeated.difference.n == 20 and repeated.difference.value == pytest.approx(alone.difference.value)
    assert repeated.difference.low < alone.difference.low


def test_a_hundred_equals_are_hardly_ever_called_better():
    """The chance that any of ten equal candidates is called better stays near half of 5 %."""
    errors = 0
    for seed in range(100):
        dice = np.random.default_rng(seed)
        reference, *rest = (list(row) for row in dice.random((11, 200)) < 0.85)
        found = against({str(place): right for place, right in enumerate(rest)}, reference, range(200), 10)
        errors += any(one.is_better for one in found.values())
    assert errors <= 7


@settings(max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=5, max_size=60), st.integers(1, 8))
def test_the_estimate_lies_in_its_interval(rows, family):
    first, second = ([row[side] for row in rows] for side in (0, 1))
    one = against({"a": first}, second, range(len(rows)), family)["a"]
    assert one.difference.low - 1e-9 <= one.difference.value <= one.difference.high + 1e-9
    assert 0 <= one.p_value <= one.p_corrected <= 1

"""Evidence from audits against published figures, and what it promises under repeated looks."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.production import evidence
from analytics.production.evidence import Audit, confidence_sequence, counted, cusum_step, e_value_above


def audits(wrong, right, weight=1.0, propensity=0.01):
    return [Audit(weight, is_wrong, propensity) for is_wrong in [True] * wrong + [False] * right]


@pytest.mark.parametrize(("wrong", "expected"), [(34, 2.7151), (40, 153.2098953)])
def test_evidence_above_a_promise_is_the_published_uniform_mixture(wrong, expected):
    found = e_value_above(counted(audits(wrong, 400 - wrong)), 0.05)
    assert found == pytest.approx(expected, rel=2e-5 if wrong == 34 else 1e-9)
    assert found == pytest.approx(evidence.bernoulli_e_value(wrong, 400 - wrong, 0.05), rel=1e-9)


def test_a_confidence_sequence_is_the_published_beta_mixture():
    low, high = confidence_sequence(counted(audits(24, 576)), 24 / 600)
    assert (low, high) == pytest.approx((0.0169944437, 0.0769435846), abs=1e-9)


def test_no_audit_says_nothing():
    assert e_value_above((), 0.05) == pytest.approx(1)
    assert evidence.error_interval([], "2026-03-02") is None
    assert evidence.smallest_detectable_rise(0.05, [], 4) is None
    assert confidence_sequence(counted(audits(0, 1)), 0.0)[1] > 0.9


def test_ten_times_as_many_audits_of_a_rare_cluster_count_a_tenth_each():
    common, rare = audits(2, 98), audits(200, 800, weight=0.1, propensity=0.1)
    assert evidence.error_rate([*common, *rare]) == pytest.approx((2 * 100 + 200 * 10) / (100 * 100 + 1000 * 10))
    found = evidence.error_interval([*common, *rare], "2026-03-02")
    assert found.low < found.value < found.high and "1/propensity" in found.covers and found.n == 1100


def test_the_cusum_adds_up_by_hand_and_forgets_good_times():
    state = cusum_step(evidence.CUSUM_START, counted(audits(3, 7)), 0.05)
    for wealth, times in zip(state.wealth, evidence.ALTERNATIVES, strict=True):
        p = 0.05 * times
        assert wealth == pytest.approx(3 * math.log(p / 0.05) + 7 * math.log((1 - p) / 0.95))
    low = cusum_step(evidence.CUSUM_START, counted(audits(0, 5_000)), 0.05)
    again = cusum_step(low, counted(audits(3, 7)), 0.05)
    assert again.wealth == pytest.approx(state.wealth)  # nothing is left of the long good time


def test_a_rise_that_a_week_shows_shrinks_with_more_audits():
    few, many = (evidence.smallest_detectable_rise(0.02, audits(2, n), 1) for n in (98, 998))
    assert few > many > 0
    n = 100
    level = 1.6448536 * math.sqrt(0.02 * 0.98 / n)
    assert few == pytest.approx(level + 0.8416212 * math.sqrt((0.02 + few) * (0.98 - few) / n), abs=1e-6)


@given(
    st.lists(st.tuples(st.sampled_from([0.05, 0.1, 0.5, 1.0]), st.booleans()), min_size=1, max_size=60),
    st.floats(0.01, 0.4),
)
@settings(deadline=None, max_examples=40)
def test_whatever_the_audits_the_interval_holds_the_estimate_and_the_e_value_is_positive(found, promised):
    rows = [Audit(weight, wrong, 0.01 / weight) for weight, wrong in found]
    interval = evidence.error_interval(rows, "2026-03-02")
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
    assert 0 < e_value_above(counted(rows), promised) < math.inf


@given(st.floats(0.02, 0.3), st.sampled_from([0.1, 0.5, 1.0]))
@settings(deadline=None, max_examples=25)
def test_one_audit_more_leaves_the_expected_wealth_as_it_was(rate, weight):
    """The heart of it: for each game, rate x (after a wrong one) + (1 - rate) x (after a right one) is 1."""
    points = np.linspace(0.01, 0.99, 7)
    after = [np.exp(evidence.log_wealth(((weight, wrong, 1 - wrong),), points, rate)) for wrong in (1, 0)]
    assert rate * after[0] + (1 - rate) * after[1] == pytest.approx(np.ones(7))


def test_looked_at_every_day_for_a_year_few_good_students_are_called_bad():
    draw, rung = np.random.default_rng(41), 0
    for _ in range(60):
        state, total, rang = evidence.CUSUM_START, [0, 0, 0, 0], False
        for _ in range(120):
            common, rare = draw.binomial(3, 0.05), draw.binomial(2, 0.05)
            counts = ((0.1, int(rare), int(2 - rare)), (1.0, int(common), int(3 - common)))
            total = [one + more for one, more in zip(total, (rare, 2 - rare, common, 3 - common), strict=True)]
            so_far = ((0.1, int(total[0]), int(total[1])), (1.0, int(total[2]), int(total[3])))
            state = cusum_step(state, counts, 0.05)
            rang |= e_value_above(so_far, 0.05) >= 20 or state.value >= evidence.threshold()
        rung += rang
    assert rung <= 8  # 5 % for the e-value and 120 / 730 for the CUSUM are the most, together 13 of 60

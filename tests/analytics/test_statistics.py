"""Figures that others computed, and what must hold for any counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.statistics import (
    accepted_needed,
    clopper_pearson_upper,
    good_turing_novelty,
    learn_then_test,
    least_abstention,
    mcnemar_exact,
    mcnemar_p_value,
    quantile,
    wilson,
)

counts = st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_wilson_matches_the_published_interval():
    interval = wilson(576, 600)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((0.9411722643, 0.9729749707), abs=1e-9)


def test_a_share_of_nothing_is_unknown():
    assert wilson(0, 0) is None


@given(counts)
def test_wilson_contains_the_estimate_and_stays_a_share(count):
    interval = wilson(*count)
    assert interval is not None
    assert 0 <= interval.low <= interval.value <= interval.high <= 1


@pytest.mark.parametrize(("failures", "n", "bound"), [(6, 400, 0.0293901084), (0, 299, 0.0099691468)])
def test_clopper_pearson_matches_the_published_bounds(failures, n, bound):
    assert clopper_pearson_upper(failures, n) == pytest.approx(bound, abs=1e-9)


@given(counts)
def test_the_upper_bound_lies_above_the_estimate(count):
    failures, n = count
    assert failures / n <= clopper_pearson_upper(failures, n) <= 1


def test_mcnemar_matches_the_exact_p_value():
    first = [True] * 540 + [True] * 24 + [False] * 12 + [False] * 24
    second = [True] * 540 + [False] * 24 + [True] * 12 + [False] * 24
    test = mcnemar_exact(first, second)
    assert (test.only_first, test.only_second) == (24, 12)
    assert test.p_value == pytest.approx(0.0652453352, abs=1e-9)


def test_answerers_that_never_differ_are_not_told_apart():
    assert mcnemar_p_value(0, 0) == 1


def test_learn_then_test_stops_at_the_first_failure():
    result = learn_then_test([600, 750, 840, 900], [3, 6, 9, 14], alpha=0.02, delta=0.05)
    assert result.chosen == 2
    assert result.p_values == pytest.approx((0.0021357, 0.0072021, 0.0278075, 0.2054), abs=5e-5)


def test_a_threshold_past_a_failure_is_never_chosen():
    assert learn_then_test([600, 600, 5_000], [3, 20, 10], alpha=0.02, delta=0.05).chosen == 0


def test_no_threshold_is_chosen_when_the_strictest_fails():
    assert learn_then_test([60], [0], alpha=0.02, delta=0.05).chosen is None
    assert learn_then_test([], [], alpha=0.02, delta=0.05).chosen is None


def test_the_bound_is_broken_in_at_most_delta_of_draws():
    """Confidences that mean what they say, many calibration draws, true error of the accepted known."""
    alpha, delta, draws = 0.07, 0.05, 400
    random = np.random.default_rng(5)
    grid = np.linspace(0.999, 0.5, 60)
    broken = 0
    for _ in range(draws):
        sure = 1 - random.beta(1.0, 6.0, 1_000)
        wrong = random.random(1_000) > sure
        reached = [(int((sure >= cut).sum()), int((wrong & (sure >= cut)).sum()), cut) for cut in grid]
        reached = [row for row in reached if row[0] >= 60]
        chosen = learn_then_test([row[0] for row in reached], [row[1] for row in reached], alpha, delta).chosen
        if chosen is not None:
            risk = 1 - random.beta(1.0, 6.0, 20_000)
            broken += (1 - risk[risk >= reached[chosen][2]]).mean() > alpha
    assert broken / draws <= delta + 2 * np.sqrt(delta * (1 - delta) / draws)


def test_least_abstention_matches_the_published_bound():
    assert least_abstention(0.06, 0.02) == pytest.approx(0.0408163265, abs=1e-9)


def test_a_good_student_need_not_abstain():
    assert least_abstention(0.01, 0.02) == 0


@pytest.mark.parametrize(("alpha", "needed"), [(0.05, 59), (0.02, 149), (0.01, 299)])
def test_answers_needed_without_a_mistake(alpha, needed):
    assert accepted_needed(alpha, 0.05) == needed


@pytest.mark.parametrize(
    ("alpha", "share", "about"), [(0.05, 0.025, 155), (0.05, 0.0375, 742), (0.02, 0.01, 390), (0.02, 0.015, 1_920)]
)
def test_answers_needed_with_mistakes_lie_near_the_published_numbers(alpha, share, about):
    assert accepted_needed(alpha, 0.05, share) == pytest.approx(about, rel=0.07)


def test_no_number_of_answers_proves_a_rate_that_is_not_below_alpha():
    assert accepted_needed(0.02, 0.05, 0.02) is None


def test_novelty_is_the_share_of_inputs_seen_once():
    assert good_turing_novelty([1, 1, 3, 5]) == pytest.approx(0.2)
    assert good_turing_novelty([]) is None


@settings(max_examples=50)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(0, 1))
def test_quantile_agrees_with_numpy(values, share):
    assert quantile(values, share) == pytest.approx(float(np.quantile(values, share)), rel=1e-9, abs=1e-6)

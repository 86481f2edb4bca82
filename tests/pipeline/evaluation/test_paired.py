"""Paired comparisons against published and independently computed figures, and their coverage in simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from analytics.statistics import mcnemar_p_value
from pipeline.evaluation.paired import (
    Pairs,
    effective_rows,
    holm,
    newcombe_paired,
    normal_point,
    pairs,
    rows_to_show,
    tango,
    tango_z,
)

P = Pairs(540, 12, 24, 24)  # 600 paired rows: only the student right 12, only the teacher 24


def test_tango_is_the_published_score_interval():
    found = tango(P)
    assert (found.value, found.low, found.high) == pytest.approx((-0.02, -0.0411506257, -0.0004215692), abs=1e-9)
    assert tango_z(P, -0.05) == pytest.approx(2.6699303572, abs=1e-9)
    assert tango_z(P, -0.03) == pytest.approx(normal_point(0.1655484650), abs=1e-8)


def test_tango_without_a_discordant_row_still_has_width():
    found = tango(Pairs(200, 0, 0, 0))
    z2 = 1.959963984540054**2
    assert (found.low == pytest.approx(-z2 / (200 + z2), abs=1e-6) and found.high == -found.low) or found.high > 0


def test_newcombe_is_method_10():
    """Square and add by hand from statsmodels' Wilson limits; Altman's table (14, 5, 0, 22) has D = 0.122."""
    counts = Pairs(14, 5, 0, 22)
    found = newcombe_paired(counts)
    (l1, u1), (l2, u2) = (proportion_confint(k, 41, method="wilson") for k in (19, 14))
    p1, p2 = 19 / 41, 14 / 41
    phi = (14 * 22 - 41 / 2) / math.sqrt(19 * 22 * 14 * 27)
    low = p1 - p2 - math.sqrt((p1 - l1) ** 2 - 2 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2)
    high = p1 - p2 + math.sqrt((p2 - l2) ** 2 - 2 * phi * (p2 - l2) * (u1 - p1) + (u1 - p1) ** 2)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert (round(found.value, 3), round(low, 3), round(high, 3)) == (0.122, 0.011, 0.226)


def test_holm_is_that_of_the_textbook_and_of_statsmodels():
    p = (0.004, 0.011, 0.03, 0.041, 0.2)
    assert holm(p) == pytest.approx([0.02, 0.044, 0.09, 0.09, 0.2])
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert holm([0.02, None, 0.5]) == [0.04, None, 0.5]


@pytest.mark.parametrize(
    ("discordant", "margin", "difference", "rows"),
    [(0.06, 0.02, 0, 928), (0.06, 0.01, 0, 3_710), (0.06, 0.02, -0.005, 1_648)],
)
def test_rows_to_show_non_inferiority(discordant, margin, difference, rows):
    assert rows_to_show(discordant, margin, difference, level=0.05) == pytest.approx(rows, abs=1)
    assert rows_to_show(discordant, margin, -margin, level=0.05) is None


def test_rows_that_repeat_count_for_less():
    assert effective_rows([1, 2, 3, 4]) == 4
    assert effective_rows([7] * 10) == 1
    assert effective_rows([]) == 0
    assert P.worth(300).n == pytest.approx(300) and P.worth(300).difference == pytest.approx(P.difference)


counts = st.integers(0, 60)


@given(counts, counts, counts, counts)
def test_intervals_hold_the_difference_and_turn_around(a, b, c, d):
    if not a + b + c + d:
        assert tango(Pairs(a, b, c, d)) is None and newcombe_paired(Pairs(a, b, c, d)) is None
        return
    for method in (tango, newcombe_paired):
        one, other = method(Pairs(a, b, c, d)), method(Pairs(a, c, b, d))
        assert -1 <= one.low <= one.value <= one.high <= 1
        assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-6)


@given(counts, counts)
def test_an_interval_without_zero_goes_with_a_small_p(only_first, only_second):
    found = tango(Pairs(300, only_first, only_second, 20))
    if found.low > 0 or found.high < 0:
        assert mcnemar_p_value(only_first, only_second) < 0.126


def simulated(method, n, first, second, correlation, trials=1_500, seed=5):
    """Share of trials whose interval holds the true difference."""
    generator = np.random.default_rng(seed)
    both = first * second + correlation * math.sqrt(first * (1 - first) * second * (1 - second))
    chances = [both, first - both, second - both, 1 - first - second + both]
    draws = generator.multinomial(n, chances, size=trials)
    held = [(found := method(Pairs(*map(float, row)))).low <= first - second <= found.high for row in draws]
    return float(np.mean(held))


@pytest.mark.parametrize("method", [tango, newcombe_paired])
@pytest.mark.parametrize(("n", "first", "second"), [(60, 0.9, 0.95), (300, 0.93, 0.95), (800, 0.97, 0.97)])
def test_paired_intervals_cover_what_they_say(method, n, first, second):
    assert simulated(method, n, first, second, 0.5) >= 0.93


def test_counting_pairs():
    assert pairs([True, True, False, False], [True, False, True, False]) == Pairs(1, 1, 1, 1)

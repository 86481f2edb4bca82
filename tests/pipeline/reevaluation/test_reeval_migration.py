"""The arithmetic of a move, against numbers worked out by hand, and what must hold for any."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.contracts import Interval
from pipeline.reevaluation.migration import (
    Terms,
    costs_per_row,
    gain_per_month,
    migration,
    paid_back,
    present_months,
    surest,
)

FLAT = Terms(10_000.0, 1.3, 0.015, 10.0, 0.0, 0.0, 0.0)


def flags(*values):
    return np.array(values, dtype=np.bool_)


def test_a_call_costs_what_happens_to_it():
    served, wrong = flags(0, 1, 1, *[1] * 97), flags(1, 0, 1, *[0] * 97)
    assert costs_per_row(served, wrong, FLAT)[:3] == pytest.approx([1.3, 0.015, 10.015])


def test_the_surest_are_served_as_far_as_the_risk_allows():
    confidence = np.array([0.9, 0.8, 0.7, 0.7, 0.6])
    assert surest(confidence, flags(0, 0, 0, 1, 0), 0.25).tolist() == [True] * 5  # one of five is wrong
    assert surest(confidence, flags(0, 0, 0, 1, 0), 0.1).tolist() == [True, True, False, False, False]
    assert not surest(confidence, flags(1, 0, 0, 0, 0), 0.1).any()


def test_a_student_that_saves_nothing_costs_what_the_teacher_costs():
    assert costs_per_row(flags(0, 0), flags(1, 0), FLAT).tolist() == [1.0, 1.0]
    one_in_five = costs_per_row(flags(1, 0, 0, 0, 0), flags(0, 0, 0, 0, 0), FLAT)  # 0.985 saved, 4 x 0.3 for hand-backs
    assert one_in_five.tolist() == [1.0] * 5


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50), st.floats(0, 1))
def test_what_is_served_keeps_the_risk(rows, alpha):
    confidence, wrong = np.array([row[0] for row in rows]), flags(*(row[1] for row in rows))
    served = surest(confidence, wrong, alpha)
    assert not served.any() or wrong[served].mean() <= alpha + 1e-12
    assert not served.any() or served.all() or confidence[served].min() > confidence[~served].max()


def test_serving_more_of_what_is_right_gains_what_was_handed_back():
    before = costs_per_row(flags(*[1] * 50 + [0] * 50), flags(*[0] * 100), FLAT)
    after = costs_per_row(flags(*[1] * 60 + [0] * 40), flags(*[0] * 100), FLAT)
    gain = gain_per_month(before - after, np.arange(100), 10_000.0)
    assert gain.value == pytest.approx(10_000 * 0.10 * (1.3 - 0.015))
    assert gain.low < gain.value < gain.high and gain.n == 100


def test_the_error_is_that_of_a_mean_where_no_two_rows_are_alike():
    saved = np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    gain = gain_per_month(saved, np.arange(5), 1.0)
    assert (gain.high - gain.value) / 1.959963984540054 == pytest.approx(saved.std(ddof=1) / np.sqrt(5))


def test_rows_that_repeat_each_other_say_less():
    saved = np.array([0.0, 1.0] * 20)
    alone, paired = gain_per_month(saved, np.arange(40), 1.0), gain_per_month(np.sort(saved), np.arange(40) // 10, 1.0)
    assert paired.high - paired.low > alone.high - alone.low
    assert gain_per_month(saved, np.zeros(40, dtype=np.int64), 1.0) is None


def test_discounting_follows_the_formula():
    terms = replace(FLAT, monthly_growth=0.02, yearly_price_decline=0.3, yearly_discount=0.12)
    by_hand = sum(1.02 ** (t - 1) * 0.7 ** ((t - 1) / 12) / 1.12 ** (t / 12) for t in range(1, 25))
    assert present_months(terms) == pytest.approx(by_hand)


def test_a_move_in_numbers():
    made = migration(Interval(1_000.0, 500.0, 1_500.0, "95%", 100), 6_000.0, FLAT)
    assert (made.npv_24m_usd.value, made.npv_24m_usd.low, made.npv_24m_usd.high) == (18_000.0, 6_000.0, 30_000.0)
    assert made.break_even_months == pytest.approx(6.0)
    assert made.break_even_spend_usd == pytest.approx(5_000.0)  # a tenth of the bill is gained: 12 x 0.1 x S = 6,000


def test_no_gain_never_pays():
    made = migration(Interval(-1.0, -2.0, 0.0, "95%", 9), 100.0, FLAT)
    assert made.break_even_months is None and made.break_even_spend_usd is None and made.npv_24m_usd.value < 0


@given(st.floats(1, 1e5), st.floats(1, 1e6), st.floats(-0.05, 0.05), st.floats(0, 0.6))
def test_at_the_month_of_payback_gains_sum_to_the_cost(gain, cost, growth, decline):
    terms = replace(FLAT, monthly_growth=growth, yearly_price_decline=decline)
    months = paid_back(gain, cost, terms)
    if months is None:
        return
    bills = [(1 + growth) ** m * (1 - decline) ** (m / 12) for m in range(int(months) + 1)]
    summed = gain * (sum(bills[: int(months)]) + (months - int(months)) * bills[int(months)])
    assert summed == pytest.approx(cost, rel=1e-6)

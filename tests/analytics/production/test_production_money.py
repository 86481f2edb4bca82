"""A day's money adds up to the micro-dollar, and audits correct the tokens that are estimated."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.production.money import Estimated, Paid, PricedAudit, Terms, day_money, micros, token_ratio, with_range

USD = st.decimals(0, 10_000, places=9, allow_nan=False)
RATIOS = st.decimals(0, 2, places=6, allow_nan=False)


def test_a_day_by_hand():
    paid = Paid(Decimal("80"), Decimal("20"), Decimal("0.5"))
    found = day_money(paid, Terms(Decimal("0.9"), Decimal("1.1"), Decimal("4.8"), Decimal("1")), Estimated())
    assert found.baseline_micros == 97_200_000  # 0.9 x (80 x 1.1 + 20)
    assert found.saving_micros == 97_200_000 - 20_000_000 - 500_000 - 4_800_000 - 1_000_000


@given(USD, USD, USD, RATIOS, RATIOS, USD)
def test_parts_add_up_exactly(served, back, audits, kept, ratio, serving):
    found = day_money(
        Paid(served, back, audits), Terms(kept, ratio, serving, Decimal(0)), Estimated(served, Decimal(1))
    )
    parts = found.handed_back_micros + found.audit_micros + found.serving_micros + found.operations_micros
    assert found.saving_micros == found.baseline_micros + found.correction_micros - parts
    assert found.handed_back_micros == micros(back)


def test_when_audits_tell_more_the_whole_is_booked_anew_without_touching_a_row():
    days = [(Decimal(10), Decimal("1")), (Decimal(20), Decimal("1.2")), (Decimal(30), Decimal("1.1"))]
    before, booked = Estimated(), 0
    for estimate, ratio in days:
        paid, terms = Paid(estimate, Decimal(0), Decimal(0)), Terms(Decimal("0.5"), ratio, Decimal(0), Decimal(0))
        booked += day_money(paid, terms, before).saving_micros
        before = before.after(paid, terms)
    assert booked == micros(Decimal("0.5") * Decimal("1.1") * 60)


def audit(billed, estimated="1", propensity=0.01):
    return PricedAudit(Decimal(str(billed)), Decimal(estimated), propensity)


def test_a_few_audits_correct_nothing():
    found = token_ratio([audit(2)] * 29)
    assert (found.value, found.standard_error, found.half_width) == (1, None, 0.2)


def test_bills_over_estimates_each_by_its_propensity():
    found = token_ratio([audit(1.2)] * 30 + [audit(2.0, propensity=0.1)] * 30)
    assert float(found.value) == pytest.approx((30 * 100 * 1.2 + 30 * 10 * 2.0) / (30 * 100 + 30 * 10), abs=1e-6)
    assert found.standard_error > 0


def test_equal_ratios_leave_no_doubt():
    assert token_ratio([audit(1.5)] * 40).standard_error == pytest.approx(0)


def test_a_range_holds_its_value():
    assert with_range(-3.0, [(1.0, 2.0), (0.0, 0.0)]) == (-3.0, -4.0, -1.0)

"""From the bill today to the bill after: the bars add up, whatever the case."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.assumptions import defaults
from analytics.costs import api_usd, net_usd, one_off_usd
from analytics.inputs import inputs_of
from analytics.waterfall import first_full_month, waterfall

CASES = st.fixed_dictionaries(
    {
        "monthly_spend_usd": st.floats(0, 1e6),
        "monthly_growth": st.floats(-0.05, 0.1),
        "yearly_price_decline": st.floats(0, 0.6),
        "fallback_share": st.floats(0, 1),
        "error_delta": st.floats(-0.01, 0.02),
        "build_months": st.floats(0, 6),
        "committed_usd_per_month": st.floats(0, 1e5),
        "committed_months": st.integers(0, 24),
    }
)


@given(CASES, st.floats(0, 2e6))
@settings(max_examples=60, deadline=None)
def test_the_bars_add_up_to_the_bill_after_and_to_the_formulas(values, spend_usd):
    left = inputs_of(defaults().with_values(values))
    first, *steps, last = waterfall(spend_usd, left)
    assert first.usd == 12 * spend_usd
    assert last.usd == pytest.approx(first.usd + sum(bar.usd for bar in steps), abs=1e-6)
    months = range(first_full_month(left), first_full_month(left) + 12)
    bill, net = (sum(float(f(left, month)[0]) for month in months) for f in (api_usd, net_usd))
    assert last.usd == pytest.approx(bill - net + float(one_off_usd(left)[0]), abs=0.06, rel=1e-9)


def test_the_published_case_has_every_step():
    bars = {bar.name: bar.usd for bar in waterfall(20_000, inputs_of(defaults()))}
    assert bars["the API bill today"] == 240_000
    assert bars["one-off cost"] == 45_500
    assert bars["serving"] == pytest.approx(12 * 3_274.05)
    assert bars["calls no longer sent"] < 0 < bars["handed back"]
    assert "cheaper configuration" not in bars and "committed all the same" not in bars


def test_a_lever_before_the_student_is_a_step_of_its_own():
    left = inputs_of(defaults().with_values({"monthly_spend_usd": 10_000}))
    bars = {bar.name: bar.usd for bar in waterfall(20_000, left)}
    assert bars["cheaper configuration"] == pytest.approx(bars["calls no longer sent"])


def test_the_first_full_month_is_the_first_in_which_the_ramp_is_over():
    built = [defaults().with_values({"build_months": months}) for months in (0, 2, 2.5)]
    assert [first_full_month(inputs_of(one)) for one in built] == [2, 4, 4]
    assert np.isfinite(waterfall(0, inputs_of(defaults()))[-1].usd)

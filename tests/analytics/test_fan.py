"""Cash over time: when each draw crosses zero, and how deep it goes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.assumptions import defaults
from analytics.costs import payback_months
from analytics.fan import break_even_band, cash_at_risk, cash_fan, first_crossings


def at(spend, **values):
    return defaults().with_values({"monthly_spend_usd": spend, **values})


PATHS = st.lists(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=5), min_size=1, max_size=6)


@given(PATHS)
def test_a_crossing_is_the_payback_of_that_path_alone(paths):
    saved = np.array(paths).T
    for draw, crossing in enumerate(first_crossings(saved)):
        expected = payback_months(saved[:, draw])
        assert np.isnan(crossing) if expected is None else crossing == pytest.approx(expected)


def test_the_band_leaves_out_those_that_never_cross_and_counts_them():
    band = break_even_band(np.array([2.0, 4.0, 6.0, np.nan, np.nan]))
    assert (band.p50, band.never_share) == (4.0, pytest.approx(0.4))
    assert break_even_band(np.array([np.nan])) == (None, None, None, 1.0)


def test_cash_at_risk_is_the_lowest_point_and_never_a_gain():
    saved = np.array([[5.0, -5.0], [3.0, -9.0], [8.0, 4.0]])
    risk = cash_at_risk(saved)
    assert risk.p50_usd == -4.5 and risk.p5_usd < risk.p50_usd
    assert cash_at_risk(np.array([[1.0], [2.0]])) == (0.0, 0.0)


def test_a_bigger_bill_breaks_even_sooner_and_more_often():
    small, large = cash_fan(at(20_000)), cash_fan(at(50_000))
    assert large.break_even.never_share < small.break_even.never_share
    assert large.break_even.p50 < small.break_even.p50
    assert small.at_risk.p5_usd < small.at_risk.p50_usd < 0


def test_the_band_agrees_with_the_chance_of_breaking_even():
    found = cash_fan(at(20_000)).break_even
    assert 1 - found.never_share == pytest.approx(0.5244, abs=0.03)  # by month 24, from 200,000 draws


def test_failed_projects_stay_at_what_they_lost():
    found = cash_fan(at(50_000, project_failure_share=1.0))
    assert found.break_even.never_share == 1.0
    assert found.points[24].p50 == found.points[0].p50 == found.at_risk.p50_usd

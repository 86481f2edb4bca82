"""The parts of a miss add up to it, whatever was foretold and whatever came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.production.miss import FACTORS, Coverage, Other, Period, Price, Quality, Volume, explain


def period(calls=1000.0, call=0.01, served=0.9, ratio=1.3, errors=0.002, audits=0.015, error=0.1, fixed=2.0):
    return Period(Volume(calls), Price(call), Coverage(served, ratio), Quality(errors), Other(audits, error, fixed))


def test_net_by_hand():
    spend = 10.0
    assert period().net_usd == pytest.approx(spend * (1 - 0.1 * 1.3 - 0.9 * 0.015) - 1000 * 0.9 * 0.002 * 0.1 - 2.0)


def test_one_factor_that_moved_explains_all():
    parts = explain(period(), period(call=0.008))
    assert parts["price"] == pytest.approx(period(call=0.008).net_usd - period().net_usd)
    assert all(parts[name] == pytest.approx(0) for name in FACTORS if name != "price")


def test_two_that_moved_share_what_they_did_together():
    both = explain(
        period(errors=0, fixed=0, audits=0, served=1), period(2000, 0.02, errors=0, fixed=0, audits=0, served=1)
    )
    assert both["volume"] == pytest.approx(1000 * (0.01 + 0.02) / 2)
    assert both["price"] == pytest.approx(0.01 * (1000 + 2000) / 2)


AMOUNTS = st.floats(0, 1e6)
SHARES = st.floats(0, 1)
PERIODS = st.builds(
    period, AMOUNTS, st.floats(0, 1), SHARES, st.floats(0, 3), SHARES, SHARES, st.floats(0, 10), AMOUNTS
)


@given(PERIODS, PERIODS)
def test_the_parts_sum_to_the_miss(foretold, came):
    parts = explain(foretold, came)
    assert set(parts) == {"volume", "price", "coverage", "quality", "other"}
    scale = 1 + abs(came.net_usd) + abs(foretold.net_usd) + sum(map(abs, parts.values()))
    assert sum(parts.values()) == pytest.approx(came.net_usd - foretold.net_usd, abs=1e-9 * scale)

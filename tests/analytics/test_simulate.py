"""The Monte Carlo against the published table: chances within .005, money within 1 %."""

import numpy as np
import pytest
from scipy import stats

from analytics.alternatives import exact_cache
from analytics.assumptions import Setting, defaults
from analytics.simulate import BREAK_EVEN_MONTHS, FAST_DRAWS, quantile, simulate

PUBLISHED = {
    5_000: (0.0000, 0.0002, -138_527, -234_000, -59_000),
    10_000: (0.0134, 0.0579, -87_367, -190_000, None),
    15_000: (0.1616, 0.2822, -41_020, -156_000, 71_000),
    20_000: (0.4137, 0.5244, 2_701, -127_000, 141_000),
    30_000: (0.7666, 0.8035, 89_887, -73_000, 286_000),
    50_000: (0.9404, 0.9404, 269_831, -19_000, 587_000),
}


def at(spend, **values):
    return defaults().with_values({"monthly_spend_usd": spend, **values})


@pytest.mark.parametrize("spend", PUBLISHED)
def test_published_chances_and_values(spend):
    p12, p24, mean, low, high = PUBLISHED[spend]
    found = simulate(at(spend))
    assert found.p_break_even[12] == pytest.approx(p12, abs=0.005)
    assert found.p_break_even[24] == pytest.approx(p24, abs=0.005)
    assert found.npv_mean_usd == pytest.approx(mean, rel=0.01)
    assert found.npv_p5_usd == pytest.approx(low, rel=0.02)  # published in thousands
    if high is not None:
        assert found.npv_p95_usd == pytest.approx(high, rel=0.02)


def test_published_chance_by_month_and_value_of_information():
    found = simulate(at(20_000))
    assert tuple(found.p_break_even) == BREAK_EVEN_MONTHS
    expected = [0.0553, 0.2625, 0.4137, 0.5201, 0.5244]
    assert list(found.p_break_even.values()) == pytest.approx(expected, abs=0.005)
    assert found.evpi_usd == pytest.approx(30_646, rel=0.01)
    assert found.one_off_p95_usd == pytest.approx(98_569, rel=0.001)


def test_the_same_case_gives_the_same_figures():
    assert simulate(at(20_000), draws=5_000) == simulate(at(20_000), draws=5_000)


def test_fewer_draws_agree_within_one_percent_of_a_chance():
    fast, full = (simulate(at(25_000), draws=draws) for draws in (FAST_DRAWS, 200_000))
    for month in BREAK_EVEN_MONTHS:
        assert fast.p_break_even[month] == pytest.approx(full.p_break_even[month], abs=0.01)


def test_the_median_lies_inside_its_range():
    found = simulate(at(20_000), draws=FAST_DRAWS)
    assert found.npv_p5_usd <= found.npv_p50_usd <= found.npv_p95_usd


def test_an_alternative_is_compared_draw_by_draw():
    cache = exact_cache(0.6, is_measured=True)
    found = simulate(at(20_000), [cache], draws=FAST_DRAWS)
    assert found.alternative_wins["exact cache"] > 0.95
    assert found.alternative_p5_usd["exact cache"] > 0


def test_a_project_that_cannot_fail_breaks_even_more_often():
    sure = at(50_000, project_failure_share=0)
    assert simulate(sure, draws=FAST_DRAWS).p_break_even[12] > simulate(at(50_000), draws=FAST_DRAWS).p_break_even[12]


def test_a_value_known_exactly_is_not_varied():
    known = at(20_000, yearly_price_decline="0.3:0.3:0.3").settings["yearly_price_decline"]
    assert set(quantile(known, np.linspace(0.01, 0.99, 9))) == {0.3}


def test_zero_means_zero():
    none = defaults().with_values({"training_usd": 0, "teacher_generation_usd": 0, "yearly_price_decline": 0})
    for name in ("training_usd", "teacher_generation_usd", "yearly_price_decline"):
        assert quantile(none.settings[name], np.array([0.01, 0.5, 0.99])).tolist() == [0, 0, 0]


def test_the_table_of_the_pert_agrees_with_the_exact_inverse():
    shares = np.linspace(0.0005, 0.9995, 501)
    setting = defaults().settings["build_months"]
    exact = stats.beta.ppf(shares, 1 + 4 / 3, 1 + 8 / 3, loc=1, scale=3)
    assert quantile(setting, shares) == pytest.approx(exact, abs=1e-6)


def test_generation_costs_from_one_to_fifty_thousand_in_nine_cases_of_ten():
    low, high = quantile(defaults().settings["teacher_generation_usd"], np.array([0.05, 0.95]))
    assert (low, high) == (pytest.approx(1_000), pytest.approx(50_000))


def test_a_stated_range_is_the_one_drawn_from():
    weeks: Setting = at(20_000, engineer_weeks="2:4:8").settings["engineer_weeks"]
    assert quantile(weeks, np.array([0.05, 0.95])).tolist() == pytest.approx([2, 8])
    build: Setting = at(20_000, build_months="1:1.5:3").settings["build_months"]
    assert quantile(build, np.array([0.0, 1.0])).tolist() == pytest.approx([1, 3])

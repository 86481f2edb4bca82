"""Ways to serve a student: published break-evens, queueing oracles, latency targets, sleep and commitments."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import costs, queueing, serving
from analytics.assumptions import defaults
from analytics.break_even import break_even
from analytics.inputs import inputs_of
from analytics.queueing import erlang_c, mean_wait_s


def case(**values):
    return inputs_of(defaults().with_values(values))


def served(inputs):
    return costs.served_calls(inputs, 4)


def test_examples_in_the_docstrings_hold():
    for module in (queueing, serving):
        outcome = doctest.testmod(module)
        assert outcome.attempted and not outcome.failed


def test_published_waits():
    assert erlang_c(5, 10 / 3) == pytest.approx(0.3266692800, abs=1e-9)
    assert mean_wait_s(5, 10, 3) == pytest.approx(0.0653338560, abs=1e-9)
    assert mean_wait_s(5, 10, 3, 4, 1.5) == pytest.approx(0.1796681041, abs=1e-9)


def test_one_server_waits_as_the_textbook_says():
    assert mean_wait_s(1, 0.5, 1) == pytest.approx(0.5 / (1 - 0.5))


def test_an_overloaded_queue_never_ends():
    assert mean_wait_s(2, 7, 3) == math.inf
    assert erlang_c(2, 3) == 1


@given(st.integers(1, 60), st.floats(0.01, 0.95))
def test_more_servers_wait_less(servers, utilisation):
    arrivals = utilisation * servers
    assert mean_wait_s(servers + 1, arrivals, 1) <= mean_wait_s(servers, arrivals, 1) + 1e-12
    assert 0 <= erlang_c(servers, arrivals) <= 1


@pytest.mark.parametrize(("months", "published"), [(12, 11_579.27), (24, 8_709.29)])
def test_published_break_even_of_a_hosted_student(months, published):
    found = break_even(case(hosted_usd_per_million=0.2), months)
    assert found.first_usd == pytest.approx(published, abs=0.005)


def test_a_host_is_chosen_only_where_it_is_cheaper():
    small, large = (serving.cheapest_fleet(one, served(one)) for one in (
        case(hosted_usd_per_million=1.0, monthly_spend_usd=3_000), case(hosted_usd_per_million=1.0, monthly_spend_usd=400_000)))  # fmt: skip
    assert (small.name, small.machines) == (serving.HOSTED, 0)
    assert large.name == "H100"


def test_the_hosted_bill_is_tokens_times_tariff():
    one = case(hosted_usd_per_million=0.2)
    assert serving.cheapest_fleet(one, served(one)).usd_per_month == pytest.approx(3_000_000 * 1_800 * 0.2 / 1e6)


def test_a_break_even_beside_a_host_is_exact():
    """Where a host gets dearer than machines the cost bends; the value at the root must be zero all the same."""
    for tariff in (0.3, 0.6, 1.0):
        one = case(hosted_usd_per_million=tariff)
        root = break_even(one, 12).first_usd
        assert costs.cumulative_usd(one.but("monthly_spend_usd", np.array([root])), 12)[0] == pytest.approx(0, abs=1.0)


def test_a_machine_that_sleeps_bills_its_waking_hours_and_cold_starts_count_against_a_target():
    awake = case(awake_share=0.2, monthly_spend_usd=3_000)
    names = [fleet.name for fleet in serving.fleets(awake, served(awake))]
    assert names[0] == "L40S, asleep when idle"
    always = 1.95 * 1.15 * 730
    assert serving.fleets(awake, served(awake))[0].usd_per_month == pytest.approx(always * 0.2)
    quick = case(awake_share=0.2, monthly_spend_usd=3_000, latency_target_ms=20_000)
    assert serving.cheapest_fleet(quick, served(quick)).name == "L40S"


def test_a_latency_target_excludes_what_is_slower():
    free, strict = case(), case(latency_target_ms=6_000)
    assert serving.cheapest_fleet(free, served(free)).name == "L40S"
    assert serving.cheapest_fleet(strict, served(strict)).name == "H100"
    assert costs.serving_usd(strict, 4)[0] == pytest.approx(
        serving.cheapest_fleet(strict, served(strict)).usd_per_month
    )


def test_where_nothing_meets_the_target_the_cheapest_is_named():
    impossible = case(latency_target_ms=1)
    assert serving.cheapest_fleet(impossible, served(impossible)).name == "L40S"
    assert np.isfinite(costs.serving_usd(impossible, 4)).all()


def test_a_reservation_is_paid_whether_used_or_not():
    free, bound = case(), case(committed_usd_per_month=20_000, committed_months=12)
    assert costs.saved_usd(bound, 6)[0] == pytest.approx(0)  # prices fell, so the reservation is all that is paid
    assert costs.saved_usd(bound, 13)[0] == costs.saved_usd(free, 13)[0]
    part = case(committed_usd_per_month=5_000, committed_months=24)
    assert 0 < costs.saved_usd(part, 6)[0] < costs.saved_usd(free, 6)[0]


@given(st.floats(1_000, 200_000), st.floats(0, 50_000), st.integers(0, 30))
def test_a_commitment_never_makes_a_student_pay_more(spend, committed, months):
    free, bound = case(monthly_spend_usd=spend), case(
        monthly_spend_usd=spend, committed_usd_per_month=committed, committed_months=months)  # fmt: skip
    assert costs.npv_usd(bound)[0] <= costs.npv_usd(free)[0] + 1e-6


def test_rent_grows_with_volume_in_steps_of_one_machine():
    spends = np.linspace(1_000, 400_000, 500)
    rents = costs.serving_usd(case().but("monthly_spend_usd", spends), 1)
    steps = np.diff(rents)
    assert (steps >= -1e-9).all()
    assert np.median(steps) == 0


def test_a_machine_that_cannot_run_the_student_takes_infinitely_many():
    option = serving.Machine("x", np.array([0.0, 10.0]), np.array([1.0]), 1)
    needed = serving.machines(case(min_replicas=2), option, np.array([1e6]))
    assert np.isinf(needed[0]) and needed[1] == 2

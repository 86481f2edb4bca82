"""The cheapest API configuration that passes the gate, and a student judged on what it leaves."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.alternatives import Alternative, batch, compose, exact_cache, prompt_cache, smaller_model
from analytics.assumptions import defaults
from analytics.configuration import cheapest, with_levers
from analytics.contracts import Verdict
from analytics.decision import evaluate
from analytics.levers import from_assumptions

MEASURED = (
    prompt_cache(0.2, is_measured=True),
    exact_cache(0.3, is_measured=True),
    batch(0.4, is_measured=True),
)


def at(spend, **values):
    return defaults().with_values({"monthly_spend_usd": spend, **values})


def test_shares_compose_on_what_is_left():
    found = cheapest(at(50_000), MEASURED)
    assert found.saved_share == pytest.approx(compose([0.2, 0.3, 0.2]))
    assert found.spend_usd == pytest.approx(50_000 * 0.8 * 0.7 * 0.8)


@given(st.permutations(MEASURED))
@settings(max_examples=6, deadline=None)
def test_the_order_in_which_levers_are_listed_does_not_matter(levers):
    assert cheapest(at(50_000), levers) == cheapest(at(50_000), MEASURED)


def test_an_untested_lever_is_not_in_it():
    found = cheapest(at(50_000), [smaller_model(0.05), prompt_cache(0.2, is_measured=True)])
    assert found.levers == ("prompt cache",)


def test_a_lever_that_costs_more_than_it_saves_is_not_in_it():
    assert cheapest(at(100), [exact_cache(0.3, is_measured=True)]).levers == ()


def test_only_one_model_can_answer():
    small, other = (
        smaller_model(0.1, 0.0, is_measured=True),
        Alternative("open weights", 0.8, 1_000, is_measured=True, is_model=True),
    )
    found = cheapest(at(50_000), [small, other])
    assert len(found.levers) == 1


def test_answered_calls_go_and_cheaper_calls_stay():
    base = at(20_000)
    cached, cheaper = (
        with_levers(base, cheapest(base, [lever]), [lever])
        for lever in (exact_cache(0.5, is_measured=True), prompt_cache(0.5, is_measured=True))
    )
    assert cached.value("monthly_spend_usd") == cheaper.value("monthly_spend_usd") == 10_000
    assert cached.value("call_cost_usd") == base.value("call_cost_usd")
    assert cheaper.value("call_cost_usd") == base.value("call_cost_usd") / 2


def test_without_a_lever_nothing_changes():
    base = at(20_000, monthly_spend_usd="15000:20000:30000")
    assert with_levers(base, cheapest(base, MEASURED[:0]), ()) == base


def test_a_student_is_judged_on_what_the_levers_leave():
    alone = evaluate(at(60_000), alternatives=(), fast=True)
    beside = evaluate(at(60_000), alternatives=[prompt_cache(0.3, is_measured=True)], fast=True)
    assert beside.economics.monthly_spend_usd == alone.economics.monthly_spend_usd == 60_000
    assert beside.economics.configuration.spend_usd == pytest.approx(42_000)
    assert beside.economics.npv_24m_usd < alone.economics.npv_24m_usd
    same = evaluate(at(42_000, call_cost_usd=0.006 * 0.7), alternatives=(), fast=True)
    assert beside.economics.npv_24m_usd == pytest.approx(same.economics.npv_24m_usd)


def test_stating_the_small_model_s_errors_says_that_it_was_tested():
    tested = from_assumptions(at(20_000, small_model_error_delta=0.004))
    assert next(one for one in tested if one.is_model).is_measured
    failed = from_assumptions(at(20_000, small_model_error_delta=0.05))
    assert not next(one for one in failed if one.is_model).is_measured
    found = evaluate(at(20_000, small_model_error_delta=0.001), fast=True)
    assert found.verdict is Verdict.CHEAPER_FIX_FIRST
    assert "smaller vendor model" in found.reasons[0].sentence


def test_every_lever_is_priced_when_its_share_is_known():
    shares = {"exact_repeat_share": 0.1, "semantic_cache_share": 0.1, "prompt_cache_share": 0.1, "batchable_share": 0.1,
              "prompt_cut_share": 0.1, "reasoning_spend_share": 0.1, "cascade_acceptance": 0.5,
              "open_weights_price_ratio": 0.1, "vendor_tuned_price_ratio": 0.4}  # fmt: skip
    names = [one.name for one in from_assumptions(at(20_000, **shares))]
    assert len(names) == 11 and len(set(names)) == 11
    for one, other in itertools.pairwise(names):
        assert one != other


def test_a_stated_range_of_spend_shrinks_with_it():
    base = at(20_000, monthly_spend_usd="0:20000:40000")
    levers = [prompt_cache(0.5, is_measured=True)]
    left = with_levers(base, cheapest(base, levers), levers).settings["monthly_spend_usd"]
    assert (left.value, left.spread.low, left.spread.high) == (10_000, 0, 20_000)

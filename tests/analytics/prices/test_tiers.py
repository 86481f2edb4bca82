"""Service tiers and long inputs: what is listed, what follows from it, and what stands in."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.price_litellm import listed_prices
from analytics.price_rows import NO_LIMIT, rows_of
from analytics.price_table import BASE, RATES, price_of
from analytics.price_tiers import listed_tier
from analytics.prices import Asked, PriceBook

ENTRY = {
    "in": "2", "cache_read": "0.2", "out": "10",
    "above": {"200000": {"in": "4", "out": "15"}, "512000": {"in": "8", "out": "30"}},
    "tiers": {"batch": {"in": "1", "out": "5"}, "priority": {"in": "3.5", "out": "17.5", "above": {"200000": {"in": "9"}}}},
}  # fmt: skip
PRICE = price_of(ENTRY, "openai/example", "test")


def rates(tier, above=BASE, price=PRICE):
    return tuple(float(price.rate(rate, tier=tier, above=above) * 1_000_000) for rate in ("in", "cache_read", "out"))


def test_each_threshold_has_its_own_rates():
    assert PRICE.thresholds() == [BASE, 200_000, 512_000]
    assert rates("standard") == (2, 0.2, 10)
    assert rates("standard", 200_000) == (4, 0.2, 15)  # a cache rate that is not repeated stays
    assert rates("standard", 512_000) == (8, 0.2, 30)


def test_a_tier_moves_what_it_does_not_list():
    assert rates("batch") == (1, 0.1, 5)
    assert rates("batch", 512_000) == (4, 0.1, 15)
    assert rates("priority", 200_000) == (9, 0.45, 26.25)


def test_a_tier_without_a_price_costs_the_standard_price_and_says_so():
    (row, *_) = rows_of("openai", "example", [PRICE], "flex")
    assert (row["price_tier"], row["price_basis"]) == ("standard", "defaulted")
    assert listed_tier("fast", PRICE.tiers, "openai") == "priority"
    assert listed_tier("fast", PRICE.tiers, "anthropic") is None


@pytest.mark.parametrize(
    ("spelled", "tier"), [("default", "standard"), ("batch", "batch"), ("ON_DEMAND_PRIORITY", "priority")]
)
def test_tiers_as_logs_spell_them(spelled, tier):
    assert {row["price_tier"] for row in rows_of("openai", "example", [PRICE], spelled)} == {tier}


def test_rows_of_a_tier_cover_every_length_once():
    rows = list(rows_of("openai", "example", [PRICE], "batch"))
    bounds = [(row["input_above_tokens"], row["input_until_tokens"]) for row in rows]
    assert bounds == [(BASE, 200_000), (200_000, 512_000), (512_000, NO_LIMIT)]


def test_a_tier_that_one_list_lacks_comes_from_the_other_with_its_name():
    (row, *_) = PriceBook.load().rows_for([Asked("gemini", "gemini-2.5-pro", "priority")]).to_pylist()
    assert (row["price_tier"], row["price_source"]) == ("priority", "litellm 1.106.2")
    (row, *_) = PriceBook.load().rows_for([Asked("gemini", "gemini-2.5-pro")]).to_pylist()
    assert row["price_source"] == "genai-prices 0.2.3"


def test_the_map_of_litellm_with_ranges_multipliers_and_inclusive_thresholds():
    listed = listed_prices(
        {
            "dashscope/q": {
                "mode": "chat", "litellm_provider": "dashscope",
                "tiered_pricing": [
                    {"range": [0, 32000.0], "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6},
                    {"range": [32000.0, 64000], "input_cost_per_token": 3e-6, "output_cost_per_token": 4e-6},
                ],
            },
            "claude-x": {
                "mode": "chat", "litellm_provider": "anthropic", "input_cost_per_token": 5e-6,
                "output_cost_per_token": 2.5e-5, "provider_specific_entry": {"fast": 2.0},
            },
            "xai/g": {
                "mode": "chat", "litellm_provider": "xai", "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6,
                "input_cost_per_token_above_200k_tokens": 2e-6,
            },
            "free-of-a-price": {"mode": "chat", "litellm_provider": "openai"},
        }
    )  # fmt: skip
    assert listed["dashscope"]["q"] == {"in": "1", "out": "2", "above": {"32000": {"in": "3", "out": "4"}}}
    assert listed["anthropic"]["claude-x"]["tiers"] == {"fast": {"in": "10", "out": "50"}}
    assert listed["x-ai"]["g"]["above"] == {"199999": {"in": "2"}}  # xAI bills the long rate at the threshold itself
    assert "openai" not in listed


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(["standard", "batch", "priority"]), st.sampled_from([BASE, 200_000, 512_000]))
def test_every_rate_is_known_exact_and_rises_with_length(tier, above):
    for rate in RATES:
        value = PRICE.rate(rate, tier=tier, above=above)
        assert value == value.quantize(Decimal("1e-12"))
        assert value >= PRICE.rate(rate, tier=tier) >= 0

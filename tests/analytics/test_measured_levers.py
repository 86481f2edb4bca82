"""What a task's own tokens say of cheaper ways, and what a cache of alike requests would do."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from analytics.arrivals import Arrivals
from analytics.measured_levers import TokenMix, cost_usd, measured_levers
from analytics.prices import PriceBook
from analytics.semantic_cache import try_cache

TODAY = date(2026, 11, 24)
WARM = Arrivals(minutes=10_000, peak_to_mean=4, scv=2, awake_share=0.5, cache_hit_share=0.9)
RATES = {
    "in": Decimal("2e-6"),
    "cache_read": Decimal("2e-7"),
    "cache_write_5m": Decimal("2.5e-6"),
    "out": Decimal("1e-5"),
}


def mix(model="gpt-4o", calls=1_000, cost=7.5, **tokens):
    given = {"uncached": 2_000_000, "cache_read": 0, "cache_write": 0, "visible": 250_000, "reasoning": 0, **tokens}
    return TokenMix(model, calls, cost, **given)


def found(*mixes, arrivals=WARM, constant=0.8, today=TODAY):
    return measured_levers(mixes, arrivals, constant, PriceBook.load(), today)


def test_the_cost_of_a_mix_is_the_sum_over_its_kinds():
    one = TokenMix("m", 1, None, 1_000, 500, 0, 300, 0)
    assert cost_usd(one, RATES) == pytest.approx(0.0051)
    assert cost_usd(one, {"in": RATES["in"], "out": RATES["out"]}) == pytest.approx(0.006)


def test_the_small_model_is_priced_on_the_task_s_own_tokens():
    ratio = found(mix())["small_model_price_ratio"]
    small = (2_000_000 * 1e-7 + 1.5 * 250_000 * 5e-7) / 7.5  # gpt-6-luna, half as much output again
    assert ratio == pytest.approx(small)


def test_a_model_that_is_the_small_one_already_has_no_smaller():
    assert "small_model_price_ratio" not in found(mix(model="gpt-6-luna", cost=0.325))


def test_prompt_caching_saves_what_the_formula_says():
    saved = found(mix())["prompt_cache_share"]
    read = float(Decimal("1.25e-6") / Decimal("2.5e-6"))
    assert saved == pytest.approx(2_000_000 * 2.5e-6 / 7.5 * 0.8 * 0.9 * (1 - read))


def test_what_is_cached_already_cannot_be_saved_again():
    warm = mix(uncached=400_000, cache_read=1_600_000, cost=5.5)
    assert "prompt_cache_share" not in found(warm)


@pytest.mark.parametrize("changes", [{"arrivals": None}, {"constant": None}, {"constant": 0.3}])
def test_no_prefix_or_no_arrivals_no_prompt_cache(changes):
    assert "prompt_cache_share" not in found(mix(), **changes)


def test_hidden_reasoning_is_a_share_of_the_bill():
    thinking = mix(visible=50_000, reasoning=200_000)
    assert found(thinking)["reasoning_spend_share"] == pytest.approx(200_000 * 1e-5 / 7.5)
    assert "reasoning_spend_share" not in found(mix())


def test_fine_tuning_is_offered_only_while_it_is():
    assert "vendor_tuned_price_ratio" in found(mix())
    assert "vendor_tuned_price_ratio" not in found(mix(), today=date(2027, 1, 6))


def test_a_model_without_a_price_tells_nothing():
    assert found(mix(model="in-house-7b", cost=None)) == {}
    assert measured_levers([], WARM, 0.8, PriceBook.load(), TODAY) == {}


def cosines(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return (unit @ unit.T).astype(np.float32)


def test_a_cache_answers_requests_that_mean_the_same():
    stream = np.random.default_rng(4)
    topics = stream.normal(size=(40, 64))
    codes = stream.integers(0, 40, 1_000)
    close = topics[codes] + 0.05 * stream.normal(size=(1_000, 64))
    trial = try_cache(cosines(close), codes)
    assert trial.hit_share > 0.9 and trial.wrong_share < 0.02


def test_a_cache_that_would_be_wrong_is_not_used():
    stream = np.random.default_rng(5)
    trial = try_cache(cosines(stream.normal(size=(1_000, 64))), stream.integers(0, 40, 1_000))
    assert trial.hit_share < 0.03


def test_answers_given_once_are_never_right_and_few_requests_say_nothing():
    stream = np.random.default_rng(6)
    same = np.repeat(stream.normal(size=(1, 64)), 400, axis=0)
    assert try_cache(cosines(same), np.full(400, -1)).hit_share < 0.02
    assert try_cache(cosines(same[:50]), np.zeros(50, dtype=int)) is None

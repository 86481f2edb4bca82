"""Our cost of random requests, dates and tiers against genai-prices' own calculation."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from analytics.price_genai import CONTEXTS, dated_prices, installed_list
from analytics.price_rows import rows_of, table_of
from analytics.price_table import Price, in_force, items, mapping, prices_of
from analytics.price_tiers import listed_tier
from benchmarks.prices import TIERS, Compared, sql_costs, tokens_of
from benchmarks.prices_reasons import GENAI_HABITS, TOKENS, Case, close, explain, is_ours

TODAY = datetime(2026, 11, 24, tzinfo=UTC)
HALF_A_DIGIT = 0.5e-12  # USD per token
OTHER_HOUR = "genai-prices has another price for that hour; the price of most hours stands here"
ROUNDED = "the list has a rate of more than twelve decimals per token; it is rounded here"
FEE = "genai-prices adds a fee for each request"


def against_genai(usages: int, seed: int) -> Compared:
    """Every text model may be drawn, on any of the last thousand days and two hundred to come."""
    from genai_prices.data import providers

    theirs = {(provider.id, model.id): (provider, model) for provider in providers for model in provider.models}
    listed = {
        (provider, str(mapping(model)["id"])): mapping(model)
        for provider, file in dated_prices(installed_list(), TODAY.date()).items()
        for model in items(file["models"])
    }
    rng = random.Random(seed)
    requests = [_request(rng, *rng.choice(list(listed))) for _ in range(usages)]
    priced = {
        (one["provider"], one["model"], one["tier"]): prices_of(
            listed[one["provider"], one["model"]], f"{one['provider']}/{one['model']}", "genai-prices"
        )
        for one in requests
    }
    rows = (row for (provider, model, tier), prices in priced.items() for row in rows_of(provider, model, prices, tier))
    found = Compared(usages=usages, models=len({(one["provider"], one["model"]) for one in requests}))
    for one, ours in zip(requests, sql_costs(requests, table_of(rows)), strict=True):
        provider, model = theirs[one["provider"], one["model"]]
        prices = priced[one["provider"], one["model"], one["tier"]]
        _count(found, one, prices, ours, lambda at, one=one, of=(provider, model): _calculated(*of, one, at))
    return found


def _request(rng: random.Random, provider: str, model: str) -> dict[str, Any]:
    at = TODAY + timedelta(days=rng.randint(-1000, 200), seconds=rng.randint(0, 86_399))
    return {"provider": provider, "model": model, "tier": rng.choice(TIERS), "at": at, **tokens_of(rng)}


def _calculated(provider: Any, model: Any, one: Mapping[str, Any], at: datetime) -> Mapping[str, Decimal]:
    """genai-prices' own cost at a moment, and its fee for each request."""
    from genai_prices import Usage

    usage = Usage(
        input_tokens=sum(one[name] for name in TOKENS[:4]),
        cache_read_tokens=one["in_cache_read"],
        cache_write_tokens=one["in_cache_write_5m"] + one["in_cache_write_1h"],
        cache_write_1h_tokens=one["in_cache_write_1h"],
        output_tokens=one["out_visible"] + one["out_reasoning"],
        output_reasoning_tokens=one["out_reasoning"],
    )
    context = dict(CONTEXTS).get(one["tier"])
    found = model.calc_price(usage, provider, genai_request_timestamp=at, price_context=context)
    fee = found.model_price.requests_kcount or Decimal(0)
    return {"cost": found.total_price, "fee": Decimal(getattr(fee, "base", fee)) / 1000}


def _count(found: Compared, one: dict[str, Any], prices: list[Price], ours: Decimal | None, calculated: Any) -> None:
    answer = calculated(one["at"])
    theirs = float(answer["cost"])
    case = _case(one, prices)
    shown = {**one, "at": str(one["at"]), "ours": str(ours), "theirs": theirs}
    if ours is None or not is_ours(case, ours):
        found.unexplained.append(shown)
    elif close(ours, theirs):
        found.agree += 1
    elif close(ours + answer["fee"], theirs):
        found.reasons[FEE] += 1
    elif reasons := explain(case, theirs, GENAI_HABITS):
        found.reasons[reasons[0]] += 1
    elif any(_same(case, calculated(one["at"].replace(hour=hour, minute=45))) for hour in range(24)):
        found.reasons[OTHER_HOUR] += 1
    elif abs(float(ours) - theirs) <= sum(case.tokens.values()) * HALF_A_DIGIT:
        found.reasons[ROUNDED] += 1
    else:
        found.unexplained.append(shown)


def _same(case: Case, answer: Mapping[str, Decimal]) -> bool:
    return explain(case, float(answer["cost"]), GENAI_HABITS) is not None


def _case(one: dict[str, Any], prices: list[Price]) -> Case:
    price = in_force(prices, one["at"]) or prices[0]
    rated = listed_tier(one["tier"], price.tiers, one["provider"]) or "standard"
    total = sum(one[name] for name in TOKENS[:4])
    above = max(threshold for threshold in price.thresholds(rated) if threshold < total)
    return Case({}, one["provider"], price, one["tier"], rated, above, {name: one[name] for name in TOKENS})

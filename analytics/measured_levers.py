"""What a task's own tokens of the newest month say of cheaper ways: the shares and ratios behind the alternatives."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from analytics.alternatives import prompt_cache_share
from analytics.arrivals import Arrivals
from analytics.price_table import BASE
from analytics.price_tiers import STANDARD
from analytics.prices import PriceBook
from analytics.workspace import SHIPPED

PROMPT_CUT = 0.5  # of the constant part of the prompt, where somebody tries
REASONING_OUTPUT = 1.5  # output of a model that thinks before it answers, against one that does not
LEAST_CACHED_TOKENS = 1_024  # shorter prefixes are not cached by the large vendors
Rates = Mapping[Any, Decimal]  # by kind of token [USD / token]


@dataclass(frozen=True)
class TokenMix:
    """Tokens of one task's calls to one model over a month, by how they are billed."""

    model: str
    calls: float
    cost_usd: float | None
    uncached: float
    cache_read: float
    cache_write: float
    visible: float
    reasoning: float

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "TokenMix":
        """From a row of ``list_task_models``."""
        read, write, hidden = row["cache_read_tokens"], row["cache_write_tokens"], row["reasoning_tokens"]
        return cls(
            model=row["model"],
            calls=row["calls"],
            cost_usd=row["cost_usd"],
            uncached=(row["input_tokens"] or 0) - read - write,
            cache_read=read,
            cache_write=write,
            visible=(row["output_tokens"] or 0) - hidden,
            reasoning=hidden,
        )

    @property
    def input_tokens(self) -> float:
        """All of them."""
        return self.uncached + self.cache_read + self.cache_write


def cost_usd(mix: TokenMix, rates: Rates, output_ratio: float = 1.0) -> float:
    """What these tokens cost at other rates [USD]; a cache rate that is not listed is the full input rate."""
    full = float(rates["in"])
    read, write = (float(rates.get(name, rates["in"])) for name in ("cache_read", "cache_write_5m"))
    answers = float(rates["out"]) * (mix.visible + mix.reasoning) * output_ratio
    return full * mix.uncached + read * mix.cache_read + write * mix.cache_write + answers


def measured_levers(
    mixes: Sequence[TokenMix], arrivals: Arrivals | None, constant_share: float | None, book: PriceBook, today: date
) -> dict[str, float]:
    """Assumptions of this task by name: only those that the log and the price table can tell.

    mixes: the dearest model first. constant_share: of the prompt's characters, the same in every call.
    """
    priced = [mix for mix in mixes if mix.cost_usd and _rates(book, mix.model)]
    if not priced:
        return {}
    main, spend = priced[0], sum(float(mix.cost_usd or 0) for mix in priced)
    found = {
        "small_model_price_ratio": _cheapest(priced, spend, book, _smaller(main.model), REASONING_OUTPUT),
        "open_weights_price_ratio": _cheapest(priced, spend, book, _open_weights(), 1.0),
        "vendor_tuned_price_ratio": _cheapest(priced, spend, book, _tuned(main.model, today), 1.0),
        "prompt_cache_share": _cache_share(main, _rates(book, main.model), arrivals, constant_share),
        "prompt_cut_share": _cut_share(main, _rates(book, main.model), constant_share),
        "reasoning_spend_share": _reasoning_share(main, _rates(book, main.model)),
        "tokens_per_call": max(1.0, (main.input_tokens + main.visible + main.reasoning) / main.calls),
    }
    return {name: value for name, value in found.items() if value is not None}


def _cheapest(
    mixes: Sequence[TokenMix], spend: float, book: PriceBook, named: Iterable[str], output_ratio: float
) -> float | None:
    """Lowest price of the same tokens among these models against what they cost now; None where none is cheaper."""
    costs = [
        sum(cost_usd(mix, rates, output_ratio) for mix in mixes) / spend
        for name in named
        if (rates := _rates(book, name))
    ]
    return min(costs) if costs and min(costs) < 1 else None


def _cache_share(mix: TokenMix, rates: Rates, arrivals: Arrivals | None, constant_share: float | None) -> float | None:
    """Spend that a prompt cache would still remove. None without a shared prefix, a cache price or known arrivals."""
    if arrivals is None or arrivals.cache_hit_share is None or not constant_share or "cache_read" not in rates:
        return None
    prefix_tokens = constant_share * mix.input_tokens / mix.calls
    if prefix_tokens < LEAST_CACHED_TOKENS or not mix.input_tokens:
        return None
    total = cost_usd(mix, rates)
    still = max(0.0, constant_share - (mix.cache_read + mix.cache_write) / mix.input_tokens)
    input_share = float(rates["in"]) * mix.input_tokens / total
    full = rates["in"]
    read, write = (float(rates.get(name, full) / full) for name in ("cache_read", "cache_write_5m"))
    saved = prompt_cache_share(input_share, still, arrivals.cache_hit_share, read, max(write, 1.0))
    return saved if saved > 0 else None


def _cut_share(mix: TokenMix, rates: Rates, constant_share: float | None) -> float | None:
    if not constant_share:
        return None
    return PROMPT_CUT * constant_share * (cost_usd(mix, rates) - _answers_usd(mix, rates)) / cost_usd(mix, rates)


def _reasoning_share(mix: TokenMix, rates: Rates) -> float | None:
    return float(rates["out"]) * mix.reasoning / cost_usd(mix, rates) if mix.reasoning else None


def _answers_usd(mix: TokenMix, rates: Rates) -> float:
    return float(rates["out"]) * (mix.visible + mix.reasoning)


def _rates(book: PriceBook, model: str) -> Rates:
    """The newest rates of a model; empty where it has none for input and output."""
    provider, _, name = model.partition("|")
    prices = book.prices_for(provider, name) if name else book.prices_for(None, model)
    rates: Rates = dict(prices[-1].tiers[STANDARD][BASE]) if prices else {}
    return rates if rates.get("in") and rates.get("out") else {}


def _smaller(model: str) -> list[str]:
    vendor = _vendor(model)
    names = offers().get("smaller", {}).get(vendor, [])
    return [f"{vendor}|{names[0]}"] if names and names[0] not in model else []


def _open_weights() -> list[str]:
    return [f"{host}|{name}" for host, names in offers().get("open_weights", {}).items() for name in names]


def _tuned(model: str, today: date) -> list[str]:
    offer = offers().get("fine_tuning", {}).get(_vendor(model), {})
    if not offer or (offer.get("until") and today >= offer["until"]):
        return []
    return [f"{_vendor(model)}|{name}" for name in offer["models"]]


def _vendor(model: str) -> str:
    from analytics.importers.openai_pairs import provider_of

    return provider_of(model.rsplit("/", 1)[-1]) or ""


@cache
def offers() -> Mapping[str, Any]:
    """data/prices/alternatives.toml."""
    found: Mapping[str, Any] = tomllib.loads((SHIPPED / "prices" / "alternatives.toml").read_text())
    return found

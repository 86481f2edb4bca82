"""LiteLLM's price map, read as the JSON that it is: importing the package would call the network."""

import importlib.util
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from analytics.errors import InputError, MissingExtra
from analytics.price_names import canonical_provider
from analytics.price_table import Rate, items, mapping

Json = dict[str, object]
FILE = "model_prices_and_context_window_backup.json"
TEXT_MODES = ("chat", "completion", "responses", "embedding")
MILLION = Decimal(1_000_000)
KEYS: Mapping[str, Rate] = {
    "input_cost_per_token": "in",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "cache_creation_input_token_cost": "cache_write_5m",
    "output_cost_per_token": "out",
    "output_cost_per_reasoning_token": "out_reasoning",
}
TIER_OF = {"batches": "batch", "flex": "flex", "balanced": "balanced", "priority": "priority", "ultrafast": "ultrafast"}
INCLUSIVE = frozenset({"xai"})  # bills the long rate at the threshold itself
_KEY = re.compile(
    rf"^({'|'.join(sorted(KEYS, key=len, reverse=True))})(?:_above_(\d+)(k?)_tokens)?(?:_({'|'.join(TIER_OF)}))?$"
)


def installed_map() -> Path:
    """Where the installed package keeps its map. Raises MissingExtra."""
    spec = importlib.util.find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra("litellm", "train")
    return Path(spec.submodule_search_locations[0]) / FILE


def read_map(path: Path) -> Mapping[str, object]:
    """The map as published, numbers exact. Raises InputError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not LiteLLM's model_prices_and_context_window.json: {error}") from error
    if not isinstance(found, dict):
        raise InputError(f"{path} is not LiteLLM's model_prices_and_context_window.json: it holds no object")
    return found


def listed_prices(entries: Mapping[str, object]) -> dict[str, Json]:
    """Text models by provider, their names without the provider in front, rates in USD per million tokens."""
    listed: dict[str, Json] = {}
    for key, value in entries.items():
        entry = mapping(value)
        provider = canonical_provider(str(entry.get("litellm_provider") or ""))
        if entry.get("mode") in TEXT_MODES and provider and (rates := _rates(entry)):
            listed.setdefault(provider, {}).setdefault(bare_name(key, str(entry["litellm_provider"])), rates)
    return listed


def bare_name(key: str, provider: str) -> str:
    """A key of the map without the provider in front."""
    first, _, rest = key.partition("/")
    is_prefix = rest and canonical_provider(first) == canonical_provider(provider)
    return (rest if is_prefix else key).lower()


def _rates(entry: Mapping[str, object]) -> Json:
    """One model's rates by tier and threshold; empty when it has no price for text in and out."""
    found: Json = {}
    is_inclusive = entry.get("litellm_provider") in INCLUSIVE
    for key, value in entry.items():
        matched = _KEY.match(key)
        if matched and value is not None:
            name, tokens, thousands, tier = matched.groups()
            rates = found if tier is None else _inner(found, "tiers", TIER_OF[tier])
            if tokens:
                above = int(tokens) * (1000 if thousands else 1) - is_inclusive
                rates = _inner(rates, "above", str(above))
            rates[KEYS[name]] = _per_million(value)
    _add_ranges(found, items(entry.get("tiered_pricing")))
    _add_cache_hit(found, entry)
    _add_fast(found, mapping(entry.get("provider_specific_entry")))
    return found if "in" in found and ("out" in found or entry.get("mode") == "embedding") else {}


def _add_ranges(found: Json, ranges: list[object]) -> None:
    """Alibaba's form: a list of ranges of input tokens, each with its own rates for the whole request."""
    for each in (mapping(one) for one in ranges):
        (start, *_) = items(each.get("range")) or [0]
        rates = found if not start else _inner(found, "above", str(int(str(start).partition(".")[0])))
        rates |= {ours: _per_million(each[theirs]) for theirs, ours in KEYS.items() if each.get(theirs) is not None}


def _add_cache_hit(found: Json, entry: Mapping[str, object]) -> None:
    """DeepSeek's older key for tokens read from the cache."""
    if "cache_read" not in found and entry.get("input_cost_per_token_cache_hit") is not None:
        found["cache_read"] = _per_million(entry["input_cost_per_token_cache_hit"])


def _add_fast(found: Json, multipliers: Mapping[str, object]) -> None:
    """A model's fast mode is listed as a multiplier of its standard price."""
    if "fast" in multipliers:
        factor = Decimal(str(multipliers["fast"]))
        tier = _inner(found, "tiers", "fast")
        tier |= {rate: text(Decimal(str(found[rate])) * factor) for rate in ("in", "out") if rate in found}


def _inner(rates: Json, *path: str) -> Json:
    """The object at a path, made where it is missing."""
    for name in path:
        found = rates.setdefault(name, {})
        assert isinstance(found, dict)
        rates = found
    return rates


def _per_million(value: object) -> str:
    return text(Decimal(str(value)) * MILLION)


def text(value: Decimal) -> str:
    """Plain digits: 2.5, 0.075; never 7.5E-2."""
    return format(value.normalize(), "f")

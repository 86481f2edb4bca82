"""Builds ``data/prices/``: one JSON file a provider, from the installed price packages, no network.

    python -m analytics.price_snapshot [--date 2026-11-24]

genai-prices gives dated prices with matching rules; LiteLLM's map gives the models that it lacks. Both
are MIT. Only text models (chat, completion, embedding) are kept. Rates are USD per million tokens, as text.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.price_names import canonical_provider
from analytics.terminal import progress
from analytics.workspace import SHIPPED

if TYPE_CHECKING:
    from genai_prices.types import MatchLogic, ModelInfo, ModelPrice, Provider

Json = dict[str, object]
LITELLM_MAP = "model_prices_and_context_window_backup.json"
TEXT_MODES = ("chat", "completion", "responses", "embedding")
MILLION = Decimal(1_000_000)
# our rate: field of genai-prices, field of LiteLLM
RATES = {
    "in": ("input_mtok", "input_cost_per_token"),
    "cache_read": ("cache_read_mtok", "cache_read_input_token_cost"),
    "cache_write_5m": ("cache_write_mtok", "cache_creation_input_token_cost"),
    "cache_write_1h": ("cache_write_1h_mtok", "cache_creation_input_token_cost_above_1hr"),
    "out": ("output_mtok", "output_cost_per_token"),
    "out_reasoning": ("output_reasoning_mtok", "output_cost_per_reasoning_token"),
}
EMBEDDING = re.compile(r"embed|\bbge-(?!reranker)|gte-|voyage-(?!rerank)")
THRESHOLDS_K = (32, 100, 128, 200, 256, 272, 512)


def build(out: Path, day: date) -> int:
    """Write every provider's file and the index; returns the number of models written."""
    from genai_prices.data import providers

    versions = {name: f"{name} {importlib.metadata.version(name)}" for name in ("genai-prices", "litellm")}
    files: dict[str, Json] = {provider.id: _dated(provider) for provider in providers}
    for provider, listed in _listed().items():
        files.setdefault(provider, {"models": []})["listed"] = listed
    index = {name: file.pop("index", {}) for name, file in files.items()}
    out.mkdir(parents=True, exist_ok=True)
    for name, file in sorted(files.items()):
        _write(out / f"{name}.json", {"provider": name, "snapshot": day.isoformat(), **file})
    _write(out / "index.json", {"snapshot": day.isoformat(), "sources": versions, "providers": index})
    return sum(_size(file) for file in files.values())


def _size(file: Json) -> int:
    return sum(len(part) for part in (file.get("models"), file.get("listed")) if isinstance(part, list | dict))


def _write(path: Path, value: Json) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def _dated(provider: "Provider") -> Json:
    """One provider of genai-prices: its models in the order in which their rules are tried."""
    models = [entry for model in provider.models if (entry := _model(model))]
    index: Json = {"fallback": provider.fallback_model_providers or []}
    if provider.model_match is not None:
        index["model_match"] = _clause(provider.model_match)
    return {"index": index, "name": provider.name, "models": models}


def _model(model: "ModelInfo") -> Json | None:
    prices = [{"from": start and start.isoformat(), **rates} for start, rates in _history(model)]
    if not prices or any("in" not in entry for entry in prices):
        return None
    if any("out" not in entry for entry in prices) and not EMBEDDING.search(model.id.lower()):
        return None  # speech, reranking: no price of text out
    return {"id": model.id, "match": _clause(model.match), "prices": prices, **_multipliers(model)}


def _history(model: "ModelInfo") -> list[tuple[date | None, Json]]:
    """Prices by first day. Where the hour matters, the price of most hours: a night rate is not the list price."""
    from genai_prices.types import ModelPrice, StartDateConstraint

    if isinstance(model.prices, ModelPrice):
        return [(None, _rates(model.prices))]
    days = {entry.constraint.start_date for entry in model.prices if isinstance(entry.constraint, StartDateConstraint)}
    return [(None, _most_hours(model, date(2000, 1, 1))), *((day, _most_hours(model, day)) for day in sorted(days))]


def _most_hours(model: "ModelInfo", day: date) -> Json:
    hours = [_rates(model.get_prices(datetime.combine(day, time(hour, 45), UTC))) for hour in range(24)]
    return max(hours, key=hours.count)


def _rates(price: "ModelPrice") -> Json:
    from genai_prices.types import TieredPrices

    rates: Json = {}
    long: Json = {}
    for ours, (theirs, _) in RATES.items():
        value = getattr(price, theirs)
        if isinstance(value, TieredPrices):
            rates[ours] = _text(value.base)
            if value.tiers:
                rates["threshold"] = value.tiers[0].start
                long[ours] = _text(value.tiers[0].price)
        elif value is not None:
            rates[ours] = _text(value)
    return {**rates, "long": long} if long else rates


def _multipliers(model: "ModelInfo") -> Json:
    """Batch and flex against the standard price of the same day, where input and output agree."""
    ratios: Json = {}
    for name, context in (("batch", {"processing": "batch"}), ("flex", {"service_tier": "flex"})):
        now = datetime.combine(date.max, time(12), UTC)  # the latest price that is listed
        standard, reduced = _rates(model.get_prices(now)), _rates(model.get_prices(now, context))
        ratio = _ratio(standard, reduced)
        if ratio is not None and ratio != 1:
            ratios[name] = _text(ratio)
    return ratios


def _ratio(standard: Mapping[str, object], reduced: Mapping[str, object]) -> Decimal | None:
    ratios = {
        Decimal(str(reduced[rate])) / Decimal(str(standard[rate]))
        for rate in ("in", "out")
        if rate in standard and rate in reduced and Decimal(str(standard[rate])) > 0
    }
    return ratios.pop() if len(ratios) == 1 else None


def _clause(match: "MatchLogic") -> Json:
    from genai_prices import types

    if isinstance(match, types.ClauseOr):
        return {"or": [_clause(part) for part in match.or_]}
    if isinstance(match, types.ClauseAnd):
        return {"and": [_clause(part) for part in match.and_]}
    return dict(vars(match))


def _listed() -> dict[str, Json]:
    """LiteLLM's map by provider, its model names without the provider in front."""
    spec = importlib.util.find_spec("litellm")  # its folder only: importing it would call the network
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("litellm")
    path = Path(spec.submodule_search_locations[0]) / LITELLM_MAP
    listed: dict[str, Json] = {}
    for key, entry in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal).items():
        if entry.get("mode") not in TEXT_MODES or "input_cost_per_token" not in entry:
            continue
        provider = canonical_provider(entry.get("litellm_provider"))
        if provider and (rates := _listed_rates(entry)):
            listed.setdefault(provider, {}).setdefault(_bare(key, entry["litellm_provider"]), rates)
    return listed


def _bare(key: str, provider: str) -> str:
    first, _, rest = key.partition("/")
    is_prefix = rest and canonical_provider(first) == canonical_provider(provider)
    return (rest if is_prefix else key).lower()


def _listed_rates(entry: Mapping[str, object]) -> Json:
    rates: Json = {ours: _per_million(entry[theirs]) for ours, (_, theirs) in RATES.items() if theirs in entry}
    if "out" not in rates and entry.get("mode") != "embedding":
        return {}
    for thousands in THRESHOLDS_K:
        suffix = f"_above_{thousands}k_tokens"
        long = {
            ours: _per_million(entry[theirs + suffix])
            for ours, (_, theirs) in RATES.items()
            if theirs + suffix in entry
        }
        if long:
            rates |= {"threshold": thousands * 1000, "long": long}
            break
    for name, suffix in (("batch", "_batches"), ("flex", "_flex")):
        reduced = {r: _per_million(entry[k + suffix]) for r, (_, k) in RATES.items() if k + suffix in entry}
        ratio = _ratio(rates, reduced)
        if ratio is not None and ratio != 1:
            rates[name] = _text(ratio)
    return rates


def _per_million(value: object) -> str:
    return _text(Decimal(str(value)) * MILLION)


def _text(value: Decimal) -> str:
    """Plain digits: 2.5, 0.075; never 7.5E-2."""
    return format(value.normalize(), "f")


def main() -> None:
    """Command line of the snapshot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--out", type=Path, default=SHIPPED / "prices")
    arguments = parser.parse_args()
    progress.print(f"{build(arguments.out, arguments.date):,} models in {arguments.out}")


if __name__ == "__main__":
    main()

"""genai-prices' list as its published JSON: dated prices, thresholds, variants for batch, flex, priority and fast."""

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

from analytics.errors import InputError
from analytics.price_litellm import Json, text
from analytics.price_table import Rate, items, mapping

KEYS: Mapping[str, Rate] = {
    "input_mtok": "in",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write_5m",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_mtok": "out",
    "output_reasoning_mtok": "out_reasoning",
}
CONTEXTS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("batch", {"processing": "batch"}),
    ("flex", {"service_tier": "flex"}),
    ("priority", {"service_tier": "priority"}),
    ("fast", {"service_tier": "fast", "speed": "fast"}),
)
EMBEDDING = re.compile(r"embed|\bbge-(?!reranker)|gte-|voyage-(?!rerank)")
LONG_AGO = date(2000, 1, 1)
SMALLEST = Decimal("0.000001")  # USD per million tokens


def installed_list() -> list[object]:
    """The installed package's list in the form in which it is published. Raises InputError."""
    try:
        from genai_prices.data import providers
    except ModuleNotFoundError:
        raise InputError(
            "genai-prices is not installed; install it with: pip install genai-prices, or give --genai FILE"
        ) from None
    return [_plain(provider) for provider in providers]


def read_list(path: Path) -> list[object]:
    """The list as published (prices/data.json of the project). Raises InputError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not the JSON list of genai-prices: {error}") from error
    providers = items(mapping(found).get("providers")) if isinstance(found, dict) else items(found)
    if not providers or not all("models" in mapping(provider) for provider in providers):
        raise InputError(f"{path} is not the JSON list of genai-prices: no list of providers with models")
    return providers


def dated_prices(providers: Iterable[object], day: date) -> dict[str, Json]:
    """Each provider's models in the order in which their rules are tried, as known on ``day``."""
    found: dict[str, Json] = {}
    for provider in map(mapping, providers):
        index: Json = {"fallback": provider.get("fallback_model_providers") or []}
        if provider.get("model_match"):
            index["model_match"] = provider["model_match"]
        models = [entry for model in items(provider["models"]) if (entry := _model(mapping(model), day))]
        found[str(provider["id"])] = {"index": index, "name": provider.get("name"), "models": models}
    return found


def _plain(value: object) -> object:
    """The package's objects as JSON: dataclasses by field, model prices by what is set."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        shown = {
            field.name.rstrip("_"): getattr(value, field.name)
            for field in dataclasses.fields(value)
            if field.name != "extractors"  # how to read answers: not about prices
        }
        return {name: _plain(part) for name, part in shown.items() if part is not None}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str | int | Decimal) or value is None:
        return value
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    shown = {name: part for name, part in vars(value).items() if part is not None}
    return {name: _plain(part) for name, part in shown.items() if not name.startswith("_")}


def _model(model: Mapping[str, object], day: date) -> Json | None:
    prices = [
        {"from": start and start.isoformat(), **_price(model, start or LONG_AGO, day)} for start in _starts(model, day)
    ]
    if any("in" not in price for price in prices):
        return None
    if any("out" not in price for price in prices) and not EMBEDDING.search(str(model["id"]).lower()):
        return None  # speech, reranking: no price of text out
    return {"id": model["id"], "match": model["match"], "prices": prices}


def _starts(model: Mapping[str, object], day: date) -> list[date | None]:
    """Days from which a price holds. A variant's day up to now says when it was checked, not since when it holds."""
    listed = [_start(entry) for entry in items(model.get("prices"))]
    ahead = [start for entry in items(model.get("price_variants")) if (start := _start(entry)) and start > day]
    return [None, *sorted({start for start in (*listed, *ahead) if start})]


def _start(entry: object) -> date | None:
    start = mapping(mapping(entry).get("constraint")).get("start_date")
    return date.fromisoformat(str(start)) if start else None


def _price(model: Mapping[str, object], start: date, day: date) -> Json:
    """Standard rates of most hours from a day on, and those of its tiers as far as they are listed."""
    hours = [datetime.combine(start, time(hour, 45), UTC) for hour in range(24)]
    standards = [rates_of(standard_at(model, moment)) for moment in hours]
    standard = max(standards, key=standards.count)
    known_at = datetime.combine(max(start, day), time(12, 45), UTC)
    known = rates_of(standard_at(model, known_at))
    tiers = {
        tier: _moved(rates_of(varied), known, standard)
        for tier, context in CONTEXTS
        if (varied := varied_at(model, known_at, context))
    }
    return {**standard, "tiers": tiers} if tiers else standard


def _moved(tier: Json, known: Json, standard: Json) -> Json:
    """A tier's rates of one day moved to another day, in proportion to the standard price."""
    if known == standard:
        return tier
    return {
        rate: text(
            (Decimal(str(tier[rate])) * Decimal(str(standard[rate])) / Decimal(str(known[rate]))).quantize(SMALLEST)
        )
        for rate in KEYS.values()
        if rate in tier and rate in standard and Decimal(str(known.get(rate, 0)))
    }


def standard_at(model: Mapping[str, object], moment: datetime) -> Mapping[str, object]:
    """Rates without a tier: the last listed price that is in force, else the first."""
    prices = model["prices"]
    if isinstance(prices, dict):
        return prices
    active = [entry for entry in map(mapping, items(prices)) if _holds(mapping(entry.get("constraint")), moment)]
    return mapping((active[-1] if active else mapping(items(prices)[0]))["prices"])


def varied_at(model: Mapping[str, object], moment: datetime, context: Mapping[str, str]) -> Mapping[str, object]:
    """Rates that a tier changes; the first variant that names one counts."""
    found: Json = {}
    for variant in map(mapping, items(model.get("price_variants"))):
        meant = all(context.get(key) == value for key, value in mapping(variant["when"]).items())
        if meant and _holds(mapping(variant.get("constraint")), moment):
            found = {**mapping(variant["prices"]), **found}
    return found


def _holds(constraint: Mapping[str, object], moment: datetime) -> bool:
    if "start_date" in constraint:
        return moment.date() >= date.fromisoformat(str(constraint["start_date"]))
    if "start_time" not in constraint:
        return True
    start, end = (time.fromisoformat(str(constraint[name])).replace(tzinfo=None) for name in ("start_time", "end_time"))
    now = moment.time()
    return start <= now < end if start < end else now >= start or now < end


def rates_of(price: Mapping[str, object]) -> Json:
    """Rates of one listed price in USD per million tokens, with those of long inputs."""
    rates: Json = {}
    above: dict[str, Json] = {}
    for theirs, ours in KEYS.items():
        value = price.get(theirs)
        if isinstance(value, dict):
            rates[ours] = text(Decimal(str(value["base"])))
            for tier in map(mapping, items(value.get("tiers"))):
                above.setdefault(str(tier["start"]), {})[ours] = text(Decimal(str(tier["price"])))
        elif value is not None:
            rates[ours] = text(Decimal(str(value)))
    return {**rates, "above": dict(above)} if above else rates

"""Our cost of random requests against LiteLLM's and genai-prices' own calculation; every disagreement has a checked reason.

python -m benchmarks.prices [--usages 2000] [--seed 11] [--json]
"""

import argparse
import json
import math
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from analytics.contracts import CALLS
from analytics.price_litellm import TEXT_MODES, bare_name, installed_map, listed_prices, read_map
from analytics.price_names import canonical_provider
from analytics.price_rows import rows_of, table_of
from analytics.price_table import Price, mapping, price_of
from analytics.price_tiers import listed_tier
from analytics.store import view_texts
from benchmarks.prices_reasons import TOKENS, Case, close, explain, is_ours

HERE = Path(__file__).resolve().parent
OPENS_A_CONNECTION = {"github_copilot"}  # LiteLLM logs in before it answers
TIERS = ("standard", "standard", "standard", "batch", "flex", "priority", "fast")
SHARED = "the map has two prices for one name, with and without the provider; LiteLLM takes the other one"
NO_ANSWER = "LiteLLM gives an error instead of a cost"


@dataclass
class Compared:
    """What a comparison found."""

    usages: int = 0
    models: int = 0
    agree: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    unexplained: list[dict[str, Any]] = field(default_factory=list)


def tokens_of(rng: random.Random) -> dict[str, int]:
    """Token counts of one request, from one token to far beyond every threshold."""

    def some(most: int, share: float) -> int:
        return int(math.exp(rng.uniform(0, math.log(most)))) if rng.random() < share else 0

    return {
        "in_uncached": some(700_000, 1),
        "in_cache_read": some(300_000, 0.5),
        "in_cache_write_5m": some(60_000, 0.3),
        "in_cache_write_1h": some(60_000, 0.2),
        "out_visible": some(20_000, 1),
        "out_reasoning": some(20_000, 0.4),
    }


def sql_costs(requests: list[dict[str, Any]], prices: pa.Table) -> list[Decimal | None]:
    """What ``sql/facts/calls.sql`` gives for these requests."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    rows = [
        {
            "call_id": f"{number:06}",
            "provider": one["provider"],
            "model": one["model"],
            "service_tier": one["tier"],
            "requested_at": one["at"],
            "served_by": "teacher",
            "status": "success",
            **{name: one[name] for name in TOKENS},
        }
        for number, one in enumerate(requests)
    ]
    connection.register("raw_calls", pa.Table.from_pylist(rows, schema=CALLS))
    connection.register("price_rows", prices)
    for name, text in view_texts("macros", "staging", "facts").items():
        if name.startswith("macros") or name in ("stg_calls", "calls"):
            connection.execute(text if name.startswith("macros") else f"create view {name} as {text}")
    return [cost for (cost,) in connection.sql("select cost_usd from calls order by call_id").fetchall()]


def litellm_costs(requests: list[dict[str, Any]]) -> list[float | str]:
    """LiteLLM's own figures, from a process of its own."""
    lines = "\n".join(json.dumps({name: value for name, value in one.items() if name != "at"}) for one in requests)
    found = subprocess.run(
        [sys.executable, str(HERE / "prices_litellm.py")], input=lines, capture_output=True, text=True, check=True
    )
    answers: list[float | str] = json.loads(found.stdout.splitlines()[-1])
    return answers


def against_litellm(usages: int, seed: int) -> Compared:
    """Every entry of the map may be drawn; our price is that of the same entry."""
    entries = read_map(installed_map())
    listed = listed_prices(entries)
    keys = [key for key in entries if _is_ours(key, mapping(entries[key]), listed)]
    rng, now = random.Random(seed), datetime(2026, 11, 24, 12, 45, tzinfo=UTC)
    requests = [
        {"model": key, "provider": str(mapping(entries[key])["litellm_provider"]), "tier": rng.choice(TIERS), "at": now}
        | tokens_of(rng)
        for key in rng.choices(keys, k=usages)
    ]
    priced = {
        (one["provider"], one["model"], one["tier"]): _entry_price(one["model"], one["provider"], listed)
        for one in requests
    }
    rows = (row for (provider, model, tier), price in priced.items() for row in rows_of(provider, model, [price], tier))
    ours = sql_costs(requests, table_of(rows))
    found = Compared(usages=usages, models=len({one["model"] for one in requests}))
    for one, cost, theirs in zip(requests, ours, litellm_costs(requests), strict=True):
        price = priced[one["provider"], one["model"], one["tier"]]
        _count(found, one, mapping(entries[one["model"]]), [price, *_other_prices(one, entries)], cost, theirs)
    return found


def _is_ours(key: str, entry: Mapping[str, object], listed: Mapping[str, Mapping[str, object]]) -> bool:
    spelled = str(entry.get("litellm_provider") or "")
    provider = canonical_provider(spelled)
    if entry.get("mode") not in TEXT_MODES or spelled in OPENS_A_CONNECTION or provider is None:
        return False
    return bare_name(key, spelled) in listed.get(provider, {})


def _entry_price(key: str, spelled: str, listed: Mapping[str, Mapping[str, object]]) -> Price:
    provider, name = canonical_provider(spelled), bare_name(key, spelled)
    return price_of(mapping(listed[str(provider)][name]), f"{provider}/{name}", "litellm")


def _own_price(key: str, entry: Mapping[str, object]) -> Price:
    """The price of this very entry, whatever another entry of the same name says."""
    return _entry_price(key, str(entry["litellm_provider"]), listed_prices({key: entry}))


def _other_prices(one: dict[str, Any], entries: Mapping[str, object]) -> list[Price]:
    """Prices of entries that LiteLLM may find instead: this very one, and those with the provider in front or not."""
    key, prefix = one["model"], f"{one['provider']}/"
    keys = dict.fromkeys((key, prefix + key, key.removeprefix(prefix)))
    priced = [name for name in keys if mapping(entries.get(name)).get("litellm_provider") == one["provider"]]
    return [_own_price(name, mapping(entries[name])) for name in priced]


def _count(
    found: Compared,
    one: dict[str, Any],
    entry: Mapping[str, object],
    prices: list[Price],
    ours: Decimal | None,
    theirs: float | str,
) -> None:
    if isinstance(theirs, str):
        found.reasons[NO_ANSWER] += 1
    elif ours is not None and close(ours, theirs):
        found.agree += 1
    elif is_ours(_case(one, entry, prices[0]), ours) and (reasons := _reasons(one, entry, prices, theirs)):
        found.reasons.update(reasons[:1])
    else:
        shown = {name: value for name, value in one.items() if name != "at"}
        found.unexplained.append({**shown, "ours": float(ours) if ours is not None else None, "theirs": theirs})


def _reasons(one: dict[str, Any], entry: Mapping[str, object], prices: list[Price], theirs: float) -> tuple[str, ...]:
    for number, price in enumerate(prices):
        explained = explain(_case(one, entry, price), theirs)
        if explained is not None:
            return (SHARED, *explained) if number else explained
    return ()


def _case(one: dict[str, Any], entry: Mapping[str, object], price: Price) -> Case:
    rated = listed_tier(one["tier"], price.tiers, price.listed_as.split("/")[0]) or "standard"
    total = sum(one[name] for name in TOKENS[:4])
    above = max(threshold for threshold in price.thresholds(rated) if threshold < total)
    return Case(entry, one["provider"], price, one["tier"], rated, above, {name: one[name] for name in TOKENS})


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--usages", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    from benchmarks.prices_genai import against_genai

    both = {
        "litellm": against_litellm(given.usages, given.seed),
        "genai-prices": against_genai(given.usages, given.seed),
    }
    if given.json:
        print(json.dumps({name: vars(one) for name, one in both.items()}))
        return
    for name, one in both.items():
        print(f"{name}: {one.usages:,} usages of {one.models:,} models")
        print(f"| {one.agree:,} | agree |")
        for reason, count in one.reasons.most_common():
            print(f"| {count:,} | {reason} |")
        print(f"| {len(one.unexplained):,} | unexplained |")


if __name__ == "__main__":
    main()

"""Which models' prices differ between two snapshots, which appeared and which vanished."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Literal

from analytics.price_history import read_files, snapshot_day
from analytics.price_litellm import Json
from analytics.price_table import BASE, MILLION, Price, differences, in_force, items, mapping, prices_of


@dataclass(frozen=True)
class Change:
    """One rate that another snapshot gives otherwise, or a model that is in one of them alone."""

    model: str  # provider/model of the price list
    change: Literal["changed", "appeared", "vanished"]
    tier: str | None
    above_input_tokens: int | None  # the rate of requests longer than this; None: of all, or from the first token
    rate: str | None
    before_usd_per_million: Decimal | None
    after_usd_per_million: Decimal | None
    percent: float | None  # of the rate before; None: it was 0, or there was none


def compare(before: Path, after: Path) -> list[Change]:
    """Changes between the prices in force on the days of two snapshots, in order of model."""
    found: list[Change] = []
    older, newer = (_in_force(read_files(folder), snapshot_day(folder)) for folder in (before, after))
    for name in sorted({*older, *newer}):
        old, new = older.get(name), newer.get(name)
        if old and new:
            found += _changed(name, old, new)
        else:
            found.append(_alone(name, old, new))
    return found


def end_of(day: date) -> datetime:
    """The last moment of a day: a price that starts on it is in force."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def _in_force(files: Mapping[str, Json], day: date) -> dict[str, Price]:
    """What each listed model costs; one that genai-prices dates is not asked of LiteLLM."""
    found: dict[str, Price] = {}
    for provider, file in files.items():
        for name, model in _models(file):
            price = in_force(prices_of(model, f"{provider}/{name}", ""), end_of(day))
            if price and "vanished" not in model:
                found.setdefault(price.listed_as, price)
    return found


def _models(file: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for model in map(mapping, items(file.get("models"))):
        yield str(model["id"]), model
    for name, value in mapping(file.get("listed")).items():
        rates = mapping(value)
        yield name, rates if "prices" in rates else {**rates, "prices": [rates]}


def _changed(name: str, old: Price, new: Price) -> Iterator[Change]:
    for tier, above, rate, before, after in differences(old, new):
        share = float((after - before) / before * 100) if before else None
        longer = None if above == BASE else above
        yield Change(name, "changed", tier, longer, rate, before * MILLION, after * MILLION, share)


def _alone(name: str, old: Price | None, new: Price | None) -> Change:
    before, after = (price.rate("in") * MILLION if price else None for price in (old, new))
    return Change(name, "appeared" if new else "vanished", None, None, "in", before, after, None)

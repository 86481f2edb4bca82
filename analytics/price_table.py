"""One model's price from a day on, and the table of prices that calls are joined to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import pyarrow as pa

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)  # start of a price whose first day is not known
PER_TOKEN = Decimal("0.000000000001")
RATIO = Decimal("0.000001")
MILLION = Decimal(1_000_000)
Rate = Literal["in", "cache_read", "cache_write_5m", "cache_write_1h", "out", "out_reasoning"]
RATES: tuple[Rate, ...] = ("in", "cache_read", "cache_write_5m", "cache_write_1h", "out", "out_reasoning")

_money = pa.decimal128(18, 12)
_ratio_type = pa.decimal128(9, 6)
COLUMN_OF: Mapping[Rate, str] = {
    "in": "in_usd",
    "cache_read": "in_cache_read_usd",
    "cache_write_5m": "in_cache_write_5m_usd",
    "cache_write_1h": "in_cache_write_1h_usd",
    "out": "out_usd",
    "out_reasoning": "out_reasoning_usd",
}
PRICES = pa.schema(
    [
        ("provider", pa.string()),  # as asked
        ("model", pa.string()),  # as asked
        ("effective_from", pa.timestamp("us", tz="UTC")),  # inclusive
        ("effective_to", pa.timestamp("us", tz="UTC")),  # exclusive; null: still in force
        *((name, _money) for name in COLUMN_OF.values()),  # USD per token
        ("long_context_threshold_tokens", pa.int64()),  # above it every token of the call costs the long rate
        *((f"long_{name}", _money) for name in COLUMN_OF.values()),
        ("batch_multiplier", _ratio_type),  # null: no batch price listed
        ("flex_multiplier", _ratio_type),
        ("listed_as", pa.string()),  # provider/model of the price list
        ("price_source", pa.string()),  # user, or package and version
    ]
)


@dataclass(frozen=True)
class Price:
    """One model's rates from a day on [USD per token]."""

    effective_from: datetime
    rates: Mapping[Rate, Decimal]
    long_rates: Mapping[Rate, Decimal]  # those that differ above the threshold
    long_context_threshold_tokens: int | None
    batch_multiplier: Decimal | None
    flex_multiplier: Decimal | None
    listed_as: str
    source: str

    def rate(self, rate: Rate, *, is_long: bool = False) -> Decimal:
        """A rate with the rules for what is not listed applied."""
        if is_long and rate in self.long_rates:
            return self.long_rates[rate]
        if rate in self.rates:
            return self.rates[rate]
        return self._unlisted(rate, is_long)

    def _unlisted(self, rate: Rate, is_long: bool) -> Decimal:
        if rate == "out":
            return Decimal(0)  # embeddings write nothing
        if rate == "out_reasoning":
            return self.rate("out", is_long=is_long)
        if rate == "cache_write_1h" and "claude" in self.listed_as:
            return 2 * self.rate("in", is_long=is_long)
        return self.rate("cache_write_5m" if rate == "cache_write_1h" else "in", is_long=is_long)


def prices_of(entry: Mapping[str, object], listed_as: str, source: str) -> list[Price]:
    """Every dated price of one listed model."""
    return [price_of(mapping(dated), entry, listed_as, source) for dated in items(entry["prices"])]


def price_of(dated: Mapping[str, object], entry: Mapping[str, object], listed_as: str, source: str) -> Price:
    """One price from its JSON form, rates there in USD per million tokens."""
    start, threshold = dated.get("from"), dated.get("threshold")
    batch, flex = (_ratio(entry.get(name)) for name in ("batch", "flex"))
    return Price(
        effective_from=datetime.fromisoformat(str(start)).replace(tzinfo=UTC) if start else ALWAYS,
        rates=_per_token(dated),
        long_rates=_per_token(mapping(dated.get("long", {}))),
        long_context_threshold_tokens=int(str(threshold)) if threshold is not None else None,
        batch_multiplier=batch,
        flex_multiplier=flex,
        listed_as=listed_as,
        source=source,
    )


def _ratio(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(RATIO)


def _per_token(rates: Mapping[str, object]) -> dict[Rate, Decimal]:
    return {rate: (Decimal(str(rates[rate])) / MILLION).quantize(PER_TOKEN) for rate in RATES if rate in rates}


def rows_of(provider: str | None, model: str, prices: list[Price]) -> Iterable[dict[str, object]]:
    """Rows of ``PRICES``: each price is in force until the next one starts."""
    ends: list[datetime | None] = [price.effective_from for price in prices[1:]]
    for price, end in zip(prices, [*ends, None], strict=True) if prices else ():
        yield {
            "provider": provider,
            "model": model,
            "effective_from": price.effective_from,
            "effective_to": end,
            **{name: price.rate(rate) for rate, name in COLUMN_OF.items()},
            "long_context_threshold_tokens": price.long_context_threshold_tokens,
            **_long_row(price),
            "batch_multiplier": price.batch_multiplier,
            "flex_multiplier": price.flex_multiplier,
            "listed_as": price.listed_as,
            "price_source": price.source,
        }


def _long_row(price: Price) -> dict[str, Decimal | None]:
    if price.long_context_threshold_tokens is None:
        return {f"long_{name}": None for name in COLUMN_OF.values()}
    return {f"long_{name}": price.rate(rate, is_long=True) for rate, name in COLUMN_OF.items()}


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object; anything else counts as empty."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """A JSON list; anything else counts as empty."""
    return value if isinstance(value, list) else []

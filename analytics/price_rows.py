"""The table of prices that calls are joined to: one row a model, tier, stretch of time and length of the input."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa

from analytics.price_adjust import Adjusted, Adjustment, adjusted_at, boundaries, names_of
from analytics.price_table import Price, Rate
from analytics.price_tiers import STANDARD, listed_tier, tier_of

NO_LIMIT = 2**62  # tokens
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_money = pa.decimal128(18, 12)
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
        ("tier_key", pa.string()),  # service tier as asked
        ("effective_from", pa.timestamp("us", tz="UTC")),  # first moment at this price and adjustment
        ("effective_to", pa.timestamp("us", tz="UTC")),  # exclusive
        ("input_above_tokens", pa.int64()),  # holds for requests with more input tokens than this
        ("input_until_tokens", pa.int64()),  # and with no more than this
        *((name, _money) for name in COLUMN_OF.values()),  # USD per token
        ("paid_multiplier", pa.decimal128(9, 6)),  # negotiated discounts and calibration; 1: list price
        ("price_tier", pa.string()),  # tier whose rates these are
        ("price_basis", pa.string()),  # user-set, listed, derived from rates beside it, or defaulted to standard
        ("price_adjustment", pa.string()),  # discounts and calibration in words
        ("listed_as", pa.string()),  # provider/model of the price list
        ("price_source", pa.string()),  # user, or package and version
        ("priced_from", pa.timestamp("us", tz="UTC")),  # day from which the listed price holds
    ]
)


def rows_of(
    provider: str | None,
    model: str,
    prices: Sequence[Price],
    tier_key: str = STANDARD,
    adjustments: Sequence[Adjustment] = (),
) -> Iterator[dict[str, object]]:
    """Rows of ``PRICES`` for one spelling of a model and tier: each price is in force until the next one starts."""
    ends = [price.effective_from for price in prices[1:]] + [FOR_EVER]
    for price, end in zip(prices, ends, strict=True) if prices else ():
        names = names_of(provider, model, price.listed_as, tier_key)
        concerned = [one for one in adjustments if one.concerns(names)]
        for start, until in boundaries(concerned, price.effective_from, end):
            paid = adjusted_at(concerned, start)
            for row in _bands(price, tier_key):
                yield {
                    "provider": provider,
                    "model": model,
                    "tier_key": tier_key,
                    "effective_from": start,
                    "effective_to": until,
                    **row,
                    **_paid(paid),
                    "listed_as": price.listed_as,
                    "priced_from": price.effective_from,
                }


def _bands(price: Price, tier_key: str) -> Iterator[dict[str, object]]:
    tier = listed_tier(tier_of(tier_key), price.tiers, price.listed_as.split("/")[0])
    rated = tier or STANDARD
    thresholds = price.thresholds(rated)
    for above, until in zip(thresholds, [*thresholds[1:], NO_LIMIT], strict=True):
        yield {
            "input_above_tokens": above,
            "input_until_tokens": until,
            **{name: price.rate(rate, tier=rated, above=above) for rate, name in COLUMN_OF.items()},
            "price_tier": rated,
            "price_source": price.tier_sources.get(rated, price.source),
            "price_basis": price.basis(rated, above) if tier else "defaulted",
        }


def _paid(paid: Adjusted) -> dict[str, object]:
    return {"paid_multiplier": paid.multiplier, "price_adjustment": paid.in_words}


def scaled(table: pa.Table, token_ratio: Decimal) -> pa.Table:
    """The same prices for calls that would have this many times their tokens: dearer rates, earlier thresholds."""
    rows = table.to_pylist()
    for row in rows:
        row |= {name: (row[name] * token_ratio).quantize(Decimal(1).scaleb(-12)) for name in COLUMN_OF.values()}
        for bound in ("input_above_tokens", "input_until_tokens"):
            if 0 < row[bound] < NO_LIMIT:
                row[bound] = int(row[bound] / token_ratio)
    return pa.Table.from_pylist(rows, schema=PRICES)


def table_of(rows: Iterable[dict[str, object]]) -> pa.Table:
    """Rows as the table that calls are joined to."""
    return pa.Table.from_pylist(list(rows), schema=PRICES)

"""One model's price from a day on: rates by service tier and length of the input, with rules for what is not listed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from analytics.price_tiers import STANDARD, TIERS

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)  # start of a price whose first day is not known
PER_TOKEN = Decimal("0.000000000001")
MILLION = Decimal(1_000_000)
BASE = -1  # above this many input tokens: from the first one on
Rate = Literal["in", "cache_read", "cache_write_5m", "cache_write_1h", "out", "out_reasoning"]
RATES: tuple[Rate, ...] = ("in", "cache_read", "cache_write_5m", "cache_write_1h", "out", "out_reasoning")
Rates = Mapping[Rate, Decimal]
Basis = Literal["user-set", "listed", "derived", "defaulted"]


@dataclass(frozen=True)
class Price:
    """One model's listed rates from a day on [USD per token]. ``rate`` fills in what is not listed."""

    effective_from: datetime
    tiers: Mapping[str, Mapping[int, Rates]]  # by tier, then by the input tokens above which they hold
    listed_as: str  # provider/model of the price list
    source: str  # user, or package and version
    tier_sources: Mapping[str, str] = field(default_factory=dict)  # tiers that another list gives

    def with_tiers(self, other: "Price") -> "Price":
        """This price, with tiers that only the other list has, where both agree on the standard price."""
        missing = {name: bands for name, bands in other.tiers.items() if name not in self.tiers}
        agree = all(self.rate(rate) == other.rate(rate) for rate in ("in", "out"))
        if not agree or not missing or self.source == "user":
            return self
        return replace(self, tiers={**self.tiers, **missing}, tier_sources=dict.fromkeys(missing, other.source))

    def thresholds(self, tier: str = STANDARD) -> list[int]:
        """Input tokens above which another rate holds for the whole request, ``BASE`` first."""
        return sorted({BASE, *self.tiers[STANDARD], *self.tiers.get(tier, {})})

    def rate(self, rate: Rate, *, tier: str = STANDARD, above: int = BASE) -> Decimal:
        """A rate [USD per token] of a tier, for requests with more than ``above`` input tokens."""
        if tier == STANDARD or tier not in self.tiers:
            return self._standard(rate, above)
        found = _listed(self.tiers[tier], rate, above)
        if found is None:
            return self._as_anchor(rate, tier, above)
        (listed_above, value) = found
        return value if listed_above == above else self._scaled(rate, above, value, self._standard(rate, listed_above))

    def basis(self, tier: str, above: int) -> Basis:
        """How sure input and output rates are: a person's, listed, or derived from rates beside them."""
        if self.source == "user":
            return "user-set"
        rates = self.tiers.get(tier, {}).get(above, {})
        nothing_changes = above not in self.tiers.get(STANDARD, {})
        return "listed" if "in" in rates or (nothing_changes and tier in self.tiers) else "derived"

    def _standard(self, rate: Rate, above: int) -> Decimal:
        found = _listed(self.tiers[STANDARD], rate, above)
        return found[1] if found else self._unlisted(rate, above)

    def _unlisted(self, rate: Rate, above: int) -> Decimal:
        if rate == "out":
            return Decimal(0)  # embeddings write nothing
        if rate == "out_reasoning":
            return self._standard("out", above)
        if rate == "cache_write_1h" and "claude" in self.listed_as:
            return 2 * self._standard("in", above)
        return self._standard("cache_write_5m" if rate == "cache_write_1h" else "in", above)

    def _as_anchor(self, rate: Rate, tier: str, above: int) -> Decimal:
        """A rate that a tier does not list moves as its output (reasoning) or its input (all else) does."""
        if rate == "in":
            return self._standard(rate, above)
        anchor: Rate = "out" if rate == "out_reasoning" else "in"
        return self._scaled(rate, above, self.rate(anchor, tier=tier, above=above), self._standard(anchor, above))

    def _scaled(self, rate: Rate, above: int, value: Decimal, standard: Decimal) -> Decimal:
        scale = value / standard if standard else Decimal(1)
        return (self._standard(rate, above) * scale).quantize(PER_TOKEN)


def _listed(bands: Mapping[int, Rates], rate: Rate, above: int) -> tuple[int, Decimal] | None:
    """The rate listed for the longest inputs that are not longer, and for which."""
    held = [threshold for threshold in bands if threshold <= above and rate in bands[threshold]]
    return (max(held), bands[max(held)][rate]) if held else None


def prices_of(entry: Mapping[str, object], listed_as: str, source: str) -> list[Price]:
    """Every dated price of one listed model."""
    return [price_of(mapping(dated), listed_as, source) for dated in items(entry["prices"])]


def price_of(dated: Mapping[str, object], listed_as: str, source: str) -> Price:
    """One price from its JSON form, rates there in USD per million tokens."""
    start = dated.get("from")
    tiers = {name: _bands(mapping(rates)) for name, rates in mapping(dated.get("tiers")).items()}
    return Price(
        effective_from=datetime.fromisoformat(str(start)).replace(tzinfo=UTC) if start else ALWAYS,
        tiers={STANDARD: _bands(dated), **tiers},
        listed_as=listed_as,
        source=source,
    )


def _bands(rates: Mapping[str, object]) -> Mapping[int, Rates]:
    above = {int(tokens): _per_token(mapping(listed)) for tokens, listed in mapping(rates.get("above")).items()}
    return {BASE: _per_token(rates), **above}


def _per_token(rates: Mapping[str, object]) -> Rates:
    return {rate: (Decimal(str(rates[rate])) / MILLION).quantize(PER_TOKEN) for rate in RATES if rate in rates}


def differences(before: Price, after: Price) -> Iterator[tuple[str, int, Rate, Decimal, Decimal]]:
    """Tier, threshold, rate, before and after, wherever two prices of one model differ."""
    for tier in (tier for tier in TIERS if tier in before.tiers or tier in after.tiers):
        for above in sorted({*before.thresholds(tier), *after.thresholds(tier)}):
            for rate in RATES:
                old, new = (price.rate(rate, tier=tier, above=above) for price in (before, after))
                if old != new:
                    yield tier, above, rate, old, new


def in_force(prices: Iterable[Price], moment: datetime) -> Price | None:
    """The price that holds at a moment; None before the first one."""
    held = [price for price in prices if price.effective_from <= moment]
    return held[-1] if held else None


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object; anything else counts as empty."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """A JSON list; anything else counts as empty."""
    return value if isinstance(value, list) else []

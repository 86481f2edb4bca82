"""Why LiteLLM's cost of a request may differ from ours: each habit is a rule that is applied, and has to give its figure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from analytics.price_table import BASE, RATES, Price, Rate

Rates = dict[Rate, Decimal]
TOKENS = ("in_uncached", "in_cache_read", "in_cache_write_5m", "in_cache_write_1h", "out_visible", "out_reasoning")
MILLION = Decimal(1_000_000)
CACHE = ("cache_read", "cache_write_5m", "cache_write_1h")
FOLLOWS: tuple[tuple[Rate, Rate], ...] = (
    ("cache_read", "in"),
    ("cache_write_5m", "in"),
    ("cache_write_1h", "cache_write_5m"),
    ("out_reasoning", "out"),
)
OWN_CALCULATOR = {
    "fireworks_ai",
    "deepseek",
    "xai",
    "dashscope",
    "qwencloud",
    "qwen_ai_platform",
    "perplexity",
    "tencent",
}
BY_RANGE = {"dashscope", "qwencloud", "qwen_ai_platform"}
FIREWORKS_CACHE_READ = Decimal("0.5")


@dataclass(frozen=True)
class Case:
    """One usage of one entry of LiteLLM's map."""

    entry: Mapping[str, object]
    provider: str  # as LiteLLM names it
    price: Price
    tier: str
    rated: str  # tier whose rates we took
    above: int
    tokens: Mapping[str, int]

    def listed(self, rate: Rate, tier: str, above: int | None = None) -> bool:
        """Does the map list this rate for a tier, at this threshold, or at any one not above the request's?"""
        bands = self.price.tiers.get(tier, {})
        return any(rate in bands[at] for at in bands if (at == above if above is not None else at <= self.above))

    def standard(self, rate: Rate, above: int | None = None) -> Decimal:
        """Our standard rate at the request's length."""
        return self.price.rate(rate, above=self.above if above is None else above)


def cost(case: Case, rates: Mapping[Rate, Decimal]) -> Decimal:
    """Tokens times rates [USD]."""
    return sum((case.tokens[name] * rates[rate] for name, rate in zip(TOKENS, RATES, strict=True)), Decimal(0))


class Habit(NamedTuple):
    """Something LiteLLM does otherwise: when it can matter, and the rates that follow."""

    reason: str
    matters: Callable[[Case], bool]
    rates: Callable[[Case, Rates], Rates]


def _only(rates: Rates, **changed: Decimal) -> Rates:
    return {**rates, **changed}  # type: ignore[dict-item]


def _tier_ignored(case: Case, rates: Rates) -> Rates:
    return {rate: case.standard(rate) for rate in RATES}


def _fast_as_priority(case: Case, rates: Rates) -> Rates:
    return {rate: case.price.rate(rate, tier="priority", above=case.above) for rate in RATES}


def _tier_used(case: Case) -> str:
    return "priority" if case.tier == "fast" and "fast" not in case.price.tiers else case.rated


def _unlisted_at_standard(case: Case, rates: Rates) -> Rates:
    return _standard_unless(case, rates, _tier_used(case))


def _standard_unless(case: Case, rates: Rates, tier: str) -> Rates:
    """The standard rate wherever the tier itself lists none."""
    kept = {rate: rates[rate] if case.listed(rate, tier) else case.standard(rate) for rate in RATES}
    return _filled(case, kept, tier)


def _long_at_standard(case: Case, rates: Rates) -> Rates:
    tier = _tier_used(case)
    longer: Rates = {}
    for rate in RATES:
        bands = case.price.tiers["standard"]
        is_long = any(rate in bands[at] for at in bands if BASE < at <= case.above)
        longer[rate] = case.standard(rate) if is_long and not case.listed(rate, tier, case.above) else rates[rate]
    return _filled(case, longer, tier)


def _half(case: Case, rates: Rates) -> Rates:
    base = {rate: case.standard(rate, BASE) / 2 for rate in RATES}
    written = base["cache_write_5m"] or base["in"]  # a listed 0 counts as none there
    read = base["cache_read"] if case.listed("cache_read", "standard", BASE) else Decimal(0)
    return _only(base, cache_read=read, cache_write_5m=written, cache_write_1h=written, out_reasoning=base["out"])


def _batch_cache_at_input(case: Case, rates: Rates) -> Rates:
    return {rate: rates["in"] if rate in CACHE and not case.listed(rate, "batch") else rates[rate] for rate in RATES}


def _long_at_base(case: Case, rates: Rates) -> Rates:
    """What the tier lists, without what follows from a long-context rate of the standard tier."""
    bands = case.price.tiers[case.rated]

    def own(rate: Rate) -> Decimal:
        held = [at for at in bands if at <= case.above and rate in bands[at]]
        return bands[max(held)][rate] if held else rates[rate]

    return _filled(case, {rate: own(rate) for rate in RATES}, case.rated)


def _filled(case: Case, rates: Rates, tier: str) -> Rates:
    """Rates that neither list gives follow the input or the output."""
    found = dict(rates)
    for rate, instead in FOLLOWS:
        if not case.listed(rate, "standard") and not case.listed(rate, tier):
            found[rate] = found[instead]
    return found


def _range_rates(case: Case, rates: Rates) -> Rates:
    own = case.price.tiers["standard"].get(case.above, {})
    return {rate: own.get(rate, own["out"] if rate == "out_reasoning" else own["in"]) for rate in RATES}


def _off_peak(case: Case, rates: Rates) -> Rates:
    """Rates of the open window; what it and the list lack costs its input, reasoning its output."""
    block = case.entry["off_peak_pricing"]
    assert isinstance(block, dict)
    keys = {"in": "input_cost_per_token", "out": "output_cost_per_token", "cache_read": "cache_read_input_token_cost"}
    found = _only(rates, **{rate: Decimal(str(block[key])) for rate, key in keys.items() if key in block})
    for rate, instead in FOLLOWS[:-1]:
        if not case.listed(rate, "standard") and keys.get(rate) not in block:
            found[rate] = found[instead]
    return _only(found, out_reasoning=found["out"])


HABITS = (
    Habit("one of LiteLLM's own calculators knows no tiers", lambda c: c.provider in OWN_CALCULATOR, _tier_ignored),
    Habit(
        "LiteLLM takes fast for priority at every provider",
        lambda c: c.tier == "fast" and c.rated == "standard" and "priority" in c.price.tiers,
        _fast_as_priority,
    ),
    Habit(
        "LiteLLM takes half where no batch price is listed, without long-context rates and with one write rate",
        lambda c: c.tier == "batch" and "batch" not in c.price.tiers,
        _half,
    ),
    Habit(
        "LiteLLM takes the standard rate for what a tier does not list; here it moves as the tier's input or output",
        lambda c: _tier_used(c) not in ("standard", "batch"),
        _unlisted_at_standard,
    ),
    Habit(
        "LiteLLM takes the standard long-context rates in a tier that lists none; here they move as the tier does",
        lambda c: _tier_used(c) not in ("standard", "batch") and c.above > BASE,
        _long_at_standard,
    ),
    Habit(
        "LiteLLM's batch has no long-context rates unless they are listed; here they move as the tier does",
        lambda c: c.rated == "batch" and c.above > BASE,
        _long_at_base,
    ),
    Habit(
        "LiteLLM's batch takes cached tokens at the batch input rate where no batch cache rate is listed",
        lambda c: c.rated == "batch",
        _batch_cache_at_input,
    ),
    Habit(
        "LiteLLM takes half the output where a batch lists input alone; here it moves as the input does",
        lambda c: c.rated == "batch" and not c.listed("out", "batch"),
        lambda c, rates: _only(rates, out=c.standard("out", BASE) / 2, out_reasoning=c.standard("out", BASE) / 2),
    ),
    Habit(
        "LiteLLM's batch knows one write rate, so an hour's write costs what a short one does",
        lambda c: c.rated == "batch",
        lambda c, rates: _only(rates, cache_write_1h=rates["cache_write_5m"]),
    ),
    Habit(
        "LiteLLM's batch takes reasoning at the output rate",
        lambda c: c.rated == "batch",
        lambda c, rates: _only(rates, out_reasoning=rates["out"]),
    ),
    Habit(
        "LiteLLM takes reasoning at the tier's output rate where the tier lists no reasoning rate",
        lambda c: c.rated not in ("standard", "batch") and c.listed("out_reasoning", "standard"),
        lambda c, rates: _only(rates, out_reasoning=rates["out"]),
    ),
    Habit(
        "an hour's cache write of a Claude model without its own rate is twice the input here, a short write at LiteLLM",
        lambda c: "claude" in c.price.listed_as and not c.listed("cache_write_1h", "standard"),
        lambda c, rates: _only(rates, cache_write_1h=rates["cache_write_5m"]),
    ),
    Habit(
        "LiteLLM assumes half the input rate for cache reads at Fireworks where none is listed",
        lambda c: c.provider == "fireworks_ai" and not c.listed("cache_read", "standard"),
        lambda c, rates: _only(rates, cache_read=c.standard("in", BASE) * FIREWORKS_CACHE_READ),
    ),
    Habit(
        "LiteLLM's Perplexity calculator knows no long-context rates",
        lambda c: c.provider == "perplexity" and c.above > BASE,
        lambda c, rates: {rate: c.standard(rate, BASE) for rate in RATES},
    ),
    Habit(
        "LiteLLM's Perplexity calculator takes cached tokens at the input rate",
        lambda c: c.provider == "perplexity",
        lambda c, rates: _only(rates, **dict.fromkeys(CACHE, rates["in"])),
    ),
    Habit(
        "LiteLLM's xAI calculator takes reasoning at the output rate",
        lambda c: c.provider == "xai",
        lambda c, rates: _only(rates, out_reasoning=rates["out"]),
    ),
    Habit(
        "in a price by ranges LiteLLM takes unlisted rates from the same range, we from the range below",
        lambda c: bool(c.entry.get("tiered_pricing")) and c.above > BASE,
        _range_rates,
    ),
    Habit(
        "LiteLLM gives no batch cost where prices are listed by ranges alone",
        lambda c: bool(c.entry.get("tiered_pricing")) and c.tier == "batch",
        lambda c, rates: dict.fromkeys(RATES, Decimal(0)),
    ),
    Habit(
        "the map lists off-peak rates for some hours; the price of most hours stands here",
        lambda c: "off_peak_pricing" in c.entry,
        _off_peak,
    ),
)
GENAI_HABITS = (
    Habit(
        "genai-prices takes a tier's price from the day on which it was checked; here it moves with the standard price",
        lambda c: c.rated != "standard",
        _tier_ignored,
    ),
    Habit(
        "genai-prices takes the standard rate for what a tier does not list; here it moves as the tier's input or output",
        lambda c: c.rated != "standard",
        lambda c, rates: _standard_unless(c, rates, c.rated),
    ),
    Habit(
        "genai-prices has no long-context rate in a tier that lists none; here it moves as the tier does",
        lambda c: c.rated != "standard" and c.above > BASE,
        _long_at_base,
    ),
    Habit(
        "an hour's cache write of a Claude model without its own rate is twice the input here, a short write at genai-prices",
        lambda c: "claude" in c.price.listed_as and not c.listed("cache_write_1h", "standard"),
        lambda c, rates: _only(rates, cache_write_1h=rates["cache_write_5m"]),
    ),
)
DEEPEST = 4


def our_rates(case: Case) -> Rates:
    """The six rates that we take."""
    return {rate: case.price.rate(rate, tier=case.rated, above=case.above) for rate in RATES}


def is_ours(case: Case, from_sql: Decimal | None) -> bool:
    """Does the SQL give what the rates say? A wrong cost of ours is never explained by a habit of theirs."""
    return from_sql is not None and from_sql == cost(case, our_rates(case))


def explain(case: Case, theirs: float, habits: tuple[Habit, ...] = HABITS) -> tuple[str, ...] | None:
    """The fewest habits that together give their figure; none when both agree, None when nothing explains it."""
    ours = our_rates(case)
    known = [habit for habit in habits if habit.matters(case)]
    return next(
        (tuple(h.reason for h in tried) for tried in _subsets(known) if _gives(case, ours, tried, theirs)), None
    )


def _subsets(habits: list[Habit]) -> Iterator[tuple[Habit, ...]]:
    for size in range(DEEPEST + 1):
        yield from combinations(habits, size)


def _gives(case: Case, rates: Rates, habits: tuple[Habit, ...], theirs: float) -> bool:
    for habit in habits:
        rates = habit.rates(case, rates)
    return close(cost(case, rates), theirs)


def close(ours: Decimal, theirs: float) -> bool:
    """Equal but for the floating point of the other side."""
    return abs(float(ours) - theirs) <= 1e-9 * abs(theirs) + 1e-12

"""Service tiers as logs spell them, and which listed price stands for one."""

from collections.abc import Collection, Mapping

STANDARD = "standard"
TIERS = (STANDARD, "batch", "flex", "balanced", "priority", "fast", "ultrafast")

# What providers, gateways and libraries write, to the tier of the price list.
SPELLINGS: Mapping[str, str] = {
    "": STANDARD,
    "auto": STANDARD,
    "default": STANDARD,
    "none": STANDARD,
    "null": STANDARD,
    "on_demand": STANDARD,
    "ondemand": STANDARD,
    "standard_only": STANDARD,
    "batches": "batch",
    "batch_api": "batch",
    "on_demand_flex": "flex",
    "on_demand_priority": "priority",
}

# OpenAI renamed priority to fast, and sources use either name. At Anthropic they are two things.
SAME_PRICE: Mapping[str, tuple[str, ...]] = {"openai": ("priority", "fast"), "azure": ("priority", "fast")}


def tier_of(spelling: str | None) -> str:
    """The tier that a log's word means; a word that is not known stays what it is, and has no price of its own.

    >>> tier_of("ON_DEMAND_FLEX"), tier_of(None), tier_of("default"), tier_of("scale")
    ('flex', 'standard', 'standard', 'scale')
    """
    word = (spelling or "").strip().lower().replace("-", "_").replace(" ", "_")
    return SPELLINGS.get(word, word)


def listed_tier(tier: str, listed: Collection[str], provider: str) -> str | None:
    """The tier whose rates apply; None when none is listed, and the standard price has to stand in.

    >>> listed_tier("fast", {"standard", "priority"}, "openai"), listed_tier("priority", {"standard"}, "anthropic")
    ('priority', None)
    """
    if tier in listed:
        return tier
    same = SAME_PRICE.get(provider, ())
    return next((other for other in same if tier in same and other in listed), None)

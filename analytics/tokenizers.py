"""Whether two models cut the same text into the same tokens, and in what range it lies where they do not."""

import re
from decimal import Decimal
from typing import NamedTuple

# Families that are known to share a tokenizer. A model in none of them has one that is not known.
FAMILIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("o200k", re.compile(r"gpt-(4o|4\.1|4\.5|5|6)|(^|[/.])o[134](-|$)|gpt-oss")),
    ("cl100k", re.compile(r"gpt-4(-|$)|gpt-3\.5|gpt-35|text-embedding-(3|ada)")),
    ("claude-3", re.compile(r"claude-(3|instant|2)|claude-(sonnet|opus|haiku)-4(-[0-6])?(-2025\d{4}|@|-v|$)|claude-4")),
    ("gemini", re.compile(r"gemini-(1\.5|2|3)")),
)


class TokenRatio(NamedTuple):
    """Tokens of the other model for the same text, as a multiple of those that were logged."""

    low: Decimal
    high: Decimal
    basis: str


# Another tokenizer writes the same English prose, JSON or code in 0.8 to 1.35 times the tokens: the upper end is what
# was published of a vendor's own change of tokenizer (Claude Opus 4.7), the lower one its mirror image, rounded up.
ANOTHER = TokenRatio(Decimal("0.8"), Decimal("1.35"), "assumed: the models have different or unknown tokenizers")
SAME = TokenRatio(Decimal(1), Decimal(1), "both models share a tokenizer")


def family_of(model: str) -> str | None:
    """The tokenizer family of a model's name.

    >>> [family_of(name) for name in ("gpt-4o-mini", "openai/o3", "claude-sonnet-4-20250514", "claude-opus-4-8")]
    ['o200k', 'o200k', 'claude-3', None]
    """
    return next((name for name, pattern in FAMILIES if pattern.search(model.lower())), None)


def token_ratio(model: str, other: str) -> TokenRatio:
    """Range of tokens that ``other`` would count for what ``model`` counted."""
    family = family_of(model)
    return SAME if model.lower() == other.lower() or (family and family == family_of(other)) else ANOTHER

"""What is paid against the list price: negotiated discounts, and factors found by reconciling a month's invoice.

Both are entries of the workspace's price file with who, when and why, dated and appended to, never rewritten.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import Literal, NamedTuple

from analytics.errors import InputError
from analytics.price_names import GATEWAYS, canonical_provider, spellings
from analytics.price_table import ALWAYS, mapping
from analytics.price_tiers import tier_of

RATIO = Decimal("0.000001")
Kind = Literal["discount", "calibration"]


@dataclass(frozen=True)
class Adjustment:
    """A multiplier on the price of some calls for some time."""

    kind: Kind
    provider: str | None  # None: every provider
    model: str | None  # as listed; None: every model
    tier: str | None  # None: every tier
    starts: datetime  # inclusive
    ends: datetime | None  # exclusive; None: until another one replaces it
    multiplier: Decimal  # of the list price
    commit_usd_per_month: Decimal | None  # the least that a month is billed at
    why: str
    set_by: str
    set_at: str

    def concerns(self, names: "Names") -> bool:
        """Is it about this model, in this tier?"""
        return (
            self.provider in (None, names.provider)
            and (self.model is None or self.model in names.models)
            and self.tier in (None, names.tier)
        )

    def holds(self, moment: datetime) -> bool:
        """Is it in force at this moment?"""
        return self.starts <= moment and (self.ends is None or moment < self.ends)

    @property
    def in_words(self) -> str:
        """What it does and on whose word."""
        share = format((1 - self.multiplier) * 100, ".4f").rstrip("0").rstrip(".")
        named = f"discount {share} %" if self.kind == "discount" else f"calibration {self.multiplier.normalize():f}"
        return f"{named} ({self.why}; set by {self.set_by} on {self.set_at[:10]})"


class Names(NamedTuple):
    """Whom a call was bought from, and every name that its model goes by."""

    provider: str
    models: frozenset[str]
    tier: str


def names_of(provider: str | None, model: str, listed_as: str, tier_key: str) -> Names:
    """The log's own provider counts, even where it sells on what another one lists; a gateway's does not."""
    listed_by, _, listed_name = listed_as.partition("/")
    canonical = canonical_provider(provider)
    seller = listed_by if canonical is None or canonical in GATEWAYS else canonical
    return Names(seller, frozenset({*spellings(model), listed_name}), tier_of(tier_key))


class Adjusted(NamedTuple):
    """All that holds at a moment, together."""

    multiplier: Decimal
    in_words: str | None


def adjusted_at(concerned: Sequence[Adjustment], moment: datetime) -> Adjusted:
    """Of each kind the most specific entry counts, of equals the last: a discount of 0 takes a model out."""
    held = [one for one in concerned if one.holds(moment)]
    chosen = [
        max(enumerate(same), key=lambda pair: (_specific(pair[1]), pair[0]))[1]
        for kind in ("discount", "calibration")
        if (same := [one for one in held if one.kind == kind])
    ]
    multiplier = Decimal(1)
    for one in chosen:
        multiplier *= one.multiplier
    return Adjusted(multiplier.quantize(RATIO), "; ".join(one.in_words for one in chosen) or None)


def _specific(one: Adjustment) -> tuple[bool, bool, bool, datetime]:
    starts = one.starts if one.kind == "calibration" else ALWAYS  # a later month's calibration replaces the earlier
    return (one.model is not None, one.tier is not None, one.provider is not None, starts)


def boundaries(concerned: Iterable[Adjustment], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """A price's time, cut wherever an adjustment starts or ends."""
    days = {day for one in concerned for day in (one.starts, one.ends) if day is not None and start < day < end}
    cuts = [start, *sorted(days), end]
    return list(pairwise(cuts))


def adjustment_of(fields: Mapping[str, object], kind: Kind) -> Adjustment:
    """One entry of the price file. Raises InputError, KeyError, ValueError."""
    multiplier = Decimal(str(fields["multiplier"]))
    if not multiplier.is_finite() or not 0 <= multiplier < 1000:
        raise InputError(f"a multiplier lies between 0 and 1,000, not {multiplier}")
    commit = fields.get("commit_usd_per_month")
    return Adjustment(
        kind=kind,
        provider=canonical_provider(_text(fields.get("provider"))),
        model=_text(fields.get("model")),
        tier=tier_of(str(fields["tier"])) if fields.get("tier") else None,
        starts=_midnight(fields.get("from")) or ALWAYS,
        ends=_midnight(fields.get("to")),
        multiplier=multiplier.quantize(RATIO),
        commit_usd_per_month=Decimal(str(commit)) if commit is not None else None,
        why=str(fields.get("why") or "no reason given"),
        set_by=str(fields.get("set_by") or "unknown"),
        set_at=str(fields["set_at"]),
    )


def _text(value: object) -> str | None:
    return str(value) if value else None


def _midnight(day: object) -> datetime | None:
    return datetime.combine(date.fromisoformat(str(day)), time(), UTC) if day else None


def read_adjustments(document: Mapping[str, object], where: object) -> tuple[Adjustment, ...]:
    """Discounts and calibrations of a price file, in the order in which they were set. Raises InputError."""
    found: list[Adjustment] = []
    kinds: tuple[tuple[Kind, str], ...] = (("discount", "discounts"), ("calibration", "calibrations"))
    for kind, name in kinds:
        entries = document.get(name)
        for number, entry in enumerate(entries if isinstance(entries, list) else [], 1):
            try:
                found.append(adjustment_of(mapping(entry), kind))
            except (KeyError, ValueError, ArithmeticError, InputError) as error:
                raise InputError(f"{where}, {kind} {number}: {error!s}; mend it or move the file away") from error
    return tuple(found)

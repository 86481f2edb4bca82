"""``spiritsafe prices discount`` and ``reconcile``: what is paid against the list price, and does the bill agree?"""

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from analytics.cli_price_history import day_of
from analytics.errors import InputError, UnknownName
from analytics.price_adjust import RATIO
from analytics.price_names import canonical_provider
from analytics.price_tiers import TIERS, tier_of
from analytics.terminal import Common, emit, progress, table

Amount = Annotated[str | None, Parameter(allow_leading_hyphen=True)]


@Parameter(name="*")
@dataclass(frozen=True)
class DiscountFlags:
    """What was negotiated."""

    percent: Annotated[Amount, Parameter(help="How much less than the price is paid, 0 to 100.")] = None
    commit: Annotated[
        Amount,
        Parameter(help="USD a month that are billed whatever the use; reconcile holds the invoice against it."),
    ] = None
    tier: Annotated[str | None, Parameter(help="Service tier that it is for, e.g. batch [default: every tier].")] = None
    from_: Annotated[
        str | None,
        Parameter(name="--from", help="First day (UTC) on which it holds, YYYY-MM-DD [default: always]."),
    ] = None
    to: Annotated[
        str | None,
        Parameter(help="First day on which it holds no more [default: until another one is set]."),
    ] = None
    why: Annotated[
        str | None,
        Parameter(help="The agreement, e.g. its number; shown beside every cost that it changes."),
    ] = None
    by: Annotated[str | None, Parameter(help="Who says so [default: the name of this account].")] = None

    def entry(self, what: str, providers: list[str]) -> dict[str, object]:
        """The discount as it is kept. Raises InputError, UnknownName."""
        if self.percent is None or not self.why:
            raise InputError("a discount takes --percent and --why, e.g. --percent 12 --why 'contract 4711'")
        provider, _, model = what.strip().lower().partition("/")
        start, end = day_of("--from", self.from_), day_of("--to", self.to)
        if start and end and end <= start:
            raise InputError("--to is the first day without the discount, so it has to come after --from")
        share = amount("--percent", self.percent, Decimal(100))
        return {
            "provider": None if provider == "all" else _provider(provider, providers),
            "model": model or None,
            "tier": _tier(self.tier),
            "from": start.isoformat() if start else None,
            "to": end.isoformat() if end else None,
            "multiplier": str((1 - share / 100).quantize(RATIO)),
            "commit_usd_per_month": str(amount("--commit", self.commit, Decimal(10**12))) if self.commit else None,
            "why": self.why,
            "set_by": self.by or getpass.getuser(),
            "set_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def discount(what: str | None = None, /, *, given: DiscountFlags | None = None, common: Common | None = None) -> None:
    """Set a negotiated discount, on top of whatever price is in force; alone it lists those that are set.

    The most specific discount counts, of equals the last one: 0 for a model takes it out of its provider's discount.

    Parameters
    ----------
    what
        PROVIDER or PROVIDER/MODEL, or all.
    """
    from analytics.price_user import append_entry
    from analytics.prices import PriceBook

    flags, terms = common or Common(), given or DiscountFlags()
    book = PriceBook.of(flags.workspace)
    if what is None:
        found = book.adjustments
        emit(flags, found, lambda console: _show_adjustments(console, found))
        return
    entry = terms.entry(what, book.providers())
    append_entry(flags.workspace.prices, "discounts", entry)
    emit(flags, entry, lambda console: console.print(f"{what}: {terms.percent} % less; run: spiritsafe analyze"))


def amount(option: str, text: str, most: Decimal) -> Decimal:
    """A number of an option. Raises InputError."""
    try:
        value = Decimal(text.replace(",", "").lstrip("$").rstrip("%"))
    except InvalidOperation:
        raise InputError(f"{option} takes a number, not {text!r}") from None
    if not value.is_finite() or not 0 <= value <= most:
        raise InputError(f"{option} takes a number from 0 to {most:,}, not {text}")
    return value


def _provider(name: str, known: list[str]) -> str:
    canonical = canonical_provider(name)
    if canonical is None or canonical not in known:
        raise UnknownName("provider", name, known)
    return canonical


def _tier(text: str | None) -> str | None:
    if text is None:
        return None
    if tier_of(text) not in TIERS:
        raise UnknownName("service tier", text, TIERS)
    return tier_of(text)


def _show_adjustments(console: Console, found: object) -> None:
    assert isinstance(found, tuple)
    rows = [
        (
            f"{one.provider or 'all'}{'/' + one.model if one.model else ''}",
            one.tier or "every",
            one.starts.date().isoformat() if one.starts.year > 1970 else "always",
            one.ends.date().isoformat() if one.ends else "open",
            one.in_words,
        )
        for one in found
    ]
    table(console, "Discounts and calibrations", ("what", "tier", "from", "to", "what it does"), rows)


def reconcile(
    *,
    month: str,
    invoice: Annotated[str, Parameter(allow_leading_hyphen=True)],
    provider: str | None = None,
    apply: Annotated[bool, Parameter(negative="")] = False,
    why: str = "invoice of the month",
    by: str | None = None,
    common: Common | None = None,
) -> None:
    """Hold a month's costed spend against the total of its invoice.

    Parameters
    ----------
    month
        YYYY-MM, in UTC.
    invoice
        Total of the invoice in USD, without tax.
    provider
        Whose invoice it is [default: all providers].
    apply
        Store the calibration factor: costs from that month on are multiplied by it, until another month's replaces it.
    why
        Stored with the factor.
    by
        Who says so [default: the name of this account].
    """
    from analytics.reconcile import apply_calibration
    from analytics.reconcile import reconcile as reconciled

    flags = common or Common()
    found = reconciled(flags.workspace, month, amount("--invoice", invoice, Decimal(10**12)), provider)
    if apply:
        found = apply_calibration(flags.workspace, found, why, by or getpass.getuser(), datetime.now(UTC))
        progress.print("the factor is stored; run: spiritsafe analyze")

    def show(console: Console) -> None:
        share = "" if found.difference_percent is None else f" ({found.difference_percent:+.2f} %)"
        console.print(
            f"invoice ${found.invoice_usd:,.2f}, costed ${found.costed_usd:,.2f}: ${found.difference_usd:+,.2f}{share}"
        )
        rows = [(one.text, None if one.usd is None else f"${one.usd:,.2f}") for one in found.explanations]
        table(console, "What could explain it", ("", "about"), rows)
        state = "stored" if found.is_applied else "not stored; --apply stores it"
        console.print(f"calibration factor {found.calibration_factor}: {state}")

    emit(flags, found, show)

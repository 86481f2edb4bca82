"""A month's costed spend against the total of its invoice: the difference, what could explain it, and a factor."""

import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from analytics.errors import DataMissing, InputError, QualityGateFailed
from analytics.price_names import GATEWAYS, canonical_provider
from analytics.price_user import append_entry
from analytics.prices import Asked, PriceBook
from analytics.store import open_store
from analytics.workspace import Workspace

PLAUSIBLE = (Decimal("0.5"), Decimal(2))  # outside, something is missing rather than a little off
REASONS = re.compile(r"(^|[/.])o[134](-|$)|gpt-(5|6)|reason|think|-r1|gemini-(2\.5|3)|magistral|qwq", re.IGNORECASE)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Explanation:
    """Something that an invoice may hold and a log may not, or the reverse."""

    name: str
    text: str
    calls: float | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None
    usd: float | None = None  # about what it can be worth; None: cannot be told


@dataclass(frozen=True)
class Reconciled:
    """One month against its invoice [USD]."""

    month: str
    provider: str | None
    invoice_usd: Decimal
    costed_usd: Decimal  # at the prices in force less discounts, before any calibration
    list_usd: Decimal  # before discounts
    difference_usd: Decimal  # invoice less costed
    difference_percent: float | None  # of the invoice
    calls: float
    unpriced_calls: float
    standard_error_usd: float  # of a log that is a random sample; 0: it is whole
    calibration_factor: Decimal | None
    is_applied: bool
    explanations: Sequence[Explanation]


def month_of(text: str) -> tuple[datetime, datetime]:
    """First moments of a month and of the next. Raises InputError.

    >>> [day.isoformat()[:10] for day in month_of("2026-12")]
    ['2026-12-01', '2027-01-01']
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise InputError(f"--month takes a month as YYYY-MM, not {text!r}")
    year, month = int(text[:4]), int(text[5:])
    return datetime(year, month, 1, tzinfo=UTC), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def reconcile(workspace: Workspace, month: str, invoice_usd: Decimal, provider: str | None = None) -> Reconciled:
    """Compare a month. Raises InputError, DataMissing."""
    start, end = month_of(month)
    book = PriceBook.of(workspace).without_calibration()
    with open_store(workspace) as store:
        store.register("price_rows", book.rows_for(Asked(**row) for row in store.rows("list_models")))
        found = store.rows("sum_month", start=start, end=end)
    rows = [row for row in found if provider is None or seller(book, row) == canonical_provider(provider)]
    if not rows:
        known = ", ".join(sorted({str(seller(book, row)) for row in found})) or "no calls at all"
        raise DataMissing(f"the log has no calls of {provider or 'anyone'} in {month}; that month has: {known}")
    costed, listed = (sum((row[name] for row in rows), Decimal(0)) for name in ("cost_usd", "list_cost_usd"))
    difference = invoice_usd - costed
    return Reconciled(
        month=month,
        provider=canonical_provider(provider),
        invoice_usd=invoice_usd,
        costed_usd=costed,
        list_usd=listed,
        difference_usd=difference,
        difference_percent=float(difference / invoice_usd * 100) if invoice_usd else None,
        calls=_total(rows, "calls"),
        unpriced_calls=_total(rows, "unpriced_calls"),
        standard_error_usd=_total(rows, "sampling_variance") ** 0.5,
        calibration_factor=(invoice_usd / costed).quantize(Decimal("0.000001")) if costed else None,
        is_applied=False,
        explanations=explanations(rows, book, start, end, difference),
    )


def seller(book: PriceBook, row: Row) -> str | None:
    """Whose invoice a call is on: the log's own provider; behind a gateway, the one whose price applies."""
    provider = canonical_provider(row["provider"])
    if provider is not None and provider not in GATEWAYS:
        return provider
    prices = book.prices_for(row["provider"], row["model"])
    return prices[0].listed_as.split("/")[0] if prices else provider


def apply_calibration(workspace: Workspace, found: Reconciled, why: str, by: str, now: datetime) -> Reconciled:
    """Store the factor, from the month on until another month's replaces it. Raises QualityGateFailed."""
    factor = found.calibration_factor
    if factor is None or not PLAUSIBLE[0] <= factor <= PLAUSIBLE[1]:
        raise QualityGateFailed(
            f"the invoice is {factor or 'infinitely many'} times what was costed: that is no calibration but something "
            "missing; look at the explanations first, set prices and discounts, or import the rest of the log"
        )
    entry: dict[str, object] = {
        "provider": found.provider,
        "month": found.month,
        "from": month_of(found.month)[0].date().isoformat(),
        "multiplier": str(factor),
        "invoice_usd": str(found.invoice_usd),
        "costed_usd": str(found.costed_usd),
        "why": why,
        "set_by": by,
        "set_at": now.isoformat(timespec="seconds"),
    }
    append_entry(workspace.prices, "calibrations", entry)
    return Reconciled(**{**vars(found), "is_applied": True})


def explanations(
    rows: Sequence[Row], book: PriceBook, start: datetime, end: datetime, gap: Decimal
) -> list[Explanation]:
    """Everything measured that could stand behind the difference, whatever its sign."""
    made = (
        _unpriced(rows),
        _failures(rows),
        _reasoning(rows, gap),
        _gaps(rows, start.date(), end.date()),
        _sampling(rows),
        _defaulted(rows),
        _odd_tokens(rows),
        _discounts(rows, book, start, gap),
        _commitment(rows, book, start),
    )
    return [one for one in made if one is not None]


def _total(rows: Iterable[Row], name: str, where: Callable[[Row], bool] = lambda row: True) -> float:
    return float(sum(row[name] or 0 for row in rows if where(row)))


def _unpriced(rows: Sequence[Row]) -> Explanation | None:
    calls = _total(rows, "unpriced_calls")
    if not calls:
        return None
    models = ", ".join(sorted({row["model"] for row in rows if row["unpriced_calls"]})[:5])
    tokens = [_total(rows, f"unpriced_{side}_tokens") for side in ("input", "output")]
    text = f"{calls:,.0f} calls have no price ({models}); set one: spiritsafe prices set PROVIDER/MODEL"
    return Explanation("unpriced-calls", text, calls, *tokens)


def _failures(rows: Sequence[Row]) -> Explanation | None:
    """Failures without token counts cost 0 here; as much as a success each, if the provider billed them."""
    failures = _total(rows, "unbilled_failures")
    if not failures:
        return None
    models = {row["model"] for row in rows}
    worth = 0.0
    for model in models:
        own = [row for row in rows if row["model"] == model]
        successes = _total(own, "successes")
        worth += _total(own, "unbilled_failures") * _total(own, "cost_usd") / successes if successes else 0
    text = f"{failures:,.0f} failed calls have no token counts and cost 0 here; time-outs are often billed"
    return Explanation("failed-calls", text, failures, usd=worth)


def _reasoning(rows: Sequence[Row], gap: Decimal) -> Explanation | None:
    """Models that reason, in a log that never counts it."""
    counted = {row["model"] for row in rows if row["calls_with_reasoning"]}
    silent = sorted({row["model"] for row in rows if REASONS.search(row["model"])} - counted)
    if not silent:
        return None
    calls = _total(rows, "calls", lambda row: row["model"] in silent)
    text = f"{', '.join(silent[:5])} can reason, and the log counts no reasoning tokens of theirs"
    return Explanation("missing-reasoning-tokens", text, calls, usd=float(gap) if gap > 0 else None)


def _gaps(rows: Sequence[Row], start: date, end: date) -> Explanation | None:
    """Days without a call, each worth about a usual day."""
    spent: dict[date, float] = {}
    for row in rows:
        spent[row["requested_date"]] = spent.get(row["requested_date"], 0.0) + float(row["cost_usd"])
    days = (end - start).days - len(spent)
    if days <= 0:
        return None
    worth = days * statistics.median(spent.values())
    return Explanation("days-without-calls", f"{days} days of the month have no call in the log", usd=worth)


def _sampling(rows: Sequence[Row]) -> Explanation | None:
    if not any(row["is_sampled"] for row in rows):
        return None
    error = _total(rows, "sampling_variance") ** 0.5
    counted, calls = _total(rows, "rows"), _total(rows, "calls")
    text = f"the log is a sample: {counted:,.0f} rows stand for {calls:,.0f} calls; one standard error"
    return Explanation("sampling", text, calls, usd=error)


def _defaulted(rows: Sequence[Row]) -> Explanation | None:
    calls = _total(rows, "defaulted_calls")
    text = f"{calls:,.0f} calls name a service tier without a listed price and were costed at the standard price"
    return Explanation("tiers-without-a-price", text, calls) if calls else None


def _odd_tokens(rows: Sequence[Row]) -> Explanation | None:
    calls = _total(rows, "odd_token_calls")
    text = f"{calls:,.0f} calls have token counts that do not add up to the total that the log gives"
    return Explanation("odd-token-counts", text, calls) if calls else None


def _discounts(rows: Sequence[Row], book: PriceBook, start: datetime, gap: Decimal) -> Explanation | None:
    costed = Decimal(str(_total(rows, "cost_usd")))
    known = [one for one in book.adjustments if one.kind == "discount" and one.holds(start)]
    if gap >= 0 or not costed:
        return None
    share = f"a {'further ' if known else ''}discount of {float(-gap / costed * 100):.2f} %"
    text = f"{share} would explain it; if one was agreed, set it: spiritsafe prices discount"
    return Explanation("discounts", text, usd=float(gap))


def _commitment(rows: Sequence[Row], book: PriceBook, start: datetime) -> Explanation | None:
    """A month is billed at no less than what was committed to."""
    committed = [one for one in book.adjustments if one.commit_usd_per_month and one.holds(start)]
    sellers = {seller(book, row) for row in rows}
    least = sum((one.commit_usd_per_month or Decimal(0) for one in committed if one.provider in sellers), Decimal(0))
    costed = Decimal(str(_total(rows, "cost_usd")))
    if least <= costed:
        return None
    text = f"${least:,.2f} a month were committed to and are billed whatever the use"
    return Explanation("committed-use", text, usd=float(least - costed))

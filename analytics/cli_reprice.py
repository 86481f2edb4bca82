"""``spiritsafe prices reprice``: the stored calls at another day's prices, or as if another model had served them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console

from analytics.cli_price_history import day_of
from analytics.errors import InputError
from analytics.terminal import Common, emit, table

if TYPE_CHECKING:
    from analytics.reprice import Repriced
    from analytics.tokenizers import TokenRatio


def reprice(
    *,
    as_of: str | None = None,
    model: Annotated[list[str] | None, Parameter(negative="")] = None,
    token_ratio: str | None = None,
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    to: str | None = None,
    common: Common | None = None,
) -> None:
    """What the stored calls would have cost at other prices, by task. Nothing stored changes.

    Parameters
    ----------
    as_of
        Day (UTC) whose prices and discounts apply to every call, YYYY-MM-DD.
    model
        LOGGED=OTHER: as if OTHER had served the calls of LOGGED, e.g. gpt-4o=openai/gpt-4o-mini; repeatable.
    token_ratio
        LOW:HIGH, tokens of the other model for the same text, as multiples of the logged ones
        [default: 0.8:1.35 where the tokenizers differ or are not known, else 1].
    from_
        First day of the calls [default: all].
    to
        First day that is left out.
    """
    from analytics.prices import PriceBook
    from analytics.reprice import Other, as_if, models_of, on_day
    from analytics.reprice import reprice as repriced
    from analytics.store import open_store

    flags = common or Common()
    if (as_of is None) == (not model):
        raise InputError("give --as-of DAY or --model LOGGED=OTHER, one of the two")
    day, start, end = day_of("--as-of", as_of), day_of("--from", from_), day_of("--to", to)
    book = PriceBook.of(flags.workspace)
    with open_store(flags.workspace) as store:
        asked = models_of(store)
    if day is not None:
        same = on_day(book, asked, datetime.combine(day, time(23, 59, 59), UTC))
        other = Other(f"prices of {day}", same, same, same)
    else:
        other = as_if(book, asked, pairs(model or []), ratio_of(token_ratio))
    found = repriced(flags.workspace, other, _midnight(start), _midnight(end))
    emit(flags, found, lambda console: show(console, found))


def pairs(given: list[str]) -> dict[str, str]:
    """LOGGED=OTHER arguments. Raises InputError.

    >>> pairs(["gpt-4o=openai/gpt-4o-mini"])
    {'gpt-4o': 'openai/gpt-4o-mini'}
    """
    found: dict[str, str] = {}
    for pair in given:
        old, equals, new = (part.strip() for part in pair.partition("="))
        if not (old and equals and new) or old in found:
            raise InputError(f"--model takes LOGGED=OTHER, each logged model once, not {pair!r}")
        found[old] = new
    return found


def ratio_of(text: str | None) -> "TokenRatio | None":
    """LOW:HIGH as given. Raises InputError."""
    from analytics.tokenizers import TokenRatio

    if text is None:
        return None
    try:
        low, high = (Decimal(part) for part in text.split(":"))
    except (InvalidOperation, ValueError):
        raise InputError(f"--token-ratio takes LOW:HIGH, e.g. 0.9:1.2, not {text!r}") from None
    if not (low.is_finite() and high.is_finite() and 0 < low <= high <= 10):
        raise InputError(f"--token-ratio takes 0 < LOW <= HIGH <= 10, not {text}")
    return TokenRatio(low, high, "user-set")


def show(console: Console, found: "Repriced") -> None:
    """The tasks, dearest first."""
    rows = [
        (
            task.name,
            f"{task.calls:,.0f}",
            *(_usd(value) for value in (task.cost_usd, task.repriced_usd, task.low_usd, task.high_usd)),
        )
        for task in (*found.tasks, found.total)
    ]
    columns = ("task", "calls", "as billed", "repriced", "low", "high")
    table(console, f"{found.how}, {found.start:%Y-%m-%d} to {found.end:%Y-%m-%d}", columns, rows)
    if found.token_ratio:
        low, high, basis = found.token_ratio
        console.print(f"tokens times {low} to {high} ({basis}); hidden reasoning of another model is not foreseen")


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _usd(value: Decimal | None) -> str | None:
    return None if value is None else f"${value:,.2f}"

"""``spiritsafe prices``: what is known about a price, and a price of your own above it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from analytics.cli_price_history import day_of, diff, sync
from analytics.cli_price_paid import discount, reconcile
from analytics.cli_reprice import reprice
from analytics.errors import DataMissing
from analytics.price_rows import FOR_EVER, NO_LIMIT, rows_of
from analytics.price_table import BASE, MILLION, Rate
from analytics.price_tiers import STANDARD, TIERS
from analytics.price_user import append_user_price, split_model
from analytics.prices import PriceBook
from analytics.terminal import Common, emit, table

Usd = Annotated[str | None, Parameter(allow_leading_hyphen=True)]


def mount(app: App) -> None:
    """Add the command group."""
    group = App(name="prices", help="What a token costs, from which day on and according to whom.")
    group.command(list_prices, name="list")
    group.command(set_price, name="set")
    for command in (sync, diff, discount, reprice, reconcile):
        group.command(command)
    app.command(group)


def list_prices(*, model: str | None = None, provider: str | None = None, common: Common | None = None) -> None:
    """Show the dated prices of a model by tier and length, those of a provider, else the providers that are known.

    Parameters
    ----------
    model
        As it stands in the log, e.g. gpt-4o, azure/gpt-4o or claude-sonnet-4-20250514.
    provider
        As it stands in the log; alone it lists all its models.
    """
    flags = common or Common()
    book = PriceBook.of(flags.workspace)
    if model is None and provider is None:
        _list_providers(flags, book)
        return
    names = [model] if model else book.models(provider or "")
    rows = [row for name in names for row in _rows(book, provider, name, every_tier=model is not None)]
    if not rows:
        raise DataMissing(
            f"no price is known for {model or provider}; set one: "
            f"spiritsafe prices set {provider or 'PROVIDER'}/{model or 'MODEL'} --input USD --output USD"
        )
    emit(flags, rows, lambda console: _show(console, rows, book))


def set_price(
    model: str,
    /,
    *,
    input_: Annotated[str, Parameter(name="--input", allow_leading_hyphen=True)],
    output: Annotated[str, Parameter(name="--output", allow_leading_hyphen=True)],
    cache_read: Usd = None,
    cache_write: Usd = None,
    cache_write_1h: Usd = None,
    reasoning: Usd = None,
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    common: Common | None = None,
) -> None:
    """Set the price of a model, above the shipped prices; earlier prices stay for earlier calls.

    Parameters
    ----------
    model
        PROVIDER/MODEL, e.g. openai/gpt-4o.
    input_
        USD per million input tokens.
    output
        USD per million output tokens.
    cache_read
        USD per million input tokens read from the prompt cache [default: as input].
    cache_write
        USD per million input tokens written to it for minutes [default: as input].
    cache_write_1h
        USD per million input tokens written to it for an hour.
    reasoning
        USD per million hidden reasoning tokens [default: as output].
    from_
        First day (UTC) on which it holds, YYYY-MM-DD [default: always].
    """
    flags = common or Common()
    given: dict[Rate, str | None] = {
        "in": input_,
        "out": output,
        "cache_read": cache_read,
        "cache_write_5m": cache_write,
        "cache_write_1h": cache_write_1h,
        "out_reasoning": reasoning,
    }
    rates = {rate: value for rate, value in given.items() if value is not None}
    path = flags.workspace.prices
    entry = append_user_price(path, model, rates, day_of("--from", from_), datetime.now(UTC))
    provider, name = split_model(model)
    since = f"from {entry['from']} on" if entry["from"] else "for all calls"
    emit(flags, entry, lambda console: console.print(f"{provider}/{name}: ${input_} in, ${output} out {since}"))


def _rows(book: PriceBook, provider: str | None, model: str, *, every_tier: bool) -> Iterator[dict[str, object]]:
    """Rates by tier, day and length; a price that is still in force has no end."""
    prices = book.prices_for(provider, model)
    listed = {tier for price in prices for tier in price.tiers} if every_tier else {STANDARD}
    for tier in (tier for tier in TIERS if tier in listed):
        for row in rows_of(provider, model, prices, tier, book.adjustments):
            ends = {"effective_to": FOR_EVER, "input_until_tokens": NO_LIMIT}
            yield {**row, **{name: None for name, end in ends.items() if row[name] == end}}


def _list_providers(flags: Common, book: PriceBook) -> None:
    counts = [
        {"provider": name, "models": len(book.models(name)), "snapshot": book.snapshot_date}
        for name in book.providers()
    ]
    set_here = [row for entry in book.user_prices for row in _rows(book, entry.provider, entry.model, every_tier=True)]

    def show(console: Console) -> None:
        if set_here:
            _show(console, set_here, book)
        rows = [tuple(count.values())[:2] for count in counts]
        table(console, f"Shipped prices of {book.snapshot_date}", ("provider", "models"), rows)

    emit(flags, counts, show)


def _show(console: Console, rows: list[dict[str, object]], book: PriceBook) -> None:
    shown = [
        (
            row["listed_as"],
            _since(row["effective_from"]),
            _sold_as(row),
            _per_million(row["in_usd"]),
            f"{_per_million(row['in_cache_read_usd'])}/{_per_million(row['in_cache_write_5m_usd'])}",
            _per_million(row["out_usd"]),
            row["price_source"],
        )
        for row in rows
    ]
    title = f"USD per million tokens (prices of {book.snapshot_date})"
    columns = ("model", "from", "tier", "in", "cache r/w", "out", "source")
    table(console, title, columns, shown)


def _sold_as(row: dict[str, object]) -> str:
    """The tier, and above how many input tokens: batch >200k."""
    above = int(str(row["input_above_tokens"]))
    return str(row["price_tier"]) if above == BASE else f"{row['price_tier']} >{above / 1000:g}k"


def _since(start: object) -> str:
    return start.date().isoformat() if isinstance(start, datetime) and start.year > 1970 else "always"


def _per_million(rate: object) -> str:
    return format((Decimal(str(rate)) * MILLION).normalize(), "f")

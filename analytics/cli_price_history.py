"""``spiritsafe prices sync`` and ``diff``: newer price lists, and what they change."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from analytics.errors import InputError
from analytics.terminal import Common, emit, table

if TYPE_CHECKING:
    from analytics.price_diff import Change
    from analytics.price_effects import TaskEffect

MOST_SHOWN = 40


def day_of(option: str, text: str | None) -> date | None:
    """A day of an option. Raises InputError."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"{option} takes a day as YYYY-MM-DD, not {text!r}") from None


def sync(
    *, genai: Path | None = None, litellm: Path | None = None, date: str | None = None, common: Common | None = None
) -> None:
    """Add newer price lists to the history: from the installed packages, or from files. Nothing is downloaded.

    What calls cost up to now stays as it is; a changed price holds from the day of the snapshot, or from the
    day that the list itself names. Run analyze afterwards.

    Parameters
    ----------
    genai
        prices/data.json of genai-prices, instead of the installed package.
    litellm
        model_prices_and_context_window.json of LiteLLM, instead of the installed package.
    date
        Day (UTC) on which the lists were fetched, YYYY-MM-DD [default: today].
    """
    from analytics.price_history import sync as synced
    from analytics.price_snapshot import find_sources

    flags = common or Common()
    day = day_of("--date", date) or datetime.now(UTC).date()
    found = synced(flags.workspace, find_sources(genai, litellm), day)
    news = (
        f"new snapshot {found.snapshot} after {found.before}" if found.is_new else f"nothing new since {found.before}"
    )
    emit(flags, found, lambda console: console.print(f"{news}: {found.models:,} models; see: spiritsafe prices diff"))


def diff(before: str | None = None, after: str | None = None, /, *, common: Common | None = None) -> None:
    """Which prices changed, appeared and vanished between two snapshots, and what it does to each task's spend.

    Parameters
    ----------
    before
        Name of a snapshot, e.g. shipped or 2026-11-24 [default: the one before the newest].
    after
        Name of a later one [default: the newest].
    """
    from analytics.price_diff import compare, end_of
    from analytics.price_effects import effects
    from analytics.price_history import find_snapshot, snapshot_day, snapshots
    from analytics.prices import PriceBook

    flags = common or Common()
    known = list(snapshots(flags.workspace))
    names = (before or known[max(len(known) - 2, 0)], after or known[-1])
    older, newer = (find_snapshot(flags.workspace, name) for name in names)
    changes = compare(older, newer)
    dated = [(PriceBook.load(flags.workspace.prices, one), end_of(snapshot_day(one))) for one in (older, newer)]
    tasks = effects(flags.workspace, *dated)
    counts = {
        kind: len({one.model for one in changes if one.change == kind}) for kind in ("changed", "appeared", "vanished")
    }
    found = {
        "before": names[0],
        "after": names[1],
        "snapshots": known,
        "models": counts,
        "changes": changes,
        "tasks": tasks,
    }
    heading = f"{names[0]} to {names[1]}, USD per million tokens: {_counted(counts)}"

    def show(console: Console) -> None:
        _show_changes(console, heading, changes)
        _show_moved(console, tasks)

    emit(flags, found, show)


def _show_changes(console: Console, heading: str, changes: Sequence["Change"]) -> None:
    rows = [
        (one.model, one.change, one.tier, one.above_input_tokens, one.rate, one.before_usd_per_million,
         one.after_usd_per_million, None if one.percent is None else f"{one.percent:+.1f} %")
        for one in changes[:MOST_SHOWN]
    ]  # fmt: skip
    columns = ("model", "change", "tier", "above tokens", "rate", "before", "after", "change")
    table(console, heading, columns, rows)
    if len(changes) > len(rows):
        console.print(f"{len(changes) - len(rows):,} more changes: --json shows all")


def _show_moved(console: Console, tasks: Sequence["TaskEffect"]) -> None:
    moved = [
        (one.name, _usd(one.before_usd_per_month), _usd(one.after_usd_per_month), f"{one.percent:+.1f} %")
        for one in tasks
        if one.percent
    ]
    table(console, "Tasks whose spend changes, USD a month", ("task", "before", "after", "change"), moved)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} models {kind}" for kind, count in counts.items())


def _usd(value: float | None) -> str | None:
    return None if value is None else f"${value:,.2f}"

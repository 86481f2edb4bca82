"""What the commands of analytics draw for a person."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from analytics.amounts import usd
from analytics.contracts import Interval
from analytics.terminal import table

if TYPE_CHECKING:  # what is drawn is made by rooms that a command should not load to start
    from analytics.analyze import Analysis
    from analytics.ingest import ImportReport

TERMINAL_ROWS = 200


def show_import(console: Console, report: "ImportReport") -> None:
    """Rows in and what became of them, a line a file."""
    rows = [
        (file.file, file.format, file.rows_in, file.calls, file.duplicates, file.quarantined) for file in report.files
    ]
    table(console, "Imported", ("file", "format", "rows in", "calls", "duplicates", "quarantined"), rows)
    console.print(
        f"{report.rows_in:,} rows in = {report.calls:,} calls + {report.duplicates:,} duplicates + "
        f"{report.quarantined:,} quarantined, in {report.seconds:.1f} s"
    )
    reasons: dict[str, int] = {}
    for file in report.files:
        for reason, count in file.reasons.items():
            reasons[reason] = reasons.get(reason, 0) + count
    if reasons:
        worst = sorted(reasons.items(), key=lambda item: -item[1])[:5]
        console.print("quarantined for: " + ", ".join(f"{reason} ({count:,})" for reason, count in worst))
        console.print("see them with: spiritsafe sql 'select * from quarantine limit 20'")


def show_analysis(console: Console, found: "Analysis") -> None:
    """What an analysis covered, and where prices disagree."""
    spend = "no known price" if found.spend_usd is None else usd(found.spend_usd)
    console.print(f"{found.calls:,} calls, {found.tasks} tasks, {spend} in all, in {found.seconds:.1f} s")
    if found.unpriced_calls:
        share = found.unpriced_calls / found.calls
        unpriced = f"{found.unpriced_calls:,} calls ({share:.1%}) have no known price and are left out of the spend"
        console.print(f"{unpriced}; set one with: spiritsafe prices set")
    if found.logged_cost_usd and found.spend_usd is not None:
        off = (found.spend_usd - found.logged_cost_usd) / found.logged_cost_usd
        console.print(f"priced {off:+.2%} against what the log itself says ({usd(found.logged_cost_usd)})")
    console.print("next: spiritsafe tasks")


def show_tasks(console: Console, found: Sequence[Any]) -> None:
    """One line a task."""
    from analytics.brief import TITLES

    rows = [
        (
            task.name,
            task.task_id,
            TITLES[task.verdict],
            money(task.monthly_spend_usd),
            f"{task.monthly_calls:,.0f}",
            percent(task.predicted_agreement),
            task.found_by,
        )
        for task in found
    ]
    table(
        console,
        "Tasks",
        ("task", "id", "verdict", "$ / month", "calls / month", "predicted agreement", "found by"),
        rows,
    )


def show_rows(console: Console, rows: Sequence[dict[str, Any]]) -> None:
    """Rows of a query; a long result is cut for the screen, not for --json."""
    if not rows:
        console.print("no rows")
        return
    shown = [[_short(value) for value in row.values()] for row in rows[:TERMINAL_ROWS]]
    table(console, "", list(rows[0]), shown)
    if len(rows) > TERMINAL_ROWS:
        console.print(f"… {len(rows) - TERMINAL_ROWS:,} more rows; --json prints all")


def _short(value: Any) -> Any:
    text = str(value)
    return None if value is None else text if len(text) <= 80 else text[:79] + "…"


def money(value: float | None) -> str | None:
    """USD, or None when unknown."""
    return None if value is None else usd(value)


def percent(interval: Interval | None) -> str | None:
    """A share with its range, or None when unknown."""
    return None if interval is None else f"{interval.value:.0%} ({interval.low:.0%} to {interval.high:.0%})"

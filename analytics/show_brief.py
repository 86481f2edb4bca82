"""The page of one task on a terminal."""

from typing import TYPE_CHECKING

from rich.console import Console

from analytics.amounts import amount
from analytics.terminal import table

if TYPE_CHECKING:
    from analytics.brief import Brief
    from analytics.explain import Trace
    from analytics.reports.blocks import Fact, Table


def show_brief(console: Console, found: "Brief") -> None:
    """The same page as the documents: verdict first, then figures, what would change our mind, and the next step."""
    from analytics.reports.page import brief_page

    page, profile = brief_page(found), found.profile
    console.print(f"{page.look.text}: {page.sentence} {page.caveat}", style="bold", markup=False, soft_wrap=True)
    console.print(
        f"{found.name} ({found.task_id}), {', '.join(profile.models)}, {profile.rows:,} rows\n",
        markup=False,
        soft_wrap=True,
    )
    _bullets(console, page.reasons)
    table(console, "Figures", ("figure", "value", "range or source"), page.facts)
    for one in (page.options, page.turns):
        _table(console, one)
    _bullets(console, [f"{event.on}: {event.sentence}" if event.on else event.sentence for event in page.changes])
    _bullets(console, page.forecast)
    _bullets(console, page.narrowness)
    for one in (page.information, page.beside, page.serving, page.surface):
        _table(console, one)
    _facts(console, page.promise)
    console.print(f"\n{page.defaults}", soft_wrap=True)
    _facts(console, page.step)
    _facts(console, page.footer)


def _table(console: Console, given: "Table") -> None:
    if given.rows:
        table(console, given.caption, given.header, given.rows)
    if given.note:
        console.print(given.note, soft_wrap=True)


def _bullets(console: Console, sentences: "list[str] | tuple[str, ...]") -> None:
    for sentence in sentences:
        console.print(f"  • {sentence}", soft_wrap=True, markup=False)


def _facts(console: Console, facts: "tuple[Fact, ...]") -> None:
    for fact in facts:
        console.print(f"{fact.label.lower()}: {fact.value}", soft_wrap=True, markup=False)


def show_trace(console: Console, found: "Trace") -> None:
    """Formula, value and inputs of one figure."""
    console.print(f"[bold]{found.figure.key}[/] = {found.value}")
    console.print(f"{found.figure.formula}\nin {found.figure.code}; formulas in docs/methods.md", soft_wrap=True)
    rows = [
        (
            row["name"],
            amount(row["value"], row["unit"]),
            row["origin"],
            " ".join(part for part in (row["source"], *row["sql"]) if part),
            row["as_of"],
        )
        for row in found.inputs
    ]
    table(console, "Inputs", ("input", "value", "set by", "source", "as of"), rows)

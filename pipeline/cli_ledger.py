"""``spiritsafe ledger``: what replays found on paper, what students at work brought, and the proof of it."""

from typing import Any

from cyclopts import App
from rich.console import Console

from analytics.actors import at_terminal
from analytics.terminal import Common, emit, table
from pipeline.cli_students import ledger as replayed

UNEQUAL = 4  # exit code: the ledger is not what raw rows say


def app() -> App:
    """The command group; by itself it prints the ledger of replays."""
    group = App(name="ledger", help="Quality and savings: by replay, or with show, verify, check of students at work.")
    group.default(replayed)
    group.command(show)
    group.command(verify)
    group.command(check)
    return group


def show(student_id: str | None = None, /, *, common: Common | None = None) -> None:
    """Students at work by month: who answered, realised quality, net saving, forecast and miss. Books what is over.

    Parameters
    ----------
    student_id
        One student; all of them when left out.
    """
    from pipeline.ledger_verify import book_all
    from pipeline.production import production

    common = common or Common()
    book_all(common.workspace)
    found = production(common.workspace, student_id)
    emit(common, found, lambda console: _draw(console, found))


def verify(*, common: Common | None = None) -> int:
    """Work out every booked row again from raw rows; exit code 4 where one differs, naming it."""
    from pipeline import ledger_verify

    common = common or Common()
    found = ledger_verify.verify(common.workspace)
    emit(common, ledger_verify.as_json(found), lambda console: _draw_verified(console, found))
    return 0 if found.is_right else UNEQUAL


def check(*, common: Common | None = None) -> None:
    """Book what is over, and act on alarms as each policy says: tighten, fall back, roll back, or more audits."""
    from pipeline.alarms import check_alarms
    from pipeline.ledger_verify import book_all

    common = common or Common()
    book_all(common.workspace)
    found = check_alarms(common.workspace, at_terminal())
    rows = [(one["student_id"], one["status"], one["action"], one["reason"]) for one in found]
    emit(common, found, lambda console: table(console, "Alarms", ["student", "status", "done", "why"], rows))


def _draw(console: Console, found: list[dict[str, Any]]) -> None:
    for one in found:
        title = f"{one['student_id']} on {one['task']}: {one['state']}, {one['status']} ({one['reason']})"
        rows = [_line(month["month"], month) for month in one["months"]] + [_line("all", one["total"])]
        table(console, title, ["month", "served", "handed back", "audited", "wrong", "saved $", "low", "high"], rows)
        if one["miss"]:
            parts = ", ".join(f"{name} ${one['miss'][f'{name}_usd']:,.0f}" for name in _PARTS)
            told = f"forecast to date ${one['forecast']['cumulative_usd']:,.0f}, came ${one['miss']['came_usd']:,.0f}"
            console.print(f"{told}; the miss by {parts}", soft_wrap=True)


_PARTS = ("volume", "price", "coverage", "quality", "other")


def _line(name: str, row: dict[str, Any]) -> tuple[object, ...]:
    error, saving = row["error"], row["saving_usd"]
    wrong = f"{error['value']:.1%} ({error['low']:.1%} to {error['high']:.1%})" if error else None
    money = (f"{saving[part]:,.2f}" for part in ("value", "low", "high"))
    return name, row["served"], row["escalated"], row["audited"], wrong, *money


def _draw_verified(console: Console, found: Any) -> None:
    said = f"{found.equal} of {found.rows} rows are what raw rows give, ${found.saving_usd:,.2f} in all"
    console.print(
        f"{said}; {len(found.late)} grew since, {found.unbooked_days} days are not booked yet", soft_wrap=True
    )
    for row in found.wrong:
        console.print(
            f"{row.ledger_id} ({row.student_id}, {row.scope} {row.day}): {'; '.join(row.differences)}", soft_wrap=True
        )
    for path in found.damaged_files:
        console.print(f"{path}: is not the file that was committed", soft_wrap=True)

"""What a report says of one probe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.reports import present
from analytics.reports.blocks import Fact, Table

Json = Mapping[str, Any]
ANSWER_CHARACTERS = 60
FRONT = "on the front"


@dataclass(frozen=True)
class ProbePart:
    """One task's candidates, the best first."""

    title: str
    facts: tuple[Fact, ...]
    ranking: Table
    front: Table  # the Pareto before and after
    moves: Table
    worst: Table
    picture: str  # name of its chart


def probe_part(found: Json, number: int) -> ProbePart:
    """The part of one probe. number: its place in the report."""
    return ProbePart(
        title=f"Probe: {found['task']}",
        facts=_facts(found),
        ranking=_ranking(found),
        front=_front(found),
        moves=_moves(found),
        worst=worst_table(found["regressions"], "Ten worst regressions: right before, wrong in the best candidate"),
        picture=f"pareto{number}",
    )


def _facts(found: Json) -> tuple[Fact, ...]:
    rows, effort = found["confirmation"], found["effort"]
    frozen = f"{present.count(rows['rows'])} rows" if rows else "none"
    span = (
        f"{present.day(rows['from'])} to {present.day(rows['to'])}, {rows['sha256'][:16]}"
        if rows
        else found["error"] or ""
    )
    return (
        Fact("Frozen rows", frozen, span),
        Fact("Student that stands", _share(found["student_agreement"]), found["student_id"] or "none yet"),
        Fact("Effort", f"{present.count(effort['rows'])} calls", f"{effort['steps']} steps of a network"),
        Fact("Spent", f"{present.usd(found['spent_usd'])} of {present.usd(effort['cap_usd'])}",
             f"{present.seconds(found['seconds'])} of {present.seconds(effort['cap_seconds'])}"),
    )  # fmt: skip


def _ranking(found: Json) -> Table:
    rows = tuple(
        (_name(one), _share(one["agreement"]), _points(one["against_present"]), _p(one["against_present"]),
         _points(one["against_student"]), _state(one))
        for one in found["candidates"]
    ) + tuple((name, *[present.MISSING] * 4, why) for name, why in found["not_probed"].items())  # fmt: skip
    header = (
        "candidate",
        "agreement",
        "points over the present configuration",
        "p, corrected",
        "points over the student",
        "",
    )
    shown = next((one["against_present"] for one in found["candidates"] if one["against_present"]), None)
    covers = f"Differences: {shown['difference']['covers']}. " if shown else ""
    note = (
        f"{covers}All on the same frozen rows; the present configuration is trained as briefly as the candidates, the "
        "student has all of its lessons."
    )
    return Table("Candidates, the best first", header, rows, note)


def _front(found: Json) -> Table:
    before = [one for one in found["candidates"] if one["is_present"]]
    rows = tuple(
        (_name(one), _share(one["agreement"]), present.milliseconds(one["latency_ms"]), _usd(one["usd_per_1000"]),
         FRONT if one in before else "not there", FRONT if one["is_pareto"] else "behind it")
        for one in found["candidates"] if one["agreement"]
    )  # fmt: skip
    header = ("candidate", "agreement", "one call, median", "USD per 1,000 calls", "before", "after")
    return Table("Pareto of agreement and speed, before and after", header, rows)


def _moves(found: Json) -> Table:
    rows = tuple(
        (one["name"], present.usd(move["one_off_usd"]), _money(move["monthly_gain_usd"]),
         _months(move["break_even_months"]), present.usd(move["break_even_spend_usd"]), _money(move["npv_24m_usd"]))
        for one in found["candidates"] if (move := one["migration"])
    )  # fmt: skip
    header = (
        "move to",
        "costs once",
        "gains a month",
        "paid back after",
        "pays from a spend of",
        "worth over 24 months",
    )
    note = (
        "If each serves its surest answers, as many as keep disagreement within the plan's alpha on these rows. Ranges "
        "are those of the rows; prices, volume and growth as the task's decision takes them."
    )
    return Table("What a move would pay", header, rows, note)


def worst_table(rows: list[Json], caption: str) -> Table:
    """Mistakes by call id; what was asked is in the log and not quoted here."""
    shown = tuple(
        (one["call_id"], *(_short(one[name]) for name in ("teacher", "old", "new")), present.percent(one["confidence"]))
        for one in rows
    )  # fmt: skip
    note = "Read the request with: spiritsafe sql \"select input_text from calls where call_id = 'ID'\""
    return Table(caption, ("call", "teacher", "before", "now", "confidence now"), shown, note)


def _name(one: Json) -> str:
    return f"{one['name']} (present configuration)" if one["is_present"] else str(one["name"])


def _state(one: Json) -> str:
    against = one["against_present"]
    if one["state"] != "succeeded":
        return f"{one['state']}: {one['why']}"
    if against is None:
        return ""
    low, high = against["difference"]["low"], against["difference"]["high"]
    if against["is_better"]:
        return "shown to be better"
    return (
        "shown to be worse"
        if high < 0
        else "no difference shown"
        if low <= 0 <= high
        else "better, not after correction"
    )


def _share(found: Json | None) -> str:
    if not found:
        return present.MISSING
    return f"{present.percent(found['value'], 1)} ({present.percent_range(found['low'], found['high'], 1)})"


def _points(against: Json | None) -> str:
    if not against:
        return present.MISSING
    gap = against["difference"]
    return f"{100 * gap['value']:+.1f} ({100 * gap['low']:+.1f} to {100 * gap['high']:+.1f})"


def _p(against: Json | None) -> str:
    return present.MISSING if not against else f"{against['p_corrected']:.3g}"


def _money(found: Json) -> str:
    return f"{present.usd(found['value'])} ({present.usd_range(found['low'], found['high'])})"


def _months(value: float | None) -> str:
    return "never" if value is None else present.months(value)


def _usd(value: float | None) -> str:
    return present.MISSING if value is None else f"${value:,.4f}"


def _short(text: str | None) -> str:
    return present.MISSING if text is None else present.shorten(text, ANSWER_CHARACTERS)
